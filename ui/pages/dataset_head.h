// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "core/jobs/dataset_library.h"

class QAction;
class QLineEdit;
class QPushButton;

namespace lorikeet::ui {

class ElidedLabel;

/// The line above a dataset: its name, which can be edited in place, its file, and what can be done with it.
class DatasetHead : public QWidget {
    Q_OBJECT
public:
    explicit DatasetHead(QWidget* parent = nullptr);

    void setDataset(const LibraryDataset& dataset);
    /// Whether its rows can be trained on; `whyNot` is told where not.
    void setUsable(bool usable, const QString& whyNot);

signals:
    void newRunWanted();
    void renameWanted(const QString& name);
    void removeWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class QMenu* makeMenu();
    void beginRename();
    void endRename(bool keeps);

    QString m_name, m_path;
    ElidedLabel* m_title;
    QLineEdit* m_edit;
    ElidedLabel* m_file;
    QLabel* m_size;
    QPushButton* m_use;
    QAction* m_rename;
    QAction* m_remove;
};

} // namespace lorikeet::ui
