# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes adapters that peft (see requirements.txt) made for a tiny random Llama, with random weights in place of the
zeros of lora_B: formats/peft_list (a list of modules, all at its default), formats/peft_regex (a pattern, rsLoRA,
patterns of ranks and alphas, layers, Gaussian start). Run: python make_peft_goldens.py"""
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

FOLDER = Path(__file__).parent / "formats"
CONFIGS = {
    "peft_list": LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM"),
    "peft_regex": LoraConfig(r=3, lora_alpha=6.5, lora_dropout=0.05, target_modules=r".*\.(q|v)_proj",
                             use_rslora=True, rank_pattern={"v_proj": 5}, alpha_pattern={"v_proj": 10},
                             init_lora_weights="gaussian", revision="main"),
}


def write():
    for name, config in CONFIGS.items():
        torch.manual_seed(3)
        model = LlamaForCausalLM(LlamaConfig(vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                                             num_attention_heads=4, num_key_value_heads=2))
        adapted = get_peft_model(model, config)
        for parameter_name, parameter in adapted.named_parameters():
            if "lora_B" in parameter_name:
                torch.nn.init.normal_(parameter)
        adapted.peft_config["default"].base_model_name_or_path = "tiny/Größe"
        adapted.save_pretrained(FOLDER / name)
        (FOLDER / name / "README.md").unlink(missing_ok=True)


write()
