"""Batches for training: samples of like length side by side, always the same number of tokens in all."""
import random

import numpy as np
import torch
from tokenizers import Tokenizer

from generate import mix, passages_task
from tokenizer import SPECIAL
from guide import Guide, Places, rarities, unmark

ROW = 3072
DECIDING, FIRST = 6, 3.0
"""The first tokens of an answer, which decide it, weigh more than the many that are copied."""
DISGUISED, RARE = 0.4, 3.5
"""Share of samples in disguise, and how rare a word must be for it."""
LENGTHS = (64, 96, 128, 192, 256, 384, 512, 768, 1024)


class Batches:
    def __init__(self, tokenizer_path, seed):
        self.tokenizer = Tokenizer.from_file(tokenizer_path)
        self.random = random.Random(seed)
        special = set(SPECIAL)
        self.ordinary = [i for token, i in sorted(self.tokenizer.get_vocab().items()) if token not in special]
        self.thinks = self.tokenizer.token_to_id("<think>")
        readings = (passages_task.make(self.random, lang) for lang in ("en", "zh") * 1000)
        self.rarity = rarities(map(self.encode, readings), self.tokenizer.get_vocab_size())
        self.waiting = {n: [] for n in LENGTHS}

    def encode(self, pieces):
        ids, learn, places = [], [], Places()
        for marked, counts in pieces:
            text, marks = unmark(marked)
            part = self.tokenizer.encode(text)
            if marks or counts:
                places.add(marks, part.offsets, len(ids), counts)
            ids += part.ids
            learn += [counts] * len(part.ids)
        return ids, learn, places

    def disguise(self, ids, places):
        """Puts random tokens for about half of the rarer words of the passages, in question and quotation too: any word can be matched and copied."""
        inside = {t for a, b in places.sentences for t in ids[a:b] if self.rarity[t] > RARE}
        other = {t: self.random.choice(self.ordinary) for t in sorted(inside) if self.random.random() < 0.5}
        out = list(ids)
        for a, b in places.sentences + places.questions + places.quotes:
            out[a:b] = [other.get(t, t) for t in ids[a:b]]
        return out

    def next(self, millions):
        """-> tokens [samples, length], flat positions whose next token counts, those next tokens and their weights, and where attention should look."""
        while True:
            ids, learn, places = self.encode(mix.draw(self.random, millions))
            if self.random.random() < DISGUISED and self.thinks not in ids:
                ids = self.disguise(ids, places)
            length = next((n for n in LENGTHS if n >= len(ids)), None)
            if length is None:
                continue
            rows = self.waiting[length]
            rows.append((ids, learn, places))
            if len(rows) < ROW // length:
                continue
            self.waiting[length] = []
            tokens = np.zeros((len(rows), length), dtype=np.int64)
            mask = np.zeros((len(rows), length), dtype=np.float32)
            for i, (ids, learn, places) in enumerate(rows):
                tokens[i, :len(ids)] = ids
                mask[i, :len(ids)] = learn
                for a, _ in places.answers:
                    mask[i, a:a + DECIDING] *= FIRST
            where = np.nonzero(mask.reshape(-1))[0]
            where = where[where % length != 0]
            return torch.from_numpy(tokens), torch.from_numpy(where - 1), torch.from_numpy(tokens.reshape(-1)[where]), torch.from_numpy(mask.reshape(-1)[where]), Guide(rows, length, self.rarity, self.random)
