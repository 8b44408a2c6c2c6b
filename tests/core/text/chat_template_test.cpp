// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/chat_template.h"

#include <chrono>

#include <sys/resource.h>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/text/tokenizer.h"
#include "tests/core/text/golden_support.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using nlohmann::json;

std::vector<ChatMessage> messagesOf(const json& list) {
    std::vector<ChatMessage> messages;
    for (const json& entry : list)
        messages.push_back({entry[0].get<std::string>(), entry[1].get<std::string>()});
    return messages;
}

std::string render(const std::string& source, const std::vector<ChatMessage>& messages = {{"user", "Hi"}}) {
    return ChatTemplate(source, "<s>", "</s>").render(messages, true);
}

/// The Error that rendering `source` throws.
Error errorOf(const std::string& source, const std::vector<ChatMessage>& messages = {{"user", "Hi"}}) {
    try {
        const std::string text = render(source, messages);
        ADD_FAILURE() << "no error: " << shown(source) << " gave " << shown(text);
    } catch (const Error& error) {
        return error;
    }
    return {ErrorCode::Io, {}};
}

TEST(ChatTemplate, RendersEveryFamilyAsJinja2Does) {
    const json golden = readGolden("chat_templates/goldens.json");
    for (const json& family : golden["families"]) {
        SCOPED_TRACE(family["name"].get<std::string>());
        const ChatTemplate chatTemplate(family["template"].get<std::string>(), "<s>", "</s>");
        for (const json& rendering : family["renderings"]) {
            const auto messages = messagesOf(rendering["messages"]);
            const bool generation = rendering["generation"].get<bool>();
            if (rendering.contains("text")) {
                EXPECT_EQ(chatTemplate.render(messages, generation), rendering["text"].get<std::string>());
                continue;
            }
            try {
                chatTemplate.render(messages, generation);
                ADD_FAILURE() << "expected: " << rendering["error"];
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::BadConfig);
                EXPECT_TRUE(error.message().ends_with(rendering["error"].get<std::string>())) << error.message();
            }
        }
    }
}

TEST(ChatTemplate, RendersEverySnippetAsJinja2Does) {
    const json golden = readGolden("chat_templates/goldens.json");
    const auto messages = messagesOf(golden["sample"]);
    for (const json& snippet : golden["snippets"]) {
        const auto source = snippet["template"].get<std::string>();
        SCOPED_TRACE(source);
        try {
            EXPECT_EQ(render(source, messages), snippet["text"].get<std::string>());
        } catch (const Error& error) {
            ADD_FAILURE() << error.message();
        }
    }
}

TEST(ChatTemplate, FailsWhereJinja2Fails) {
    const json golden = readGolden("chat_templates/goldens.json");
    for (const json& failure : golden["failures"]) {
        const auto source = failure["template"].get<std::string>();
        const Error error = errorOf(source);
        if (error.code() == ErrorCode::BadConfig)
            EXPECT_NE(error.message().find(failure["error"].get<std::string>()), std::string::npos) << error.message();
        else
            EXPECT_NE(error.message().find("line 1"), std::string::npos) << error.message();
    }
}

TEST(ChatTemplate, NamesTheLineOfAFault) {
    EXPECT_NE(errorOf("a\nb\n{{ x.y }}").message().find("line 3: 'x' is undefined"), std::string::npos);
    EXPECT_NE(errorOf("a\n{% if 1 %}\n{{ 1 / 0 }}{% endif %}").message().find("line 3"), std::string::npos);
    EXPECT_NE(errorOf("\n\n{{ 'a' }").message().find("line 3"), std::string::npos);
    EXPECT_NE(errorOf("{{ {}.a.b }}").message().find("no attribute 'a'"), std::string::npos);
}

TEST(ChatTemplate, NamesWhatItDoesNotSupport) {
    for (const char* source : {"{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}",
                               "{% block x %}{% endblock %}", "{{ 1 | pprint }}", "{{ 1 is weird }}", "{{ '%s' % 1 }}",
                               "{{ f(*x) }}", "{% for i in x recursive %}{% endfor %}"})
        EXPECT_EQ(errorOf(source).code(), ErrorCode::NotBuilt) << source;
    // Unless it is reached, an unknown filter hurts nobody.
    EXPECT_EQ(render("{% if tools %}{{ tools | pprint }}{% endif %}ok"), "ok");
}

std::string repeat(const std::string& text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i)
        result += text;
    return result;
}

TEST(ChatTemplate, BoundsHostileTemplates) {
    const std::vector<std::string> sources = {
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        repeat("{% for a in range(99999) %}", 20) + repeat("{% endfor %}", 20),
        repeat("{% for a in range(99999) %}", 20'000),
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{{ f(n + 1) }}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
        "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{{ f() }}",
        "{{ " + repeat("(", 100'000) + "1" + repeat(")", 100'000) + " }}",
        "{{ " + repeat("[", 100'000) + repeat("]", 100'000) + " }}",
        "{{ " + repeat("-", 100'000) + "1 }}",
        "{{ " + repeat("not ", 100'000) + "1 }}",
        "{{ 1" + repeat(" + 1", 100'000) + " }}",
        "{{ 1" + repeat(" | string", 100'000) + " }}",
        "{{ x" + repeat(".a", 100'000) + " }}",
        "{{ x" + repeat("[0", 100'000) + repeat("]", 100'000) + " }}",
        "{{ 1" + repeat(" if 1 else 1", 100'000) + " }}",
        repeat("{% if 1 %}", 100'000) + repeat("{% endif %}", 100'000),
        "{{ 'aaaaaaaaaa' * 1000000000 }}",
        "{{ 'a' * 9223372036854775807 }}",
        "{{ [1] * 1000000000 }}",
        "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s "
        "}}",
        "{% set ns = namespace(s=['a']) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
        "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(60) %}{% set ns.s = ns.s.replace('a', ns.s) %}{% "
        "endfor %}",
        "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(60) %}{% set ns.s = ns.s | replace('', ns.s) %}{% "
        "endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | "
        "tojson }}",
        "{% set ns = namespace(l=[1], m=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = "
        "[ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}",
        "{% set ns = namespace(d={}) %}{% for i in range(99999) %}{% set ns.d = {'a': ns.d.get} %}{% endfor %}",
        "{% for i in range(99999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 100 }}{% "
        "endfor %}",
        "{{ range(100001) }}",
        "{{ 9223372036854775807 + 1 }}",
        "{{ -9223372036854775807 - 2 }}",
        "{{ 10 ** 400 }}",
        "{{ 99999999999999999999 }}",
        "{{ (range(99999) | list | join(',')).split(',') | map('replace', '1', 'x' * 100000) | list | length }}",
        "{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns.a }}",
        "{% set x = 'a' * 1000000 %}{% set y = x + '' %}{% for i in range(9999) %}{% set z = x == y %}{% endfor %}",
        "{% set x = 'a' * 1000000 %}{% set y = x + '' %}{% for i in range(9999) %}{% set z = x < y %}{% endfor %}",
        "{% set t = ('b',) * 99999 %}{% for i in range(9999) %}{% set z = 'a'.startswith(t) %}{% endfor %}",
    };
    for (const std::string& source : sources) {
        const auto start = std::chrono::steady_clock::now();
        const Error error = errorOf(source);
        EXPECT_EQ(errorCodeName(error.code()), "bad_file") << source.substr(0, 100) << ": " << error.message();
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60)) << source.substr(0, 100);
    }
}

TEST(ChatTemplate, FreesValuesThatPointInACircle) {
    EXPECT_EQ(
        render("{% set ns = namespace() %}{% set ns.me = ns %}{% set ns.l = [ns] %}{% macro m() %}{{ m }}{% endmacro %}"
               "{% set ns.m = m %}{% for i in [1] %}{% macro n() %}{{ i }}{% endmacro %}{% set ns.n = n %}{% endfor %}"
               "{{ ns.n() }}"),
        "1");
    EXPECT_EQ(render("{% set ns = namespace() %}{% for i in range(50000) %}{% set n = namespace(up=[ns.last]) %}"
                     "{% set ns.last = n %}{% endfor %}ok"),
              "ok");
}

TEST(ChatTemplate, FreesLoopsThatAreKeptBeyondTheirPass) {
    const std::string deep = repeat("[", 40) + "loop" + repeat("]", 40);
    EXPECT_EQ(render("{% set ns = namespace(v=[]) %}{% for i in range(20000) %}{% for x in [0, ns.v] %}"
                     "{% if loop.first %}{% set ns.v = " +
                     deep + " %}{% endif %}{% endfor %}{% endfor %}ok"),
              "ok");
}

TEST(ChatTemplate, CopiesNoTextThatItPassesOn) {
    const auto peakMegabytes = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss >> 10;
    };
    const auto before = peakMegabytes();
    EXPECT_EQ(render("{% set x = 'a' * 1000000 %}{% set ns = namespace(l=[]) %}{% for i in range(500) %}"
                     "{% set ns.l = ns.l + [x | string | safe] %}{% endfor %}{{ ns.l | length }}"),
              "500");
    EXPECT_LT(peakMegabytes() - before, 250);
}

TEST(ChatTemplate, GivesTheDate) {
    const std::string text = render("{{ strftime_now('%Y-%m-%d') }}");
    ASSERT_EQ(text.size(), 10u);
    EXPECT_GE(text, "2024-01-01");
    const auto moment = WallTime(1700000000);
    const ChatTemplate fixed("{{ strftime_now('%d %b %Y %H:%M:%S|%z|%Z') }}", "", "", moment);
    EXPECT_EQ(fixed.render({}, true), "14 Nov 2023 22:13:20||") << "whatever the clock and the time zone";
}

TEST(ChatTemplate, RefusesWhatIsNotUtf8) {
    EXPECT_EQ(errorOf("a\xFF").code(), ErrorCode::BadFile);
    EXPECT_EQ(errorOf("a", {{"user", "\xFF"}}).code(), ErrorCode::InvalidArgument);
}

TEST(ChatTemplate, RendersLongConversations) {
    std::vector<ChatMessage> messages;
    for (int i = 0; i < 4000; ++i)
        messages.push_back({i % 2 == 0 ? "user" : "assistant", std::string(1000, 'x')});
    const json golden = readGolden("chat_templates/goldens.json");
    for (const json& family : golden["families"])
        EXPECT_GT(render(family["template"].get<std::string>(), messages).size(), 4'000'000u) << family["name"];
}

} // namespace
} // namespace lorikeet
