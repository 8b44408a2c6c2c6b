// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run_id.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>

#include <sys/random.h>

#include "core/base/error.h"

namespace lorikeet {

namespace {

// Crockford's base 32: no i, l, o, u, so that nothing is misread.
constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kTimeDigits = 10, kRandomDigits = 16;

} // namespace

std::string newRunId() {
    using namespace std::chrono;
    std::string id(kTimeDigits + kRandomDigits, '0');
    auto time = uint64_t(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
    for (std::size_t i = kTimeDigits; i-- > 0; time >>= 5)
        id[i] = kDigits[time & 31];
    // One byte a digit wastes three bits of each, which keeps this plain.
    std::array<uint8_t, kRandomDigits> random{};
    // Requests of up to 256 bytes are never cut short by a signal once the pool is ready.
    if (getrandom(random.data(), random.size(), 0) != ssize_t(random.size()))
        fail(ErrorCode::Io, "run id: the system gives no random bytes: {}", std::generic_category().message(errno));
    for (std::size_t i = 0; i < kRandomDigits; ++i)
        id[kTimeDigits + i] = kDigits[random[i] & 31];
    return id;
}

bool isRunId(std::string_view text) {
    return text.size() == kTimeDigits + kRandomDigits &&
           std::all_of(text.begin(), text.end(), [](char c) { return kDigits.find(c) != std::string_view::npos; });
}

} // namespace lorikeet
