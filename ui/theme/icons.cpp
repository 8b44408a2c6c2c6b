// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

QString pathOf(const QString& name) {
    return QStringLiteral(":/lorikeet/icons/%1.svg").arg(name);
}

void draw(QPainter& painter, const QString& name, const QColor& color, const QRectF& area) {
    QFile file(pathOf(name));
    if (!file.open(QIODevice::ReadOnly))
        return;
    QByteArray drawing = file.readAll();
    drawing.replace("currentColor", color.name().toLatin1());
    QSvgRenderer(drawing).render(&painter, area);
}

class ThemedIconEngine : public QIconEngine {
public:
    ThemedIconEngine(QString name, ColorToken normal, ColorToken on)
        : m_name(std::move(name)), m_normal(normal), m_on(on) {}

    void paint(QPainter* painter, const QRect& area, QIcon::Mode mode, QIcon::State state) override {
        const ColorToken token = mode == QIcon::Disabled ? ColorToken::Disabled : state == QIcon::On ? m_on : m_normal;
        draw(*painter, m_name, Theme::current().color(token), area);
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine* clone() const override { return new ThemedIconEngine(*this); }

private:
    QString m_name;
    ColorToken m_normal, m_on;
};

} // namespace

QIcon icon(const QString& name, ColorToken token) {
    return QFile::exists(pathOf(name)) ? QIcon(new ThemedIconEngine(name, token, token)) : QIcon();
}

QIcon navigationIcon(const QString& name) {
    return QFile::exists(pathOf(name)) ? QIcon(new ThemedIconEngine(name, ColorToken::Secondary, ColorToken::Accent))
                                       : QIcon();
}

QPixmap iconPixmap(const QString& name, const QColor& color, int size, qreal devicePixelRatio) {
    const QString key = QStringLiteral("lorikeet/%1/%2/%3/%4").arg(name, color.name()).arg(size).arg(devicePixelRatio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    pixmap = QPixmap(QSizeF(size * devicePixelRatio, size * devicePixelRatio).toSize());
    pixmap.setDevicePixelRatio(devicePixelRatio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    draw(painter, name, color, QRectF(0, 0, size, size));
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

} // namespace lorikeet::ui
