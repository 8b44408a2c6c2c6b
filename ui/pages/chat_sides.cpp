// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_sides.h"

#include <algorithm>

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
    const ChatRun* run = sources.run(target.run);
    const auto isTarget = [&](const ChatRun::Point& point) { return point.adapter == target.adapter.toStdString(); };
    const auto point =
        run ? std::ranges::find_if(run->points, isTarget) : std::vector<ChatRun::Point>::const_iterator();
    if (run && point != run->points.end()) {
        tuned = sources.sideOf(*run, *point);
    } else if (run && target.adapter.isEmpty()) {
        tuned = sources.sideOf(*run, run->points.front());
    } else if (!target.adapter.isEmpty()) { // one that the sources have not seen yet is no other one
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
