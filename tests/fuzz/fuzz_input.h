// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

namespace lorikeet {

/// A fuzzer's input as a file that is only in memory, to be opened by its path.
class FuzzInput {
public:
    FuzzInput(const uint8_t* data, std::size_t size) : m_descriptor(::memfd_create("input", 0)) {
        if (::write(m_descriptor, data, size) != ssize_t(size))
            __builtin_trap();
    }
    ~FuzzInput() { ::close(m_descriptor); }
    FuzzInput(const FuzzInput&) = delete;
    FuzzInput& operator=(const FuzzInput&) = delete;

    std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(m_descriptor); }

private:
    int m_descriptor;
};

} // namespace lorikeet
