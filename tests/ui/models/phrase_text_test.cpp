// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/phrase_text.h"

#include <QCoreApplication>
#include <QTranslator>

#include <gtest/gtest.h>

#include "core/base/phrase.h"

namespace lorikeet::ui {
namespace {

class German : public QTranslator {
public:
    German() { QCoreApplication::installTranslator(this); }
    ~German() override { QCoreApplication::removeTranslator(this); }
    bool isEmpty() const override { return false; }
    QString translate(const char* context, const char* text, const char*, int) const override {
        if (QLatin1String(context) == QLatin1String("lorikeet::Problems") &&
            QLatin1String(text) == QLatin1String("{} of {} rows are cut off"))
            return QStringLiteral("Von {2} Zeilen sind {1} abgeschnitten");
        return {};
    }
};

TEST(PhraseText, IsEnglishWithoutATranslation) {
    EXPECT_EQ(phraseText(phrase("{} of {} rows are cut off", "3", "1,000")), "3 of 1,000 rows are cut off");
    EXPECT_EQ(phraseText(verbatim("what {} says")), "what {} says");
}

TEST(PhraseText, IsSaidInTheLanguageOfTheWindow) {
    const German german;
    EXPECT_EQ(phraseText(phrase("{} of {} rows are cut off", "3", "1,000")), "Von 1,000 Zeilen sind 3 abgeschnitten");
    EXPECT_EQ(phraseText(phrase("Use automatic")), "Use automatic");
}

} // namespace
} // namespace lorikeet::ui
