#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does an adapter that Lorikeet wrote give the same numbers in PEFT?

    python scripts/check_peft_adapter.py LORIKEET_CLI MODEL [ADAPTER ...] [--json FILE]

MODEL is a Hugging Face folder or a .gguf file of SmolLM2's size. Without adapters, trains some of each method for a few
steps: LoRA, rsLoRA with ranks of its own, DoRA, whole modules. Each is loaded with PEFT over transformers, and the
log-probabilities of random tokens are compared with those of `lorikeet-cli score`, all in float32: exit 1 where one
differs by more than 3e-4, or where the adapter changes nothing. Versions: tests/data/requirements.txt.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

LIMIT = 3e-4
METHODS = {
    "LoRA": {"lora_dropout": 0.1},
    "rsLoRA": {"use_rslora": True, "rank_pattern": {"k_proj": 3}, "alpha_pattern": {"v_proj": 5}},
    "DoRA": {"use_dora": True},
    "DoRA, rsLoRA": {"use_dora": True, "use_rslora": True, "rank_pattern": {"k_proj": 3}},
    "LoRA, whole modules": {"modules_to_save": ["lm_head", "embed_tokens", "norm", "layers.0.mlp.down_proj"]},
    "DoRA, whole modules": {"use_dora": True, "modules_to_save": ["layers.1.self_attn.v_proj", "model.norm"]},
}


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def train(cli, model, lora, folder):
    """The folder of a new adapter."""
    rows = [json.dumps({"text": f"Parrot {i} says {i * 7}."}) for i in range(8)]
    (folder / "rows.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "run.json").write_text(json.dumps({
        "model": str(model), "compute_dtype": "float32", "quantization": {"type": "none"}, "lora": {"r": 4, **lora},
        "data": {"train": str(folder / "rows.jsonl"), "format": "text", "template": "plain"},
        "training": {"max_steps": 3, "learning_rate": 2e-3, "batch_size": 1, "gradient_accumulation_steps": 1},
        "every": {"save": 0}}))
    return pathlib.Path(run(cli, "train", folder / "run.json", "--json", "--data-dir", folder / "data")["adapter"])


def load(path):
    if path.is_file():
        return AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)


def log_probabilities(model, ids):
    with torch.no_grad():
        logits = model(input_ids=ids[None]).logits[0].float()
    return torch.log_softmax(logits[:-1], dim=-1).gather(1, ids[1:, None])[:, 0]


def compare(cli, model, adapter, ids, scratch):
    """The largest difference to PEFT, and how far the adapter moves the log-probabilities at most."""
    (scratch / "ids.json").write_text(json.dumps(ids.tolist()))
    ours = torch.tensor(run(cli, "score", model, "--adapter", adapter, "--tokens", scratch / "ids.json", "--quantization",
                            "none", "--compute-dtype", "float32", "--json")["log_probabilities"])
    base = load(model).eval()
    without = log_probabilities(base, ids)
    theirs = log_probabilities(PeftModel.from_pretrained(base, adapter).eval(), ids)
    return (ours - theirs).abs().max().item(), (without - theirs).abs().max().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cli")
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("adapters", type=pathlib.Path, nargs="*")
    parser.add_argument("--json", type=pathlib.Path, help="file for the results")
    arguments = parser.parse_args()
    ids = torch.randint(20, 49000, (60,), generator=torch.Generator().manual_seed(1))
    results = []
    for name in arguments.adapters or METHODS:
        with tempfile.TemporaryDirectory() as temporary:
            scratch = pathlib.Path(temporary)
            adapter = name if arguments.adapters else train(arguments.cli, arguments.model, METHODS[name], scratch)
            difference, effect = compare(arguments.cli, arguments.model, adapter, ids, scratch)
        results.append({"adapter": str(name), "difference": difference, "effect": effect, "limit": LIMIT})
        print(f"{name}: largest difference {difference:.2e} (the adapter moves log-probabilities by up to {effect:.2e})",
              flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"cases": results}, indent=1) + "\n")
    sys.exit(0 if all(r["difference"] <= LIMIT < r["effect"] for r in results) else 1)


if __name__ == "__main__":
    main()
