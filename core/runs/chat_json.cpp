// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/chat_json.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace lorikeet {

namespace {

using Json = nlohmann::json;

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json sideJson(const ChatSide& side) {
    Json json{{"model", side.model}};
    if (side.adapter)
        json["adapter"] = *side.adapter;
    if (side.run)
        json["run"] = *side.run;
    if (side.step)
        json["step"] = *side.step;
    return json;
}

template <typename Value>
std::optional<Value> optionalMember(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? std::nullopt : std::optional(found->get<Value>());
}

ChatSide sideOf(const Json& json) {
    return {json.at("model").get<std::string>(), optionalMember<std::string>(json, "adapter"),
            optionalMember<std::string>(json, "run"), optionalMember<int64_t>(json, "step")};
}

/// read(parsed text), with the library's faults turned into ours.
template <typename Read>
auto parsed(const std::string& text, const char* what, Read&& read) {
    try {
        return read(Json::parse(text));
    } catch (const Json::exception&) {
        fail(ErrorCode::BadFile, "the database of conversations is damaged: '{}' is no {}", text.substr(0, 64), what);
    }
}

} // namespace

std::string toJson(const ChatSide& side) {
    return dump(sideJson(side));
}

std::string toJson(const std::vector<ChatSide>& sides) {
    Json list = Json::array();
    for (const ChatSide& side : sides)
        list.push_back(sideJson(side));
    return dump(list);
}

std::string toJson(const ChatSampling& sampling) {
    return dump({{"temperature", sampling.temperature},
                 {"top_p", sampling.topP},
                 {"repetition_penalty", sampling.repetitionPenalty},
                 {"max_new_tokens", sampling.maxNewTokens},
                 {"seed", sampling.seed}});
}

ChatSide chatSideFromJson(const std::string& text) {
    return parsed(text, "side of a chat", sideOf);
}

std::vector<ChatSide> chatSidesFromJson(const std::string& text) {
    return parsed(text, "list of sides of a chat", [](const Json& json) {
        std::vector<ChatSide> sides;
        for (const Json& side : json)
            sides.push_back(sideOf(side));
        return sides;
    });
}

ChatSampling chatSamplingFromJson(const std::string& text) {
    return parsed(text, "set of sampling settings", [](const Json& json) {
        ChatSampling sampling;
        sampling.temperature = json.value("temperature", sampling.temperature);
        sampling.topP = json.value("top_p", sampling.topP);
        sampling.repetitionPenalty = json.value("repetition_penalty", sampling.repetitionPenalty);
        sampling.maxNewTokens = json.value("max_new_tokens", sampling.maxNewTokens);
        sampling.seed = json.value("seed", sampling.seed);
        return sampling;
    });
}

} // namespace lorikeet
