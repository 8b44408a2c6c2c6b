// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>
#include <filesystem>

#include "core/base/files.h"
#include "tests/app/cli/cli_fixture.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Train : public CliTest {
protected:
    std::vector<Json> runs() { return jsonLines(run({"runs", "list", "--json"}).out).at(0); }
    /// A run that lasts until somebody ends it.
    std::unique_ptr<Child> startLongRun() {
        return start({"train", writeRun({{"training", {{"max_steps", 1000000}}}}), "--json"});
    }
    static std::string adapterBytes(const std::vector<Json>& lines) {
        return readTextFile(fs::path(lines.back()["adapter"].get<std::string>()) / "adapter_model.safetensors");
    }
};

TEST_F(Train, PrintsTheLinesOfTheContract) {
    const std::vector<Json> lines = train();
    ASSERT_EQ(lines.size(), 5u);
    EXPECT_THAT(keysOf(lines[0]),
                ElementsAre("event", "run", "kernels", "trainable_parameters", "rows", "skipped", "steps", "estimate"));
    EXPECT_EQ(lines[0]["event"], "start");
    EXPECT_TRUE(lines[0]["run"].is_string());
    EXPECT_EQ(lines[0]["rows"], 5);
    EXPECT_EQ(lines[0]["skipped"], 0);
    for (int step = 1; step <= 3; ++step) {
        const Json& line = lines[std::size_t(step)];
        EXPECT_THAT(keysOf(line), ElementsAre("event", "step", "loss", "grad_norm", "learning_rate", "tokens",
                                              "trained_tokens", "tokens_per_second", "memory"));
        EXPECT_EQ(line["event"], "step");
        EXPECT_EQ(line["step"], step);
        EXPECT_TRUE(line["loss"].is_number_float());
        EXPECT_GT(line["tokens"], line["trained_tokens"]);
    }
    const Json& end = lines[4];
    EXPECT_THAT(keysOf(end), ElementsAre("event", "run", "outcome", "adapter", "model", "peak", "seconds"));
    EXPECT_EQ(end["run"], lines[0]["run"]);
    EXPECT_EQ(end["outcome"], "finished");
    EXPECT_TRUE(end["model"].is_null());
    int64_t total = 0;
    for (const auto& [tag, bytes] : end["peak"].items())
        total += tag == "total" ? 0 : bytes.get<int64_t>();
    EXPECT_EQ(end["peak"]["total"], total);
}

TEST_F(Train, ForPeopleTheStepsGoToStderrAlone) {
    const ChildResult result = run({"train", writeRun()});
    EXPECT_EQ(result.exitCode, 0);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("the adapter is in"));
}

TEST_F(Train, TheDatabaseHoldsWhatWasPrinted) {
    const std::vector<Json> lines = train();
    const std::string id = lines.back()["run"];
    const std::vector<Json> listed = runs();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_THAT(keysOf(listed[0]), ElementsAre("id", "name", "state", "method", "model", "steps", "loss", "adapter",
                                               "tuned_model", "started"));
    EXPECT_EQ(listed[0]["id"], id);
    EXPECT_EQ(listed[0]["state"], "finished");
    EXPECT_EQ(listed[0]["loss"], lines[3]["loss"]);
    EXPECT_EQ(listed[0]["adapter"], lines.back()["adapter"]);
    const std::vector<Json> metrics = jsonLines(run({"runs", "metrics", id, "--json"}).out);
    ASSERT_EQ(metrics.size(), 3u);
    EXPECT_EQ(metrics[1]["grad_norm"], lines[2]["grad_norm"]);
    EXPECT_EQ(jsonLines(run({"runs", "show", id, "--json"}).out).at(0)["config"]["training"]["max_steps"], 3);

    EXPECT_EQ(run({"runs", "delete", id}).exitCode, 0);
    EXPECT_TRUE(runs().empty());
    EXPECT_FALSE(fs::exists(lines.back()["adapter"].get<std::string>()));
    EXPECT_EQ(run({"runs", "show", id}).exitCode, 1);
}

TEST_F(Train, SetWinsOverTheFile) {
    const std::vector<Json> lines = train({"--set", "training.max_steps=1", "--set", "name=other"});
    EXPECT_EQ(lines.size(), 3u);
    EXPECT_EQ(runs().at(0)["name"], "other");
}

TEST_F(Train, KernelsOfTheCommandLineWinOverTheFileAndAreRecorded) {
    const std::string file = writeRun({{"kernels", "avx2"}});
    const ChildResult result = run({"train", file, "--json", "--kernels", "portable"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const Json begin = jsonLines(result.out).front();
    EXPECT_EQ(begin["kernels"], "portable");
    const Json shown = jsonLines(run({"runs", "show", begin["run"], "--json"}).out).at(0);
    EXPECT_EQ(shown["kernels"], "portable");
    EXPECT_EQ(shown["config"]["kernels"], "portable");
    const ChildResult kept = run({"train", writeRun({{"kernels", "portable"}}), "--json"});
    EXPECT_EQ(jsonLines(kept.out).front()["kernels"], "portable");
    const ChildResult automatic = run({"train", writeRun({{"kernels", "portable"}}), "--json", "--kernels", "auto"});
    EXPECT_EQ(jsonLines(run({"runs", "show", jsonLines(automatic.out).front()["run"], "--json"}).out)
                  .at(0)["config"]["kernels"],
              "auto");
}

TEST_F(Train, RowsThatAreSkippedAreToldOnce) {
    const std::string rows = writeFile("odd.jsonl", R"({"prompt": "What is blue?", "completion": "The sky."}
{"prompt": "What is green?"}
)");
    const ChildResult result = run({"train", writeRun(), "--set", "data.train=" + rows});
    EXPECT_EQ(result.exitCode, 0);
    const std::size_t first = result.err.find("skipped");
    ASSERT_NE(first, std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("skipped", first + 1), std::string::npos) << result.err;
}

TEST_F(Train, IsTheSameToTheLastBitAgainAndOnAnyNumberOfThreads) {
    const std::string first = adapterBytes(train());
    EXPECT_EQ(adapterBytes(train()), first);
    EXPECT_EQ(adapterBytes(train({"--threads", "1"})), first);
    EXPECT_NE(adapterBytes(train({"--set", "training.seed=7"})), first);
}

TEST_F(Train, ATerminatedRunSavesItsAdapterAndIsRecordedAsStopped) {
    const std::unique_ptr<Child> child = startLongRun();
    ASSERT_TRUE(child->waitForOutput("\"event\":\"step\""));
    child->sendSignal(SIGTERM);
    const ChildResult result = child->wait();
    EXPECT_EQ(result.exitCode, 3);
    const Json end = jsonLines(result.out).back();
    EXPECT_EQ(end["event"], "end");
    EXPECT_EQ(end["outcome"], "stopped");
    EXPECT_TRUE(fs::exists(fs::path(end["adapter"].get<std::string>()) / "adapter_model.safetensors"));
    EXPECT_EQ(runs().at(0)["state"], "stopped");
}

TEST_F(Train, AKilledRunIsListedAsInterruptedAndCanBeDeleted) {
    const std::unique_ptr<Child> child = startLongRun();
    ASSERT_TRUE(child->waitForOutput("\"event\":\"step\""));
    EXPECT_EQ(runs().at(0)["state"], "running");
    child->sendSignal(SIGKILL);
    EXPECT_EQ(child->wait().exitCode, 128 + SIGKILL);
    EXPECT_EQ(runs().at(0)["state"], "interrupted");
    EXPECT_EQ(run({"runs", "delete", runs().at(0)["id"]}).exitCode, 0);
    EXPECT_TRUE(runs().empty());
}

TEST_F(Train, TwoProcessesTrainAtOnceInOneDataFolder) {
    const std::string file = writeRun();
    const std::unique_ptr<Child> one = start({"train", file, "--json"});
    const std::unique_ptr<Child> other = start({"train", file, "--json"});
    const ChildResult first = one->wait();
    const ChildResult second = other->wait();
    EXPECT_EQ(first.exitCode, 0) << first.err;
    EXPECT_EQ(second.exitCode, 0) << second.err;
    EXPECT_EQ(runs().size(), 2u);
    EXPECT_EQ(adapterBytes(jsonLines(first.out)), adapterBytes(jsonLines(second.out)));
}

TEST_F(Train, TheAdapterWorksWithTheDefaultsThatLieBesideIt) {
    const std::string adapter = train().back()["adapter"];
    const std::string text = writeFile("text", "What is blue? The sky.");
    const auto perplexity = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"score", modelPath(), "--text", text, "--json"});
        const ChildResult result = run(words);
        EXPECT_EQ(result.exitCode, 0) << result.err;
        return jsonLines(result.out).at(0)["mean_nll"].get<double>();
    };
    const double tuned = perplexity({"--adapter", adapter});
    EXPECT_EQ(tuned,
              perplexity({"--adapter", adapter, "--quantization", "nf4", "--blocksize", "64", "--double-quant"}));
    EXPECT_NE(tuned, perplexity({"--adapter", adapter, "--no-double-quant"}));
    EXPECT_NE(tuned, perplexity({"--adapter", adapter, "--quantization", "none"}));
    EXPECT_NE(tuned, perplexity({}));
    EXPECT_EQ(perplexity({}), perplexity({"--quantization", "none"}));
    EXPECT_EQ(run({"generate", modelPath(), "--adapter", adapter, "--prompt", "What is blue?", "--max-new-tokens", "3"})
                  .exitCode,
              0);
}

TEST_F(Train, QuickstartOnATinyModelPrintsTheLinesOfTheContract) {
    const ChildResult result = run({"quickstart", "--model", modelPath(), "--steps", "2", "--json"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const std::vector<Json> lines = jsonLines(result.out);
    EXPECT_EQ(lines.front()["event"], "start");
    int steps = 0, samples = 0, comparisons = 0;
    for (const Json& line : lines) {
        steps += line["event"] == "step";
        samples += line["event"] == "sample";
        if (line["event"] != "comparison")
            continue;
        ++comparisons;
        EXPECT_THAT(keysOf(line), ElementsAre("event", "prompt", "base", "tuned"));
    }
    EXPECT_EQ(steps, 2);
    EXPECT_EQ(samples, 2) << "two prompts after the last step";
    EXPECT_EQ(comparisons, 20);
    const Json& end = lines.back();
    EXPECT_THAT(keysOf(end), ElementsAre("event", "held_out_loss", "train_seconds", "run"));
    EXPECT_THAT(keysOf(end["held_out_loss"]), ElementsAre("base", "tuned"));
    EXPECT_LT(end["held_out_loss"]["tuned"], end["held_out_loss"]["base"]);
    EXPECT_EQ(end["run"], lines.front()["run"]);
}

} // namespace
} // namespace lorikeet
