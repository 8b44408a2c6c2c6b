// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/line_input.h"

#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace lorikeet::cli {

std::optional<std::string> LineInput::takeLine() {
    const std::size_t end = m_buffer.find('\n');
    if (end == std::string::npos && (!m_ended || m_buffer.empty()))
        return std::nullopt;
    std::string line = m_buffer.substr(0, end);
    m_buffer.erase(0, end == std::string::npos ? end : end + 1);
    return line;
}

void LineInput::readMore() {
    constexpr int kLookForStopMs = 100;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, kLookForStopMs) <= 0)
        return;
    std::array<char, 4096> chunk;
    const ssize_t count = read(STDIN_FILENO, chunk.data(), chunk.size());
    if (count > 0)
        m_buffer.append(chunk.data(), std::size_t(count));
    else if (count == 0 || errno != EINTR)
        m_ended = true;
}

std::optional<std::string> LineInput::next(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (std::optional<std::string> line = takeLine())
            return line;
        if (m_ended)
            return std::nullopt;
        readMore();
    }
    return std::nullopt;
}

std::optional<std::string> LineInput::rest(const std::stop_token& stop) {
    while (!m_ended && !stop.stop_requested())
        readMore();
    if (stop.stop_requested())
        return std::nullopt;
    return std::exchange(m_buffer, {});
}

} // namespace lorikeet::cli
