"""Sentences of one to three clauses, as people write them, with questions about each clause."""
from . import clauses_en, clauses_zh, lexicon_en, lexicon_zh, values


def _parse(block):
    return [(left, right.split(" ; ")) for left, right in (line.split(" | ") for line in block.split("\n"))]


TABLES = {"en": _parse(clauses_en.CLAUSES), "zh": _parse(clauses_zh.CLAUSES)}


def slots(r, lang):
    module = clauses_en if lang == "en" else clauses_zh
    common = {"Y": values.year(r), "s": r.choice(module.SEASONS), "o": r.choice(module.ORDINALS), "u": r.choice(module.PERIODS)}
    if lang == "en":
        v, w = lexicon_en.verb(r), lexicon_en.verb(r)
        return common | {"a": lexicon_en.noun(r), "b": lexicon_en.noun(r), "c": lexicon_en.noun(r), "x": lexicon_en.adjective(r), "y": lexicon_en.adjective(r), "v": v[0], "vp": v[1], "vd": v[2], "w": w[0], "wd": w[2],
                         "P": values.person(r), "L": values.place(r), "N": values.number(r), "T": values.clock(r), "W": r.choice(values.DAYS)}
    return common | {"a": lexicon_zh.noun(r), "b": lexicon_zh.noun(r), "c": lexicon_zh.noun(r), "x": r.choice(lexicon_zh.ADJECTIVES), "z": r.choice(clauses_zh.SHORT), "d": r.choice(clauses_zh.WEATHER), "v": lexicon_zh.verb(r), "w": lexicon_zh.verb(r),
                     "k": r.choice(lexicon_zh.CLASSIFIERS), "P": values.person_zh(r), "L": values.place_zh(r), "N": values.number_zh(r), "T": f"{r.choice(['上午', '下午', '晚上'])}{r.randint(1, 12)}点", "W": "周" + r.choice("一二三四五六日")}


def fill(text, s):
    for key, value in s.items():
        text = text.replace("{" + key + "}", value)
    return text


def upper(text):
    return text[0].upper() + text[1:]


def clause(r, lang, index):
    s = slots(r, lang)
    statement, questions = TABLES[lang][index]
    return fill(statement, s), [upper(fill(q, s)) for q in questions], s


def sentence(r, lang, indices):
    module = clauses_en if lang == "en" else clauses_zh
    made = [clause(r, lang, i) for i in indices]
    text = made[0][0]
    for part, _, _ in made[1:]:
        text += r.choice(module.JOIN) + part
    if r.random() < 0.25:
        text = fill(r.choice(module.LEAD), slots(r, lang)) + text
    if r.random() < 0.2:
        text += fill(r.choice(module.TAIL), slots(r, lang))
    return upper(text) + ("." if lang == "en" else "。"), [q for _, questions, _ in made for q in questions], [s for _, _, s in made]


def make(r, lang, size):
    """-> sentences with their questions, and a maker of questions that none of them answers."""
    order = r.sample(range(len(TABLES[lang])), len(TABLES[lang]))
    sentences, words = [], []
    for _ in range(size):
        indices = [order.pop() for _ in range(r.choice([1, 1, 1, 2, 2, 3]))]
        text, questions, used = sentence(r, lang, indices)
        sentences.append((text, questions))
        words += used

    def missing():
        """Another clause, about words of this passage: their likeness is no answer."""
        s = slots(r, lang)
        for key in r.sample(["a", "b", "c", "v", "P", "x"], r.choice([1, 1, 2])):
            base = r.choice(words)
            if key in base:
                s[key] = base[key]
                if key == "v" and lang == "en":
                    s["vp"], s["vd"] = base["vp"], base["vd"]
        return upper(fill(r.choice(TABLES[lang][r.choice(order)][1]), s))
    return sentences, missing
