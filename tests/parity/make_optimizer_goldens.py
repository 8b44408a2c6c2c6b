# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/train/optimizer: what PyTorch's AdamW, the written rule of 8-bit AdamW, bitsandbytes' 8-bit AdamW
and PEFT's LoRA+ do with given gradients.

Run with torch 2.15, transformers 5.23, peft 0.21.2, bitsandbytes 0.50.2, numpy and safetensors:
python tests/parity/make_optimizer_goldens.py
"""
import hashlib
import json
import math
import pathlib

import bitsandbytes
import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from peft.optimizers import create_loraplus_optimizer
from safetensors.numpy import save_file
from transformers import LlamaConfig, LlamaForCausalLM, Trainer
from transformers.optimization import get_linear_schedule_with_warmup

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "data" / "train" / "optimizer"
STEPS, WARMUP, MAX_NORM = 20, 3, 0.3
LEARNING_RATE, BETA1, BETA2, EPSILON, WEIGHT_DECAY = 1e-2, 0.9, 0.99, 1e-8, 0.05
ELEMENTS, BLOCK = 5003, 256
f32 = np.float32


def write_adamw():
    """20 steps with clipping and a schedule; the gradients' size differs from step to step."""
    generator = torch.Generator().manual_seed(21)
    shapes = {"model.layers.0.mlp.up_proj.lora_A.weight": (4, 40), "model.layers.0.mlp.up_proj.lora_B.weight": (24, 4),
              "model.norm.weight": (33,)}
    parameters = {name: torch.randn(shape, generator=generator).requires_grad_() for name, shape in shapes.items()}
    tensors = {"first." + name: p.detach().numpy().copy() for name, p in parameters.items()}
    groups = [{"params": [p for p in parameters.values() if p.ndim > 1]},
              {"params": [p for p in parameters.values() if p.ndim == 1], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(BETA1, BETA2), eps=EPSILON,
                                  weight_decay=WEIGHT_DECAY)
    scheduler = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    rates, norms = [], []
    for step in range(STEPS):
        for name, p in parameters.items():
            p.grad = torch.randn(p.shape, generator=generator) * (0.003 if step % 5 == 2 else 1.0)
            tensors[f"gradient.{step + 1}.{name}"] = p.grad.numpy().copy()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), MAX_NORM).item())
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
        for name, p in parameters.items():
            tensors[f"step.{step + 1}.{name}"] = p.detach().numpy().copy()
    save_file(tensors, FOLDER / "adamw.safetensors")
    return {"rates": rates, "norms": norms, "max_grad_norm": MAX_NORM}


def dynamic_map(signed):
    """The dynamic map of 8 bits, as the notes on double quantization write it."""
    values = [0.0, 1.0]
    for exponent in range(7):
        intervals = 2 ** (exponent if signed else exponent + 1)
        for i in range(intervals):
            value = (0.1 + 0.9 * (i + 0.5) / intervals) * float(f"1e{exponent - 6}")
            values += [value, -value] if signed else [value]
    return np.sort(np.array(values).astype(f32))


def nearest(values, x):
    """Index of the nearest value; of a float32 exactly halfway between two the even index."""
    middle = (values[:-1] + values[1:]) * f32(0.5)
    lower = np.searchsorted(middle, x, side="left")  # the number of midpoints below x
    tie = (lower < 255) & (middle[np.minimum(lower, 254)] == x) & (lower % 2 == 1)
    return (lower + tie).astype(np.uint8)


def made_gradient(step):
    """A gradient that a test can make again without a file: exact in float32, of sizes from 2^-3 to 2^-20."""
    i = np.arange(ELEMENTS, dtype=np.uint64)
    words = (i * np.uint64(2654435761) + np.uint64(step) * np.uint64(2246822519)) % np.uint64(2 ** 32)
    words = (words ^ (words >> np.uint64(15))) * np.uint64(2654435761) % np.uint64(2 ** 32)
    numerators = (words >> np.uint64(20)).astype(np.int64) - 2048
    return (numerators.astype(np.float64) * 2.0 ** (-14.0 - (i % 7).astype(np.float64))).astype(f32)


def blocks_of(x):
    padded = np.zeros(-(-len(x) // BLOCK) * BLOCK, x.dtype)
    padded[:len(x)] = x
    return padded.reshape(-1, BLOCK)


def coded(values, x):
    absmax = np.abs(blocks_of(x)).max(axis=1)
    divisor = np.repeat(np.where(absmax > 0, absmax, f32(1)), BLOCK)[:len(x)]
    return nearest(values, x / divisor), absmax


def write_adamw_8bit():
    signed, unsigned = dynamic_map(True), dynamic_map(False)
    p = made_gradient(0) * f32(64)
    reference = torch.nn.Parameter(torch.from_numpy(p.copy()))
    library = bitsandbytes.optim.AdamW8bit([reference], lr=LEARNING_RATE, betas=(BETA1, BETA2), eps=EPSILON,
                                           weight_decay=WEIGHT_DECAY)
    full = torch.nn.Parameter(torch.from_numpy(p.copy()))
    wide = torch.optim.AdamW([full], lr=LEARNING_RATE, betas=(BETA1, BETA2), eps=EPSILON, weight_decay=WEIGHT_DECAY)
    m, m_absmax = np.full(ELEMENTS, 127, np.uint8), np.zeros(-(-ELEMENTS // BLOCK), f32)
    v, v_absmax = np.zeros(ELEMENTS, np.uint8), m_absmax.copy()
    tensors, hashes = {"first": p.copy()}, []
    beta1, beta2 = f32(BETA1), f32(BETA2)
    b1, b2, rate, decay, epsilon = (float(f32(x)) for x in (BETA1, BETA2, LEARNING_RATE, WEIGHT_DECAY, EPSILON))
    expand = lambda absmax: np.repeat(absmax, BLOCK)[:ELEMENTS]
    for step in range(1, STEPS + 1):
        gradient = made_gradient(step)
        c1, c2 = 1.0 - b1 ** step, math.sqrt(1.0 - b2 ** step)
        m1 = beta1 * (signed[m] * expand(m_absmax)) + f32(1.0 - b1) * gradient
        v1 = beta2 * (unsigned[v] * expand(v_absmax)) + f32(1.0 - b2) * (gradient * gradient)
        update = m1 / (np.sqrt(v1) + f32(epsilon * c2))
        p = f32(1.0 - rate * decay) * p - f32(rate * c2 / c1) * update
        m, m_absmax = coded(signed, m1)
        v, v_absmax = coded(unsigned, v1)
        assert all(x.dtype == f32 for x in (m1, v1, update, p, m_absmax, v_absmax))
        hashes.append(hashlib.sha256(b"".join(x.tobytes() for x in (p, m, m_absmax, v, v_absmax))).hexdigest())
        for parameter, optimizer in ((reference, library), (full, wide)):
            parameter.grad = torch.from_numpy(gradient.copy())
            optimizer.step()
        if step in (1, STEPS):
            tensors |= {f"step.{step}.p": p, f"step.{step}.exp_avg": m, f"step.{step}.exp_avg.absmax": m_absmax,
                        f"step.{step}.exp_avg_sq": v, f"step.{step}.exp_avg_sq.absmax": v_absmax}
    state = library.state[reference]
    theirs = {"p": reference.detach().numpy()}
    for ours, name, absmax, values in (("exp_avg", "state1", "absmax1", "qmap1"),
                                       ("exp_avg_sq", "state2", "absmax2", "qmap2")):
        theirs[ours] = state[values].numpy()[state[name].numpy()] * expand(state[absmax].numpy())
    tensors |= {f"bitsandbytes.{name}": x.copy() for name, x in theirs.items()}
    save_file(tensors, FOLDER / "adamw_8bit.safetensors")
    mine = {"p": p, "exp_avg": signed[m] * expand(m_absmax), "exp_avg_sq": unsigned[v] * expand(v_absmax)}
    for name, x in theirs.items():
        scale = expand(np.abs(blocks_of(x)).max(axis=1)) if name != "p" else np.abs(x).max()
        print("bitsandbytes", name, "largest difference", np.abs(mine[name] - x).max(), "of the block's largest",
              (np.abs(mine[name] - x) / scale).max(), "mean", (np.abs(mine[name] - x) / scale).mean())
    print("torch", np.abs(p - full.detach().numpy()).max(), np.abs(mine["p"] - theirs["p"]).mean())
    return {"sha256": hashes, "elements": ELEMENTS}


def write_loraplus():
    """Each trained parameter's learning rate and weight decay, over those of the run; its decay by transformers' Trainer,
    without LoRA+."""
    torch.manual_seed(3)
    config = LlamaConfig(vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=1,
                         num_attention_heads=2, attention_bias=True)
    lora = LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM", use_dora=True,
                      modules_to_save=["input_layernorm", "lm_head"], bias="all")
    model = get_peft_model(LlamaForCausalLM(config), lora)
    optimizer = create_loraplus_optimizer(model, torch.optim.AdamW, lr=1.0, loraplus_lr_ratio=16.0,
                                          loraplus_weight_decay=1.0)
    names = {id(p): name for name, p in model.named_parameters()}
    decayed = Trainer.get_decay_parameter_names(None, model)
    found = []
    for group in optimizer.param_groups:
        for p in group["params"]:
            name = names[id(p)].replace("base_model.model.", "", 1).replace(".default", "").replace(".base_layer", "")
            found.append({"name": name.replace(".modules_to_save", ""), "shape": list(p.shape), "rate": group["lr"],
                          "decay": group["weight_decay"],
                          "trainer_decay": 1.0 if names[id(p)] in decayed else 0.0})
    return {"ratio": 16.0, "parameters": found}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    settings = {"learning_rate": LEARNING_RATE, "adam_beta1": BETA1, "adam_beta2": BETA2, "adam_epsilon": EPSILON,
                "weight_decay": WEIGHT_DECAY, "steps": STEPS}
    text = {"settings": settings, "adamw": write_adamw(), "adamw_8bit": write_adamw_8bit(),
            "loraplus": write_loraplus()}
    (FOLDER / "optimizer.json").write_text(json.dumps(text, indent=1) + "\n")


if __name__ == "__main__":
    main()
