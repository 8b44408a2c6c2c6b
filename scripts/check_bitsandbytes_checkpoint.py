#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that transformers and bitsandbytes (tests/data/requirements.txt) accept a 4-bit checkpoint that Lorikeet wrote.

    lorikeet-cli quantize BASE OURS --type nf4 --blocksize 64 --double-quant
    python scripts/check_bitsandbytes_checkpoint.py BASE OURS

BASE is the folder of the Hugging Face model that was quantized. Each 4-bit weight of OURS is loaded and dequantized
by bitsandbytes, then compared with bitsandbytes' own quantization of the weight in BASE: packed codes must be equal
(FP4: but for the sign of zero), values within one step of the nested map. A forward pass must give finite logits."""
import sys

import bitsandbytes.functional as F
import torch
from bitsandbytes.nn import Linear4bit
from transformers import AutoModelForCausalLM


def without_negative_zeros(codes):
    high, low = codes >> 4, codes & 15
    return (torch.where(high == 8, 0, high) << 4) | torch.where(low == 8, 0, low)


def check(base_folder, our_folder):
    base = dict(AutoModelForCausalLM.from_pretrained(base_folder, dtype="auto").named_parameters())
    ours = AutoModelForCausalLM.from_pretrained(our_folder, device_map="cpu").train()
    weights = 0
    for name, module in ours.named_modules():
        if not isinstance(module, Linear4bit):
            continue
        weights += 1
        state = module.weight.quant_state
        assert list(state.shape) == list(base[f"{name}.weight"].shape), name
        codes, theirs = F.quantize_4bit(base[f"{name}.weight"].data, blocksize=state.blocksize,
                                        quant_type=state.quant_type, compress_statistics=state.nested)
        our_codes = module.weight.data.view(torch.uint8).flatten()
        assert torch.equal(without_negative_zeros(our_codes), without_negative_zeros(codes.flatten())), name
        values = F.dequantize_4bit(module.weight.data, state).float()
        expected = F.dequantize_4bit(codes, theirs).float()
        scale = theirs.state2.absmax.max() if state.nested else theirs.absmax.max()
        assert (values - expected).abs().max() <= 0.02 * scale, name
    assert weights > 0, "no 4-bit weight was loaded"
    with torch.no_grad():
        logits = ours(torch.arange(16)[None]).logits
    assert torch.isfinite(logits).all()
    print(f"{weights} 4-bit weights: codes equal, values agree; logits of 16 tokens are finite")


check(sys.argv[1], sys.argv[2])
