// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

class QImage;

namespace lorikeet::ui {

struct ChartTable;

/// The table as comma-separated values (RFC 4180, lines end with "\n"): a head with the names, then the values with as
/// many digits as make them exact, with a point whatever the language; what is not a number is empty.
QByteArray csvBytes(const ChartTable& table);
/// A cell of such a file: quoted where it must be.
QByteArray csvCell(const QString& text);

/// Writes a file whole or not at all. Returns what went wrong, for the user; empty where nothing did. Any thread.
QString writeWhole(const QString& path, const QByteArray& bytes);
QString writePng(const QString& path, const QImage& image);

} // namespace lorikeet::ui
