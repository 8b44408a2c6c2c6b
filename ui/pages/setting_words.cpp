// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/setting_words.h"

#include <QCoreApplication>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

struct Words {
    const char* key;
    const char* title;
    const char* explanation;
};

// clang-format off
#define WORDS(key, title, explanation) \
    Words{key, QT_TRANSLATE_NOOP("Setting", title), QT_TRANSLATE_NOOP("Setting", explanation)}

const Words kWords[] = {
    WORDS("name", "Name", "What the run is called in lists."),
    WORDS("model", "Model", "The model that is finetuned: one of the library, a folder, or a GGUF file."),
    WORDS("quantization.type", "Data type of the base",
          "How the weights of the base model are stored while the adapter is trained. NF4 loses least of the 4-bit types; "
          "INT8 takes twice the memory and loses almost nothing."),
    WORDS("quantization.blocksize", "Blocksize",
          "How many weights share a scale. Smaller blocks are more exact and take a little more memory. Automatic finds "
          "for each layer the size with which all of them together are most exact in the bits that you allow."),
    WORDS("quantization.bits_per_parameter", "Bits a weight",
          "What a weight may take on average, its share of the scales included. Fixed blocks of 64 with double "
          "quantization take about 4.13 to 4.15 bits; more bits are more exact."),
    WORDS("quantization.double_quant", "Double quantization",
          "Stores the scales of the blocks quantized as well, which saves about 0.4 bits a weight."),
    WORDS("compute_dtype", "Compute type",
          "What is computed in. bfloat16 is faster and smaller; float32 is exact and slow."),
    WORDS("method", "Method",
          "What is trained: an adapter over a quantized base (QLoRA, least memory), an adapter over the base in 16 bits "
          "(LoRA), or every weight (full finetuning, most memory)."),
    WORDS("lora.r", "Rank",
          "How much the adapter can learn. A higher rank learns more, takes more memory and overfits sooner."),
    WORDS("lora.lora_alpha", "Alpha",
          "How strongly the adapter acts: its output is multiplied by alpha divided by the rank."),
    WORDS("lora.lora_dropout", "Dropout",
          "The share of the adapter's inputs that is left out at random in training. More guards against overfitting and "
          "learns more slowly."),
    WORDS("lora.target_modules", "Target modules",
          "The layers that get an adapter. More of them learn more and take more memory."),
    WORDS("lora.use_rslora", "rsLoRA scaling",
          "Divides alpha by the square root of the rank, which keeps high ranks from acting too weakly."),
    WORDS("lora.use_dora", "DoRA",
          "Also learns how strong each output of a layer is (DoRA). Often better at low ranks; each step takes "
          "longer."),
    WORDS("lora.modules_to_save", "Modules trained as a whole",
          "Parts of the model that are trained as whole copies beside the adapter, such as the embeddings for new words. "
          "Each costs 16 bytes of memory a weight, and the adapter's file holds all of it."),
    WORDS("lora.rank_pattern", "Ranks of single layers", "Other ranks for some layers, as a run file gives them."),
    WORDS("lora.alpha_pattern", "Alphas of single layers", "Other alphas for some layers, as a run file gives them."),
    WORDS("lora.loraplus_lr_ratio", "LoRA+ ratio",
          "How many times faster the adapter's B matrices learn than its A matrices. Empty: the same."),
    WORDS("lora.init_from", "Goes on from", "The adapter that training goes on from."),
    WORDS("data.train", "Dataset", "The rows that the model learns from: one of the library, or a file."),
    WORDS("data.eval", "Evaluation file", "A file of rows that are not trained; the loss on them shows overfitting."),
    WORDS("data.eval_fraction", "Eval split",
          "The share of the rows that is held out; the loss on them shows overfitting. More is surer and leaves less to "
          "train."),
    WORDS("data.format", "Format", "What the rows look like. Automatic finds it from the columns."),
    WORDS("data.template", "Chat template",
          "Whether rows go through the model's chat template. Automatic uses it where the model has one."),
    WORDS("data.columns", "Columns", "Which column plays which role."),
    WORDS("data.train_on", "Trained tokens",
          "Which tokens are learned: only the answers, or everything that the row says."),
    WORDS("data.max_length", "Sequence length",
          "The most tokens of a row; what is longer is cut off. Longer takes more memory and time."),
    WORDS("data.packing", "Packing",
          "Puts several rows into one sequence, which wastes less computing on short rows. Rows don't see each other."),
    WORDS("data.shuffle", "Shuffle rows", "Another order of the rows in each epoch."),
    WORDS("data.max_tokens_per_batch", "Tokens per micro-batch",
          "Cuts each step into micro-batches by tokens instead of rows, which evens out memory. Empty: by rows."),
    WORDS("training.max_steps", "Steps", "How many steps are trained. More learns more, up to overfitting."),
    WORDS("training.num_train_epochs", "Epochs",
          "How many times each row is learned. More learns more, up to overfitting."),
    WORDS("training.batch_size", "Batch size",
          "How many rows are computed at once. More is faster on some devices and takes more memory."),
    WORDS("training.gradient_accumulation_steps", "Accumulation steps",
          "How many batches make one step. More is steadier and takes longer for a step, but no more memory."),
    WORDS("training.learning_rate", "Learning rate",
          "How far each step goes. Higher learns faster until the loss diverges; lower is surer and slower."),
    WORDS("training.lr_scheduler_type", "Schedule", "How the learning rate changes over the run."),
    WORDS("training.warmup_steps", "Warm-up steps",
          "Over how many steps the learning rate rises from zero. More is gentler at the start. A constant schedule has "
          "none."),
    WORDS("training.weight_decay", "Weight decay",
          "Pulls what is trained towards zero with each step. More guards against overfitting and learns less."),
    WORDS("training.adam_beta1", "Adam beta 1", "How slowly the mean of the gradients follows. Higher is smoother."),
    WORDS("training.adam_beta2", "Adam beta 2", "How slowly the mean square of the gradients follows. Higher is steadier."),
    WORDS("training.adam_epsilon", "Adam epsilon", "Keeps the optimizer from dividing by nearly nothing."),
    WORDS("training.max_grad_norm", "Max gradient norm",
          "Gradients larger than this are scaled down. Lower is surer where the loss jumps; 0 turns it off."),
    WORDS("training.optim", "Optimizer",
          "What turns gradients into changes of what is trained. 8-bit keeps its memory of past gradients in a quarter of the "
          "bytes, a little coarser. Paged keeps what is over the memory budget in a file; the numbers are the same."),
    WORDS("training.optim_budget_mb", "Optimizer memory",
          "The megabytes that a paged optimizer may hold. Less takes less memory and more time. Empty: nothing is paged."),
    WORDS("training.neftune_noise_alpha", "NEFTune noise",
          "Noise on the embeddings while training. Some, such as 5, can make answers better; 0 turns it off."),
    WORDS("training.gradient_checkpointing", "Gradient checkpointing",
          "Computes activations twice instead of keeping them: far less memory, about a third more time."),
    WORDS("training.save_total_limit", "Checkpoints kept",
          "How many of the saved checkpoints are kept, the newest; the best one is kept beside them. Empty: all."),
    WORDS("training.seed", "Seed",
          "Where the random numbers begin. The same seed and settings give the same run to the last bit."),
    WORDS("kernels", "Kernels",
          "The instructions of the processor that are used. Automatic takes the fastest; a named set gives the same "
          "numbers on other processors that have it."),
    WORDS("every.log", "Log every", "How many steps pass between two points of the curves."),
    WORDS("every.eval", "Evaluate every", "How many steps pass between two evaluations; 0: only at the end."),
    WORDS("every.sample", "Sample every", "How many steps pass between two rounds of sample answers; 0: none."),
    WORDS("every.save", "Save every", "How many steps pass between two checkpoints; 0: only at the end."),
    WORDS("samples.prompts", "Sample prompts",
          "Questions that are answered while the run goes on, one a line; \\n stands for a new line within one."),
    WORDS("samples.max_new_tokens", "Tokens of a sample", "The most tokens of a sample answer. More takes longer."),
};
#undef WORDS
// clang-format on

const Words* wordsOf(const QString& key) {
    for (const Words& words : kWords)
        if (key == QLatin1String(words.key))
            return &words;
    return nullptr;
}

QString translated(const char* text) {
    return QCoreApplication::translate("Setting", text);
}

QList<SettingChoice> choices(std::initializer_list<std::pair<const char*, const char*>> pairs) {
    QList<SettingChoice> list;
    for (const auto& [word, title] : pairs)
        list.append({QLatin1String(word), translated(title)});
    return list;
}

QList<SettingChoice> blocksizes() {
    QList<SettingChoice> list = choices({{"auto", QT_TRANSLATE_NOOP("Setting", "Automatic")}});
    for (int size = 32; size <= 4096; size *= 2)
        list.append({QString::number(size), formatCount(size)});
    return list;
}

QHash<QString, QList<SettingChoice>> allChoices() {
    return {
        {QStringLiteral("quantization.type"), choices({{"nf4", QT_TRANSLATE_NOOP("Setting", "NF4")},
                                                       {"fp4", QT_TRANSLATE_NOOP("Setting", "FP4")},
                                                       {"int4", QT_TRANSLATE_NOOP("Setting", "INT4")},
                                                       {"int8", QT_TRANSLATE_NOOP("Setting", "INT8")},
                                                       {"none", QT_TRANSLATE_NOOP("Setting", "as it is")}})},
        {QStringLiteral("method"), choices({{"lora", QT_TRANSLATE_NOOP("Setting", "Adapter")},
                                            {"full", QT_TRANSLATE_NOOP("Setting", "Full finetuning")}})},
        {QStringLiteral("quantization.blocksize"), blocksizes()},
        {QStringLiteral("compute_dtype"), choices({{"bfloat16", QT_TRANSLATE_NOOP("Setting", "bfloat16")},
                                                   {"float32", QT_TRANSLATE_NOOP("Setting", "float32")}})},
        {QStringLiteral("training.lr_scheduler_type"),
         choices({{"constant", QT_TRANSLATE_NOOP("Setting", "Constant")},
                  {"constant_with_warmup", QT_TRANSLATE_NOOP("Setting", "Constant, warm-up")},
                  {"linear", QT_TRANSLATE_NOOP("Setting", "Linear")},
                  {"cosine", QT_TRANSLATE_NOOP("Setting", "Cosine")}})},
        {QStringLiteral("training.optim"),
         choices({{"adamw_32bit", QT_TRANSLATE_NOOP("Setting", "AdamW 32-bit")},
                  {"adamw_8bit", QT_TRANSLATE_NOOP("Setting", "AdamW 8-bit")},
                  {"paged_adamw_32bit", QT_TRANSLATE_NOOP("Setting", "AdamW 32-bit, paged")},
                  {"paged_adamw_8bit", QT_TRANSLATE_NOOP("Setting", "AdamW 8-bit, paged")}})},
        {QStringLiteral("data.format"),
         choices({{"auto", QT_TRANSLATE_NOOP("Setting", "Automatic")},
                  {"text", QT_TRANSLATE_NOOP("Setting", "Raw text")},
                  {"prompt_completion", QT_TRANSLATE_NOOP("Setting", "Prompt/completion")},
                  {"alpaca", QT_TRANSLATE_NOOP("Setting", "Alpaca")},
                  {"messages", QT_TRANSLATE_NOOP("Setting", "Chat messages")},
                  {"sharegpt", QT_TRANSLATE_NOOP("Setting", "ShareGPT")}})},
        {QStringLiteral("data.template"), choices({{"auto", QT_TRANSLATE_NOOP("Setting", "Automatic")},
                                                   {"chat", QT_TRANSLATE_NOOP("Setting", "The model's")},
                                                   {"plain", QT_TRANSLATE_NOOP("Setting", "None")}})},
        {QStringLiteral("data.train_on"), choices({{"completions", QT_TRANSLATE_NOOP("Setting", "Answers")},
                                                   {"all", QT_TRANSLATE_NOOP("Setting", "Everything")}})},
        {QStringLiteral("kernels"), choices({{"auto", QT_TRANSLATE_NOOP("Setting", "Automatic")},
                                             {"amx", QT_TRANSLATE_NOOP("Setting", "AMX")},
                                             {"avx512bf16", QT_TRANSLATE_NOOP("Setting", "AVX-512 with BF16")},
                                             {"avx512", QT_TRANSLATE_NOOP("Setting", "AVX-512")},
                                             {"avx2", QT_TRANSLATE_NOOP("Setting", "AVX2")},
                                             {"portable", QT_TRANSLATE_NOOP("Setting", "Portable")}})},
    };
}

/// A list or a table of a run's file.
QString partsText(const QJsonDocument& document) {
    QStringList parts;
    for (const auto& value : document.array())
        parts.append(value.toString());
    const QJsonObject table = document.object();
    for (auto entry = table.begin(); entry != table.end(); ++entry)
        parts.append(QStringLiteral("%1: %2").arg(entry.key(), entry.value().toVariant().toString()));
    return parts.isEmpty() ? translated(QT_TRANSLATE_NOOP("Setting", "none")) : parts.join(QStringLiteral(", "));
}

} // namespace

QString settingTitle(const QString& key) {
    const Words* words = wordsOf(key);
    return words ? translated(words->title) : key;
}

QString settingExplanation(const QString& key) {
    const Words* words = wordsOf(key);
    return words ? translated(words->explanation) : QString();
}

const QList<SettingChoice>& settingChoices(const QString& key) {
    static const QHash<QString, QList<SettingChoice>> all = allChoices();
    static const QList<SettingChoice> none;
    const auto found = all.constFind(key);
    return found == all.constEnd() ? none : *found;
}

QString settingText(const QString& key, const QString& value) {
    if (value.isEmpty() && key == QLatin1String("training.save_total_limit"))
        return translated(QT_TRANSLATE_NOOP("Setting", "all"));
    if (value.isEmpty())
        return translated(QT_TRANSLATE_NOOP("Setting", "none"));
    if (value == QLatin1String("0") && key.startsWith(QLatin1String("every.")))
        return translated(QT_TRANSLATE_NOOP("Setting", "never"));
    for (const SettingChoice& choice : settingChoices(key))
        if (choice.word == value)
            return choice.title;
    if (value == QLatin1String("true"))
        return translated(QT_TRANSLATE_NOOP("Setting", "on"));
    if (value == QLatin1String("false"))
        return translated(QT_TRANSLATE_NOOP("Setting", "off"));
    if (value == QLatin1String("all-linear"))
        return translated(QT_TRANSLATE_NOOP("Setting", "all linear layers"));
    if (const QJsonDocument document = QJsonDocument::fromJson(value.toUtf8()); !document.isNull())
        return partsText(document);
    bool isNumber = false;
    if (const qlonglong whole = value.toLongLong(&isNumber); isNumber)
        return key == QLatin1String("data.eval_fraction") && whole == 0
                   ? translated(QT_TRANSLATE_NOOP("Setting", "none"))
                   : formatCount(whole);
    if (const double number = value.toDouble(&isNumber); isNumber) {
        if (key != QLatin1String("data.eval_fraction"))
            return formatSetting(number);
        return number == 0
                   ? translated(QT_TRANSLATE_NOOP("Setting", "none"))
                   : QCoreApplication::translate("Setting", "%1 %").arg(QString::number(100.0 * number, 'g', 6));
    }
    return value;
}

} // namespace lorikeet::ui
