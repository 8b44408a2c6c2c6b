// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_sides.h"

#include "ui/session/chat_sources.h"

namespace lorikeet::ui {

std::vector<ChatSide> usualSides(const ChatSources& sources) {
    if (const ChatRun* run = sources.newestRun())
        return {sources.sideOf(run->model), sources.sideOf(*run, run->points.front())};
    for (const LibraryModel& model : sources.models())
        if (model.isThere)
            return {sources.sideOf(model.name)};
    return {};
}

std::vector<ChatSide> sidesFor(const ChatSources& sources, const ChatTarget& target) {
    ChatSide tuned = sources.sideOf(target.model.toStdString());
    if (const ChatRun* run = sources.run(target.run)) {
        tuned = sources.sideOf(*run, run->points.front());
        for (const ChatRun::Point& point : run->points)
            if (point.adapter == target.adapter.toStdString())
                tuned = sources.sideOf(*run, point);
    } else if (!target.adapter.isEmpty()) {
        tuned.adapter = target.adapter.toStdString();
        if (!target.run.isEmpty())
            tuned.run = target.run.toStdString();
        tuned.step = target.step;
    }
    if (!tuned.adapter)
        return {tuned};
    return {sources.sideOf(tuned.model), tuned};
}

std::optional<ChatSide> partnerOf(const ChatSources& sources, const ChatSide& side) {
    if (side.adapter)
        return sources.sideOf(side.model);
    const ChatRun* run = sources.newestRun(side.model);
    if (run || (run = sources.newestRun()))
        return sources.sideOf(*run, run->points.front());
    for (const LibraryModel& model : sources.models())
        if (model.isThere && QString::fromStdString(model.name) != sources.modelName(side.model))
            return sources.sideOf(model.name);
    return std::nullopt;
}

} // namespace lorikeet::ui
