// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/sha256.h"

#include <array>
#include <fstream>
#include <vector>

#include <openssl/evp.h>

#include "core/base/error.h"
#include "core/base/files.h"

namespace lorikeet {

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
    if (!m_state->context || EVP_DigestInit_ex(m_state->context, EVP_sha256(), nullptr) != 1)
        fail(ErrorCode::OutOfMemory, "sha256: OpenSSL cannot begin a digest");
}

Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
    if (EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()) != 1)
        fail(ErrorCode::InvalidArgument, "sha256: OpenSSL refuses {} more bytes", bytes.size());
}

std::string Sha256::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    if (EVP_DigestFinal_ex(m_state->context, digest.data(), &length) != 1)
        fail(ErrorCode::InvalidArgument, "sha256: OpenSSL cannot finish the digest");
    std::string text;
    for (unsigned int i = 0; i < length; ++i)
        text += fmt::format("{:02x}", digest[i]);
    return text;
}

std::string sha256OfFile(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || isFileFaulted(FileOperation::Read, path))
        fail(ErrorCode::Io, "sha256: cannot read {}", path.string());
    Sha256 digest;
    std::vector<char> chunk(std::size_t(1) << 20);
    while (file.read(chunk.data(), std::streamsize(chunk.size())) || file.gcount() > 0)
        digest.update(std::as_bytes(std::span(chunk.data(), std::size_t(file.gcount()))));
    if (!file.eof())
        fail(ErrorCode::Io, "sha256: cannot read {}", path.string());
    return digest.finish();
}

} // namespace lorikeet
