# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/train: what transformers, PEFT and PyTorch compute for a tiny training run, and schedules.

Run with torch 2.15, transformers 5.23 and peft 0.21.2: python tests/parity/make_training_goldens.py
"""
import json
import math
import pathlib

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.optimization import (get_constant_schedule, get_constant_schedule_with_warmup,
                                       get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup)

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "data" / "train"
EOS = 1
STEPS, WARMUP, BATCH, ACCUMULATION = 20, 3, 2, 2
LEARNING_RATE, WEIGHT_DECAY, MAX_NORM, EPSILON = 1e-2, 0.02, 0.3, 1e-8


def schedule_factors(make, **arguments):
    """The factors of steps 1, 2, ... as an optimizer meets them."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer, **arguments)
    factors = []
    for _ in range(STEPS + 4):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return factors


def write_schedules():
    cases = [("constant", 0, schedule_factors(get_constant_schedule))]
    for warmup in (0, 1, 5, STEPS, STEPS + 2):
        cases.append(("constant_with_warmup", warmup, schedule_factors(
            get_constant_schedule_with_warmup, num_warmup_steps=warmup)))
        cases.append(("linear", warmup, schedule_factors(
            get_linear_schedule_with_warmup, num_warmup_steps=warmup, num_training_steps=STEPS)))
        cases.append(("cosine", warmup, schedule_factors(
            get_cosine_schedule_with_warmup, num_warmup_steps=warmup, num_training_steps=STEPS)))
    text = json.dumps({"steps": STEPS, "cases": [
        {"schedule": name, "warmup_steps": warmup, "factors": factors} for name, warmup, factors in cases]}, indent=1)
    (FOLDER / "schedules.json").write_text(text + "\n")


def make_rows(generator, vocabulary):
    """Prompt and completion as ids; not a multiple of a step's four rows, so that an epoch ends with a short step."""
    rows = []
    for _ in range(22):
        lengths = torch.randint(1, 9, (2,), generator=generator).tolist()
        rows.append([torch.randint(2, vocabulary, (n,), generator=generator).tolist() for n in lengths])
    lines = [json.dumps({"prompt": " ".join(map(str, p)), "completion": " ".join(map(str, c))}) for p, c in rows]
    (FOLDER / "rows.jsonl").write_text("\n".join(lines) + "\n")
    return rows


def step_rows(rows):
    """The rows of each step, epoch by epoch in file order."""
    while True:
        for begin in range(0, len(rows), BATCH * ACCUMULATION):
            yield rows[begin:begin + BATCH * ACCUMULATION]


def row_loss(model, row):
    prompt, completion = row
    ids = torch.tensor([prompt + completion + [EOS]])
    logits = model(input_ids=ids).logits[0, :-1].double()
    targets = ids[0, 1:]
    losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    return losses[len(prompt) - 1:].sum(), len(completion) + 1


def train(model, rows):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, eps=EPSILON)
    scheduler = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    steps, source = [], step_rows(rows)
    for _ in range(STEPS):
        optimizer.zero_grad()
        pairs = [row_loss(model, row) for row in next(source)]
        loss = sum(loss for loss, _ in pairs) / sum(count for _, count in pairs)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, MAX_NORM)
        steps.append({"loss": loss.item(), "grad_norm": norm.item(),
                      "learning_rate": optimizer.param_groups[0]["lr"]})
        optimizer.step()
        scheduler.step()
    return steps


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_schedules()
    torch.manual_seed(11)
    torch.set_default_dtype(torch.float32)
    config = LlamaConfig(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
                         rms_norm_eps=1e-5, tie_word_embeddings=True, bos_token_id=0, eos_token_id=EOS)
    base = LlamaForCausalLM(config).float()
    with torch.no_grad():
        # Larger than the usual first weights: the gradients then differ from layer to layer, and clipping has work.
        for name, p in base.named_parameters():
            p.mul_(4.0) if "norm" not in name else p.add_(0.1 * torch.randn_like(p))
    base.save_pretrained(FOLDER / "model")
    rows = make_rows(torch.Generator().manual_seed(5), config.vocab_size)

    lora = LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM",
                      rank_pattern={"k_proj": 3}, alpha_pattern={"down_proj": 5})
    model = get_peft_model(base, lora)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "lora_B" in name:
                p.copy_(0.05 * torch.randn_like(p))
    model.save_pretrained(FOLDER / "first_adapter")
    model.train()
    steps = train(model, rows)
    model.save_pretrained(FOLDER / "last_adapter")
    settings = {"learning_rate": LEARNING_RATE, "weight_decay": WEIGHT_DECAY, "max_grad_norm": MAX_NORM,
                "adam_epsilon": EPSILON, "warmup_steps": WARMUP, "max_steps": STEPS, "batch_size": BATCH,
                "gradient_accumulation_steps": ACCUMULATION}
    (FOLDER / "training.json").write_text(json.dumps({"settings": settings, "steps": steps}, indent=1) + "\n")
    for junk in FOLDER.rglob("README.md"):
        junk.unlink()
    assert all(math.isfinite(step["loss"]) for step in steps)
    print([round(step["loss"], 3) for step in steps], [round(step["grad_norm"], 3) for step in steps])


if __name__ == "__main__":
    main()
