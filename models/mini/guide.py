"""Where attention should look, for the heads that training guides.

A quotation is found in steps: every token gathers its own sentence, an answer gathers its question, looks for the sentence that
matches it, and copies from there. Text alone teaches these steps slowly; here the samples know where everything stands, so some
heads are told. Running the model needs none of this.
"""
import random
import re

import numpy as np
import torch

from generate.chatml import ASKED, NUMBER, QUOTED, SENTENCE

ROLES = {
    "match": ((1, 0),),  # a token of a passage looks at the same token in the question, or at the very first token if there is none
    "begin": ((1, 1),),  # at the token its sentence begins with
    "number": ((1, 2),),  # at the number of its passage
    "own": ((1, 3),),  # at its own sentence
    "tally": ((2, 0),),  # at those of its sentence that the question has too, by their rarity; the very first token takes the rest
    "ask": ((2, 1),),  # an answer looks at its question
    "find": ((3, 0), (3, 1)),  # at the end of the sentence that holds the answer, where all of it has been tallied
    "copy": ((4, 0), (4, 1), (4, 2), (4, 3)),  # at the token that comes next
}
MOST = {"match": 256, "begin": 96, "number": 96, "own": 128, "tally": 256, "ask": 128, "find": 320, "copy": 512}
REST = 6.0
"""What the first token weighs against words in common: the share of the others grows with their number and rarity."""
MARK = re.compile(f"[{NUMBER}{''.join(SENTENCE + ASKED + QUOTED)}]")


def unmark(text):
    """-> the text without marks, and (mark, place in that text) for each."""
    marks, at = [], 0
    for m in MARK.finditer(text):
        marks.append((m.group(), m.start() - len(marks)))
    return MARK.sub("", text), marks


def spans(marks, pair):
    begins = [at for m, at in marks if m == pair[0]]
    return list(zip(begins, (at for m, at in marks if m == pair[1])))


class Places:
    """Token positions of everything marked in one sample."""

    def __init__(self):
        self.sentences, self.numbers, self.questions, self.quotes, self.answers = [], [], [], [], []

    def add(self, marks, offsets, base, answer):
        """offsets: (from, to) in characters of each token of a piece whose first token is number `base` of the sample."""
        def tokens(a, b):
            inside = [i for i, (x, y) in enumerate(offsets) if y > a and x < b]
            return (base + inside[0], base + inside[-1] + 1) if inside else (base, base)
        self.numbers += [tokens(at, at + 1)[0] for m, at in marks if m == NUMBER]
        self.sentences += [tokens(a, b) for a, b in spans(marks, SENTENCE)]
        self.questions += [tokens(a, b) for a, b in spans(marks, ASKED)]
        if answer:
            self.answers.append((base, base + len(offsets)))
            self.quotes += [tokens(a, b) for a, b in spans(marks, QUOTED)]


def looks(ids, places, learn, rarity):
    """Yields (role, position, the positions it should look at, or {position: weight})."""
    owner = {}
    for a, b in places.sentences + places.questions:
        for t in range(a + 1, b):
            yield "own", t, range(a, t + 1)
    for a, b in places.sentences:
        number = max((n for n in places.numbers if n < a), default=None)
        for t in range(a + 1, b):
            yield "begin", t, (a,)
            if number is not None:
                yield "number", t, (number,)
        owner.setdefault(tuple(ids[a + 1:b]), []).append((a, b))
    first = places.questions[0] if places.questions else (0, 0)
    asked = {}
    for t in range(*first):
        asked.setdefault(ids[t], []).append(t)
    for a, b in places.sentences:
        if a >= first[1] > 0:
            common = {0: REST}
            for t in range(a, b):
                yield "match", t, asked.get(ids[t], (0,))
                if ids[t] in asked:
                    common[t] = rarity[ids[t]]
                yield "tally", t, dict(common)
    for a, b in places.answers:
        if places.questions:
            for t in range(a - 1, min(b - 1, a + 6)):
                yield "ask", t, range(*places.questions[-1])
    quoted = set()
    for a, b in places.quotes:
        sources = [s for s in owner.get(tuple(ids[a + 1:b]), ()) if s[1] <= a]
        if not sources:
            continue
        begin = max((x for x, _ in places.answers if x <= a), default=a)
        ends = [j for s in sources for j in range(s[1] - 2, s[1])]
        for t in range(begin - 1, a + 1):
            yield "find", t, ends
        for k in range(b - a):
            same = [s[0] + k for s in sources if ids[s[0] + k] == ids[a + k]]
            if same:
                quoted.add(a + k)
                yield "copy", a + k - 1, same
    yield from repeats(ids, learn, quoted)


def repeats(ids, learn, quoted):
    """What an answer takes over word by word outside marked quotations: three tokens alike."""
    seen = {}
    for i in range(2, len(ids)):
        key = (ids[i - 2], ids[i - 1], ids[i])
        if learn[i] and i not in quoted and key in seen:
            yield "copy", i - 1, tuple(seen[key])
        if not learn[i]:
            seen.setdefault(key, []).append(i)


def rarities(samples, vocabulary):
    """How much a word in common says: the logarithm of how few sentences have it. samples: (ids, learn, places)."""
    count, total = np.zeros(vocabulary), 0
    for ids, _, places in samples:
        for a, b in places.sentences:
            count[list(set(ids[a:b]))] += 1
            total += 1
    return np.log((total + 1) / (count + 1))


class Guide:
    """Rows and targets for one batch: for each guided head, which rows of its attention count and where they should look."""

    def __init__(self, rows, length, rarity, r=random):
        gathered = {role: [] for role in ROLES}
        for n, (ids, learn, places) in enumerate(rows):
            for role, t, where in looks(ids, places, learn, rarity):
                gathered[role].append((n, t, where))
        self.by_layer = {}
        for role, found in gathered.items():
            if not found:
                continue
            kept = r.sample(found, min(len(found), MOST[role]))
            target = np.zeros((len(kept), length), dtype=np.float32)
            for i, (_, _, where) in enumerate(kept):
                target[i, list(where)] = list(where.values()) if isinstance(where, dict) else 1
            entry = (role, torch.tensor([n for n, _, _ in kept]), torch.tensor([t for _, t, _ in kept]), torch.from_numpy(target))
            for layer, head in ROLES[role]:
                self.by_layer.setdefault(layer, []).append((head, *entry))

    def losses(self, layer, scores):
        """scores: [samples, heads, length, length] before the softmax -> {role: mean loss}.

        Where only the places matter the loss is -log(attention that is there); a tally has a distribution to come near to.
        """
        out = {}
        for head, role, sample, row, target in self.by_layer.get(layer, ()):
            s = scores[sample, head, row].float()
            total = torch.logsumexp(s, -1)
            if role == "tally":
                share = target / target.sum(-1, keepdim=True)
                missed = total - (share * s.masked_fill(share == 0, 0)).sum(-1) + torch.xlogy(share, share).sum(-1)
            else:
                missed = total - torch.logsumexp(s.masked_fill(target == 0, float("-inf")), -1)
            out[role] = out.get(role, 0) + missed.mean() / len(ROLES[role])
        return out
