"""Writes a GGUF of ours back as a checkpoint, so that training can go on from what is in the repository.

    python restore.py mini.gguf --out run/restored.pt
    python train.py --resume run/restored.pt --seen 24 --minutes 120

The optimiser's state is not in the file: it begins anew.
"""
import argparse
import os

import gguf
import torch

from export import LAYER_NAMES
from model import Model, Shape


def shape_of(reader):
    def number(key):
        return reader.fields[f"llama.{key}"].contents()
    return Shape(vocab=number("vocab_size"), width=number("embedding_length"), layers=number("block_count"), heads=number("attention.head_count"),
                 inner=number("feed_forward_length"), context=number("context_length"), rope_base=number("rope.freq_base"), eps=number("attention.layer_norm_rms_epsilon"))


def weights_of(reader):
    theirs = {t.name: torch.from_numpy(t.data.copy()).float() for t in reader.tensors}
    weights = {"embed": theirs["token_embd.weight"], "out_norm": theirs["output_norm.weight"]}
    for i in range(sum(name.endswith(".attn_norm.weight") for name in theirs)):
        for ours, name in LAYER_NAMES.items():
            weights[f"layers.{i}.{ours}"] = theirs[f"blk.{i}.{name}.weight"]
    return weights


def main():
    a = argparse.ArgumentParser()
    a.add_argument("gguf")
    a.add_argument("--out", default="run/restored.pt")
    given = a.parse_args()
    reader = gguf.GGUFReader(given.gguf)
    model = Model(shape_of(reader))
    model.load_state_dict(weights_of(reader))
    os.makedirs(os.path.dirname(given.out) or ".", exist_ok=True)
    torch.save({"shape": model.shape.dict(), "model": model.state_dict(), "optimiser": None, "progress": 0.0}, given.out)


if __name__ == "__main__":
    main()
