// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/jobs/open_model.h"

namespace CLI {
class App;
}

namespace lorikeet::cli {

class Session;

/// The words that score, generate and chat take to say which model, in which form.
struct ModelOptions {
    std::string model;
    std::string adapter;
    std::string quantization;
    std::optional<int> blocksize;
    std::optional<bool> doubleQuant;
    std::string computeType;

    /// Must stay where it is until the command is parsed.
    void addTo(CLI::App& command);
    /// Opens what was chosen, with progress on stderr. `otherwise`: the quantization where neither the words nor the
    /// adapter name one.
    OpenedModel open(Session& session, const std::optional<QuantizationSpec>& otherwise) const;
};

/// Shows the stages of a job on stderr, each once it lasts.
ProgressObserver stageProgress(bool quiet);

} // namespace lorikeet::cli
