// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/jobs/device_facts.h"
#include "ui/session/background.h"
#include "ui/widgets/card.h"

class QLabel;
class QGridLayout;

namespace lorikeet::ui {

class ElidedLabel;
class ShareBar;
class Studio;

/// What the data folder holds and how much room its disk has, looked at each time that it comes into view.
class DiskCard : public Card {
    Q_OBJECT
public:
    explicit DiskCard(Studio& studio, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Facts {
        DataFolderUse use;
        std::optional<int64_t> free;
    };
    void show(const Facts& facts);
    QLabel* addRow(QGridLayout& table, int series, const QString& title);

    Studio& m_studio;
    BackgroundTask m_look;
    QLabel* m_total;
    QLabel* m_free;
    ShareBar* m_bar;
    QLabel *m_models, *m_runs, *m_datasets;
};

} // namespace lorikeet::ui
