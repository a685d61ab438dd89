"""Plain copying and lookup, with which training begins: the circuits that quoting needs form on these first."""
from . import lexicon_en, lexicon_zh
from .chatml import NUMBER, asked, quoted, sample, sentence
from .paragraphs import passage
from .values import han, name, number


def word(r, lang):
    if lang == "zh":
        return r.choice([lexicon_zh.noun(r), han(r, r.randint(1, 3)), "".join(r.choice(lexicon_zh.COMMON) for _ in range(r.randint(1, 3)))])
    return r.choice([lexicon_en.noun(r), lexicon_en.invented(r), name(r), number(r), lexicon_en.adjective(r)])


def repeat(r, lang):
    gap = " " if lang == "en" else ""
    text = gap.join(word(r, lang) for _ in range(r.randint(3, 25)))
    if r.random() < 0.4:
        text = r.choice(passage(r, lang, 2).sentences)[0]
    ask = r.choice(["Repeat: ", "Say: ", "Repeat this exactly: ", "Copy: "] if lang == "en" else ["重复：", "请说：", "照着说一遍：", "复述："])
    return sample(r, [("user", ask + sentence(text)), ("assistant", quoted(text))])


def lookup(r, lang):
    """Which line holds this word? Quote that line."""
    gap, full, ask = (" ", ".", ["Which line has {}?", "Quote the line with {}.", "Find {}."]) if lang == "en" else ("", "。", ["哪一行有{}？", "引用含有{}的那一行。", "找{}。"])
    lines = [gap.join(word(r, lang) for _ in range(r.randint(2, 9))) + full for _ in range(r.randint(2, 7))]
    i = r.randrange(len(lines))
    words = lines[i][:-1].split(" ") if lang == "en" else None
    key = r.choice(words) if words else lines[i][(at := r.randrange(max(1, len(lines[i]) - 3))):at + 2]
    if sum(key in line for line in lines) > 1:
        return lookup(r, lang)
    body = "\n".join(f"[{NUMBER}{n}] {sentence(line)}" for n, line in enumerate(lines, 1))
    return sample(r, [("user", f"{asked(r.choice(ask).format(key))}\n\n{body}"), ("assistant", f"[{i + 1}] {quoted(lines[i])}")])


def make(r, lang):
    return repeat(r, lang) if r.random() < 0.4 else lookup(r, lang)
