// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/base/error.h"
#include "core/jobs/checked_files.h"
#include "core/jobs/run_speed.h"

namespace lorikeet {

/// What belongs to a file, while it does not change. Few are kept: those of somebody who tries out several.
template <typename Value>
class FileCache {
public:
    /// Null where it is not known, or the file has changed.
    const Read<Value>* find(const std::string& key, FileStamp stamp) const {
        const auto entry = m_entries.find(key);
        return entry != m_entries.end() && entry->second.stamp == stamp ? &entry->second : nullptr;
    }
    /// Remembers what `make` returns, a std::shared_ptr<const Value>, or the Error that it throws; Cancelled goes on.
    template <typename Make>
    const Read<Value>& put(const std::string& key, FileStamp stamp, Make&& make) {
        Read<Value> read{stamp, nullptr, {}};
        try {
            read.value = make();
        } catch (const Error& error) {
            if (error.code() == ErrorCode::Cancelled)
                throw;
            read.error = error.message();
        }
        if (m_entries.size() >= kMost && !m_entries.contains(key))
            m_entries.erase(m_entries.begin());
        return m_entries[key] = std::move(read);
    }
    template <typename Make>
    const Read<Value>& get(const std::string& key, FileStamp stamp, Make&& make) {
        const Read<Value>* known = find(key, stamp);
        return known ? *known : put(key, stamp, make);
    }

private:
    static constexpr std::size_t kMost = 8;
    std::map<std::string, Read<Value>> m_entries;
};

/// Rows with the words that they were read with, which must outlive them.
struct OpenedRows {
    std::shared_ptr<const ModelText> text;
    std::shared_ptr<const ScannedRows> rows;
};

/// What a run's rows are known to be.
struct KnownRows {
    std::shared_ptr<const RowCounts> counts; ///< null where nothing is known
    std::string key;                         ///< tells apart what counts differ in; empty where there are none
    std::string error, evalError;
    bool isProvisional = false; ///< reading would tell more
};

/// The files that runs are made of, read once and kept. What is not said to read, reads little.
class RunFiles {
public:
    explicit RunFiles(Workshop& workshop) : m_workshop(workshop) {}

    Workshop& workshop() const { return m_workshop; }
    const Read<CheckedModel>& model(const std::filesystem::path& path);
    /// Null where read() has not opened the model's words.
    const Read<ModelText>* text(const std::filesystem::path& model) const;
    const Read<LoraSpec>& adapter(const std::filesystem::path& folder, const CheckedModel& model);
    KnownRows rows(const std::filesystem::path& model, const RunConfig& config);
    /// Throws BadConfig for an unknown kernel set.
    MemoryPlanner& planner(const CheckedModel& model, const KnownRows& rows, const std::string& kernels);
    std::optional<RunSpeed> speed(const RunConfig& config, const std::filesystem::path& model,
                                  const std::string& kernels);

    /// Opens the model's words and reads the rows that a run is to be trained and evaluated on. Throws Cancelled.
    void read(const std::filesystem::path& model, const RunConfig& config, const ProgressObserver& progress,
              const std::stop_token& stop);

private:
    using Clock = std::chrono::steady_clock;

    const Read<OpenedRows>* known(const std::filesystem::path& model, const std::string& file, const DataConfig& data,
                                  bool isRough) const;
    void readRows(const std::filesystem::path& model, const std::string& file, const DataConfig& data,
                  const ProgressObserver& progress, const std::stop_token& stop);

    Workshop& m_workshop;
    FileCache<CheckedModel> m_models;
    FileCache<ModelText> m_texts;
    FileCache<OpenedRows> m_rows;
    FileCache<OpenedRows> m_roughRows; ///< the last ones, whatever their cut and packing
    FileCache<RowCounts> m_counts;
    FileCache<LoraSpec> m_adapters;
    std::map<std::string, std::unique_ptr<MemoryPlanner>> m_planners;
    std::map<std::string, std::pair<Clock::time_point, std::optional<RunSpeed>>> m_speeds;
};

} // namespace lorikeet
