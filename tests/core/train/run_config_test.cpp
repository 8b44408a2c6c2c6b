// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"

namespace lorikeet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using TargetModules = std::variant<std::string, std::vector<std::string>>;

const std::string kSmallest = R"({"model": "m", "data": {"train": "f.jsonl"}})";

RunConfig parseWith(const std::vector<std::string>& overrides) {
    return parseRunConfig(kSmallest, "run.json", overrides);
}

/// The error that parsing throws, as "code: message".
std::string errorOf(const std::string& text, const std::vector<std::string>& overrides = {}) {
    try {
        parseRunConfig(text, "run.json", overrides);
    } catch (const Error& error) {
        return std::string(errorCodeName(error.code())) + ": " + error.message();
    }
    return "no error";
}

std::string errorWith(const std::string& assignment) {
    return errorOf(kSmallest, {assignment});
}

TEST(RunConfig, DefaultsAreThoseOfTheContract) {
    const RunConfig config = parseRunConfig(kSmallest);
    EXPECT_EQ(config.model, "m");
    EXPECT_EQ(config.quantization.type, QuantType::Nf4);
    EXPECT_EQ(config.quantization.blocksize, 64);
    EXPECT_TRUE(config.quantization.doubleQuant);
    EXPECT_EQ(config.computeType, DType::BF16);
    EXPECT_EQ(config.lora.rank, 16);
    EXPECT_EQ(config.lora.alpha, 16.0);
    EXPECT_EQ(config.lora.targetModules, TargetModules("all-linear"));
    EXPECT_EQ(config.data.maxLength, 512);
    EXPECT_EQ(config.data.trainOn, TrainOn::Completions);
    EXPECT_TRUE(config.data.shuffle);
    EXPECT_FALSE(config.training.maxSteps);
    EXPECT_EQ(config.training.epochs, 3.0);
    EXPECT_EQ(config.training.batchSize, 4);
    EXPECT_EQ(config.training.accumulationSteps, 4);
    EXPECT_EQ(config.training.learningRate, 2e-4);
    EXPECT_EQ(config.training.schedule, Schedule::Constant);
    EXPECT_EQ(config.training.maxGradNorm, 0.3);
    EXPECT_EQ(config.training.optimizer, OptimizerType::PagedAdamW32Bit);
    EXPECT_EQ(config.training.saveTotalLimit, 2);
    EXPECT_EQ(config.training.seed, 42u);
    EXPECT_EQ(config.every, (EveryConfig{1, 50, 50, 100}));
    EXPECT_EQ(config.samples.maxNewTokens, 64);
}

TEST(RunConfig, EveryValueSurvivesWritingAndReading) {
    RunConfig config = parseRunConfig(R"({
        "name": "gsm8k r8", "model": "models/x", "quantization": {"type": "int8", "blocksize": 256, "double_quant": false},
        "compute_dtype": "float32", "method": "lora",
        "lora": {"r": 8, "lora_alpha": 12.5, "lora_dropout": 0.1, "target_modules": ["q_proj", "v_proj"],
                 "use_rslora": true, "rank_pattern": {"layers.0.q_proj": 4}, "alpha_pattern": {"v_proj": 3},
                 "loraplus_lr_ratio": 16},
        "data": {"train": "a.jsonl", "eval": "b.jsonl", "format": "alpaca", "template": "plain",
                 "columns": {"instruction": "q", "output": "a"}, "train_on": "all", "max_length": 77, "packing": true,
                 "shuffle": false, "max_tokens_per_batch": 1000},
        "training": {"max_steps": 7, "num_train_epochs": 0.5, "batch_size": 3, "gradient_accumulation_steps": 5,
                     "learning_rate": 0.1, "lr_scheduler_type": "cosine", "warmup_steps": 2, "weight_decay": 0.01,
                     "adam_beta1": 0.8, "adam_beta2": 0.95, "adam_epsilon": 1e-6, "max_grad_norm": 0,
                     "gradient_checkpointing": false, "save_total_limit": null, "seed": 9007199254740993},
        "kernels": "portable", "every": {"log": 2, "eval": 3, "sample": 4, "save": 0},
        "samples": {"prompts": ["Hello"], "max_new_tokens": 9}})");
    EXPECT_EQ(config.training.seed, 9007199254740993u);
    EXPECT_EQ(parseRunConfig(serialiseRunConfig(config)), config);
    EXPECT_EQ(parseRunConfig(serialiseRunConfig(parseRunConfig(kSmallest))), parseRunConfig(kSmallest));
}

TEST(RunConfig, LeavesOpenWhatTheAdapterToGoOnFromDecides) {
    const RunConfig config = parseWith({"lora.init_from=runs/1/adapter", "lora.lora_alpha=32"});
    EXPECT_FALSE(config.lora.rank);
    EXPECT_FALSE(config.lora.targetModules);
    EXPECT_FALSE(config.lora.rankPattern);
    EXPECT_EQ(config.lora.alpha, 32.0);
    EXPECT_EQ(parseRunConfig(serialiseRunConfig(config)), config);
}

TEST(RunConfig, IsWrittenEvenWhereAPathIsNotUtf8) {
    RunConfig config = parseRunConfig(kSmallest);
    config.model = "models/\xff.gguf";
    EXPECT_EQ(parseRunConfig(serialiseRunConfig(config)).model, "models/\xEF\xBF\xBD.gguf");
}

TEST(RunConfig, OverridesAreJsonOrElseText) {
    const RunConfig config = parseWith({"training.max_steps=50", "model=a b=c", "lora.target_modules=[\"q_proj\"]",
                                        "training.save_total_limit=null", "name=\"5\""});
    EXPECT_EQ(config.training.maxSteps, 50);
    EXPECT_EQ(config.model, "a b=c");
    EXPECT_EQ(config.lora.targetModules, TargetModules(std::vector<std::string>{"q_proj"}));
    EXPECT_EQ(parseWith({"lora.target_modules=.*_proj"}).lora.targetModules, TargetModules(".*_proj"));
    EXPECT_FALSE(config.training.saveTotalLimit);
    EXPECT_EQ(config.name, "5");
    EXPECT_THAT(errorWith("training.max_steps"), HasSubstr("expected key=value"));
    EXPECT_THAT(errorWith("model.name=3"), HasSubstr("not an object"));
    EXPECT_THAT(errorWith("training..x=3"), HasSubstr("a key is empty"));
}

TEST(RunConfig, RefusesAnUnknownKeyNamingTheNearestAndAllAllowed) {
    EXPECT_THAT(errorWith("training.learning_rat=1"),
                AllOf(HasSubstr("bad_config: run.json: unknown key \"training.learning_rat\""),
                      HasSubstr("did you mean learning_rate?"), HasSubstr("adam_beta1"), HasSubstr("warmup_steps")));
    EXPECT_THAT(errorWith("lora.zzzzzzzzzzzz=1"), Not(HasSubstr("did you mean")));
    EXPECT_THAT(errorWith("modle=1"), HasSubstr("did you mean model?"));
    EXPECT_THAT(errorWith("data.columns={\"promt\": \"x\"}"), HasSubstr("did you mean prompt?"));
}

TEST(RunConfig, NamesAColumnForTheSystemPromptAndNoneForARoleThatIsNotPlayed) {
    const RunConfig config = parseWith({R"(data.columns={"system": "rules", "input": null})"});
    EXPECT_EQ(config.data.columns, (std::map<std::string, std::string>{{"system", "rules"}, {"input", ""}}));
    EXPECT_EQ(parseRunConfig(serialiseRunConfig(config), "again"), config);
    EXPECT_THAT(serialiseRunConfig(config), HasSubstr("\"input\": null"));
    EXPECT_THAT(errorWith(R"(data.columns={"input": 5})"), HasSubstr("data.columns.input"));
}

TEST(RunConfig, RefusesValuesNamingKeyValueAndWhatIsAllowed) {
    const std::vector<std::array<std::string, 2>> cases = {
        {"training.batch_size=\"four\"", "training.batch_size is \"four\"; allowed is a whole number in [1, "},
        {"training.batch_size=0", "training.batch_size is 0; allowed is a whole number"},
        {"training.batch_size=1.5", "training.batch_size is 1.5"},
        {"training.batch_size=null", "training.batch_size is null"},
        {"training.max_steps=18446744073709551615", "training.max_steps is 18446744073709551615"},
        {"training.learning_rate=0", "training.learning_rate is 0; allowed is a number above 0"},
        {"training.learning_rate=true", "training.learning_rate is true"},
        {"training.adam_beta2=1.0", "training.adam_beta2 is 1.0; allowed is a number in [0, 0.999999]"},
        {"training.adam_epsilon=1e-50", "training.adam_epsilon is 1e-50; allowed is a number of at least 1e-30"},
        {"training.gradient_accumulation_steps=65536",
         "training.gradient_accumulation_steps is 65536; allowed is a whole number in [1, 65535]"},
        {"training.lr_scheduler_type=polynomial", "one of constant, constant_with_warmup, linear, cosine"},
        {"training.optim=sgd", "one of adamw_32bit, adamw_8bit, paged_adamw_32bit, paged_adamw_8bit"},
        {"training.gradient_checkpointing=1", "allowed is true or false"},
        {"training.max_grad_norm=-1", "training.max_grad_norm is -1"},
        {"lora.lora_dropout=1", "lora.lora_dropout is 1; allowed is a number in [0, 1)"},
        {"lora.r=-3", "lora.r is -3"},
        {"lora.target_modules=[]",
         "lora.target_modules is []; allowed is \"all-linear\", a regular expression, or a list"},
        {"lora.target_modules=[3]", "lora.target_modules is [3]"},
        {"lora.rank_pattern={\"q\": 0}", "lora.rank_pattern.q is 0"},
        {"lora.loraplus_lr_ratio=0", "lora.loraplus_lr_ratio is 0"},
        {"data.max_length=1", "data.max_length is 1; allowed is a whole number in [2, "},
        {"data.eval_fraction=1", "data.eval_fraction is 1"},
        {"data.format=csv", "one of auto, text, prompt_completion, alpaca, messages, sharegpt"},
        {"data=3", "data is 3; an object is allowed"},
        {"data.train=\"\"", "data.train is \"\"; allowed is a string that is not empty"},
        {"quantization.blocksize=48", "quantization.blocksize is 48; allowed is a power of two from 32 to 4096"},
        {"quantization.blocksize=8192", "quantization.blocksize is 8192"},
        {"quantization.blocksize=auto", "\"auto\" only with bits_per_parameter"},
        {"quantization.bits_per_parameter=4", "quantization.bits_per_parameter is 4"},
        {"quantization.type=nf3", "one of nf4, fp4, int4, int8, none"},
        {"compute_dtype=float16", "one of bfloat16, float32"},
        {"kernels=sse", "one of auto, amx, avx512bf16, avx512, avx2, portable"},
        {"every.log=0", "every.log is 0"},
        {"samples.prompts=\"Hi\"", "samples.prompts is \"Hi\"; allowed is a list of strings"},
    };
    for (const auto& [assignment, message] : cases)
        EXPECT_THAT(errorWith(assignment), AllOf(HasSubstr("bad_config: run.json: "), HasSubstr(message)))
            << assignment;
}

TEST(RunConfig, RefusesWhatIsMissing) {
    EXPECT_THAT(errorOf(R"({"data": {"train": "f"}})"), HasSubstr("run.json: model is missing"));
    EXPECT_THAT(errorOf(R"({"model": "m"})"), HasSubstr("run.json: data.train is missing"));
}

TEST(RunConfig, RefusesValuesThatDoNotFitTogether) {
    EXPECT_THAT(
        errorWith("training.warmup_steps=5"),
        AllOf(HasSubstr("bad_config"), HasSubstr("training.warmup_steps is 5"), HasSubstr("constant_with_warmup")));
    EXPECT_EQ(parseWith({"training.warmup_steps=5", "training.lr_scheduler_type=linear"}).training.warmupSteps, 5);
    EXPECT_THAT(errorOf(kSmallest, {"data.eval=e.jsonl", "data.eval_fraction=0.1"}),
                AllOf(HasSubstr("bad_config"), HasSubstr("data.eval_fraction is 0.1")));
    EXPECT_THAT(errorWith("training.early_stopping_patience=3"),
                AllOf(HasSubstr("bad_config"), HasSubstr("training.early_stopping_patience is 3"),
                      HasSubstr("data.eval_fraction")));
    EXPECT_EQ(parseWith({"training.early_stopping_patience=3", "data.eval=e.jsonl"}).training.earlyStoppingPatience, 3);
}

TEST(RunConfig, RefusesMoreEpochsThanCanBeCounted) {
    EXPECT_THAT(errorWith("training.num_train_epochs=1e18"),
                AllOf(HasSubstr("bad_config"), HasSubstr("training.num_train_epochs is"), HasSubstr("100000")));
    EXPECT_EQ(parseWith({"training.num_train_epochs=100000"}).training.epochs, 100000.0);
}

TEST(RunConfig, RefusesByNameWhatIsNotBuilt) {
    EXPECT_THAT(errorWith("data.share_prefixes=true"),
                AllOf(HasSubstr("not_built: run.json: data.share_prefixes"), HasSubstr("not built yet")));
}

TEST(RunConfig, BlocksizesAreChosenOnlyWhereSomethingIsQuantized) {
    const std::vector<std::string> chosen = {"quantization.blocksize=auto", "quantization.bits_per_parameter=4.1"};
    const RunConfig config = parseWith(chosen);
    EXPECT_FALSE(config.quantization.blocksize);
    EXPECT_EQ(config.quantization.bitsPerParameter, 4.1);
    EXPECT_EQ(parseRunConfig(serialiseRunConfig(config)), config);
    EXPECT_THAT(errorOf(kSmallest, {chosen[0], chosen[1], "quantization.type=none"}),
                AllOf(HasSubstr("bad_config"), HasSubstr("quantization.blocksize is \"auto\""), HasSubstr("\"none\"")));
    for (const std::string bits : {"0", "-4", "33", "true", "\"4\"", "1e999"})
        EXPECT_THAT(errorOf(kSmallest, {chosen[0], "quantization.bits_per_parameter=" + bits}),
                    AllOf(HasSubstr("bad_config"), HasSubstr("quantization.bits_per_parameter")));
    RunConfig made;
    made.quantization.blocksize.reset();
    EXPECT_EQ(violationsOf(made).at(0).key, "quantization.bits_per_parameter");
}

TEST(RunConfig, AFullFinetuningHasNeitherQuantizationNorAdapter) {
    const RunConfig config = parseWith({"method=full"});
    EXPECT_EQ(config.quantization.type, QuantType::None);
    EXPECT_EQ(parseRunConfig(serialiseRunConfig(config)), config);
    EXPECT_EQ(parseWith({"method=full", "quantization.type=none", "lora.r=16"}), config);
    EXPECT_THAT(errorOf(kSmallest, {"method=full", "quantization.type=nf4"}),
                AllOf(HasSubstr("bad_config: run.json: quantization.type is nf4"), HasSubstr("allowed is none")));
    const std::pair<std::string, std::string> refused[] = {
        {"lora.r=8", "lora.r is 8"},
        {"lora.use_dora=true", "lora.use_dora is true"},
        {"lora.modules_to_save=[\"norm\"]", "lora.modules_to_save is"},
        {"lora.loraplus_lr_ratio=4", "lora.loraplus_lr_ratio is 4"},
        {"lora.lora_dropout=0.1", "lora.lora_dropout is 0.1"}};
    for (const auto& [assignment, message] : refused)
        EXPECT_THAT(errorOf(kSmallest, {"method=full", assignment}),
                    AllOf(HasSubstr("bad_config: run.json: " + message), HasSubstr("with method \"full\"")));
    EXPECT_THAT(errorOf(kSmallest, {"method=full", "lora.init_from=x"}), HasSubstr("lora."));
}

TEST(RunConfig, OnlyPagedOptimizersHaveABudget) {
    EXPECT_EQ(parseWith({"training.optim_budget_mb=0.5"}).training.optimizerBudgetMb, 0.5);
    EXPECT_EQ(parseWith({"training.optim=paged_adamw_8bit", "training.optim_budget_mb=100"}).training.optimizer,
              OptimizerType::PagedAdamW8Bit);
    for (const std::string type : {"adamw_32bit", "adamw_8bit"})
        EXPECT_THAT(errorOf(kSmallest, {"training.optim=" + type, "training.optim_budget_mb=100"}),
                    AllOf(HasSubstr("bad_config: run.json: training.optim_budget_mb is 100"), HasSubstr(type)));
}

TEST(RunConfig, RefusesMalformedJson) {
    EXPECT_THAT(errorOf(R"({"model": "m", "model": "n", "data": {"train": "f"}})"),
                HasSubstr("bad_config: run.json: the key \"model\" stands twice"));
    EXPECT_THAT(errorOf(R"({"model": "m")"), HasSubstr("bad_config: run.json: not valid JSON"));
    EXPECT_THAT(errorOf(R"({"model": "m")"), testing::Not(HasSubstr("json.exception")));
    EXPECT_THAT(errorOf("[]"), HasSubstr("bad_config: run.json: the content is []"));
    EXPECT_THAT(errorOf(std::string(100000, '[')), HasSubstr("nested deeper"));
    EXPECT_THAT(errorOf("{\"model\": \"\xff\"}"), HasSubstr("bad_config"));
    EXPECT_THAT(errorOf(R"({"model": "m", "data": {"train": "f"}, "training": {"learning_rate": 1e999}})"),
                HasSubstr("bad_config"));
}

} // namespace
} // namespace lorikeet
