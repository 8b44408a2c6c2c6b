// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <utility>

#include "core/train/run_config.h"

namespace lorikeet::words {

/// What stands in a run's file for each value, for reading and for writing.
template <typename Value>
using Word = std::pair<std::string_view, Value>;

inline constexpr Word<QuantType> kQuantTypes[] = {{"nf4", QuantType::Nf4},
                                                  {"fp4", QuantType::Fp4},
                                                  {"int4", QuantType::Int4},
                                                  {"int8", QuantType::Int8},
                                                  {"none", QuantType::None}};
inline constexpr Word<DType> kComputeTypes[] = {{"bfloat16", DType::BF16}, {"float32", DType::F32}};
inline constexpr Word<Method> kMethods[] = {{"lora", Method::Lora}, {"full", Method::Full}};
inline constexpr Word<Schedule> kSchedules[] = {{"constant", Schedule::Constant},
                                                {"constant_with_warmup", Schedule::ConstantWithWarmup},
                                                {"linear", Schedule::Linear},
                                                {"cosine", Schedule::Cosine}};
inline constexpr Word<OptimizerType> kOptimizers[] = {{"adamw_32bit", OptimizerType::AdamW32Bit},
                                                      {"adamw_8bit", OptimizerType::AdamW8Bit},
                                                      {"paged_adamw_32bit", OptimizerType::PagedAdamW32Bit},
                                                      {"paged_adamw_8bit", OptimizerType::PagedAdamW8Bit}};
inline constexpr Word<RowFormat> kRowFormats[] = {{"auto", RowFormat::Auto},
                                                  {"text", RowFormat::Text},
                                                  {"prompt_completion", RowFormat::PromptCompletion},
                                                  {"alpaca", RowFormat::Alpaca},
                                                  {"messages", RowFormat::Messages},
                                                  {"sharegpt", RowFormat::ShareGpt}};
inline constexpr Word<TemplateChoice> kTemplates[] = {
    {"auto", TemplateChoice::Auto}, {"chat", TemplateChoice::Chat}, {"plain", TemplateChoice::Plain}};
inline constexpr Word<TrainOn> kTrainOn[] = {{"completions", TrainOn::Completions}, {"all", TrainOn::All}};
inline constexpr Word<int> kKernels[] = {{"auto", 0},   {"amx", 1},  {"avx512bf16", 2},
                                         {"avx512", 3}, {"avx2", 4}, {"portable", 5}};

template <typename Value, std::size_t count>
constexpr std::string_view wordOf(const Word<Value> (&table)[count], Value value) {
    for (const auto& [word, meaning] : table)
        if (meaning == value)
            return word;
    return {};
}

} // namespace lorikeet::words
