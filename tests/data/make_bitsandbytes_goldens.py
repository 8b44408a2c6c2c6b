# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes quant/bitsandbytes.safetensors: tensors, and what bitsandbytes' CPU quantizers (see requirements.txt) make of
them. Run: python make_bitsandbytes_goldens.py

X is nf4 or fp4, T f32 or bf16, B the blocksize, N the length of the prefix of `input.T` that was quantized:
  X.T.B.N.codes, X.T.B.N.absmax       packed bytes, float32
  ties.X, ties.X.codes                values on both sides of, and at, every decision, in one block with absmax 1
  zeros.codes                         128 values in blocks of 64, the first block all zero, the second all 0.5
  nested.X.values, .codes, .offset    double quantization in blocks of 64 of `input.f32`: dequantized values
  map.signed, map.unsigned            the dynamic maps
  codebook.nf4, codebook.fp4
"""
from pathlib import Path

import bitsandbytes.functional as F
import numpy as np
import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parent / "quant"
LENGTH = 8191
PREFIXES = {32: [1, 33, LENGTH], 64: [63, 777, LENGTH], 256: [255, 4099, LENGTH], 4096: [2, 4097, LENGTH]}
FP4_THRESHOLDS = [0.00260417, 0.0859375, 0.20833333, 0.29166667, 0.4166667, 0.583333, 0.8333333]


def quantize(values, kind, blocksize, nested=False):
    return F.quantize_4bit(values, blocksize=blocksize, quant_type=kind, compress_statistics=nested)


def around(decisions):
    """Each decision's value, its two neighbours, and 1; both signs."""
    values = np.array(decisions, dtype=np.float32)
    near = [values, np.nextafter(values, np.float32(-2)), np.nextafter(values, np.float32(2))]
    return torch.from_numpy(np.concatenate(near + [np.ones(1, np.float32)]))


def write():
    torch.manual_seed(11)
    # Blocks of unlike sizes, a few outliers.
    values = torch.randn(LENGTH) * torch.exp(torch.randn(LENGTH // 64 + 1)).repeat_interleave(64)[:LENGTH]
    values[::501] *= 20
    inputs = {"f32": values, "bf16": values.to(torch.bfloat16)}
    out = {f"input.{name}": tensor for name, tensor in inputs.items()}
    for kind in ("nf4", "fp4"):
        out[f"codebook.{kind}"] = F.get_4bit_type(kind, device="cpu")
        for name, tensor in inputs.items():
            for blocksize, lengths in PREFIXES.items():
                for length in lengths:
                    codes, state = quantize(tensor[:length].clone(), kind, blocksize)
                    out[f"{kind}.{name}.{blocksize}.{length}.codes"] = codes.flatten()
                    out[f"{kind}.{name}.{blocksize}.{length}.absmax"] = state.absmax
        codes, state = quantize(values, kind, 64, nested=True)
        out[f"nested.{kind}.values"] = F.dequantize_4bit(codes, state)
        out[f"nested.{kind}.offset"] = state.offset.reshape(1)

    table = out["codebook.nf4"].numpy()
    decisions = {"nf4": (table[:-1] + table[1:]) / 2, "fp4": FP4_THRESHOLDS + [-t for t in FP4_THRESHOLDS]}
    for kind, points in decisions.items():
        out[f"ties.{kind}"] = around(points)
        out[f"ties.{kind}.codes"] = quantize(out[f"ties.{kind}"], kind, 64)[0].flatten()
    zeros = torch.cat([torch.zeros(64), torch.full((64,), 0.5)])
    out["zeros.codes"] = quantize(zeros, "nf4", 64)[0].flatten()
    out["map.signed"] = F.create_dynamic_map(signed=True)
    out["map.unsigned"] = F.create_dynamic_map(signed=False)
    FOLDER.mkdir(exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in out.items()}, FOLDER / "bitsandbytes.safetensors")


write()
