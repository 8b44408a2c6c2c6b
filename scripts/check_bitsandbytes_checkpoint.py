#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchanges 4-bit checkpoints with transformers and bitsandbytes (tests/data/requirements.txt), in both directions.

    python scripts/check_bitsandbytes_checkpoint.py LORIKEET_CLI [TEST_CORE_FORMATS] [--base FOLDER] [--json FILE]

Makes a small random Llama (or takes the Hugging Face model in FOLDER) and, for each type, blocksize, with double
quantization and without, has it quantized once by `lorikeet-cli quantize` and once by bitsandbytes. Of each checkpoint,
whoever made it:
  codes   where Lorikeet made it: packed codes unlike bitsandbytes' own (FP4: but for the sign of zero)
  values  the largest difference of a dequantized weight between the two programs, in scales of its block; needs
          TEST_CORE_FORMATS, the test program that reads the checkpoint with Lorikeet's code
  scores  the largest difference of a log-probability, over the largest one: transformers in float32 and train mode
          (evaluation takes a path that rounds scales to bfloat16) against `lorikeet-cli score`
Where the blocksize does not divide a layer's inputs, bitsandbytes cannot multiply on the processor: the scores are then
those of a plain model of its dequantized weights. Exit 1 where one is beyond its limit.
"""
import argparse
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import bitsandbytes.functional as F
import torch
from bitsandbytes.nn import Linear4bit, Params4bit
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, LlamaConfig, LlamaForCausalLM, utils

LIMITS = {"codes": 0, "values": 2e-7, "scores": 1e-5}
BLOCKSIZES = (32, 64, 256, 1024, 4096)
SEQUENCES, LENGTH = 1, 250


def make_base(folder, dtype):
    torch.manual_seed(5)
    config = LlamaConfig(vocab_size=211, hidden_size=256, intermediate_size=512, num_hidden_layers=2,
                         num_attention_heads=8, num_key_value_heads=4, max_position_embeddings=LENGTH)
    model = LlamaForCausalLM(config)
    for parameter in model.parameters():  # beyond initial weights, whose scores are all alike
        if parameter.dim() == 2:
            parameter.data *= 4
    model.to(dtype).save_pretrained(folder)


def linears(model):
    return {name: module for name, module in model.named_modules() if isinstance(module, Linear4bit)}


def make_theirs(base, folder, quant_type, blocksize, nested):
    """bitsandbytes' own checkpoint; transformers has no word for a blocksize, so each weight is quantized again."""
    config = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type=quant_type, bnb_4bit_use_double_quant=nested,
                                bnb_4bit_compute_dtype=torch.float32)
    model = AutoModelForCausalLM.from_pretrained(base, quantization_config=config, dtype=torch.float32,
                                                 device_map="cpu")
    plain = dict(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).named_parameters())
    for name, module in linears(model).items():
        module.weight = Params4bit(plain[f"{name}.weight"].data.clone(), requires_grad=False, blocksize=blocksize,
                                   quant_type=quant_type, compress_statistics=nested, module=module).to("cpu")
    model.save_pretrained(folder)  # before anything is computed with it


def make_ours(cli, base, folder, quant_type, blocksize, nested):
    words = [cli, "quantize", str(base), str(folder), "--type", quant_type, "--blocksize", str(blocksize), "--json"]
    subprocess.run(words + (["--double-quant"] if nested else []), check=True, stdout=subprocess.DEVNULL)


def without_negative_zeros(codes):
    codes = codes.view(torch.uint8).flatten()
    high, low = codes >> 4, codes & 15
    return (torch.where(high == 8, 0, high) << 4) | torch.where(low == 8, 0, low)


def loaded(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, device_map="cpu").train()
    assert linears(model), f"{folder}: no 4-bit weight was loaded"
    for parameter in model.parameters():
        if parameter.is_floating_point():
            parameter.data = parameter.data.float()  # where the base is 16-bit, the rest of a 4-bit model stays so
    for module in linears(model).values():
        module.weight.quant_state.dtype = torch.float32  # else weights are rounded to the type of the base
        module.compute_dtype, module.compute_type_is_set = torch.float32, True  # a checkpoint names bfloat16
    return model


def differing_codes(base, model, blocksize):
    plain = dict(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).named_parameters())
    count = 0
    for name, module in linears(model).items():
        state, weight = module.weight.quant_state, plain[f"{name}.weight"].data
        assert list(state.shape) == list(weight.shape) and state.blocksize == blocksize, name
        codes, _ = F.quantize_4bit(weight, blocksize=blocksize, quant_type=state.quant_type)
        count += int((without_negative_zeros(module.weight.data) != without_negative_zeros(codes)).sum())
    return count


def dequantized(model):
    weights = {}
    for name, module in linears(model).items():
        # As one row: bitsandbytes 0.50 mixes up scales on the processor where a block crosses rows of a weight.
        state = copy.copy(module.weight.quant_state)
        shape, state.shape = state.shape, torch.Size([1, state.shape.numel()])
        weights[f"{name}.weight"] = F.dequantize_4bit(module.weight.data, state).view(shape).contiguous()
    return weights


def values_difference(test, folder, weights):
    save_file(weights, folder / "expected.safetensors")
    report = folder / "report.json"
    done = subprocess.run([test, "--gtest_filter=BitsandbytesFolder.*", f"--gtest_output=json:{report}"],
                          env=os.environ | {"LORIKEET_TEST_CHECKPOINT": str(folder)}, capture_output=True, text=True)
    (folder / "expected.safetensors").unlink()
    result = json.loads(report.read_text())["testsuites"][0]["testsuite"][0]
    if "largest_difference" not in result:
        sys.exit(f"{folder}: {done.stdout[-2000:]}")
    assert int(result["weights"]) == len(weights)
    return float(result["largest_difference"])


def reference_scores(base, model, weights, blocksize, sequences):
    divides = all(module.in_features % blocksize == 0 for module in linears(model).values())
    if not divides:
        plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).train()
        missing = plain.load_state_dict(weights, strict=False)
        assert not missing.unexpected_keys
        model = plain
    with torch.no_grad():
        logits = model(sequences).logits.double()
    scores = torch.log_softmax(logits[:, :-1], -1).gather(2, sequences[:, 1:, None])[:, :, 0]
    return scores, "layers" if divides else "weights"


def our_scores(cli, folder, sequences):
    scores = []
    for sequence in sequences:
        path = folder / "ids.json"
        path.write_text(json.dumps(sequence.tolist()))
        printed = subprocess.run([cli, "score", str(folder), "--tokens", str(path), "--compute-dtype", "float32", "--json"],
                                 check=True, capture_output=True, text=True).stdout
        scores.append(json.loads(printed)["log_probabilities"])
    return torch.tensor(scores, dtype=torch.float64)


def compare(arguments, base, folder, maker, quant_type, blocksize, nested):
    case = {"maker": maker, "type": quant_type, "blocksize": blocksize, "double_quant": nested, "codes": None,
            "values": None}
    if maker == "lorikeet":
        make_ours(arguments.cli, base, folder, quant_type, blocksize, nested)
    else:
        make_theirs(base, folder, quant_type, blocksize, nested)
        (folder / "tokenizer.json").exists() or copy_tokenizer(folder)
    model = loaded(folder)
    weights = dequantized(model)
    if maker == "lorikeet":
        case["codes"] = differing_codes(base, model, blocksize)
    if arguments.test:
        case["values"] = values_difference(arguments.test, folder, weights)
    sequences = torch.randint(0, model.config.vocab_size, (SEQUENCES, LENGTH), generator=torch.Generator().manual_seed(1))
    expected, case["by"] = reference_scores(base, model, weights, blocksize, sequences)
    case["scores"] = float((our_scores(arguments.cli, folder, sequences) - expected).abs().max() / expected.abs().max())
    case["holds"] = all(case[key] is None or case[key] <= limit for key, limit in LIMITS.items())
    return case


def copy_tokenizer(folder):
    """Lorikeet opens no model without a tokenizer; ids are given, so any one does."""
    source = pathlib.Path(__file__).resolve().parent.parent / "tests/data/jobs/model"
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((source / name).read_bytes())


def tell(case):
    shown = lambda value, form: "-" if value is None else format(value, form)
    print(f"{case['maker']:>13} {case['type']:>5} {case['blocksize']:>6} {'yes' if case['double_quant'] else 'no':>7} "
          f"{shown(case['codes'], 'd'):>6} {shown(case['values'], '.2e'):>9} {case['scores']:>9.2e} {case['by']:>8}"
          f"{'' if case['holds'] else '  beyond the limit'}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cli")
    parser.add_argument("test", nargs="?", help="test_core_formats")
    parser.add_argument("--base", type=pathlib.Path, help="a Hugging Face folder in place of the small model")
    parser.add_argument("--types", nargs="+", default=["nf4", "fp4"])
    parser.add_argument("--blocksizes", nargs="+", type=int, default=BLOCKSIZES)
    parser.add_argument("--json", type=pathlib.Path, help="file for the results")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # such small products only wait for each other
    utils.logging.disable_progress_bar()
    results = []
    print(f"{'written by':>13} {'type':>5} {'blocks':>6} {'double':>7} {'codes':>6} {'values':>9} {'scores':>9} {'by':>8}")
    for dtype in [None] if arguments.base else [torch.float32, torch.bfloat16]:
        with tempfile.TemporaryDirectory() as temporary:
            base = arguments.base or pathlib.Path(temporary) / "base"
            if dtype:
                make_base(base, dtype)
                copy_tokenizer(base)
            for maker in ("lorikeet", "bitsandbytes"):
                for quant_type in arguments.types:
                    # Of 16-bit weights, the sizes in use are enough.
                    for blocksize in arguments.blocksizes if dtype != torch.bfloat16 else (64,):
                        for nested in (True, False):
                            folder = pathlib.Path(temporary) / f"{maker}-{quant_type}-{blocksize}-{nested}"
                            case = compare(arguments, base, folder, maker, quant_type, blocksize, nested)
                            case["base"] = str(dtype).removeprefix("torch.")
                            tell(case)
                            results.append(case)
    if arguments.json:
        arguments.json.write_text(json.dumps({"limits": LIMITS, "cases": results}, indent=1) + "\n")
    sys.exit(0 if all(case["holds"] for case in results) else 1)


if __name__ == "__main__":
    main()
