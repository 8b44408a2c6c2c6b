// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/blocksizes.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/model/blocksizes_json.h"
#include "tests/core/model/golden_model.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

constexpr QuantizationSpec kSpecs[] = {
    {QuantType::Nf4, 64, true}, {QuantType::Fp4, 64, false}, {QuantType::Int4, 64, true}, {QuantType::Int8, 64, true}};

std::filesystem::path tinyModel() {
    return sourceFile("tests/data/model/llama_gqa");
}

/// A different one for each layer.
Blocksizes allKinds(const ModelConfig& model) {
    Blocksizes blocksizes;
    for (std::size_t i = 0; i < std::size_t(model.layers) * kLinearRoles; ++i)
        blocksizes.push_back(blocksizeChoice(int(i) % kBlocksizeChoices));
    return blocksizes;
}

TEST(Blocksizes, BytesOfAQuantizedTensorAreThoseOfTheLedger) {
    const TestDevice device;
    for (QuantizationSpec spec : kSpecs)
        for (spec.blocksize = 32; spec.blocksize <= 4096; spec.blocksize *= 2)
            for (const auto& [rows, columns] : {std::pair{3, 11}, {64, 64}, {7, 4099}, {513, 512}}) {
                const auto storage = allocateQuantized(*device, {rows, columns}, spec);
                EXPECT_EQ(device.backend.ledger().live().total(), quantizedBytes(int64_t(rows) * columns, spec))
                    << quantTypeName(spec.type) << " " << spec.blocksize << " " << rows << " x " << columns;
            }
}

TEST(Blocksizes, BitsOfAModelAreThoseOfTheLedger) {
    const TestDevice device;
    LoadOptions options;
    options.computeType = DType::F32;
    const auto bytesOf = [&] {
        const auto base = BaseModel::load(*device, tinyModel(), options);
        return device.backend.ledger().live().total();
    };
    const ModelConfig model = readModelConfig(tinyModel());
    const int64_t others = bytesOf() - 4 * linearWeights(model);
    for (const QuantizationSpec& spec : kSpecs) {
        options.quantization = spec;
        for (const Blocksizes& blocksizes : {Blocksizes(), allKinds(model)}) {
            options.blocksizes = blocksizes;
            EXPECT_DOUBLE_EQ(8.0 * double(bytesOf() - others) / double(linearWeights(model)),
                             bitsPerParameter(model, spec, blocksizes));
        }
    }
}

TEST(Blocksizes, ALayerIsQuantizedInBlocksOfItsOwn) {
    const TestDevice device;
    const ModelConfig model = readModelConfig(tinyModel());
    LoadOptions options;
    options.quantization = QuantizationSpec();
    options.blocksizes = allKinds(model);
    const auto base = BaseModel::load(*device, tinyModel(), options);
    EXPECT_EQ(base->blocksizes(), options.blocksizes);
    for (int layer = 0; layer < model.layers; ++layer)
        for (const LinearRole role : kAllLinearRoles) {
            const Weight weight = base->weight({BaseTensor::Kind::Weight, layer, role});
            EXPECT_EQ(weight.quantized.blocksize, options.blocksizes[std::size_t(linearIndex(layer, role))]);
        }
}

TEST(Blocksizes, NoneForALayerOrAnImpossibleOneIsRefused) {
    const TestDevice device;
    const ModelConfig model = readModelConfig(tinyModel());
    LoadOptions options;
    options.quantization = QuantizationSpec();
    const auto load = [&] { BaseModel::load(*device, tinyModel(), options); };
    options.blocksizes = Blocksizes(3, 64);
    expectError(ErrorCode::BadConfig, "blocksizes of 3 linear layers", load);
    for (const int wrong : {0, -64, 16, 48, 8192}) {
        options.blocksizes = allKinds(model);
        options.blocksizes[5] = wrong;
        expectError(ErrorCode::BadConfig, "the blocksize " + std::to_string(wrong), load);
    }
}

TEST(Blocksizes, BudgetsBeyondThePossibleAreRefusedNamingIt) {
    const ModelConfig model = readModelConfig(tinyModel());
    const QuantizationSpec spec;
    const BitsRange possible = possibleBits(model, spec);
    EXPECT_EQ(possible.low, bitsPerParameter(model, {spec.type, 4096, true}, {}));
    EXPECT_EQ(possible.high, bitsPerParameter(model, {spec.type, 32, true}, {}));
    const std::string low = fmt::format("at least {:.4f}", std::ceil(possible.low * 1e4) / 1e4);
    const std::string high = fmt::format("at most {:.4f}", std::floor(possible.high * 1e4) / 1e4);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (const double bits : {-1.0, 0.0, 4.0, 9.0, possible.low - 1e-6, possible.high + 1e-6, kInfinity, -kInfinity,
                              std::numeric_limits<double>::quiet_NaN()})
        for (const std::string& part : {low, high})
            expectError(ErrorCode::BadConfig, part, [&] { likelyBlocksizes(model, spec, bits); });
    // What the message names is possible.
    for (const double bits : {std::ceil(possible.low * 1e4) / 1e4, std::floor(possible.high * 1e4) / 1e4})
        EXPECT_NO_THROW(likelyBlocksizes(model, spec, bits));
}

TEST(Blocksizes, LikelyOnesTakeNearlyTheWholeBudget) {
    const ModelConfig model = readModelConfig(tinyModel());
    for (const QuantizationSpec& spec : kSpecs) {
        const BitsRange possible = possibleBits(model, spec);
        for (const double share : {0.0, 0.2, 0.5, 0.8, 1.0}) {
            const double bits = possible.low + share * (possible.high - possible.low);
            const double taken = bitsPerParameter(model, spec, likelyBlocksizes(model, spec, bits));
            EXPECT_LE(taken, bits * (1.0 + 1e-12));
            EXPECT_GT(taken, 0.99 * bits);
        }
    }
}

TEST(Blocksizes, SurviveWritingAndReadingAndNothingElseIsRead) {
    const Blocksizes blocksizes = allKinds(readModelConfig(tinyModel()));
    const nlohmann::json json = nlohmann::json::parse(blocksizesJson(blocksizes).dump());
    EXPECT_EQ(blocksizesFromJson(json), blocksizes);
    EXPECT_EQ(json.at("model.layers.1.mlp.down_proj"), blocksizes[13]);
    const auto refused = [](const nlohmann::json& wrong) {
        EXPECT_EQ(errorOf([&] { blocksizesFromJson(wrong); }).code(), ErrorCode::BadConfig) << wrong.dump();
    };
    for (const nlohmann::json& wrong :
         {nlohmann::json(nullptr), nlohmann::json::object(), nlohmann::json::array({32, 64}), nlohmann::json(64)})
        refused(wrong);
    for (const nlohmann::json& wrong :
         {nlohmann::json(48), nlohmann::json(0), nlohmann::json(-32), nlohmann::json(64.0), nlohmann::json("64"),
          nlohmann::json(1e300), nlohmann::json(4294967328)}) {
        nlohmann::json changed = json;
        changed["model.layers.0.self_attn.k_proj"] = wrong;
        refused(changed);
    }
    nlohmann::json renamed = json;
    renamed.erase("model.layers.0.self_attn.k_proj");
    refused(renamed);
    renamed["model.layers.7.self_attn.k_proj"] = 64;
    refused(renamed);
}

} // namespace
} // namespace lorikeet
