// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lorikeet::cli {
namespace {

double nowSeconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Columns that a text takes on a terminal, counting one for each UTF-8 character.
std::size_t displayWidth(std::string_view text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// The first characters of a text that fit into `width` columns.
std::string_view clipped(std::string_view text, std::size_t width) {
    std::size_t columns = 0;
    for (std::size_t at = 0; at < text.size(); ++at)
        if ((text[at] & 0xc0) != 0x80 && columns++ == width)
            return text.substr(0, at);
    return text;
}

} // namespace

void printJsonLine(const nlohmann::ordered_json& value) {
    const std::string text = value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    fmt::print(stdout, "{}\n", text);
    std::fflush(stdout);
}

void printLine(std::string_view text) {
    fmt::print(stdout, "{}\n", text);
    std::fflush(stdout);
}

void printTable(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths.resize(std::max(widths.size(), column + 1));
            widths[column] = std::max(widths[column], displayWidth(row[column]));
        }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            line += row[column];
            if (column + 1 < row.size())
                line.append(widths[column] - displayWidth(row[column]) + 2, ' ');
        }
        printLine(line);
    }
}

std::string memoryText(int64_t bytes) {
    const double value = double(bytes);
    if (value >= 1024.0 * 1024 * 1024)
        return fmt::format("{:.2f} GiB", value / (1024.0 * 1024 * 1024));
    if (value >= 1024.0 * 1024)
        return fmt::format("{:.1f} MiB", value / (1024.0 * 1024));
    return fmt::format("{:.1f} KiB", value / 1024.0);
}

std::string fileSizeText(int64_t bytes) {
    const double value = double(bytes);
    if (value >= 1e9)
        return fmt::format("{:.2f} GB", value / 1e9);
    if (value >= 1e6)
        return fmt::format("{:.1f} MB", value / 1e6);
    return fmt::format("{:.1f} kB", value / 1e3);
}

std::string durationText(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0)
        return "?";
    const auto whole = int64_t(std::llround(seconds));
    if (whole >= 3600)
        return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
    if (whole >= 60)
        return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} s", whole);
}

std::string countText(int64_t count) {
    const std::string digits = std::to_string(count);
    std::string text;
    for (std::size_t at = 0; at < digits.size(); ++at) {
        const std::size_t left = digits.size() - at;
        if (at > 0 && left % 3 == 0 && digits[at - 1] != '-')
            text += ',';
        text += digits[at];
    }
    return text;
}

nlohmann::ordered_json finiteOrNull(double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

bool stderrIsTerminal() {
    return isatty(STDERR_FILENO) != 0;
}

int terminalWidth() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

ProgressLine::ProgressLine(std::string task, bool quiet)
    : m_task(std::move(task)), m_quiet(quiet), m_terminal(stderrIsTerminal()), m_began(nowSeconds()),
      m_lastDrawn(m_terminal ? 0.0 : m_began) {}

ProgressLine::~ProgressLine() {
    finish();
}

void ProgressLine::update(double done, std::string_view detail) {
    if (m_quiet)
        return;
    done = std::clamp(done, 0.0, 1.0);
    const double now = nowSeconds();
    // A pipe hears only of what lasts.
    const bool isEnd = done >= 1.0 && (m_terminal || m_lastDrawn > m_began);
    if (done == m_lastDone || (!isEnd && now - m_lastDrawn < (m_terminal ? 0.1 : 10.0)))
        return;
    m_lastDrawn = now;
    m_lastDone = done;
    if (!m_terminal) {
        fmt::print(stderr, "{}: {:.0f} %{}{}\n", m_task, done * 100, detail.empty() ? "" : "  ", detail);
        return;
    }
    constexpr int kBarWidth = 24;
    const int filled = int(done * kBarWidth);
    std::string bar;
    for (int i = 0; i < kBarWidth; ++i)
        bar += i < filled ? "█" : "░";
    const std::string line = fmt::format("{} {} {:3.0f} %  {}", m_task, bar, done * 100, detail);
    fmt::print(stderr, "\r\x1b[K{}", clipped(line, std::size_t(std::max(20, terminalWidth() - 1))));
    std::fflush(stderr);
    m_open = true;
}

void ProgressLine::clear() {
    if (m_open)
        fmt::print(stderr, "\r\x1b[K");
    m_open = false;
    m_lastDone = -1.0;
}

void ProgressLine::finish() {
    if (m_open)
        fmt::print(stderr, "\n");
    m_open = false;
}

} // namespace lorikeet::cli
