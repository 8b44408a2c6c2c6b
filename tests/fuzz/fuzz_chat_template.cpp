// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a chat template: a text or an Error, within bounds.
#include <string_view>

#include "core/base/error.h"
#include "core/text/chat_template.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace lorikeet;
    try {
        const ChatTemplate chatTemplate({reinterpret_cast<const char*>(data), size}, "<s>", "</s>");
        const ChatMessage messages[] = {
            {"system", "Be brief."}, {"user", "Gr\xC3\xBC\xC3\x9F dich\n"}, {"assistant", " ok "}};
        chatTemplate.render(messages, size % 2 == 0);
    } catch (const Error&) { // refused
    }
    return 0;
}
