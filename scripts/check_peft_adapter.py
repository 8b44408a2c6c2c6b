#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does an adapter that Lorikeet wrote give the same numbers in PEFT?

    python scripts/check_peft_adapter.py MODEL ADAPTER IDS.json SCORES.json

MODEL is a folder of safetensors or a .gguf file, IDS.json a list of token ids, SCORES.json what
`lorikeet-cli score MODEL --adapter ADAPTER --tokens IDS.json --compute-dtype float32 --json` printed. Loads the adapter with PEFT over
transformers in float32 and compares the log-probabilities: exit 1 where one differs by more than 1e-3.
Tried with torch 2.15.0, transformers 5.23.0, peft 0.21.2.
"""
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

LIMIT = 1e-3


def load(path):
    if path.is_file():
        return AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)


def log_probabilities(model, ids):
    with torch.no_grad():
        logits = model(input_ids=ids[None]).logits[0].float()
    return torch.log_softmax(logits[:-1], dim=-1).gather(1, ids[1:, None])[:, 0]


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    model_path, adapter, ids_path, scores_path = map(Path, sys.argv[1:])
    ids = torch.tensor(json.loads(ids_path.read_text()))
    ours = torch.tensor(json.loads(scores_path.read_text())["log_probabilities"])
    base = load(model_path).eval()
    without = log_probabilities(base, ids)
    with_adapter = log_probabilities(PeftModel.from_pretrained(base, adapter).eval(), ids)
    difference = (ours - with_adapter).abs().max().item()
    effect = (without - with_adapter).abs().max().item()
    print(f"largest difference {difference:.2e} over {len(ours)} log-probabilities (the adapter moves them by up to {effect:.2e})")
    sys.exit(0 if difference <= LIMIT and effect > LIMIT else 1)


if __name__ == "__main__":
    main()
