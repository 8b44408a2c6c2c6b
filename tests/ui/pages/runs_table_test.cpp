// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPushButton>

#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/models/run_table_model.h"
#include "ui/pages/navigator.h"
#include "ui/pages/runs_page.h"
#include "ui/widgets/data_table.h"

namespace lorikeet::ui {
namespace {

class RunsTable : public StudioTest {
protected:
    std::string add(const std::string& name) { return store().create({name, "model", "rows.jsonl", "lora", "{}"}).id; }
    RunStore& store() { return m_studio.workshop()->runs(); }

    Navigator m_navigator;
};

TEST_F(RunsTable, PlacesInTheQueueAndTimesCanBeRead) {
    store().enqueue(add("queued"));
    const std::string trained = add("trained");
    store().start(trained, {});
    store().end(trained, {.state = RunState::Stopped, .adapter = {}, .peak = {}, .seconds = 3599.0});
    RunsPage page(m_studio, m_navigator);
    page.resize(1440, 900);
    page.show();
    auto* table = page.findChild<DataTable*>();
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 2; }));
    for (const int column : {int(RunTableModel::State), int(RunTableModel::Time)})
        EXPECT_LE(static_cast<QAbstractItemView*>(table)->sizeHintForColumn(column), table->columnWidth(column))
            << column;
}

TEST_F(RunsTable, DeleteIsOfferedForWhatCanBeDeleted) {
    store().enqueue(add("queued"));
    RunsPage page(m_studio, m_navigator);
    page.show();
    auto* table = page.findChild<DataTable*>();
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 1; }));
    QAbstractButton* remove = button(page, "Delete");
    table->selectRow(0);
    EXPECT_FALSE(remove->isEnabled());
    EXPECT_TRUE(remove->toolTip().contains("waits in the queue cannot be deleted"));
    add("new");
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 2; }));
    table->selectAll();
    EXPECT_TRUE(remove->isEnabled());
}

} // namespace
} // namespace lorikeet::ui
