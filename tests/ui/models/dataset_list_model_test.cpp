// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>

#include "ui/models/dataset_list_model.h"
#include "ui/widgets/two_line_delegate.h"

namespace lorikeet::ui {
namespace {

LibraryDataset makeDataset(const std::string& name, std::optional<int64_t> rows) {
    LibraryDataset dataset{.name = name, .isThere = true, .bytes = 4170000, .rows = rows};
    dataset.data.train = "data/" + name + ".jsonl";
    return dataset;
}

class DatasetListModelTest : public testing::Test {
protected:
    QString second(int row) const { return m_model.index(row).data(TwoLineDelegate::kSecondLineRole).toString(); }

    DatasetListModel m_model;
    QAbstractItemModelTester m_tester{&m_model, QAbstractItemModelTester::FailureReportingMode::Warning};
};

TEST_F(DatasetListModelTest, TellsRowsAndFormat) {
    LibraryDataset mapped = makeDataset("mapped", 1);
    mapped.data.format = RowFormat::Alpaca;
    m_model.setDatasets({makeDataset("gsm8k", 7473), mapped, makeDataset("uncounted", std::nullopt)});
    EXPECT_EQ(second(0), "7,473 rows");
    EXPECT_EQ(second(1), "1 row, Alpaca");
    EXPECT_EQ(second(2), "4.17 MB");
    m_model.noteFound("gsm8k", RowFormat::PromptCompletion, 7474);
    EXPECT_EQ(second(0), "7,474 rows, Prompt/completion");
    EXPECT_EQ(m_model.rowOf("mapped"), 1);
    EXPECT_EQ(m_model.rowOf("nobody"), -1);
}

TEST_F(DatasetListModelTest, SaysWhatIsWrong) {
    LibraryDataset gone = makeDataset("gone", 5);
    gone.isThere = false;
    LibraryDataset damaged{.name = "damaged", .problem = "dataset.json: line 1"};
    m_model.setDatasets({gone, damaged});
    EXPECT_EQ(second(0), "Its file is gone");
    EXPECT_EQ(second(1), "Its entry cannot be read");
    EXPECT_TRUE(m_model.index(0).data(TwoLineDelegate::kWarningRole).toBool());
    EXPECT_EQ(m_model.index(1).data(Qt::ToolTipRole).toString(), "dataset.json: line 1");
}

} // namespace
} // namespace lorikeet::ui
