#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/model: tiny random models of the Llama family with what transformers and PEFT compute on them.

Made with torch 2.15.0, transformers 5.23.0, peft 0.21.2, safetensors 0.8.0, gguf 0.19.0,
bitsandbytes 0.50 (float32, CPU):
    python tests/parity/make_model_goldens.py tests/data/model
    python tests/parity/make_model_goldens.py --smollm2 SmolLM2-135M-Instruct.Q4_1.gguf tests/data/model

Each folder of a tiny model holds config.json, model.safetensors, adapter/ (as PEFT saves it) and golden.safetensors:
    tokens, offsets            the batch: sequences after each other
    target_rows, targets       rows of the stream whose next token is trained
    base_logits, logits        [T, V] without and with the adapter
    loss                       mean over the targets, with the adapter
    grad.<parameter>           its gradient by each weight that trains, named as in adapter/
Some hold the same weights as model.gguf, rows of q and k in llama.cpp's order.
"""
import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import (AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, MistralConfig,
                          MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM)

SIZES = dict(vocab_size=48, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
             max_position_embeddings=64, attn_implementation="eager", rms_norm_eps=1e-5)

CASES = {
    "llama_gqa": dict(
        config=lambda: LlamaConfig(**SIZES, num_key_value_heads=2, head_dim=12),
        lora=dict(r=4, lora_alpha=8, target_modules="all-linear"), gguf=True),
    "llama_biases_tied": dict(
        config=lambda: LlamaConfig(**SIZES, num_key_value_heads=1, attention_bias=True, mlp_bias=True,
                                   tie_word_embeddings=True,
                                   rope_scaling={"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0}),
        lora=dict(r=3, lora_alpha=16, target_modules=["q_proj", "v_proj"], layers_to_transform=[1])),
    "llama_dynamic": dict(
        config=lambda: LlamaConfig(**{**SIZES, "max_position_embeddings": 8}, num_key_value_heads=4,
                                   hidden_act="gelu_pytorch_tanh",
                                   rope_scaling={"rope_type": "dynamic", "factor": 2.0, "rope_theta": 500.0}),
        lora=dict(r=2, lora_alpha=4, target_modules=["down_proj", "o_proj"]), lengths=[19]),
    "llama_yarn": dict(
        config=lambda: LlamaConfig(**SIZES, num_key_value_heads=2, head_dim=16,
                                   rope_scaling={"rope_type": "yarn", "factor": 4.0, "rope_theta": 1000.0,
                                                 "original_max_position_embeddings": 16, "beta_fast": 4.0}),
        lora=dict(r=4, lora_alpha=8, use_rslora=True, target_modules=r".*\.(k|o|gate)_proj",
                  rank_pattern={r"layers.1.self_attn.k_proj": 6}, alpha_pattern={"gate_proj": 3})),
    "llama_llama3": dict(
        config=lambda: LlamaConfig(**SIZES, num_key_value_heads=2, head_dim=16,
                                   rope_scaling={"rope_type": "llama3", "factor": 8.0, "rope_theta": 10000.0,
                                                 "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                                 "original_max_position_embeddings": 32}),
        lora=dict(r=4, lora_alpha=8, target_modules=["up_proj"]), gguf=True),
    "mistral_window": dict(
        config=lambda: MistralConfig(**SIZES, num_key_value_heads=2, sliding_window=5),
        lora=dict(r=4, lora_alpha=8, target_modules="all-linear")),
    "qwen2_biases": dict(
        config=lambda: Qwen2Config(**SIZES, num_key_value_heads=2, tie_word_embeddings=True),
        lora=dict(r=4, lora_alpha=8, target_modules="all-linear"), gguf=True),
    "qwen2_window": dict(
        config=lambda: Qwen2Config(**SIZES, num_key_value_heads=2, use_sliding_window=True, sliding_window=4,
                                   max_window_layers=1),
        lora=dict(r=2, lora_alpha=8, target_modules=["k_proj"])),
    "llama_bnb4": dict(
        config=lambda: LlamaConfig(**{**SIZES, "hidden_size": 64}, num_key_value_heads=2),
        lora=dict(r=2, lora_alpha=8, target_modules=["q_proj", "down_proj"]), bnb="layers.1.mlp.up_proj"),
    "llama_dora": dict(
        config=lambda: LlamaConfig(**SIZES, num_key_value_heads=2, head_dim=12),
        lora=dict(r=4, lora_alpha=6, target_modules="all-linear", use_dora=True, use_rslora=True,
                  rank_pattern={"k_proj": 3}, alpha_pattern={"down_proj": 5})),
    "qwen2_dora_saved": dict(
        config=lambda: Qwen2Config(**SIZES, num_key_value_heads=2, tie_word_embeddings=True),
        lora=dict(r=3, lora_alpha=8, target_modules=["q_proj", "v_proj", "up_proj"], use_dora=True,
                  layers_to_transform=[1], modules_to_save=["lm_head", "1.self_attn.v_proj", "model.norm"])),
    "llama_bnb4_dora": dict(
        config=lambda: LlamaConfig(**{**SIZES, "hidden_size": 64, "num_hidden_layers": 1}, num_key_value_heads=2),
        lora=dict(r=2, lora_alpha=8, target_modules=["o_proj", "up_proj"], use_dora=True), bnb="layers.0.mlp.up_proj"),
    "llama_saved": dict(
        config=lambda: LlamaConfig(**SIZES, num_key_value_heads=2),
        lora=dict(r=2, lora_alpha=8, target_modules="all-linear",
                  modules_to_save=["lm_head", "embed_tokens", "norm", "down_proj"])),
    "qwen2_saved_tied": dict(
        config=lambda: Qwen2Config(**SIZES, num_key_value_heads=2, tie_word_embeddings=True),
        lora=dict(r=2, lora_alpha=8, target_modules=["v_proj"], modules_to_save=["embed_tokens", "k_proj"])),
}
CLASSES = {"llama": LlamaForCausalLM, "mistral": MistralForCausalLM, "qwen2": Qwen2ForCausalLM}


def randomize(model, generator):
    """Weights large enough that softmax, norms and RoPE matter."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if "norm" in name:
                parameter.copy_(1.0 + 0.3 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.5 * noise)
            elif "embed_tokens" in name:
                parameter.copy_(noise)
            else:
                parameter.copy_(noise * 1.2 / parameter.shape[-1] ** 0.5)


def run(model, tokens, offsets):
    """Logits [T, V] of each sequence by itself, after each other."""
    parts = [model(input_ids=tokens[None, begin:end], use_cache=False).logits[0]
             for begin, end in zip(offsets[:-1], offsets[1:])]
    return torch.cat(parts)


def saved_name(name):
    """How PEFT calls a parameter in the file of an adapter."""
    return name.replace(".modules_to_save", "").replace("_magnitude_vector.default.weight",
                                                        "_magnitude_vector").replace(".default", "")


def permuted(weight, heads):
    """llama.cpp's order of the rows of q and k: rotated values side by side."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def write_gguf(path, model):
    import gguf
    config = model.config
    permute = config.model_type != "qwen2"
    arch = "qwen2" if config.model_type == "qwen2" else "llama"
    writer = gguf.GGUFWriter(path, arch)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_rope_dimension_count(head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if config.rope_parameters["rope_type"] == "llama3":
        plain = 1.0 / config.rope_parameters["rope_theta"] ** (np.arange(0, head_dim, 2, dtype=np.float32) / head_dim)
        writer.add_tensor("rope_freqs.weight",
                          (plain / model.model.rotary_emb.inv_freq.numpy()).astype(np.float32))
    renames = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
               "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
               "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
               "model.layers": "blk", "model.embed_tokens": "token_embd", "model.norm": "output_norm",
               "lm_head": "output"}
    for name, value in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        array = value.numpy()
        if permute and "q_proj" in name:
            array = permuted(array, config.num_attention_heads)
        if permute and "k_proj" in name:
            array = permuted(array, config.num_key_value_heads)
        for old, new in renames.items():
            name = name.replace(old, new)
        writer.add_tensor(name, np.ascontiguousarray(array))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def save_in_four_bits(folder, model, skipped):
    """Quantizes the linear layers but `skipped` as bitsandbytes does; the model goes on with what came of it."""
    import bitsandbytes
    tensors = {}
    for name, value in model.state_dict().items():
        if "_proj.weight" not in name or skipped in name:
            tensors[name] = value
            continue
        codes, state = bitsandbytes.functional.quantize_4bit(value, blocksize=64, quant_type="nf4",
                                                             compress_statistics=True)
        tensors[name] = codes
        for key, part in state.as_dict(packed=True).items():
            tensors[f"{name}.{key}"] = part
        with torch.no_grad():
            value.copy_(bitsandbytes.functional.dequantize_4bit(codes, state))
    save_file({name: value.contiguous() for name, value in tensors.items()}, folder / "model.safetensors",
              metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True, "load_in_8bit": False,
                                     "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True,
                                     "bnb_4bit_compute_dtype": "float32", "bnb_4bit_quant_storage": "uint8",
                                     "llm_int8_skip_modules": ["lm_head", skipped]}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def make_case(folder, case, seed):
    generator = torch.Generator().manual_seed(seed)
    config = case["config"]()
    torch.manual_seed(seed)
    model = CLASSES[config.model_type](config).float().eval()
    randomize(model, generator)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if case.get("bnb"):
        save_in_four_bits(folder, model, case["bnb"])
    if case.get("gguf"):
        write_gguf(folder / "model.gguf", model)

    lengths = case.get("lengths", [13, 1, 8])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).tolist()
    tokens = torch.randint(0, config.vocab_size, (offsets[-1],), generator=generator)
    rows = [row for begin, end in zip(offsets[:-1], offsets[1:]) for row in range(begin, end - 1) if (row * 7) % 5 != 0]
    rows_tensor = torch.tensor(rows)
    golden = {"tokens": tokens.int(), "offsets": torch.tensor(offsets).int(), "target_rows": rows_tensor.int(),
              "targets": tokens[rows_tensor + 1].int()}
    with torch.no_grad():
        golden["base_logits"] = run(model, tokens, offsets)

    tuned = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **case["lora"]))
    tuned.train()
    trained = {saved_name(name): parameter for name, parameter in tuned.named_parameters() if parameter.requires_grad}
    with torch.no_grad():
        for name, parameter in trained.items():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith(("lora_A.weight", "lora_B.weight")):
                parameter.copy_(0.5 * noise / parameter.shape[-1] ** 0.5)
            else:
                parameter.mul_(1.0 + 0.2 * noise)
    tuned.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    logits = run(tuned, tokens, offsets)
    loss = torch.nn.functional.cross_entropy(logits[rows_tensor], tokens[rows_tensor + 1])
    loss.backward()
    golden["logits"] = logits.detach()
    golden["loss"] = loss.detach().reshape(1)
    for name, parameter in trained.items():
        golden["grad." + name] = parameter.grad
    assert {name[5:] for name in golden if name.startswith("grad.")} == set(
        load_file(folder / "adapter" / "adapter_model.safetensors"))
    save_file({name: value.contiguous() for name, value in golden.items()}, folder / "golden.safetensors")
    print(f"{folder.name}: loss {loss.item():.5f}, largest logit {logits.abs().max().item():.2f}")


def make_smollm2(gguf_path, folder):
    """500 tokens that the model itself writes, and the log-probability of each but the first."""
    model = AutoModelForCausalLM.from_pretrained(gguf_path.parent, gguf_file=gguf_path.name, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(gguf_path.parent, gguf_file=gguf_path.name)
    torch.manual_seed(11)
    start = torch.tensor([tokenizer("Parrots are")["input_ids"]])
    with torch.no_grad():
        ids = model.generate(start, min_length=500, max_length=500, do_sample=True, temperature=0.8, top_k=0)[0]
        logits = model(input_ids=ids[None]).logits[0].float()
    steps = torch.log_softmax(logits[:-1], dim=-1).gather(1, ids[1:, None])[:, 0]
    golden = {"tokens": ids.tolist(), "log_probabilities": [float(f"{value:.6f}") for value in steps.tolist()]}
    (folder / "smollm2_log_probabilities.json").write_text(json.dumps(golden) + "\n")
    print(f"SmolLM2: {len(ids)} tokens, mean log-probability {steps.mean().item():.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smollm2", type=Path, help="the GGUF file; makes its golden only")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.smollm2:
        make_smollm2(arguments.smollm2, arguments.folder)
        return
    for seed, (name, case) in enumerate(CASES.items()):
        make_case(arguments.folder / name, case, seed + 1)


if __name__ == "__main__":
    main()
