// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fstream>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/thread_pool.h"
#include "core/data/dataset.h"
#include "tests/core/data/byte_tokenizer.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

/// Writes files of rows and opens datasets over them, with a tokenizer of bytes.
class DataTest : public testing::Test {
protected:
    std::filesystem::path write(const std::string& name, std::string_view content) {
        std::ofstream(m_folder / name, std::ios::binary) << content;
        return m_folder / name;
    }

    Dataset open(std::string_view jsonLines, const DataConfig& config = {},
                 const ChatTemplate* chatTemplate = nullptr) {
        return Dataset(write("rows.jsonl", jsonLines), config, m_tokenizer, chatTemplate);
    }

    DatasetScan scan(const Dataset& dataset, int threads = 1) {
        ThreadPool pool(threads);
        return scanDataset(dataset, pool, [](int64_t) {});
    }

    template <typename Body>
    std::string messageOf(ErrorCode code, Body&& body) {
        try {
            body();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.message();
            return error.message();
        }
        return "nothing was thrown";
    }

    TemporaryFolder m_folder;
    ByteTokenizer m_tokenizer;
};

/// The tokens as text, those that are trained in brackets: "<s>question[answer</s>]".
std::string shown(const Example& example, const Tokenizer& tokenizer);

} // namespace lorikeet
