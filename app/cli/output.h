// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lorikeet::cli {

/// One line of JSON on stdout, flushed. Text that is not UTF-8 is written with replacement characters.
void printJsonLine(const nlohmann::ordered_json& value);

/// A line on stdout.
void printLine(std::string_view text);

/// A table on stdout: the first row is the head; columns are as wide as their widest cell.
void printTable(const std::vector<std::vector<std::string>>& rows);

/// "1.23 GiB" (memory) and "1.23 GB" (files).
std::string memoryText(int64_t bytes);
std::string fileSizeText(int64_t bytes);
/// "2 min 14 s", "1 h 05 min".
std::string durationText(double seconds);
/// "134,515,008"
std::string countText(int64_t count);

/// A finite number, or null.
nlohmann::ordered_json finiteOrNull(double value);

/// Whether a person looks at stderr, where progress goes.
bool stderrIsTerminal();
/// Characters of a line on the terminal; 80 where unknown.
int terminalWidth();

/// Shows how far something is, on stderr: a bar that redraws itself on a terminal, a plain line now and then in a pipe.
class ProgressLine {
public:
    /// `task`: "Fetching the starter model". Nothing is shown where `quiet`.
    explicit ProgressLine(std::string task, bool quiet = false);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// done in [0, 1]; `detail` stands behind the bar. Redraws at most ten times a second, in a pipe every ten seconds.
    void update(double done, std::string_view detail = {});
    /// Takes the line off the terminal, so that another can be written there; the next update draws it again.
    void clear();
    /// Ends the line, which stays.
    void finish();

private:
    std::string m_task;
    bool m_quiet;
    bool m_terminal;
    double m_began; ///< seconds on the steady clock, like m_lastDrawn
    double m_lastDrawn;
    double m_lastDone = -1.0;
    bool m_open = false;
};

} // namespace lorikeet::cli
