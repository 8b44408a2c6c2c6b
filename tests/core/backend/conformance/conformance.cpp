// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/backend/conformance/conformance.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/error.h"
#include "core/base/half.h"
#include "core/base/random.h"

namespace lorikeet {

namespace {

constexpr std::size_t kGuard = 64;
constexpr std::byte kGuardByte{0xA5};

std::vector<std::byte> encode(DType dtype, const Values& values) {
    std::vector<std::byte> bytes(values.size() * dtypeSize(dtype));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float value = float(values[i]);
        const uint16_t half = dtype == DType::BF16 ? floatToBfloat16(value) : floatToFloat16(value);
        if (dtype == DType::F32)
            std::memcpy(&bytes[4 * i], &value, 4);
        else if (dtype == DType::U8)
            bytes[i] = std::byte(uint8_t(values[i]));
        else
            std::memcpy(&bytes[2 * i], &half, 2);
    }
    return bytes;
}

Values decode(DType dtype, const std::byte* bytes, std::size_t count) {
    Values values(count);
    for (std::size_t i = 0; i < count; ++i) {
        float number = 0;
        int32_t integer = 0;
        uint16_t half = 0;
        switch (dtype) {
        case DType::F32:
            std::memcpy(&number, bytes + 4 * i, 4);
            values[i] = double(number);
            break;
        case DType::I32:
            std::memcpy(&integer, bytes + 4 * i, 4);
            values[i] = integer;
            break;
        case DType::BF16:
        case DType::F16:
            std::memcpy(&half, bytes + 2 * i, 2);
            values[i] = double(dtype == DType::BF16 ? bfloat16ToFloat(half) : float16ToFloat(half));
            break;
        default:
            values[i] = double(std::to_integer<int>(bytes[i]));
        }
    }
    return values;
}

/// What was read in a case, by its name and kernels; filled by the first backend that runs it.
std::map<std::string, std::vector<std::byte>>& knownBits() {
    static std::map<std::string, std::vector<std::byte>> bits;
    return bits;
}

} // namespace

void Conformance::SetUp() {
    m_backend = GetParam().make();
    m_context = m_backend->createContext();
}

void Conformance::TearDown() {
    for (const auto& [data, guarded] : m_tensors) {
        const std::vector<std::byte> now = downloadGuarded(guarded);
        if (guarded.constant) {
            EXPECT_EQ(now, guarded.uploaded) << "an input " << guarded.tensor.text() << " changed";
        }
    }
    m_tensors.clear();
    if (HasFailure() || IsSkipped())
        return;
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    const std::string test = std::string(info->test_suite_name()) + "." + info->name();
    const std::string key = test.substr(0, test.rfind('/')) + " " + m_backend->kernels();
    const auto [known, first] = knownBits().emplace(key, m_read);
    if (!first) {
        EXPECT_TRUE(known->second == m_read) << key << ": other bits than on the backend before";
    }
}

Tensor Conformance::place(DType dtype, const Shape& shape, const void* elements, bool constant) {
    Guarded guarded;
    const std::size_t before = kGuard + dtypeSize(dtype);
    const Tensor extent{nullptr, dtype, shape};
    guarded.uploaded.assign(before + extent.bytes() + kGuard, kGuardByte);
    if (elements)
        std::memcpy(guarded.uploaded.data() + before, elements, extent.bytes());
    else
        std::fill_n(guarded.uploaded.begin() + std::ptrdiff_t(before), extent.bytes(), std::byte{0xff});
    guarded.constant = constant;
    guarded.storage = m_context->allocate(DType::U8, {int64_t(guarded.uploaded.size())}, MemoryTag::Workspace);
    m_backend->upload(*m_context, guarded.uploaded.data(), guarded.storage);
    guarded.tensor = Tensor{guarded.storage.view().data + before, dtype, shape};
    const Tensor tensor = guarded.tensor;
    m_tensors.emplace(tensor.data, std::move(guarded));
    return tensor;
}

Tensor Conformance::input(DType dtype, const Shape& shape, const Values& values) {
    EXPECT_EQ(shape.elements(), int64_t(values.size()));
    return place(dtype, shape, encode(dtype, values).data(), true);
}

Tensor Conformance::input(const std::vector<int32_t>& values) {
    return place(DType::I32, {int64_t(values.size())}, values.data(), true);
}

Tensor Conformance::inOut(DType dtype, const Shape& shape, const Values& values) {
    EXPECT_EQ(shape.elements(), int64_t(values.size()));
    return place(dtype, shape, encode(dtype, values).data(), false);
}

Tensor Conformance::output(DType dtype, const Shape& shape) {
    return place(dtype, shape, nullptr, false);
}

std::vector<std::byte> Conformance::downloadGuarded(const Guarded& guarded) {
    std::vector<std::byte> bytes(guarded.uploaded.size());
    m_backend->download(*m_context, guarded.storage, bytes.data());
    const auto isGuard = [](std::byte byte) { return byte == kGuardByte; };
    const auto data = bytes.begin() + (guarded.tensor.data - guarded.storage.view().data);
    EXPECT_TRUE(std::all_of(bytes.begin(), data, isGuard)) << "written before " << guarded.tensor.text();
    EXPECT_TRUE(std::all_of(data + std::ptrdiff_t(guarded.tensor.bytes()), bytes.end(), isGuard))
        << "written behind " << guarded.tensor.text();
    return bytes;
}

Values Conformance::read(const Tensor& tensor) {
    const Guarded& guarded = m_tensors.at(tensor.data);
    const std::vector<std::byte> bytes = downloadGuarded(guarded);
    const std::byte* data = bytes.data() + (guarded.tensor.data - guarded.storage.view().data);
    m_read.insert(m_read.end(), data, data + guarded.tensor.bytes());
    return decode(guarded.tensor.dtype, data, std::size_t(guarded.tensor.elements()));
}

Values Conformance::normal(DType dtype, int64_t count, double deviation) {
    const RandomStream random{1, RandomPurpose::Sampling, m_streams++, 0};
    Values values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = deviation * double(random.normal(i));
    return rounded(dtype, values);
}

Values rounded(DType dtype, const Values& values) {
    return decode(dtype, encode(dtype, values).data(), values.size());
}

void expectClose(const Values& actual, const Values& expected, DType dtype, double tolerance) {
    ASSERT_EQ(actual.size(), expected.size());
    double largest = 0;
    for (const double value : expected)
        largest = std::max(largest, std::abs(value));
    double worst = 0;
    std::size_t where = 0;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const double rounding = dtype == DType::F32 ? 0.0 : std::abs(expected[i]) / (dtype == DType::BF16 ? 256 : 2048);
        const double error = std::abs(actual[i] - expected[i]) / (tolerance * largest + rounding + 1e-30);
        if (!(error <= worst)) {
            worst = error;
            where = i;
            if (std::isnan(error))
                break;
        }
    }
    EXPECT_LE(worst, 1.0) << "element " << where << " of " << actual.size() << " is " << actual.at(where)
                          << ", expected " << expected.at(where) << " (the largest is " << largest << ")";
}

void expectInvalid(const std::function<void()>& call, const std::vector<std::string>& parts) {
    try {
        call();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument) << error.message();
        for (const std::string& part : parts)
            EXPECT_NE(error.message().find(part), std::string::npos) << error.message() << "\nlacks " << part;
        return;
    }
    ADD_FAILURE() << "nothing thrown; expected " << (parts.empty() ? std::string() : parts.front());
}

} // namespace lorikeet
