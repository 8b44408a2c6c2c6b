#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/full: what transformers and PyTorch compute when every weight of a tiny model is trained.

Run with torch 2.15, transformers 5.23 and safetensors 0.8: python tests/parity/make_full_goldens.py

Each folder holds config.json, model.safetensors as the run begins, steps.json, and golden.safetensors:
    tokens, logits     of the first row, before training
    grad.<parameter>   of the first step's loss, before clipping
    after.<parameter>  each weight after the last step
The rows are those of tests/data/train, which make_training_goldens.py writes, in file order.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM
from transformers.optimization import get_linear_schedule_with_warmup

from make_training_goldens import EOS, row_loss, step_rows

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
STEPS, WARMUP = 5, 2
LEARNING_RATE, WEIGHT_DECAY, MAX_NORM, EPSILON = 1e-2, 0.02, 0.3, 1e-8
SIZES = dict(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5, bos_token_id=0, eos_token_id=EOS)
CASES = {"llama_tied": lambda: LlamaForCausalLM(LlamaConfig(**SIZES, tie_word_embeddings=True)),
         "qwen2_biases": lambda: Qwen2ForCausalLM(Qwen2Config(**SIZES, tie_word_embeddings=False))}


def randomize(model):
    """Large enough that gradients differ from layer to layer and clipping has work."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            if "norm" in name:
                parameter.add_(0.1 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.3 * noise)
            else:
                parameter.mul_(4.0)


def groups(model):
    """As transformers' Trainer divides them: biases and norms do not decay."""
    plain = [p for name, p in model.named_parameters() if "norm" in name or name.endswith("bias")]
    decaying = [p for name, p in model.named_parameters() if not ("norm" in name or name.endswith("bias"))]
    return [{"params": decaying, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}]


def make_case(folder, model, rows):
    randomize(model)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model.train()
    tokens = torch.tensor(rows[0][0] + rows[0][1])
    with torch.no_grad():
        golden = {"tokens": tokens.int(), "logits": model(input_ids=tokens[None]).logits[0]}
    optimizer = torch.optim.AdamW(groups(model), lr=LEARNING_RATE, eps=EPSILON)
    scheduler = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    steps, source = [], step_rows(rows)
    for step in range(STEPS):
        optimizer.zero_grad()
        pairs = [row_loss(model, row) for row in next(source)]
        loss = sum(loss for loss, _ in pairs) / sum(count for _, count in pairs)
        loss.backward()
        if step == 0:
            golden |= {"grad." + name: p.grad.clone() for name, p in model.named_parameters()}
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        steps.append({"loss": loss.item(), "grad_norm": norm.item()})
        optimizer.step()
        scheduler.step()
    golden |= {"after." + name: p.detach() for name, p in model.named_parameters()}
    save_file({name: value.contiguous() for name, value in golden.items()}, folder / "golden.safetensors")
    (folder / "steps.json").write_text(json.dumps(steps, indent=1) + "\n")
    print(folder.name, [round(step["loss"], 3) for step in steps], [round(step["grad_norm"], 3) for step in steps])


def main():
    torch.set_num_threads(1)
    lines = (DATA / "train" / "rows.jsonl").read_text().splitlines()
    rows = [[[int(token) for token in json.loads(line)[key].split()] for key in ("prompt", "completion")]
            for line in lines]
    for seed, (name, make) in enumerate(CASES.items()):
        torch.manual_seed(seed + 21)
        make_case(DATA / "full" / name, make().float(), rows)


if __name__ == "__main__":
    main()
