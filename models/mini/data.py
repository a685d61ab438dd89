"""Batches for training: samples of like length side by side, always the same number of tokens in all."""
import random

import numpy as np
import torch
from tokenizers import Tokenizer

from generate import mix

ROW = 3072
LENGTHS = (64, 96, 128, 192, 256, 384, 512, 768, 1024)


class Batches:
    def __init__(self, tokenizer_path, seed):
        self.tokenizer = Tokenizer.from_file(tokenizer_path)
        self.random = random.Random(seed)
        self.waiting = {n: [] for n in LENGTHS}

    def encode(self, pieces):
        ids, learn = [], []
        for text, counts in pieces:
            part = self.tokenizer.encode(text).ids
            ids += part
            learn += [counts] * len(part)
        return ids, learn

    def next(self, millions):
        """-> tokens [samples, length], flat positions whose next token counts, and those next tokens."""
        while True:
            ids, learn = self.encode(mix.draw(self.random, millions))
            length = next((n for n in LENGTHS if n >= len(ids)), None)
            if length is None:
                continue
            rows = self.waiting[length]
            rows.append((ids, learn))
            if len(rows) < ROW // length:
                continue
            self.waiting[length] = []
            tokens = np.zeros((len(rows), length), dtype=np.int64)
            mask = np.zeros((len(rows), length), dtype=bool)
            for i, (ids, learn) in enumerate(rows):
                tokens[i, :len(ids)] = ids
                mask[i, :len(ids)] = learn
            where = np.nonzero(mask.reshape(-1))[0]
            where = where[where % length != 0]
            return torch.from_numpy(tokens), torch.from_numpy(where - 1), torch.from_numpy(tokens.reshape(-1)[where])
