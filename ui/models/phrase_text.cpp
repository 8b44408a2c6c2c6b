// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/phrase_text.h"

#include <QCoreApplication>

#include "core/base/phrase.h"

namespace lorikeet::ui {

QString phraseText(const Phrase& phrase) {
    // Where the calls of phrase() stand: a class, or no class.
    for (const char* context : {"lorikeet::Problems", "lorikeet"}) {
        const std::string translated = QCoreApplication::translate(context, phrase.pattern.c_str()).toStdString();
        if (translated != phrase.pattern)
            return QString::fromStdString(phrase.filled(translated));
    }
    return QString::fromStdString(phrase.text());
}

QString phraseText(const Phrase& title, const Phrase& detail) {
    return detail.empty() ? phraseText(title) : QStringLiteral("%1: %2").arg(phraseText(title), phraseText(detail));
}

} // namespace lorikeet::ui
