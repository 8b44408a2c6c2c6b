// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>

#include "ui/models/error_table_model.h"
#include "ui/models/model_table_model.h"
#include "ui/models/tensor_table_model.h"

namespace lorikeet::ui {
namespace {

using Tester = QAbstractItemModelTester;
constexpr auto kMode = Tester::FailureReportingMode::Warning;

TEST(ModelTableModel, TellsFactsAndWhatIsWrong) {
    ModelTableModel model;
    const Tester tester(&model, kMode);
    ModelInspection facts;
    facts.path = "smol.gguf";
    facts.config.architecture = "llama";
    facts.parameters = 134515008;
    facts.license = "apache-2.0";
    facts.tensors = {{"a", "F32", {576}, 2304}, {"b", "Q4_1", {576, 576}, 207360}};
    model.setEntries({{{.name = "smol", .path = "smol.gguf", .isThere = true, .bytes = 98362432}, facts, {}},
                      {{.name = "gone", .path = "gone.gguf"}},
                      {{.name = "odd", .isThere = true}, {}, "config.json: line 1"}});
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    EXPECT_EQ(text(0, ModelTableModel::Parameters), "135 M");
    EXPECT_EQ(text(0, ModelTableModel::Format), "GGUF, Q4_1");
    EXPECT_EQ(text(0, ModelTableModel::Size), "98.4 MB");
    EXPECT_EQ(text(0, ModelTableModel::License), "apache-2.0");
    EXPECT_EQ(modelLicense(ModelInspection()), "Unknown");
    EXPECT_EQ(text(1, ModelTableModel::Family), "Its files are gone");
    EXPECT_EQ(text(2, ModelTableModel::Family), "Cannot be read");
    EXPECT_EQ(model.index(2, 0).data(Qt::ToolTipRole).toString(), "config.json: line 1");
    EXPECT_EQ(model.rowOf("odd"), 2);
}

TEST(TensorTableModel, SortsSizesByNumberAndBeginsAtAMatrixOfALayer) {
    TensorTableModel model;
    const Tester tester(&model, kMode);
    model.setTensors({{"token_embd.weight", "Q8_0", {49152, 576}, 30081024},
                      {"blk.0.attn_norm.weight", "F32", {576}, 2304},
                      {"blk.0.attn_q.weight", "Q4_1", {576, 576}, 207360}});
    EXPECT_EQ(model.firstMatrix(), 2);
    EXPECT_EQ(model.index(0, TensorTableModel::TensorShape).data().toString(), "49152 × 576");
    EXPECT_EQ(model.index(1, TensorTableModel::Size).data().toString(), "2.30 kB");
    EXPECT_EQ(model.index(1, TensorTableModel::Size).data(TensorTableModel::SortRole).toLongLong(), 2304);
}

TEST(ErrorTableModel, HasARowByTypeAndAColumnByBlocksize) {
    ErrorTableModel model;
    const Tester tester(&model, kMode);
    EXPECT_EQ(model.columnCount(), 0);
    ErrorStudy study;
    for (const QuantType type : {QuantType::Nf4, QuantType::Int8})
        for (const int blocksize : {32, 64})
            study.rows.push_back({.spec = {type, blocksize, true},
                                  .relativeError = type == QuantType::Nf4 ? 0.09 : 0.007,
                                  .bitsPerParameter = 4.127});
    study.rows.push_back(
        {.spec = {QuantType::Nf4, kChosenBlocksize, true}, .relativeError = 0.0895, .bitsPerParameter = 4.126});
    model.setStudy(study);
    EXPECT_EQ(model.headerData(3, Qt::Horizontal).toString(), "Automatic");
    EXPECT_EQ(model.index(0, 3).data().toString(), "8.95 %");
    EXPECT_EQ(model.index(1, 3).data().toString(), "");
    EXPECT_TRUE(model.headerData(3, Qt::Horizontal, Qt::ToolTipRole).toString().contains("64"));
    EXPECT_TRUE(model.index(0, 3).data(Qt::AccessibleTextRole).toString().contains("each layer"));
    EXPECT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.headerData(2, Qt::Horizontal).toString(), "Block 64");
    EXPECT_EQ(model.index(0, 0).data().toString(), "NF4");
    EXPECT_EQ(model.index(0, 1).data().toString(), "9.00 %");
    EXPECT_EQ(model.index(1, 2).data().toString(), "0.70 %");
    EXPECT_TRUE(model.index(0, 1).data(Qt::ToolTipRole).toString().startsWith("4.13 bits"));
    model.clear();
    EXPECT_EQ(model.rowCount(), 0);
}

} // namespace
} // namespace lorikeet::ui
