#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a GGUF file's model, dequantized to float32 by transformers, as a Hugging Face folder.

Usage: gguf_to_folder.py MODEL.gguf FOLDER
"""
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main() -> None:
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    where = {"pretrained_model_name_or_path": str(source.parent), "gguf_file": source.name}
    loaded = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    # A model that came from GGUF refuses to be saved, so its values move into a fresh one.
    if hasattr(loaded.config, "quantization_config"):
        del loaded.config.quantization_config
    model = AutoModelForCausalLM.from_config(loaded.config, dtype=torch.float32)
    model.load_state_dict(loaded.state_dict())
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(**where).save_pretrained(target)


if __name__ == "__main__":
    main()
