#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves a GGUF model as transformers reads it, in float32, as a folder of safetensors.

    python tests/parity/save_as_safetensors.py SmolLM2-135M-Instruct.Q4_1.gguf FOLDER
    LORIKEET_TEST_MODEL_FOLDER=FOLDER build/dev/bin/test_core_model --gtest_filter='SmolLM2*'

Tried with torch 2.15.0, transformers 5.23.0, gguf 0.19.0.
"""
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

gguf, folder = Path(sys.argv[1]), Path(sys.argv[2])
read = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
# What was read from GGUF refuses to be saved: a fresh model takes its weights.
config = read.config
if hasattr(config, "quantization_config"):
    del config.quantization_config
model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
model.load_state_dict(read.state_dict())
# Several shards, so that an index is read, too.
model.save_pretrained(folder, max_shard_size="200MB")
