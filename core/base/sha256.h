// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace lorikeet {

/// SHA-256 of a stream of bytes.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void update(std::span<const std::byte> bytes);
    /// 64 lower-case hexadecimal digits. Call once.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// SHA-256 of a file's content. Throws Io.
std::string sha256OfFile(const std::filesystem::path& path);

} // namespace lorikeet
