// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_export.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QImage>
#include <QLocale>
#include <QSaveFile>

#include <cmath>

#include "ui/charts/chart_table.h"

namespace lorikeet::ui {

QByteArray csvCell(const QString& text) {
    QByteArray cell = text.toUtf8();
    if (cell.contains('"') || cell.contains(',') || cell.contains('\n') || cell.contains('\r'))
        cell = '"' + cell.replace('"', "\"\"") + '"';
    return cell;
}

QByteArray csvBytes(const ChartTable& table) {
    QByteArray bytes;
    for (size_t i = 0; i < table.columns.size(); ++i) {
        bytes += i == 0 ? "" : ",";
        bytes += csvCell(table.columns[i].name);
    }
    bytes += '\n';
    for (qsizetype row = 0; row < table.rows(); ++row) {
        for (size_t i = 0; i < table.columns.size(); ++i) {
            bytes += i == 0 ? "" : ",";
            const ChartTable::Column& column = table.columns[i];
            const double value = column.values[size_t(row)];
            if (!column.texts.isEmpty())
                bytes += csvCell(column.texts[row]);
            else if (std::isfinite(value))
                bytes += QByteArray::number(value, 'g', QLocale::FloatingPointShortest);
        }
        bytes += '\n';
    }
    return bytes;
}

QString writeWhole(const QString& path, const QByteArray& bytes) {
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit())
        return {};
    return QCoreApplication::translate("ChartExport", "%1 could not be written: %2. Choose another place.")
        .arg(path, file.errorString());
}

QString writePng(const QString& path, const QImage& image) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, "PNG"))
        return QCoreApplication::translate("ChartExport", "The picture for %1 could not be made.").arg(path);
    return writeWhole(path, bytes);
}

} // namespace lorikeet::ui
