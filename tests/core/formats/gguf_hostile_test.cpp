// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/files.h"
#include "core/formats/gguf_file.h"
#include "tests/support/errors.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using testing::HasSubstr;

constexpr uint32_t kF32 = 0;
constexpr uint32_t kArray = 9;

class HostileGguf : public testing::Test {
protected:
    /// Into a new file: truncating an old one makes some file systems wait for the disk.
    void write(std::string_view bytes) const {
        std::filesystem::remove(m_folder / "model.gguf");
        std::ofstream(m_folder / "model.gguf", std::ios::binary) << bytes;
    }

    /// Opening a file of these bytes throws BadFile that names the file and `fault`.
    void expectRefused(std::string_view bytes, std::string_view fault) const {
        write(bytes);
        const Error error = errorOf([&] { GgufFile file(m_folder / "model.gguf"); });
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_THAT(error.message(), HasSubstr("model.gguf"));
        EXPECT_THAT(error.message(), HasSubstr(std::string(fault)));
        EXPECT_LT(error.message().size(), 600u);
    }
    void expectRefused(const GgufBuilder& builder, std::string_view fault) const {
        expectRefused(builder.build(), fault);
    }

    /// One tensor of these dimensions (innermost first), with 4 KiB of data.
    static GgufBuilder withTensor(const std::vector<int64_t>& dims, uint32_t type = kF32, uint64_t offset = 0) {
        GgufBuilder builder;
        builder.tensor("weight", dims, type, offset).data = std::string(4096, '\1');
        return builder;
    }
    static GgufBuilder withArray(uint32_t elementType, uint64_t count, std::string_view elements = "") {
        GgufBuilder builder;
        return builder.metadata("key", kArray,
                                GgufBuilder::bytes(elementType) + GgufBuilder::bytes(count) + std::string(elements));
    }
    static GgufBuilder withAlignment(uint32_t alignment) {
        return withTensor({8}).uint32("general.alignment", alignment);
    }

    TemporaryFolder m_folder;
};

TEST_F(HostileGguf, WhatTheBuilderMakesIsReadWhereItIsRight) {
    GgufBuilder builder = withTensor({8, 4}, kF32, 64);
    builder.string("s", "text").string("empty", "").tensor("other", {16}, kF32, 0);
    write(builder.build());
    const GgufFile file(m_folder / "model.gguf");
    EXPECT_EQ(file.at("weight").shape, (std::vector<int64_t>{4, 8}));
    EXPECT_EQ(file.at("weight").bytes.size(), 128u);
    EXPECT_EQ(file.at("other").bytes.size(), 64u);
    EXPECT_EQ(file.string("empty"), "");
    builder.version = 2;
    write(builder.build());
    EXPECT_EQ(GgufFile(m_folder / "model.gguf").version(), 2u);
}

TEST_F(HostileGguf, CutAnywhere) {
    GgufBuilder builder = withTensor({8, 4}, kF32, 64);
    builder.string("s", "text").uint32("u", 7).tensor("other", {5}, kF32, 0);
    builder.data.resize(64 + 128);
    const std::string whole = builder.build();
    write(whole);
    GgufFile(m_folder / "model.gguf").at("other");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        SCOPED_TRACE(length);
        expectRefused(std::string_view(whole).substr(0, length), "");
    }
}

TEST_F(HostileGguf, CutAnywhereInAFileOthersWrote) {
    const std::string whole = readTextFile(sourceFile("tests/data/formats/every_type.gguf"));
    for (std::size_t length = 0; length < whole.size(); length += length < 3000 ? 1 : 97)
        expectRefused(std::string_view(whole).substr(0, length), "");
    expectRefused(std::string_view(whole).substr(0, whole.size() - 1), "cut off");
}

TEST_F(HostileGguf, MagicVersionEndianness) {
    GgufBuilder builder;
    builder.magic = "GGUX";
    expectRefused(builder, "not a GGUF file");
    builder.magic = "FUGG";
    expectRefused(builder, "big-endian");
    builder.magic = "GGUF";
    for (uint32_t version : {0u, 1u, 4u, 0xffffffffu}) {
        builder.version = version;
        expectRefused(builder, "version");
    }
    builder.version = 3u << 24;
    expectRefused(builder, "big-endian");
}

TEST_F(HostileGguf, ForeignFilesAreRecognised) {
    expectRefused("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "Git LFS pointer");
    expectRefused(std::string("PK\x03\x04 archive/data.pkl", 20), "pickle");
    expectRefused("<!DOCTYPE html><html>", "web page");
}

TEST_F(HostileGguf, Counts) {
    for (uint64_t count : {~uint64_t(0), uint64_t(1) << 40}) {
        GgufBuilder tensors;
        tensors.tensorCountOffset = count;
        expectRefused(tensors, "tensors are declared");
        GgufBuilder metadata;
        metadata.metadataCountOffset = count;
        expectRefused(metadata, "metadata entries are declared");
    }
    GgufBuilder oneMore = withTensor({8});
    oneMore.tensorCountOffset = 1;
    oneMore.data.clear();
    expectRefused(oneMore, "ends within");
}

TEST_F(HostileGguf, Keys) {
    expectRefused(GgufBuilder().rawMetadata(GgufBuilder::bytes(~uint64_t(0)) + "key"), "the key of a metadata entry");
    expectRefused(GgufBuilder().uint32("", 1), "empty");
    expectRefused(GgufBuilder().uint32(std::string(65536, 'k'), 1), "too long");
    expectRefused(GgufBuilder().uint32("k\xff", 1), "not UTF-8");
    expectRefused(GgufBuilder().uint32("key", 1).uint32("other", 1).uint32("key", 2), "'key' is there twice");
}

TEST_F(HostileGguf, ValueTypes) {
    for (uint32_t type : {13u, 255u, 0xffffffffu}) {
        expectRefused(GgufBuilder().metadata("key", type, "12345678"), "unknown type");
        expectRefused(withArray(type, 1, "12345678"), "unknown type");
    }
    expectRefused(withArray(kArray, 1, std::string(12, '\0')), "array of arrays");
    expectRefused(GgufBuilder().metadata("key", 7, "\2"), "not 0 or 1");
}

TEST_F(HostileGguf, StringsAndArraysBeyondTheFile) {
    for (uint64_t length : {uint64_t(5), uint64_t(1) << 40, ~uint64_t(0)}) {
        expectRefused(GgufBuilder().metadata("key", 8, GgufBuilder::bytes(length) + "text"), "a metadata string");
        expectRefused(withArray(8, 1, GgufBuilder::bytes(length) + "text"), "a string of a metadata array");
        for (uint32_t type : {0u, 4u, 7u, 8u, 12u})
            expectRefused(withArray(type, length, "text"), "more than the file has room for");
    }
    expectRefused(withArray(0, 20000000, std::string(20000000, 'x')), "at most");
}

TEST_F(HostileGguf, Alignment) {
    for (uint32_t alignment : {0u, 1u, 4u, 13u, 24u, 0x80000000u})
        expectRefused(withAlignment(alignment), "power of two");
    expectRefused(withTensor({8}).string("general.alignment", "32"), "general.alignment");
    expectRefused(withTensor({8}).metadata("general.alignment", 10, GgufBuilder::bytes(uint64_t(32))), "32-bit");
    GgufBuilder builder = withAlignment(64);
    builder.alignment = 64;
    write(builder.build());
    EXPECT_EQ(GgufFile(m_folder / "model.gguf").at("weight").bytes[0], std::byte(1));
}

TEST_F(HostileGguf, Dimensions) {
    expectRefused(withTensor({}), "0 dimensions");
    expectRefused(withTensor({1, 1, 1, 1, 1}), "5 dimensions");
    expectRefused(GgufBuilder().rawTensor(GgufBuilder::text("weight") + GgufBuilder::bytes(~uint32_t(0))),
                  "4294967295 dimensions");
    expectRefused(withTensor({0}), "dimension of 0");
    expectRefused(withTensor({8, -1}), "dimension of -1");
    expectRefused(withTensor({INT64_MIN}), "dimension of");
    expectRefused(withTensor({int64_t(1) << 32, int64_t(1) << 31}), "too large");
    expectRefused(withTensor({int64_t(1) << 62}), "larger than any file");
    expectRefused(withTensor({int64_t(1) << 40}), "cut off");
}

TEST_F(HostileGguf, RowsThatAreNoWholeBlocks) {
    expectRefused(withTensor({33}, 8), "multiple of the 32");
    expectRefused(withTensor({16, 2}, 8), "multiple of the 32"); // 32 elements, but not in one row
    expectRefused(withTensor({128}, 12), "multiple of the 256");
}

TEST_F(HostileGguf, TensorTypes) {
    for (uint32_t type : {4u, 5u, 31u, 100u, 0xffffffffu})
        expectRefused(withTensor({256}, type), "unknown type");
    write(withTensor({256}, 20).build());
    const Error error = errorOf([&] { GgufFile file(m_folder / "model.gguf"); });
    EXPECT_EQ(error.code(), ErrorCode::NotBuilt);
    EXPECT_THAT(error.message(), HasSubstr("IQ4_NL"));
}

TEST_F(HostileGguf, Offsets) {
    expectRefused(withTensor({8}, kF32, 4), "multiple of the alignment");
    expectRefused(withTensor({8}, kF32, 4096), "cut off");
    expectRefused(withTensor({8}, kF32, 8192), "cut off");
    expectRefused(withTensor({8}, kF32, ~uint64_t(31)), "cut off");
    expectRefused(withTensor({16}).tensor("other", {8}, kF32, 32), "overlap");
    expectRefused(withTensor({8}).tensor("other", {8}, kF32, 0), "overlap");
}

TEST_F(HostileGguf, TensorNames) {
    GgufBuilder empty;
    empty.tensor("", {8}, kF32, 0);
    expectRefused(empty, "empty");
    for (std::size_t length : {64u, 5000u}) {
        GgufBuilder builder;
        builder.tensor(std::string(length, 'n'), {8}, kF32, 0);
        expectRefused(builder, "longer than 63");
    }
    GgufBuilder control;
    control.tensor("a\x1b[31m\xff", {8}, kF32, 0);
    expectRefused(control, "'a\\x1b[31m\\xff'");
    expectRefused(withTensor({8}).tensor("weight", {8}, kF32, 32), "'weight' is there twice");
}

TEST_F(HostileGguf, ManyDuplicatesTakeNoLongTime) {
    GgufBuilder builder;
    for (int i = 0; i < 60000; ++i)
        builder.uint32("key" + std::to_string(i), 1);
    builder.uint32("key0", 1);
    expectRefused(builder, "'key0' is there twice");
}

} // namespace
} // namespace lorikeet
