// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/optimizer.h"

namespace lorikeet {
namespace {

std::vector<int64_t> bytesOf(const std::vector<StatePiece>& pieces) {
    std::vector<int64_t> bytes;
    bytes.reserve(pieces.size());
    for (const StatePiece& piece : pieces)
        bytes.push_back(stateBytes(piece));
    return bytes;
}

/// The elements of a tensor that belong to a piece, [n].
Tensor stretch(const Tensor& tensor, const StatePiece& piece) {
    return tensor.reshaped({tensor.elements()}).rows(piece.begin, piece.end);
}

/// Moments have the shape of their parameter, what belongs to blocks of it is a list.
Shape shapeOf(const StatePart& part, const Shape& parameter) {
    return part.elements == parameter.elements() ? parameter : Shape{part.elements};
}

} // namespace

ParameterRates ratesOf(const std::string& name, const Shape& shape, std::optional<double> loraPlusRatio) {
    const bool isVector = shape.rank() == 1;
    if (loraPlusRatio) {
        const bool isFast = isVector || name.find("lora_B") != std::string::npos;
        return {isFast ? *loraPlusRatio : 1.0, name.find("bias") == std::string::npos ? 1.0 : 0.0};
    }
    const bool isNormOrBias = isVector && name.find("lora_") == std::string::npos;
    return {1.0, isNormOrBias ? 0.0 : 1.0};
}

Optimizer::Optimizer(ExecutionContext& context, std::vector<Parameter>& parameters, const TrainingConfig& config,
                     std::optional<double> loraPlusRatio, const std::filesystem::path& folder)
    : m_parameters(parameters), m_config(config), m_loraPlusRatio(loraPlusRatio),
      m_pieces(statePieces(parameters, config)), m_state(context, bytesOf(m_pieces), residentBudget(config), folder),
      m_squares(context.allocate(DType::F32, {1}, MemoryTag::Workspace)) {
    for (std::size_t i = 0; i < m_pieces.size(); ++i) {
        const Tensor page = m_state.use(context, i);
        for (const StatePart& part : statePartsOf(m_pieces[i].elements(), m_pieces[i].isEightBit))
            context.backend().fill(context, part.in(page), part.zero);
    }
}

void Optimizer::step(ExecutionContext& context, int64_t step, double learningRate, const Tensor& loss,
                     const Tensor& norm, const Tensor& factor) {
    Backend& backend = context.backend();
    backend.fill(context, m_squares, 0.0f);
    for (const Parameter& parameter : m_parameters)
        backend.sumOfSquares(context, parameter.gradient, m_squares, Output::Add);
    backend.clipFactor(context, m_squares, float(m_config.maxGradNorm), norm, factor);
    // Zero times what is not finite is NaN, and a factor of NaN makes every adamW a no-op: no download is needed to
    // keep the parameters. (Clipping alone would turn an infinite norm into the factor 0.)
    backend.scale(context, norm, 0.0f, factor, Output::Add);
    backend.scale(context, loss, 0.0f, factor, Output::Add);
    // There and back again: the pages that the last step has used last are resident, and this one begins with them.
    const std::size_t count = m_pieces.size();
    const auto pieceAt = [&](std::size_t turn) { return step % 2 == 0 ? count - 1 - turn : turn; };
    for (std::size_t turn = 0; turn < count; ++turn) {
        const std::size_t index = pieceAt(turn);
        const Tensor page = m_state.use(context, index);
        if (turn + 1 < count)
            m_state.fetchAhead(context, pieceAt(turn + 1));
        const Parameter& parameter = m_parameters[m_pieces[index].parameter];
        const ParameterRates rates = ratesOf(parameter.name, parameter.value.shape(), m_loraPlusRatio);
        stepPiece(context, index, page,
                  {.learningRate = float(learningRate * rates.learningRate),
                   .beta1 = float(m_config.beta1),
                   .beta2 = float(m_config.beta2),
                   .epsilon = float(m_config.epsilon),
                   .weightDecay = float(m_config.weightDecay * rates.weightDecay),
                   .step = step},
                  factor);
    }
}

void Optimizer::stepPiece(ExecutionContext& context, std::size_t index, const Tensor& page, const AdamWStep& step,
                          const Tensor& factor) {
    const StatePiece& piece = m_pieces[index];
    const Parameter& parameter = m_parameters[piece.parameter];
    const Tensor value = stretch(parameter.value, piece), gradient = stretch(parameter.gradient, piece);
    const std::vector<StatePart> parts = statePartsOf(piece.elements(), piece.isEightBit);
    if (piece.isEightBit)
        context.backend().adamW8Bit(context, gradient, factor, step, value,
                                    {.m = parts[0].in(page),
                                     .mAbsmax = parts[1].in(page),
                                     .v = parts[2].in(page),
                                     .vAbsmax = parts[3].in(page)});
    else
        context.backend().adamW(context, gradient, factor, step, value, parts[0].in(page), parts[1].in(page));
}

std::vector<StateTensor> Optimizer::stateTensors() const {
    std::vector<StateTensor> tensors;
    for (std::size_t i = 0; i < m_pieces.size(); ++i) {
        if (i > 0 && m_pieces[i].parameter == m_pieces[i - 1].parameter)
            continue;
        const Parameter& parameter = m_parameters[m_pieces[i].parameter];
        for (const StatePart& part : statePartsOf(parameter.value.shape().elements(), m_pieces[i].isEightBit))
            tensors.push_back(
                {parameter.name + std::string(part.suffix), part.dtype, shapeOf(part, parameter.value.shape())});
    }
    return tensors;
}

void Optimizer::forEachState(ExecutionContext& context,
                             FunctionRef<void(const std::string& name, const Tensor& state)> visit, StateUse how) {
    for (std::size_t first = 0, end = 0; first < m_pieces.size(); first = end) {
        while (end < m_pieces.size() && m_pieces[end].parameter == m_pieces[first].parameter)
            ++end;
        visitParameter(context, first, end, how, visit);
    }
}

void Optimizer::visitParameter(ExecutionContext& context, std::size_t first, std::size_t end, StateUse how,
                               FunctionRef<void(const std::string& name, const Tensor& state)> visit) {
    Backend& backend = context.backend();
    const Parameter& parameter = m_parameters[m_pieces[first].parameter];
    const Shape& shape = parameter.value.shape();
    const std::vector<StatePart> whole = statePartsOf(shape.elements(), m_pieces[first].isEightBit);
    for (std::size_t p = 0; p < whole.size(); ++p) {
        const auto shaped = [&](const Tensor& tensor) { return tensor.reshaped(shapeOf(whole[p], shape)); };
        const std::string name = parameter.name + std::string(whole[p].suffix);
        if (end == first + 1) {
            visit(name, shaped(whole[p].in(m_state.use(context, first, how))));
            continue;
        }
        // Several pages, of which the budget may not hold all: gathered for the visit.
        const Storage gathered = context.allocate(whole[p].dtype, {whole[p].elements}, MemoryTag::Workspace);
        const auto eachPiece = [&](bool back) {
            int64_t row = 0;
            for (std::size_t i = first; i < end; ++i) {
                const StatePart part = statePartsOf(m_pieces[i].elements(), m_pieces[i].isEightBit)[p];
                const Tensor inPage = part.in(m_state.use(context, i, how));
                const Tensor inWhole = gathered.view().rows(row, row + part.elements);
                backend.copy(context, back ? inWhole : inPage, back ? inPage : inWhole);
                row += part.elements;
            }
        };
        eachPiece(false);
        visit(name, shaped(gathered));
        if (how == StateUse::Change)
            eachPiece(true);
    }
}

} // namespace lorikeet
