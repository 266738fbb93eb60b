"""Write a tiny random model in llama.cpp's format; runs in the environment of that server, never in ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

WIDTH, HEADS, LAYERS, CONTEXT = 32, 4, 2, 512

TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def characters() -> list[str]:
    """Return the 256 characters that stand for bytes in the vocabulary of GPT-2."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(others)) for byte in range(256)]


def write(path: Path) -> None:
    import gguf

    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("tiny-random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(WIDTH * 2)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    add_tokenizer(writer)
    add_tensors(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_tokenizer(writer: Any) -> None:
    vocabulary = [*characters(), "<|end|>"]
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(vocabulary)
    writer.add_token_types([1] * 256 + [3])
    # Each merge joins two characters that are in the vocabulary; llama.cpp demands at least one.
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(256)
    writer.add_chat_template(TEMPLATE)


def add_tensors(writer: Any) -> None:
    import numpy as np

    rng = np.random.default_rng(7)
    shapes = {"token_embd": (257, WIDTH), "output": (257, WIDTH)}
    norms = ["output_norm"]
    for layer in range(LAYERS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[f"blk.{layer}.{part}"] = (WIDTH, WIDTH)
        shapes[f"blk.{layer}.ffn_gate"] = shapes[f"blk.{layer}.ffn_up"] = (WIDTH * 2, WIDTH)
        shapes[f"blk.{layer}.ffn_down"] = (WIDTH, WIDTH * 2)
        norms += [f"blk.{layer}.attn_norm", f"blk.{layer}.ffn_norm"]
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", rng.normal(0, 0.2, shape).astype(np.float32))
    for name in norms:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, dtype=np.float32))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
