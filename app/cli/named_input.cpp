// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/named_input.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"

namespace lorikeet::cli {
namespace {

/// The reading end of a pipe, opened without waiting for a writer.
class PipeEnd {
public:
    explicit PipeEnd(const std::filesystem::path& path)
        : m_path(path), m_descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
        if (m_descriptor < 0)
            failWithErrno("open");
    }
    ~PipeEnd() { ::close(m_descriptor); }
    PipeEnd(const PipeEnd&) = delete;
    PipeEnd& operator=(const PipeEnd&) = delete;

    /// Appends what has come; false at the end. Waits a moment where nothing has.
    bool readMore(std::string& text) {
        constexpr int kLookForStopMs = 100;
        std::array<char, 1 << 16> chunk;
        const ssize_t count = ::read(m_descriptor, chunk.data(), chunk.size());
        if (count > 0)
            text.append(chunk.data(), std::size_t(count));
        if (count >= 0)
            return count > 0;
        if (errno != EAGAIN && errno != EINTR)
            failWithErrno("read");
        pollfd input{m_descriptor, POLLIN, 0};
        ::poll(&input, 1, kLookForStopMs);
        return true;
    }

private:
    [[noreturn]] void failWithErrno(std::string_view action) const {
        fail(ErrorCode::Io, "cannot {} {}: {}", action, m_path.string(), std::generic_category().message(errno));
    }

    std::filesystem::path m_path;
    int m_descriptor;
};

} // namespace

std::string readNamedInput(const std::filesystem::path& path, const std::stop_token& stop, std::size_t limit) {
    std::error_code ignored;
    if (!std::filesystem::is_fifo(path, ignored))
        return readTextFile(path, limit);
    PipeEnd pipe(path);
    std::string text;
    while (pipe.readMore(text)) {
        if (stop.stop_requested())
            fail(ErrorCode::Cancelled, "{}: stopped while waiting for the pipe", path.string());
        if (text.size() > limit)
            fail(ErrorCode::BadFile, "{} is larger than the {} bytes that are possible here", path.string(), limit);
    }
    if (text.empty())
        fail(ErrorCode::Io, "cannot read {}: it is a pipe that nobody writes to", path.string());
    return text;
}

} // namespace lorikeet::cli
