// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace lorikeet {

/// Up to four dimensions, the outermost first, all >= 0.
class Shape {
public:
    static constexpr int kMaxRank = 4;

    Shape() = default;
    /// Throws InvalidArgument for more than four dimensions, a negative one, or a product beyond int64.
    Shape(std::initializer_list<int64_t> dims);

    int rank() const { return m_rank; }
    /// Dimension `axis`; a negative axis counts from the end.
    int64_t operator[](int axis) const { return m_dims[std::size_t(axis < 0 ? axis + m_rank : axis)]; }
    /// Product of all dimensions; 1 for rank 0.
    int64_t elements() const;
    /// "[512, 576]"
    std::string text() const;

    bool operator==(const Shape&) const = default;

private:
    std::array<int64_t, kMaxRank> m_dims{};
    int m_rank = 0;
};

} // namespace lorikeet
