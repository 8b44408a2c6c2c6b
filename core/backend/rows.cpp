// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

void Backend::embedding(ExecutionContext& context, const Tensor& ids, const Weight& table, const Tensor& y) {
    requirePresent("embedding", {LORIKEET_OPERAND(ids), LORIKEET_OPERAND(y)});
    requireWeight("embedding", "table", table);
    requireType("embedding", LORIKEET_OPERAND(ids), DType::I32);
    requireRank("embedding", LORIKEET_OPERAND(ids), 1);
    requireReal("embedding", LORIKEET_OPERAND(y));
    if (y.shape != Shape{ids.shape[0], table.shape()[1]})
        fail(ErrorCode::InvalidArgument, "embedding: y is {} but ids is {} and table is {}", y.text(), ids.text(),
             weightText(table));
    requireApart("embedding", LORIKEET_OPERAND(y), {LORIKEET_OPERAND(ids)});
    requireApart("embedding", LORIKEET_OPERAND(y), "table", table);
    if (y.elements() == 0)
        return;
    if (table.shape()[0] == 0)
        fail(ErrorCode::InvalidArgument, "embedding: table {} has no rows for ids {}", weightText(table), ids.text());
    doEmbedding(context, ids, table, y);
}

void Backend::embeddingBackward(ExecutionContext& context, const Tensor& dY, const Tensor& ids, const Tensor& dTable) {
    constexpr std::string_view kName = "embeddingBackward";
    requirePresent(kName, {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(ids), LORIKEET_OPERAND(dTable)});
    requireReal(kName, LORIKEET_OPERAND(dY));
    requireType(kName, LORIKEET_OPERAND(ids), DType::I32);
    requireRank(kName, LORIKEET_OPERAND(ids), 1);
    requireType(kName, LORIKEET_OPERAND(dTable), DType::F32);
    requireRank(kName, LORIKEET_OPERAND(dTable), 2);
    if (dY.shape != Shape{ids.shape[0], dTable.shape[1]} || (dY.elements() != 0 && dTable.shape[0] == 0))
        fail(ErrorCode::InvalidArgument, "{}: dY is {} but ids is {} and dTable is {}", kName, dY.text(), ids.text(),
             dTable.text());
    requireApart(kName, LORIKEET_OPERAND(dTable), {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(ids)});
    if (dY.elements() != 0)
        doEmbeddingBackward(context, dY, ids, dTable);
}

void Backend::gatherRows(ExecutionContext& context, const Tensor& x, const Tensor& rows, const Tensor& y) {
    requirePresent("gatherRows", {LORIKEET_OPERAND(x), LORIKEET_OPERAND(rows), LORIKEET_OPERAND(y)});
    requireReal("gatherRows", LORIKEET_OPERAND(x));
    requireRank("gatherRows", LORIKEET_OPERAND(x), 2);
    requireType("gatherRows", LORIKEET_OPERAND(rows), DType::I32);
    requireRank("gatherRows", LORIKEET_OPERAND(rows), 1);
    requireSameType("gatherRows", LORIKEET_OPERAND(x), LORIKEET_OPERAND(y));
    if (y.shape != Shape{rows.shape[0], x.shape[1]})
        fail(ErrorCode::InvalidArgument, "gatherRows: y is {} but x is {} and rows is {}", y.text(), x.text(),
             rows.text());
    requireApart("gatherRows", LORIKEET_OPERAND(y), {LORIKEET_OPERAND(x), LORIKEET_OPERAND(rows)});
    if (y.elements() == 0)
        return;
    if (x.shape[0] == 0)
        fail(ErrorCode::InvalidArgument, "gatherRows: x {} has no rows for rows {}", x.text(), rows.text());
    doGatherRows(context, x, rows, y);
}

void Backend::scatterAddRows(ExecutionContext& context, const Tensor& dY, const Tensor& rows, const Tensor& dX) {
    requirePresent("scatterAddRows", {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(rows), LORIKEET_OPERAND(dX)});
    requireReal("scatterAddRows", LORIKEET_OPERAND(dY));
    requireRank("scatterAddRows", LORIKEET_OPERAND(dX), 2);
    requireType("scatterAddRows", LORIKEET_OPERAND(rows), DType::I32);
    requireRank("scatterAddRows", LORIKEET_OPERAND(rows), 1);
    requireSameType("scatterAddRows", LORIKEET_OPERAND(dY), LORIKEET_OPERAND(dX));
    if (dY.shape != Shape{rows.shape[0], dX.shape[1]} || (dY.elements() != 0 && dX.shape[0] < rows.shape[0]))
        fail(ErrorCode::InvalidArgument, "scatterAddRows: dY is {} but rows is {} and dX is {}", dY.text(), rows.text(),
             dX.text());
    requireApart("scatterAddRows", LORIKEET_OPERAND(dX), {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(rows)});
    if (dY.elements() != 0)
        doScatterAddRows(context, dY, rows, dX);
}

} // namespace lorikeet
