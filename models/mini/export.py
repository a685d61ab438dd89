"""Writes a checkpoint as GGUF with its tokenizer and chat template inside.

    python export.py run/final.pt --tokenizer tokenizer.json --out mini.gguf
"""
import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import torch

from tokenizer import SPECIAL

CONTROL = SPECIAL[:3]
LAYER_NAMES = {"attn_norm": "attn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output", "ffn_norm": "ffn_norm", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}
"""Of each layer: the trainer's names, and those of GGUF."""


def vocabulary(path):
    made = json.loads(Path(path).read_text(encoding="utf-8"))
    ids = {**made["model"]["vocab"], **{t["content"]: t["id"] for t in made["added_tokens"]}}
    tokens = [t for t, _ in sorted(ids.items(), key=lambda pair: pair[1])]
    kinds = [gguf.TokenType.CONTROL if t in CONTROL else gguf.TokenType.USER_DEFINED if t in SPECIAL else gguf.TokenType.NORMAL for t in tokens]
    merges = [" ".join(m) if isinstance(m, list) else m for m in made["model"]["merges"]]
    return tokens, kinds, merges


def describe(writer, shape, tokens, kinds, merges, template):
    writer.add_name("mini")
    writer.add_description("A small chat model that quotes answers from passages, in English and Chinese")
    writer.add_license("MIT")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(shape["context"])
    writer.add_embedding_length(shape["width"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["inner"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["heads"])
    writer.add_layer_norm_rms_eps(shape["eps"])
    writer.add_rope_dimension_count(shape["width"] // shape["heads"])
    writer.add_rope_freq_base(shape["rope_base"])
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(template)


def tensors(writer, model):
    def add(name, key):
        value = model[key].float().numpy()
        writer.add_tensor(name, value.astype(np.float16) if value.ndim == 2 else value)
    add("token_embd.weight", "embed")
    add("output_norm.weight", "out_norm")
    for i in range(sum(key.endswith(".attn_norm") for key in model)):
        for ours, theirs in LAYER_NAMES.items():
            add(f"blk.{i}.{theirs}.weight", f"layers.{i}.{ours}")


def main():
    a = argparse.ArgumentParser()
    a.add_argument("checkpoint")
    a.add_argument("--tokenizer", default="tokenizer.json")
    a.add_argument("--out", default="mini.gguf")
    given = a.parse_args()
    saved = torch.load(given.checkpoint, map_location="cpu")
    template = (Path(__file__).parent / "template.jinja").read_text(encoding="utf-8").rstrip("\n")
    writer = gguf.GGUFWriter(given.out, "llama")
    describe(writer, saved["shape"], *vocabulary(given.tokenizer), template)
    tensors(writer, saved["model"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(given.out, Path(given.out).stat().st_size, "bytes")


if __name__ == "__main__":
    main()
