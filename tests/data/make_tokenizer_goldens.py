# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/tokenizers/*.json: tokenizers trained on a few lines here, in the shapes that models use, and what
# the tokenizers library makes of texts with them. Pinned: tokenizers 0.23.3, sentencepiece 0.2.3.
#   LORIKEET_TEST_MODEL=SmolLM2-135M-Instruct.Q4_1.gguf python tests/data/make_tokenizer_goldens.py
# Without the variable, smollm2_cases.json stays as it is; so does sentencepiece_test_cases.json without
# LORIKEET_TEST_DATA, the folder that holds tokenizers/sentencepiece_test.model.
import io
import json
import os
import pathlib
import random

import sentencepiece
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

FOLDER = pathlib.Path(__file__).parent / "tokenizers"
CORPUS = [
    "The small bird sat on the fence and sang until the rain came.",
    "A lorikeet's feathers are green, blue, red and orange; they've 3 or 4 young in a year, 1987 to 2024.",
    "def count(words):\n    total = {}\n    for word in words:\n        total[word] = total.get(word, 0) + 1\n    return total\n",
    "Größe, Maße und Übermut: drei schöne Wörter. L'été, où êtes-vous? Ça va!",
    "Привет, мир! Как дела сегодня? 你好,世界。今天天气很好。 日本語のテキスト。 مرحبا بالعالم",
    "I'll we'd they're isn't HELLO World WORLD'S 12345 67 890 \t\ttabs\n\n\nlines   spaces    here",
] * 4
TEXTS = [
    "", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", " \n ", "a", " a", "a ", " a b  c   d ", "Hello world", " Hello, World!",
    "I'll we've they're it's HE'S DON'T don't", "1", "12", "123", "1234 56", "a1b22c333", "3.14159 1,000,000", "½ ٣ Ⅷ 三",
    "The lorikeet sang 42 times.", "def f(x):\n\treturn x  # ok\n\n\n", "Größe schöne été où", "e\u0301te\u0301 A\u030a", "ﬁ ™ ①",
    "Привет мир", "你好世界", "日本語テキスト", "مرحبا", "🦜 🦙👩‍👩‍👧 🏳️‍🌈", "\u00a0nbsp\u2003em\u3000wide\u180emvs\u200bzw\u0085nel",
    "\u0000null\u0001", "<|end|>", "a<|end|>b", "<|end|> <|begin|>x<|end|>", "a <mask> b", "a<mask>b", "  <trim>  x  <trim>y",
    "wordtok", "a wordtok b", "awordtok wordtokb wordtok.", "the Added piece", "<|end", "<|end|", "▁ ▁a", "<0x41>", "Hello<0x0A>",
    "ſ 'ſ K", "x" * 300, "ab" * 200, " " * 100, "\n" * 50, "a\u0300\u0301\u0302", "\uffff\U0010ffff", "тест'S test's",
]


def random_texts(seed, count=60):
    rng = random.Random(seed)
    ranges = [(32, 127)] * 6 + [(0, 32), (0xA0, 0x250), (0x370, 0x600), (0x900, 0xA00), (0x2000, 0x2070), (0x3040, 0x3100), (0x4E00, 0x9000),
                                (0xAC00, 0xD7A4), (0x300, 0x370), (0x1F300, 0x1F650), (0x1D400, 0x1D800), (0xFE00, 0xFE10)]
    texts = []
    for _ in range(count):
        parts = []
        for _ in range(rng.randint(1, 12)):
            low, high = rng.choice(ranges)
            parts.append("".join(chr(rng.randrange(low, high)) for _ in range(rng.randint(1, 5))))
        texts.append(rng.choice(["", " "]).join(parts))
    return texts


ADDED = [
    AddedToken("<|begin|>", special=True, normalized=False), AddedToken("<|end|>", special=True, normalized=False),
    AddedToken("<mask>", special=True, lstrip=True, normalized=False),
    AddedToken("<trim>", special=False, lstrip=True, rstrip=True, normalized=False),
    AddedToken("wordtok", special=False, single_word=True, normalized=False),
    AddedToken("Added piece", special=False, normalized=True),
]
BYTE_SPLITS = {
    "gpt2": None,
    "digits": [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)],
    "llama3": [pre_tokenizers.Split(Regex(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), "isolated"),
               pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)],
    "qwen2": [pre_tokenizers.Split(Regex(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), "isolated"),
              pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)],
    "splits": [pre_tokenizers.Split(" ", "merged_with_next"), pre_tokenizers.Split(Regex(r"[.,;!?]+"), "merged_with_previous"),
               pre_tokenizers.Split("e", "contiguous"), pre_tokenizers.Split(Regex("q+"), "removed"),
               pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=False)],
}


def byte_level(name):
    tokenizer = Tokenizer(models.BPE(ignore_merges=name == "llama3"))
    steps = BYTE_SPLITS[name]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps) if steps else pre_tokenizers.ByteLevel(add_prefix_space=False)
    if name == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=420, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens(ADDED)
    begin = tokenizer.token_to_id("<|begin|>")
    if name == "llama3":
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="<|begin|> $A", pair="<|begin|> $A <|begin|> $B:1", special_tokens=[("<|begin|>", begin)])])
    elif name == "gpt2":
        tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    elif name == "splits":
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<|begin|> $A <|end|>", special_tokens=[("<|begin|>", begin), ("<|end|>", tokenizer.token_to_id("<|end|>"))])
    return tokenizer


def byte_fallback(name):
    """Llama 2 and Mistral: SentencePiece's vocabulary as BPE with byte fallback."""
    specials = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    base = Tokenizer(models.BPE(unk_token="<unk>"))
    base.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    base.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    base.train_from_iterator([text for text in CORPUS if text.isascii()], trainers.BpeTrainer(vocab_size=480, special_tokens=specials, show_progress=False))
    state = json.loads(base.to_str())["model"]
    model = models.BPE(vocab=state["vocab"], merges=[tuple(merge) for merge in state["merges"]], unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(model)
    tail = [decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(content=" ", left=1)]
    if name == "llama2":
        tokenizer.normalizer = base.normalizer
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " ")] + tail)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in ("<unk>", "<s>", "</s>")])
    tokenizer.add_tokens(ADDED)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def smollm2(path):
    """The tokenizers library's object with the vocabulary of the GGUF file. Pinned: gguf 0.19.0."""
    import gguf

    fields = gguf.GGUFReader(path).fields
    content = {key.removeprefix("tokenizer.ggml."): field.contents() for key, field in fields.items() if key.startswith("tokenizer.ggml.")}
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(content["tokens"])}, merges=[tuple(merge.split(" ")) for merge in content["merges"]]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(BYTE_SPLITS["digits"])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token, kind in zip(content["tokens"], content["token_type"]) if kind == 3])
    return tokenizer


def train_sentencepiece(kind):
    """The bytes of a small SentencePiece file."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(" ".join(CORPUS).split("\n")), model_writer=model, model_type=kind, vocab_size=420, byte_fallback=kind == "bpe",
        normalization_rule_name="identity", remove_extra_whitespaces=kind == "unigram", user_defined_symbols=["<sep>", "\n"], minloglevel=2,
        hard_vocab_limit=False)
    return model.getvalue()


def sentencepiece_cases(processor, texts):
    """Per text: ids without begin and end, and the text decoded from them."""
    texts = [text for text in texts if "\0" not in text and "<s>" not in text and "</s>" not in text and "<unk>" not in text]
    return [[text, processor.encode(text), processor.decode(processor.encode(text))] for text in texts]


def cases_of(tokenizer, texts):
    """Per text: ids with the special tokens put around it, and the text decoded from them without."""
    cases = []
    for text in texts:
        ids = tokenizer.encode(text).ids
        cases.append([text, ids, tokenizer.decode(ids, skip_special_tokens=True)])
    return cases


def main():
    assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
    FOLDER.mkdir(exist_ok=True)
    made = {name: byte_level(name) for name in BYTE_SPLITS} | {name: byte_fallback(name) for name in ("llama2", "mistral")}
    for number, (name, tokenizer) in enumerate(made.items()):
        cases = cases_of(tokenizer, TEXTS + random_texts(number))
        golden = {"tokenizer": json.loads(tokenizer.to_str()), "cases": cases}
        (FOLDER / f"{name}.json").write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")
    for kind in ("bpe", "unigram"):
        model = train_sentencepiece(kind)
        (FOLDER / f"{kind}.model").write_bytes(model)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        cases = sentencepiece_cases(processor, TEXTS + random_texts(7))
        (FOLDER / f"{kind}_cases.json").write_text(json.dumps(cases, ensure_ascii=True, separators=(",", ":")) + "\n")
    if folder := os.environ.get("LORIKEET_TEST_DATA"):
        processor = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/tokenizers/sentencepiece_test.model")
        cases = sentencepiece_cases(processor, TEXTS + random_texts(8, 200))
        (FOLDER / "sentencepiece_test_cases.json").write_text(json.dumps(cases, ensure_ascii=True, separators=(",", ":")) + "\n")
    if path := os.environ.get("LORIKEET_TEST_MODEL"):
        texts = TEXTS + random_texts(99, 300) + CORPUS[:6] + ["<|im_start|>user\nHi<|im_end|>\n", " <|im_end|> x"]
        cases = [case[:2] for case in cases_of(smollm2(path), texts)]
        (FOLDER / "smollm2_cases.json").write_text(json.dumps(cases, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
