# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes 4-bit checkpoints that transformers and bitsandbytes (see requirements.txt) made of tiny random Llamas:
formats/bnb_nf4 (double quantization, more than 256 blocks in a tensor), formats/bnb_fp4 (none, codes stored as
bfloat16); beside each, expected.safetensors with some dequantized weights. Run:
python make_bitsandbytes_checkpoints.py"""
import tempfile
from pathlib import Path

import bitsandbytes.functional as F
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, LlamaConfig, LlamaForCausalLM

FOLDER = Path(__file__).parent / "formats"
CASES = {
    "bnb_nf4": (288, BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
                                        bnb_4bit_compute_dtype=torch.bfloat16)),
    "bnb_fp4": (40, BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="fp4",
                                       bnb_4bit_quant_storage=torch.bfloat16)),
}


def write(name, intermediate, quantization):
    torch.manual_seed(9)
    config = LlamaConfig(vocab_size=97, hidden_size=64, intermediate_size=intermediate, num_hidden_layers=1,
                         num_attention_heads=4, num_key_value_heads=2)
    with tempfile.TemporaryDirectory() as plain:
        LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(plain)
        model = AutoModelForCausalLM.from_pretrained(plain, quantization_config=quantization, dtype=torch.bfloat16,
                                                     device_map="cpu")
    model.save_pretrained(FOLDER / name)
    layer = model.model.layers[0]
    expected = {}
    for path, linear in {"self_attn.q_proj": layer.self_attn.q_proj, "mlp.gate_proj": layer.mlp.gate_proj}.items():
        state = linear.weight.quant_state
        state.dtype = torch.float32
        expected[f"model.layers.0.{path}.weight"] = F.dequantize_4bit(linear.weight.data, state)
    (FOLDER / name / "generation_config.json").unlink()
    save_file(expected, FOLDER / name / "expected.safetensors")


for name, (intermediate, quantization) in CASES.items():
    write(name, intermediate, quantization)
