"""Writes evaluation/generated.jsonl: passages of held-out shapes and words, with the words that a right answer holds.

    python -m evaluation.make --count 440
"""
import argparse
import json
import random
import re
from pathlib import Path

from generate import values
from . import frames


def parse(block):
    return [[part.strip() for part in line.split(" | ")] for line in block.strip().split("\n")]


def entity(r, lang):
    if lang == "en":
        return f"the {values.name(r)} {r.choice(frames.HEADS_EN)}"
    return values.place_zh(r)[:2] + r.choice(frames.HEADS_ZH)


def fact(r, lang, frame, e):
    statement, asked, absent = frame
    make = {"person": values.person if lang == "en" else values.person_zh, "place": values.place if lang == "en" else values.place_zh,
            "year": values.year, "number": lambda r: str(values.integer(r, 41, 980))}
    kind = re.search(r"\{v:(\w+)\}", statement).group(1)
    gold = make[kind](r)
    words = {"{e}": e, f"{{v:{kind}}}": gold, "{year}": values.year(r), "{person}": make["person"](r)}

    def fill(text):
        for key, value in words.items():
            text = text.replace(key, value)
        return text[0].upper() + text[1:]
    return {"text": fill(statement), "question": fill(asked), "absent": fill(absent), "gold": gold}


def case(r, lang, answerable):
    table = parse(frames.EN if lang == "en" else frames.ZH)
    passages = []
    for _ in range(r.randint(2, 4)):
        e = entity(r, lang)
        passages.append([fact(r, lang, f, e) for f in r.sample(table, r.randint(1, 4))])
    home = r.randrange(len(passages))
    chosen = r.choice(passages[home])
    return {"language": lang, "passages": [(" " if lang == "en" else "").join(f["text"] for f in p) for p in passages],
            "question": chosen["question"] if answerable else chosen["absent"],
            "answer": chosen["gold"] if answerable else None, "sentence": chosen["text"] if answerable else None, "source": home + 1 if answerable else None}


if __name__ == "__main__":
    a = argparse.ArgumentParser()
    a.add_argument("--count", type=int, default=440)
    a.add_argument("--out", default=str(Path(__file__).parent / "generated.jsonl"))
    given = a.parse_args()
    values.use_held_out(True)
    r = random.Random(20)
    rows = [case(r, ("en", "zh")[i % 2], i % 4 < 2) for i in range(given.count)]
    Path(given.out).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(len(rows), "cases")
