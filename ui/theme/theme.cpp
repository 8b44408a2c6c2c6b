// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QFile>
#include <QFontDatabase>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>

#include "ui/theme/plain_tool_tips.h"

namespace lorikeet::ui {
namespace {

Theme* g_current = nullptr;

// The desktop portal tells which scheme the user prefers: 1 is dark.
const QString kPortalService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPortalPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kPortalInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kAppearance = QStringLiteral("org.freedesktop.appearance");
const QString kColorScheme = QStringLiteral("color-scheme");
constexpr int kPortalTimeout = 100; // ms: the window must not wait for a desktop that does not answer

QVariant unwrapped(QVariant value) {
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    return value;
}

double ratioOf(TextRole role) {
    switch (role) {
    case TextRole::Body:
        return 1.0;
    case TextRole::Secondary:
    case TextRole::Monospace:
        return 12.0 / 13.0;
    case TextRole::Title:
        return 20.0 / 13.0;
    }
    Q_UNREACHABLE();
}

void scale(QFont& font, double ratio) {
    if (font.pixelSize() > 0)
        font.setPixelSize(qRound(font.pixelSize() * ratio));
    else
        font.setPointSizeF(font.pointSizeF() * ratio);
}

QPalette paletteOf(ColorScheme scheme) {
    const auto tone = [scheme](ColorToken token) { return color(token, scheme); };
    QPalette palette;
    palette.setColor(QPalette::Window, tone(ColorToken::Window));
    palette.setColor(QPalette::WindowText, tone(ColorToken::Text));
    palette.setColor(QPalette::Base, tone(ColorToken::Surface));
    palette.setColor(QPalette::AlternateBase, tone(ColorToken::Hover));
    palette.setColor(QPalette::ToolTipBase, tone(ColorToken::Surface));
    palette.setColor(QPalette::ToolTipText, tone(ColorToken::Text));
    palette.setColor(QPalette::PlaceholderText, tone(ColorToken::Secondary));
    palette.setColor(QPalette::Text, tone(ColorToken::Text));
    palette.setColor(QPalette::Button, tone(ColorToken::Surface));
    palette.setColor(QPalette::ButtonText, tone(ColorToken::Text));
    palette.setColor(QPalette::BrightText, tone(ColorToken::Danger));
    palette.setColor(QPalette::Link, tone(ColorToken::AccentText));
    palette.setColor(QPalette::LinkVisited, tone(ColorToken::AccentText));
    palette.setColor(QPalette::Highlight, tone(ColorToken::AccentText));
    palette.setColor(QPalette::HighlightedText, tone(ColorToken::OnAccent));
    palette.setColor(QPalette::Light, tone(ColorToken::Surface));
    palette.setColor(QPalette::Midlight, tone(ColorToken::Hover));
    palette.setColor(QPalette::Mid, tone(ColorToken::Border));
    palette.setColor(QPalette::Dark, tone(ColorToken::ControlBorder));
    palette.setColor(QPalette::Shadow, tone(ColorToken::ControlBorder));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, tone(ColorToken::Disabled));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, tone(ColorToken::Selected));
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, tone(ColorToken::Disabled));
    return palette;
}

} // namespace

Theme::Theme(QObject* parent) : QObject(parent), m_systemFont(QApplication::font()) {
    Q_ASSERT(!g_current);
    g_current = this;
    if (QStyle* fusion = QStyleFactory::create(QStringLiteral("Fusion")))
        QApplication::setStyle(fusion);
    new PlainToolTips(this);
    readSystemScheme();
    QDBusConnection::sessionBus().connect(kPortalService, kPortalPath, kPortalInterface,
                                          QStringLiteral("SettingChanged"), this,
                                          SLOT(onPortalSetting(QString, QString, QDBusVariant)));
    apply();
}

Theme::~Theme() {
    g_current = nullptr;
}

Theme& Theme::current() {
    Q_ASSERT(g_current);
    return *g_current;
}

void Theme::setChoice(Choice choice) {
    m_choice = choice;
    apply();
}

QFont Theme::font(TextRole role) const {
    QFont font = m_systemFont;
    if (role == TextRole::Monospace) {
        font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
        if (m_systemFont.pixelSize() > 0)
            font.setPixelSize(m_systemFont.pixelSize());
        else
            font.setPointSizeF(m_systemFont.pointSizeF());
    }
    scale(font, ratioOf(role));
    if (role == TextRole::Title)
        font.setWeight(QFont::DemiBold);
    return font;
}

QFont Theme::withTabularFigures(QFont font) {
    // Qt 6.4 cannot ask a font for its feature "tnum". Of the faces that are common, those with figures of unequal
    // width keep them equal where kerning is off.
    font.setKerning(false);
    return font;
}

bool Theme::prefersReducedMotion() const {
    return QApplication::style()->styleHint(QStyle::SH_Widget_Animation_Duration) == 0;
}

void Theme::onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group != kAppearance || key != kColorScheme)
        return;
    m_systemScheme = unwrapped(value.variant()).toUInt() == 1 ? ColorScheme::Dark : ColorScheme::Light;
    apply();
}

void Theme::readSystemScheme() {
    const bool paletteIsDark = QApplication::palette().color(QPalette::Window).lightnessF() < 0.5;
    m_systemScheme = paletteIsDark ? ColorScheme::Dark : ColorScheme::Light;
    if (!QDBusConnection::sessionBus().isConnected())
        return;
    QDBusMessage read =
        QDBusMessage::createMethodCall(kPortalService, kPortalPath, kPortalInterface, QStringLiteral("Read"));
    read << kAppearance << kColorScheme;
    const QDBusMessage answer = QDBusConnection::sessionBus().call(read, QDBus::Block, kPortalTimeout);
    if (answer.type() == QDBusMessage::ReplyMessage && !answer.arguments().isEmpty())
        m_systemScheme =
            unwrapped(answer.arguments().constFirst()).toUInt() == 1 ? ColorScheme::Dark : ColorScheme::Light;
}

void Theme::apply() {
    m_scheme = m_choice == Choice::System ? m_systemScheme
               : m_choice == Choice::Dark ? ColorScheme::Dark
                                          : ColorScheme::Light;
    QApplication::setPalette(paletteOf(m_scheme));
    qApp->setStyleSheet(styleSheet());
    emit changed();
}

QString Theme::styleSheet() const {
    QFile file(QStringLiteral(":/lorikeet/style.qss"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("the style sheet is missing from the program");
    QString sheet = QString::fromUtf8(file.readAll());
    // Longer names first: "@accent" begins "@accent-text".
    QList<ColorToken> tokens = allColorTokens();
    std::sort(tokens.begin(), tokens.end(),
              [](ColorToken a, ColorToken b) { return tokenName(a).size() > tokenName(b).size(); });
    for (const ColorToken token : tokens)
        sheet.replace(tokenName(token).toString(), color(token).name());
    const auto sized = [this](TextRole role) {
        const QFont font = this->font(role);
        return font.pixelSize() > 0 ? QStringLiteral("%1px").arg(font.pixelSize())
                                    : QStringLiteral("%1pt").arg(font.pointSizeF());
    };
    sheet.replace(QStringLiteral("@size-title"), sized(TextRole::Title));
    sheet.replace(QStringLiteral("@size-small"), sized(TextRole::Secondary));
    sheet.replace(QStringLiteral("@mono"), font(TextRole::Monospace).family());
    sheet.replace(QStringLiteral("@icons"), m_scheme == ColorScheme::Dark ? QStringLiteral(":/lorikeet/dark")
                                                                          : QStringLiteral(":/lorikeet/light"));
    return sheet;
}

} // namespace lorikeet::ui
