#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what rows become to transformers' tokenizer and templates: ids and trained positions of many real rows.

    python scripts/check_masks.py LORIKEET_CLI FOLDER_OF_REAL_DATA MODEL_FOLDER... [--rows 300] [--json FILE]

Each MODEL_FOLDER is a Hugging Face folder whose tokenizer has a chat template. For each row format, through the template
and plainly, `lorikeet-cli datasets inspect --rows` prints ids and mask, and tests/data/make_mask_goldens.py makes both
by the written rule ("What a row becomes"). Exit 1 where a row differs. Versions: tests/data/requirements.txt.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "data"))
import make_mask_goldens as rule  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

ROLES = {"human": "user", "gpt": "assistant"}


def cases(data, scratch):
    """Files with how they are read. No real rows here are messages, so the conversations are written as such."""
    sharegpt = data / "sharegpt/dummy_conversation.json"
    messages = scratch / "messages.jsonl"
    with messages.open("w") as file:
        for row in json.loads(sharegpt.read_text()):
            turns = [{"role": ROLES[m["from"]], "content": m["value"]} for m in row["conversations"]]
            file.write(json.dumps({"messages": turns}) + "\n")
    base = dict(template="chat", train_on="completions", max_length=512)
    questions = dict(file=data / "gsm8k/train.jsonl", format="prompt_completion",
                     columns={"prompt": "question", "completion": "answer"})
    alpaca = dict(file=data / "alpaca/alpaca_en_demo.json", format="alpaca")
    yield base | dict(file=data / "self_instruct/seed_tasks.jsonl", format="text", column="instruction",
                      columns={"text": "instruction"})
    yield base | questions | dict(template="plain", max_length=100)
    yield base | questions
    yield base | alpaca | dict(template="plain")
    yield base | alpaca | dict(max_length=200)
    yield base | dict(file=messages, format="messages")
    yield base | dict(file=messages, format="messages", train_on="all", max_length=60)
    yield base | dict(file=sharegpt, format="sharegpt")


def ours(cli, model, case, rows):
    words = [cli, "datasets", "inspect", str(case["file"]), "--model", str(model), "--rows", str(rows), "--json",
             "--max-length", str(case["max_length"]), "--train-on", case["train_on"], "--format", case["format"],
             "--template", "auto" if case["format"] == "text" else case["template"]]
    for role, column in case.get("columns", {}).items():
        words += ["--column", f"{role}={column}"]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    listed = json.loads(done.stdout)["listed"]
    return [None if row["skipped"] else (row["ids"], row["trained"]) for row in listed]


def compare(cli, model, case, most):
    text = case["file"].read_text(encoding="utf-8")
    rows = json.loads(text) if case["file"].suffix == ".json" else [json.loads(line) for line in text.splitlines() if line]
    rows = rows[:most]
    tokenizer = AutoTokenizer.from_pretrained(model)
    expected = [rule.example(tokenizer, case, row) for row in rows]
    actual = ours(cli, model, case, len(rows))
    differing = [i for i, (a, b) in enumerate(zip(expected, actual)) if (a and (list(a[0]), list(a[1]))) != b]
    return {"model": model.name, "format": case["format"], "template": "-" if case["format"] == "text" else case["template"],
            "train_on": case["train_on"], "max_length": case["max_length"], "rows": len(rows),
            "skipped": expected.count(None), "tokens": sum(len(e[0]) for e in expected if e),
            "trained": sum(sum(e[1]) for e in expected if e), "listed": len(actual), "differing": differing}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cli")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("models", type=pathlib.Path, nargs="+")
    parser.add_argument("--rows", type=int, default=300, help="of each file, from its beginning")
    parser.add_argument("--json", type=pathlib.Path, help="file for the results")
    arguments = parser.parse_args()
    results = []
    print(f"{'tokenizer':>14} {'format':>18} {'template':>8} {'trains':>12} {'rows':>5} {'tokens':>7} {'trained':>7} unlike")
    with tempfile.TemporaryDirectory() as temporary:
        for model in arguments.models:
            for case in cases(arguments.data, pathlib.Path(temporary)):
                result = compare(arguments.cli, model, case, arguments.rows)
                result["holds"] = not result["differing"] and result["listed"] == result["rows"]
                results.append(result)
                print(f"{result['model']:>14} {result['format']:>18} {result['template']:>8} {result['train_on']:>12} "
                      f"{result['rows']:>5} {result['tokens']:>7} {result['trained']:>7} {len(result['differing']):>6}"
                      + (f"  rows {result['differing'][:8]}" if result["differing"] else ""), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"cases": results}, indent=1) + "\n")
    sys.exit(0 if all(result["holds"] for result in results) else 1)


if __name__ == "__main__":
    main()
