// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/backend/conformance/conformance.h"

namespace lorikeet {
namespace {

constexpr DType kReal[] = {DType::F32, DType::BF16};

class Rows : public Conformance {};
LORIKEET_CONFORMANCE(Rows);

std::vector<int32_t> someRows(int64_t count, int64_t total, int64_t stride) {
    std::vector<int32_t> rows;
    for (int64_t i = 0; i < count; ++i)
        rows.push_back(int32_t((i * stride + 2) % total));
    return rows;
}

Values gathered(const Values& x, const std::vector<int32_t>& rows, int64_t columns) {
    Values y;
    for (const int32_t row : rows)
        y.insert(y.end(), x.begin() + row * columns, x.begin() + (row + 1) * columns);
    return y;
}

TEST_P(Rows, GatherCopiesRowsAlsoTwice) {
    for (const DType type : kReal)
        for (const int64_t columns : {1, 33, 576}) {
            const Values x = normal(type, 101 * columns);
            const std::vector<int32_t> rows = someRows(150, 101, 7);
            const Tensor y = output(type, {150, columns});
            backend().gatherRows(context(), input(type, {101, columns}, x), input(rows), y);
            EXPECT_EQ(read(y), gathered(x, rows, columns));
        }
}

TEST_P(Rows, ScatterAddsWhatGatherTook) {
    for (const DType type : kReal)
        for (const int64_t columns : {1, 33, 576}) {
            const Values before = normal(type, 101 * columns), dY = normal(type, 60 * columns);
            const std::vector<int32_t> rows = someRows(60, 101, 7);
            Values expected = before;
            for (std::size_t i = 0; i < dY.size(); ++i)
                expected[std::size_t(rows[i / std::size_t(columns)] * columns) + i % std::size_t(columns)] += dY[i];
            const Tensor dX = inOut(type, {101, columns}, before);
            backend().scatterAddRows(context(), input(type, {60, columns}, dY), input(rows), dX);
            expectClose(read(dX), expected, type);
        }
}

TEST_P(Rows, EmbeddingLooksRowsUpInEveryDenseType) {
    for (const DType tableType : {DType::F32, DType::BF16, DType::F16})
        for (const DType type : kReal)
            for (const int64_t columns : {1, 33, 576}) {
                const Values table = normal(tableType, 101 * columns);
                const std::vector<int32_t> ids = someRows(40, 101, 13);
                const Tensor y = output(type, {40, columns});
                backend().embedding(context(), input(ids), input(tableType, {101, columns}, table), y);
                EXPECT_EQ(read(y), rounded(type, gathered(table, ids, columns)));
            }
}

TEST_P(Rows, EmbeddingBackwardAddsRowsAlsoOfOneIdSeveralTimes) {
    for (const DType type : kReal)
        for (const int64_t columns : {1, 33, 65, 576}) {
            const Values before = normal(DType::F32, 23 * columns), dY = normal(type, 200 * columns);
            const std::vector<int32_t> ids = someRows(200, 23, 5);
            Values expected = before;
            for (std::size_t i = 0; i < dY.size(); ++i)
                expected[std::size_t(ids[i / std::size_t(columns)] * columns) + i % std::size_t(columns)] += dY[i];
            const Tensor dTable = inOut(DType::F32, {23, columns}, before);
            backend().embeddingBackward(context(), input(type, {200, columns}, dY), input(ids), dTable);
            expectClose(read(dTable), expected);
        }
}

TEST_P(Rows, EmbeddingBackwardAddsInTheOrderOfPositions) {
    // 2^24 takes no 1 in float32, so that the order shows.
    const Tensor dTable = inOut(DType::F32, {2, 1}, {0, 0});
    backend().embeddingBackward(context(), input(DType::F32, {3, 1}, {1, 1, 0x1p24}), input({1, 1, 1}), dTable);
    EXPECT_EQ(read(dTable), (Values{0, 0x1p24 + 2}));
}

} // namespace
} // namespace lorikeet
