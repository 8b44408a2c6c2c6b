#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/data/data: two small tokenizers with chat templates, and what rows of real data become by the rules of the
documentation ("What a row becomes"), computed with transformers and its Jinja.

    make_mask_goldens.py FOLDER_OF_REAL_DATA

Made with transformers 5.23.0, tokenizers 0.23.3, jinja2 3.1.6 (requirements.txt has all pins).
"""
import hashlib
import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

HERE = Path(__file__).resolve().parent / "data"
REAL = Path(sys.argv[1]) if __name__ == "__main__" else None  # scripts/check_masks.py uses the rule alone

# Two manners of template: one that marks each turn and has a generation prompt, and one that has none, begins with a bos
# of its own and ends each answer with eos. Lists of parts are flattened before rendering, as the program does.
MARKED = (
    "{% for m in messages %}"
    "{% if loop.first and m.role != 'system' %}<|im_start|>system\nBe brief.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
BRACKETED = (
    "{{ bos_token }}"
    "{% for m in messages %}"
    "{% if m.role == 'assistant' %} {{ m.content | trim }}{{ eos_token }}"
    "{% else %}[{{ m.role }}] {{ m.content | trim }} [/{{ m.role }}]{% endif %}"
    "{% endfor %}"
)
TOKENIZERS = {
    "marked": dict(template=MARKED, bos=None, eos="<|im_end|>", special=["<|endoftext|>", "<|im_start|>", "<|im_end|>"]),
    "bracketed": dict(template=BRACKETED, bos="<s>", eos="</s>", special=["<s>", "</s>"]),
}
ALPACA_START = {
    False: "Below is an instruction that describes a task. ",
    True: "Below is an instruction that describes a task, paired with an input that provides further context. ",
}


def train_tokenizers():
    corpus = [row["question"] + "\n" + row["answer"] for row in read("gsm8k/train.jsonl")[:500]]
    for name, made in TOKENIZERS.items():
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
            vocab_size=700, special_tokens=[AddedToken(t, normalized=False, special=True) for t in made["special"]],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
        if made["bos"]:
            tokenizer.post_processor = processors.TemplateProcessing(
                single=made["bos"] + " $A", special_tokens=[(made["bos"], tokenizer.token_to_id(made["bos"]))])
        folder = HERE / name
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(folder / "tokenizer.json"))
        config = dict(tokenizer_class="PreTrainedTokenizerFast", chat_template=made["template"], eos_token=made["eos"],
                      clean_up_tokenization_spaces=False)
        if made["bos"]:
            config.update(bos_token=made["bos"], add_bos_token=True)
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")


def read(name):
    path = HERE / name[len("here:"):] if name.startswith("here:") else REAL / name
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines() if line]


def pieces_of_chat(tokenizer, messages):
    """Texts with whether they are trained: each ends at a generation prompt or after an assistant's message."""
    render = lambda count, prompt: tokenizer.apply_chat_template(
        messages[:count], tokenize=False, add_generation_prompt=prompt)
    pieces, done = [], ""
    for i, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        for text, trained in ((render(i, True), False), (render(i + 1, False), True)):
            assert text.startswith(done)
            pieces.append((text[len(done):], trained))
            done = text
    return pieces


def messages_of(kind, row):
    if kind == "messages":
        flat = lambda content: content if isinstance(content, str) else "".join(part["text"] for part in content)
        return [dict(role=m["role"], content=flat(m["content"])) for m in row["messages"]]
    if kind == "sharegpt":
        return [dict(role={"human": "user", "gpt": "assistant"}[m["from"]], content=m["value"])
                for m in row["conversations"]]
    if kind == "alpaca":
        user = row["instruction"] + ("\n\n" + row["input"] if row["input"] else "")
        return [dict(role="user", content=user), dict(role="assistant", content=row["output"])]
    return [dict(role="user", content=row["question"]), dict(role="assistant", content=row["answer"])]


def alpaca_prompt(row):
    has_input = bool(row["input"])
    return (ALPACA_START[has_input] + "Write a response that appropriately completes the request.\n\n### Instruction:\n"
            + row["instruction"] + ("\n\n### Input:\n" + row["input"] if has_input else "") + "\n\n### Response:")


def example(tokenizer, case, row):
    """Token ids and the mask of one row; None where it is skipped."""
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False)
    adds_bos = tokenizer.bos_token_id is not None and tokenizer.encode("a")[0] == tokenizer.bos_token_id
    bos = [tokenizer.bos_token_id] if adds_bos else []
    eos = [tokenizer.eos_token_id]
    kind = case["format"]
    if kind == "text":
        parts = [(bos + encode(row[case["column"]]) + eos, True)]
    elif case["template"] == "plain":
        prompt, completion = ((alpaca_prompt(row), row["output"]) if kind == "alpaca"
                              else (row["question"], row["answer"]))
        parts = [(bos + encode(prompt), False), (encode(completion) + eos, True)]
    else:
        parts = [(encode(text), trained) for text, trained in pieces_of_chat(tokenizer, messages_of(kind, row))]
    ids = [i for part, _ in parts for i in part][: case["max_length"]]
    mask = [int(trained or case["train_on"] == "all") for part, trained in parts for _ in part][: case["max_length"]]
    if mask:
        mask[0] = 0  # nothing predicts the first token
    return (ids, mask) if any(mask) else None


def cases():
    for tokenizer in TOKENIZERS:
        base = dict(tokenizer=tokenizer, template="chat", train_on="completions", max_length=512, rows=300)
        yield base | dict(file="gsm8k/train.jsonl", format="prompt_completion")
        yield base | dict(file="gsm8k/train.jsonl", format="prompt_completion", template="plain", max_length=100)
        yield base | dict(file="alpaca/alpaca_en_demo.json", format="alpaca", max_length=200)
        yield base | dict(file="alpaca/alpaca_en_demo.json", format="alpaca", template="plain")
        yield base | dict(file="sharegpt/dummy_conversation.json", format="sharegpt", rows=500)
        yield base | dict(file="sharegpt/dummy_conversation.json", format="sharegpt", train_on="all", max_length=60)
        yield base | dict(file="self_instruct/seed_tasks.jsonl", format="text", column="instruction", rows=175)
        yield base | dict(file="here:messages.jsonl", format="messages", max_length=100, rows=8)
        yield base | dict(file="here:messages.jsonl", format="messages", max_length=100, train_on="all", rows=8)


def main():
    train_tokenizers()
    goldens = []
    for case in cases():
        tokenizer = AutoTokenizer.from_pretrained(HERE / case["tokenizer"])
        results = [example(tokenizer, case, row) for row in read(case["file"])[: case["rows"]]]
        # One line a row: the ids, then those trained; "skipped" alone where it is.
        lines = ["skipped" if r is None else " ".join(map(str, r[0])) + "|" + "".join(map(str, r[1])) for r in results]
        case["skipped"] = results.count(None)
        case["trained"] = sum(sum(r[1]) for r in results if r)
        case["first"] = lines[:8] if case["rows"] == 8 else lines[:1]
        case["sha256"] = hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()
        goldens.append(case)
    (HERE / "masks.json").write_text(json.dumps(goldens, indent=1) + "\n")


if __name__ == "__main__":
    main()
