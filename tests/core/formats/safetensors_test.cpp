// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/files.h"
#include "core/formats/safetensors.h"
#include "core/formats/safetensors_shards.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using testing::HasSubstr;

TensorRecord recordOf(std::string name, StoredType type, std::vector<int64_t> shape, std::string_view bytes) {
    return {std::move(name), type, std::move(shape), std::as_bytes(std::span(bytes.data(), bytes.size()))};
}

std::string_view textOf(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The bytes of a .safetensors file: header length, header, data.
std::string fileOf(std::string_view header, std::string_view data = "") {
    const uint64_t length = header.size();
    std::string file(sizeof length, '\0');
    std::memcpy(file.data(), &length, sizeof length);
    return file + std::string(header) + std::string(data);
}

class Safetensors : public testing::Test {
protected:
    /// Into a new file: truncating an old one makes some file systems wait for the disk.
    std::filesystem::path write(std::string_view name, std::string_view bytes) const {
        std::filesystem::remove(m_folder / name);
        std::ofstream(m_folder / name, std::ios::binary) << bytes;
        return m_folder / name;
    }

    void expectRefused(std::string_view bytes, std::string_view fault) const {
        const auto path = write("model.safetensors", bytes);
        const Error error = errorOf([&] { openSafetensors(path); });
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_THAT(error.message(), HasSubstr("model.safetensors"));
        EXPECT_THAT(error.message(), HasSubstr(std::string(fault)));
        EXPECT_LT(error.message().size(), 700u);
    }
    void expectHeaderRefused(std::string_view header, std::string_view fault, std::size_t dataBytes = 8) const {
        expectRefused(fileOf(header, std::string(dataBytes, 'd')), fault);
    }
    /// A header of one tensor "w" with these parts.
    static std::string header(std::string_view dtype, std::string_view shape, std::string_view offsets) {
        return fmt::format(R"({{"w":{{"dtype":{},"shape":{},"data_offsets":{}}}}})", dtype, shape, offsets);
    }
    /// An index and its shards: each pair is a tensor's name and the shard that the index puts it into.
    std::filesystem::path writeIndex(std::string_view weightMap) const {
        return write("model.safetensors.index.json", fmt::format(R"({{"metadata":{{}},"weight_map":{}}})", weightMap));
    }
    void writeShard(std::string_view name, std::string_view tensor) const {
        writeSafetensors(m_folder / name, std::vector{recordOf(std::string(tensor), StoredType::U8, {3}, "abc")});
    }
    Error errorOfOpening(const std::filesystem::path& path) const {
        return errorOf([&] { openSafetensors(path); });
    }

    TemporaryFolder m_folder;
};

TEST_F(Safetensors, ReadsWhatThePythonPackageWrote) {
    const auto file = openSafetensors(sourceFile("tests/data/formats/every_type.safetensors"));
    EXPECT_EQ(file->tensors().size(), 17u);
    EXPECT_EQ(file->at("Q6_K").shape, (std::vector<int64_t>{3, 512}));
    EXPECT_EQ(file->find("absent"), nullptr);
    EXPECT_THAT(errorOf([&] { file->at("absent"); }).message(), HasSubstr("'absent' is missing"));
}

TEST_F(Safetensors, ComesBackAsItWasWritten) {
    const auto path = m_folder / "file.safetensors";
    writeSafetensors(path,
                     std::vector{recordOf("bytes", StoredType::U8, {3}, "abc"),
                                 recordOf("wide \"name\"", StoredType::I64, {1, 1}, "12345678"),
                                 recordOf("empty", StoredType::F32, {0, 4}, ""),
                                 recordOf("scalar", StoredType::BF16, {}, "xy")},
                     {{"format", "pt"}, {"note", "a \"quoted\" note"}});
    const auto file = openSafetensors(path);
    EXPECT_EQ(textOf(file->at("bytes").bytes), "abc");
    EXPECT_EQ(textOf(file->at("wide \"name\"").bytes), "12345678");
    EXPECT_EQ(file->at("wide \"name\"").type, StoredType::I64);
    EXPECT_EQ(file->at("empty").shape, (std::vector<int64_t>{0, 4}));
    EXPECT_EQ(file->at("scalar").elements(), 1);
    EXPECT_THAT(readSafetensorsMetadata(path), testing::Contains(testing::Pair("note", "a \"quoted\" note")));
    for (const TensorRecord& tensor : file->tensors()) {
        const auto address = reinterpret_cast<std::uintptr_t>(tensor.bytes.data());
        EXPECT_EQ(address % std::uintptr_t(storedBlock(tensor.type).bytes), 0u) << tensor.name;
        file->release(tensor);
    }
    EXPECT_EQ(textOf(file->at("bytes").bytes), "abc");
}

TEST_F(Safetensors, RefusesToWriteWhatItCannotHold) {
    const auto codeOf = [&](std::vector<TensorRecord> records) {
        return errorOf([&] { writeSafetensors(m_folder / "file.safetensors", records); }).code();
    };
    const auto bytes = recordOf("bytes", StoredType::U8, {3}, "abc");
    EXPECT_EQ(codeOf({bytes, bytes}), ErrorCode::InvalidArgument);
    EXPECT_EQ(codeOf({recordOf("short", StoredType::U8, {4}, "abc")}), ErrorCode::InvalidArgument);
    EXPECT_EQ(codeOf({recordOf("block", StoredType::Q8_0, {32}, std::string(34, 'x'))}), ErrorCode::InvalidArgument);
    EXPECT_EQ(codeOf({recordOf("\xff", StoredType::U8, {3}, "abc")}), ErrorCode::InvalidArgument);
    EXPECT_EQ(errorOf([&] {
                  writeSafetensors(m_folder / "file.safetensors", std::vector{bytes}, {{"base", "\xff"}});
              }).code(),
              ErrorCode::InvalidArgument);
    EXPECT_TRUE(std::filesystem::is_empty(m_folder.path()));
}

TEST_F(Safetensors, CutAnywhereIsRefused) {
    writeSafetensors(m_folder / "whole", std::vector{recordOf("a", StoredType::F32, {2}, "12345678"),
                                                     recordOf("b", StoredType::U8, {3}, "abc")});
    const std::string whole = readTextFile(m_folder / "whole");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        SCOPED_TRACE(length);
        expectRefused(std::string_view(whole).substr(0, length), "");
    }
    expectRefused(whole + "x", "1 bytes follow the last tensor");
}

TEST_F(Safetensors, HeaderLengthsAreChecked) {
    for (uint64_t length : {~uint64_t(0), uint64_t(100000001), uint64_t(1) << 63}) {
        std::string file(64, ' ');
        std::memcpy(file.data(), &length, sizeof length);
        expectRefused(file, "at most 100000000");
    }
    std::string file(64, ' ');
    const uint64_t length = 57;
    std::memcpy(file.data(), &length, sizeof length);
    expectRefused(file, "cut off");
    expectRefused(std::string(8, '\0'), "brace");
}

TEST_F(Safetensors, HeaderThatIsNoJsonOfTheRightFormIsRefused) {
    expectHeaderRefused("[]", "brace");
    expectHeaderRefused("{", "not valid JSON");
    expectHeaderRefused("{} x", "not valid JSON");
    expectHeaderRefused("{\"\xff\":1}", "not UTF-8");
    expectHeaderRefused("{\"\xed\xa0\x80\":1}", "not UTF-8");
    expectHeaderRefused("{\"w\":" + std::string(1000000, '['), "does not belong");
    std::string nested;
    for (int i = 0; i < 1000000; ++i)
        nested += "{\"w\":";
    expectHeaderRefused(nested, "");
    expectHeaderRefused(R"({"w":1})", "number 1 does not belong");
    expectHeaderRefused(R"({"w":null})", "null does not belong");
    expectHeaderRefused(R"({"w":{}})", "lacks");
    expectHeaderRefused(R"({"w":{"dtype":"U8","shape":[8]}})", "lacks");
    expectHeaderRefused(R"({"w":{"dtype":"U8","dtype":"U8"}})", "dtype twice");
    expectHeaderRefused(R"({"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8],"extra":1}})", "unknown key 'extra'");
    expectHeaderRefused(R"({"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},)"
                        R"("w":{"dtype":"U8","shape":[0],"data_offsets":[8,8]}})",
                        "'w' is there twice");
}

TEST_F(Safetensors, TypesAndShapesAreChecked) {
    expectHeaderRefused(header("\"F8_E9\"", "[8]", "[0,8]"), "'F8_E9'");
    expectHeaderRefused(header("\"Q4_0\"", "[8]", "[0,8]"), "'Q4_0'");
    expectHeaderRefused(header("5", "[8]", "[0,8]"), "number 5");
    expectHeaderRefused(header("\"U8\"", "8", "[0,8]"), "number 8");
    expectHeaderRefused(header("\"U8\"", "[-8]", "[0,8]"), "number -8");
    expectHeaderRefused(header("\"U8\"", "[8.0]", "[0,8]"), "number 8");
    expectHeaderRefused(header("\"U8\"", "[\"8\"]", "[0,8]"), "string");
    expectHeaderRefused(header("\"U8\"", "[[8]]", "[0,8]"), "array");
    expectHeaderRefused(header("\"U8\"", "[4294967296,4294967296]", "[0,8]"), "larger than any file");
    expectHeaderRefused(header("\"U8\"", "[4611686018427387904,4,0]", "[0,0]"), "larger than any file", 0);
    expectHeaderRefused(header("\"U8\"", "[0,4611686018427387904,4]", "[0,0]"), "larger than any file", 0);
    expectHeaderRefused(header("\"U8\"", "[18446744073709551615]", "[0,8]"), "does not belong");
    expectHeaderRefused(header("\"U8\"", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,8]", "[0,8]"), "does not belong");
    expectHeaderRefused(header("\"U8\"", "[7]", "[0,8]"), "has 8 bytes, but U8 [7] needs 7");
    expectHeaderRefused(header("\"F32\"", "[8]", "[0,8]"), "needs 32");
}

TEST_F(Safetensors, OffsetsAreChecked) {
    expectHeaderRefused(header("\"U8\"", "[8]", "[-8,0]"), "number -8");
    expectHeaderRefused(header("\"U8\"", "[8]", "[0,8.5]"), "number 8.5");
    expectHeaderRefused(header("\"U8\"", "[8]", "[8,0]"), "in this order");
    expectHeaderRefused(header("\"U8\"", "[8]", "[0]"), "begin and an end");
    expectHeaderRefused(header("\"U8\"", "[8]", "[0,8,8]"), "number 8 does not belong");
    expectHeaderRefused(header("\"U8\"", "[9]", "[0,9]"), "cut off");
    expectHeaderRefused(header("\"U8\"", "[7]", "[1,8]"), "overlap or leave a hole");
    expectHeaderRefused(header("\"U8\"", "[7]", "[0,7]"), "1 bytes follow");
    const auto two = [](std::string_view second) {
        return fmt::format(R"({{"a":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}},)"
                           R"("b":{{"dtype":"U8","shape":[4],"data_offsets":{}}}}})",
                           second);
    };
    expectHeaderRefused(two("[3,7]"), "overlap or leave a hole");
    expectHeaderRefused(two("[5,9]"), "overlap or leave a hole", 9);
    expectHeaderRefused(two("[0,4]"), "overlap or leave a hole", 4);
    write("model.safetensors", fileOf(two("[4,8]"), "aaaabbbb"));
    EXPECT_EQ(textOf(openSafetensors(m_folder / "model.safetensors")->at("b").bytes), "bbbb");
}

TEST_F(Safetensors, MetadataIsStringsOnly) {
    expectHeaderRefused(R"({"__metadata__":{"a":1}})", "number 1 does not belong", 0);
    expectHeaderRefused(R"({"__metadata__":"text"})", "does not belong", 0);
    expectHeaderRefused(R"({"__metadata__":{"a":"1","a":"2"}})", "'a' is there twice", 0);
    expectHeaderRefused(R"({"__metadata__":{},"__metadata__":{}})", "twice", 0);
}

TEST_F(Safetensors, ForeignFilesAreRecognised) {
    expectRefused("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "Git LFS pointer");
    expectRefused(std::string("PK\x03\x04 archive/data.pkl", 20), "pickle");
    expectRefused("\x80\x02}q\x01X\x06weight", "pickle");
    write("pytorch_model.bin", "PK");
    std::filesystem::remove(m_folder / "model.safetensors");
    EXPECT_THAT(errorOfOpening(m_folder.path()).message(), HasSubstr("pickle"));
}

TEST_F(Safetensors, AFolderIsOpenedByItsOneFile) {
    EXPECT_EQ(errorOfOpening(m_folder.path()).code(), ErrorCode::BadFile);
    writeShard("adapter_model.safetensors", "a");
    EXPECT_EQ(openSafetensors(m_folder.path())->tensors().size(), 1u);
    writeShard("other.safetensors", "b");
    EXPECT_THAT(errorOfOpening(m_folder.path()).message(), HasSubstr("several"));
    writeShard("model.safetensors", "c");
    EXPECT_TRUE(openSafetensors(m_folder.path())->find("c"));
}

TEST_F(Safetensors, ShardsAreOneFile) {
    writeShard("one.safetensors", "a");
    writeShard("two.safetensors", "b");
    const auto index = writeIndex(R"({"a":"one.safetensors","b":"two.safetensors"})");
    for (const auto& path : {index, m_folder.path()}) {
        const auto file = openTensorFile(path);
        EXPECT_EQ(file->tensors().size(), 2u);
        file->release(file->at("b"));
        EXPECT_EQ(textOf(file->at("b").bytes), "abc");
    }
}

TEST_F(Safetensors, ShardsOutsideTheFolderAreRefused) {
    const TemporaryFolder outside;
    writeSafetensors(outside / "one.safetensors", std::vector{recordOf("a", StoredType::U8, {3}, "abc")});
    for (const std::string& name :
         {"../" + outside.path().filename().string() + "/one.safetensors", (outside / "one.safetensors").string(),
          std::string("sub/one.safetensors"), std::string(".."), std::string(""), std::string("one.bin")}) {
        const Error error = errorOfOpening(writeIndex(fmt::format(R"({{"a":"{}"}})", name)));
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_THAT(error.message(), HasSubstr("not the name of a .safetensors file"));
    }
}

TEST_F(Safetensors, ShardsThatAreLinksMustLeadToAFile) {
    const auto index = writeIndex(R"({"a":"one.safetensors"})");
    const auto shard = m_folder / "one.safetensors";
    for (const char* target : {"one.safetensors", "absent", "/dev/zero", "."}) {
        std::filesystem::remove(shard);
        std::filesystem::create_symlink(target, shard);
        const Error error = errorOfOpening(index);
        EXPECT_TRUE(error.code() == ErrorCode::BadFile || error.code() == ErrorCode::Io);
        EXPECT_THAT(error.message(), HasSubstr("one.safetensors"));
    }
    // The cache of the Hugging Face Hub is made of such links.
    writeShard("blob", "a");
    std::filesystem::remove(shard);
    std::filesystem::create_symlink("blob", shard);
    EXPECT_TRUE(openSafetensors(index)->find("a"));
}

TEST_F(Safetensors, MissingDuplicatedAndSwappedShardsAreRefused) {
    const auto index = writeIndex(R"({"a":"one.safetensors","b":"two.safetensors"})");
    writeShard("one.safetensors", "a");
    EXPECT_THAT(errorOfOpening(index).message(), HasSubstr("'two.safetensors' is missing"));
    writeShard("two.safetensors", "a");
    EXPECT_THAT(errorOfOpening(index).message(), HasSubstr("which the index puts into 'one.safetensors'"));
    writeShard("one.safetensors", "b");
    EXPECT_THAT(errorOfOpening(index).message(), HasSubstr("which the index puts into 'two.safetensors'"));
    writeShard("one.safetensors", "a");
    writeShard("two.safetensors", "c");
    EXPECT_THAT(errorOfOpening(index).message(), HasSubstr("'b' is not in the shard"));
    std::filesystem::resize_file(m_folder / "two.safetensors", 20);
    EXPECT_THAT(errorOfOpening(index).message(), HasSubstr("two.safetensors"));
    writeShard("one.safetensors", "unlisted");
    writeShard("two.safetensors", "unlisted");
    EXPECT_THAT(errorOfOpening(index).message(), HasSubstr("'unlisted' is there twice"));
}

TEST_F(Safetensors, ALargeModelIsWrittenInShardsThatOpenAsOne) {
    const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
    const std::vector<TensorRecord> records = {{"a", StoredType::F32, {2, 2}, {}},
                                               {"b", StoredType::F32, {1}, {}},
                                               {"c", StoredType::F32, {8}, {}},
                                               {"d", StoredType::F32, {3}, {}}};
    for (const int64_t shardBytes : {20, 1000}) {
        const auto folder = m_folder / std::to_string(shardBytes);
        std::filesystem::create_directories(folder);
        SafetensorsShards file(folder, records, shardBytes);
        for (const TensorRecord& record : records)
            file.write(std::as_bytes(std::span(values).first(std::size_t(record.elements()))));
        file.commit();
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            files += entry.path().extension() == ".safetensors" ? 1 : 0;
        EXPECT_EQ(files, shardBytes == 20 ? 3u : 1u);
        EXPECT_EQ(std::filesystem::exists(folder / "model-00002-of-00003.safetensors"), shardBytes == 20);
        EXPECT_EQ(std::filesystem::exists(folder / "model.safetensors.index.json"), shardBytes == 20);
        const auto opened = openSafetensors(folder);
        ASSERT_EQ(opened->tensors().size(), records.size());
        for (const TensorRecord& record : records) {
            std::vector<float> read(std::size_t(record.elements()));
            decode(opened->at(record.name), 0, read);
            EXPECT_TRUE(std::ranges::equal(read, std::span(values).first(read.size()))) << record.name;
        }
    }
    SafetensorsShards unfinished(m_folder.path(), records, 20);
    unfinished.write(std::as_bytes(std::span(values).first(4)));
    EXPECT_EQ(errorOf([&] { unfinished.commit(); }).code(), ErrorCode::InvalidArgument);
}

TEST_F(Safetensors, BadIndexIsRefused) {
    for (const char* map : {"[]", "{}", "{\"a\":1}", "{\"a\":\"one.safetensors\",\"a\":\"two.safetensors\"}"}) {
        const Error error = errorOfOpening(writeIndex(map));
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_THAT(error.message(), HasSubstr("index.json"));
    }
    for (const std::string& text : {std::string("{}"), std::string("[1]"), std::string("{\"weight_map\":"),
                                    std::string("\xff"), std::string(1000000, '[')})
        EXPECT_EQ(errorOfOpening(write("model.safetensors.index.json", text)).code(), ErrorCode::BadFile);
}

TEST_F(Safetensors, AMissingFileIsAnIoError) {
    EXPECT_EQ(errorOfOpening(m_folder / "absent.safetensors").code(), ErrorCode::Io);
    EXPECT_EQ(errorOf([&] { openTensorFile(m_folder / "absent.gguf"); }).code(), ErrorCode::Io);
}

} // namespace
} // namespace lorikeet
