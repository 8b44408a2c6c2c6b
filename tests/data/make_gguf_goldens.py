# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes formats/every_type.gguf with the gguf package (see requirements.txt): a tensor of every type that Lorikeet
reads, of random blocks, and metadata of every type; and formats/every_type.safetensors with the values that the gguf
package dequantizes them to. Run from this folder's parent: python data/make_gguf_goldens.py"""
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file

FOLDER = Path(__file__).parent / "formats"
ROWS, COLUMNS = 3, 512

# Where a block keeps its float16 scales, which must be finite: byte offsets.
HALVES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}


def random_blocks(rng, kind):
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (ROWS * COLUMNS // elements, size), dtype=np.uint8)
    for offset in HALVES[kind.name]:
        scales = rng.normal(0, 0.05, (len(blocks), 1)).astype(np.float16)
        blocks[:, offset:offset + 2] = scales.view(np.uint8)
    return blocks.reshape(ROWS, -1)


def plain_tensors(rng):
    normal = rng.normal(0, 1, (ROWS, COLUMNS))
    yield "F32", normal.astype(np.float32)
    yield "F16", normal.astype(np.float16)
    yield "F64", normal.astype(np.float64)
    for bits in (8, 16, 32):
        yield f"I{bits}", rng.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (ROWS, 5)).astype(f"int{bits}")


def write():
    rng = np.random.default_rng(5)
    FOLDER.mkdir(exist_ok=True)
    writer = gguf.GGUFWriter(FOLDER / "every_type.gguf", "llama")
    expected = {}
    for name, values in plain_tensors(rng):
        writer.add_tensor(name, values)
        expected[name] = values.astype(np.float32)
    bf16 = gguf.quants.quantize(rng.normal(0, 1, (ROWS, COLUMNS)).astype(np.float32), gguf.GGMLQuantizationType.BF16)
    writer.add_tensor("BF16", bf16, raw_dtype=gguf.GGMLQuantizationType.BF16)
    expected["BF16"] = gguf.quants.dequantize(bf16, gguf.GGMLQuantizationType.BF16)
    for name in HALVES:
        kind = gguf.GGMLQuantizationType[name]
        blocks = random_blocks(rng, kind)
        writer.add_tensor(name, blocks, raw_dtype=kind)
        expected[name] = gguf.quants.dequantize(blocks, kind).astype(np.float32)

    writer.add_uint8("n.uint8", 200)
    writer.add_int8("n.int8", -100)
    writer.add_uint16("n.uint16", 60000)
    writer.add_int16("n.int16", -30000)
    writer.add_uint32("n.uint32", 4000000000)
    writer.add_int32("n.int32", -2000000000)
    writer.add_uint64("n.uint64", 2**63 - 1)
    writer.add_key_value("n.too_large", 2**63, gguf.GGUFValueType.UINT64)
    writer.add_key_value("n.int64", -(2**62), gguf.GGUFValueType.INT64)
    writer.add_float32("n.float32", 0.5)
    writer.add_float64("n.float64", 1e300)
    writer.add_bool("n.true", True)
    writer.add_bool("n.false", False)
    writer.add_string("s.text", "Grüße, 世界")
    writer.add_array("a.strings", ["one", "", "dréi"])
    writer.add_array("a.integers", [3, -4, 5])
    writer.add_array("a.floats", [0.25, -1.5])
    writer.add_array("a.bools", [True, False])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, FOLDER / "every_type.safetensors")


write()
