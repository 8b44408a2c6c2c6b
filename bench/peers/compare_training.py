#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training speed and peak memory of lorikeet-cli against PEFT + bitsandbytes, in turn on the same machine.

Usage: compare_training.py LORIKEET_CLI MODEL.gguf [--pairs 3] [--tokens 512] [--checkpointing] [--compute-dtype bfloat16]
Needs the packages of requirements.txt. Prints one line a run and the medians; both train one sequence of the same
length a step, every token, LoRA of the same rank on every linear layer, NF4 with double quantization.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def measured(command: list[str], environment: dict[str, str]) -> tuple[str, float]:
    """Runs `command` under a parent that reports its peak: the last line of stderr is the peak in KiB."""
    parent = ("import resource,subprocess,sys;r=subprocess.run(sys.argv[1:]);"
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr);sys.exit(r.returncode)")
    done = subprocess.run([sys.executable, "-c", parent, *command], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout, float(done.stderr.strip().splitlines()[-1]) / 1024


def lorikeet(arguments: argparse.Namespace, folder: pathlib.Path) -> tuple[float, float]:
    words = "The quick brown fox jumps over the lazy dog while seven wizards brew tea. "
    rows = folder / "rows.jsonl"
    rows.write_text("".join(json.dumps({"text": f"{i} " + words * arguments.tokens}) + "\n" for i in range(64)))
    run = {
        "model": arguments.model,
        "quantization": {"type": "nf4", "blocksize": 64, "double_quant": True},
        "compute_dtype": arguments.compute_dtype,
        "lora": {"r": arguments.rank, "lora_alpha": arguments.rank},
        "data": {"train": str(rows), "format": "text", "template": "plain", "max_length": arguments.tokens},
        "training": {"max_steps": arguments.steps, "batch_size": 1, "gradient_accumulation_steps": 1,
                     "gradient_checkpointing": arguments.checkpointing},
    }
    (folder / "run.json").write_text(json.dumps(run))
    output, peak = measured([arguments.cli, "train", str(folder / "run.json"), "--json", "--threads", "2",
                             "--data-dir", str(folder / "data")], dict(os.environ))
    steps = [json.loads(line) for line in output.splitlines()]
    speeds = [s["tokens_per_second"] for s in steps if s["event"] == "step"]
    return statistics.median(speeds[1:]), peak


def peft(arguments: argparse.Namespace, model_folder: pathlib.Path) -> tuple[float, float]:
    command = [sys.executable, str(HERE / "peft_training.py"), str(model_folder), "--tokens", str(arguments.tokens),
               "--steps", str(arguments.steps), "--rank", str(arguments.rank)]
    if arguments.checkpointing:
        command.append("--checkpointing")
    # A forced OpenBLAS kernel of this environment would slow the peer down.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS")}
    output, peak = measured(command, environment)
    return json.loads(output.splitlines()[-1])["tokens_per_second"], peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cli")
    parser.add_argument("model")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--compute-dtype", default="bfloat16")
    parser.add_argument("--checkpointing", action="store_true")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        subprocess.run([sys.executable, str(HERE / "gguf_to_folder.py"), arguments.model, str(folder / "hf")],
                       check=True, capture_output=True)
        ours, theirs = [], []
        for pair in range(arguments.pairs):
            ours.append(lorikeet(arguments, folder))
            theirs.append(peft(arguments, folder / "hf"))
            print(f"pair {pair + 1}: lorikeet {ours[-1][0]:.0f} tokens/s, {ours[-1][1]:.0f} MB; "
                  f"PEFT + bitsandbytes {theirs[-1][0]:.0f} tokens/s, {theirs[-1][1]:.0f} MB", flush=True)
        ratios = [a[0] / b[0] for a, b in zip(ours, theirs)]
        memory = [a[1] / b[1] for a, b in zip(ours, theirs)]
        print(f"median: lorikeet {statistics.median(a for a, _ in ours):.0f} tokens/s, "
              f"PEFT {statistics.median(a for a, _ in theirs):.0f} tokens/s, speed ratio {statistics.median(ratios):.2f}, "
              f"memory ratio {statistics.median(memory):.2f}")


if __name__ == "__main__":
    main()
