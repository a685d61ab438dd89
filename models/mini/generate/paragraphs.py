"""Paragraphs about one subject each, with the questions that every sentence answers."""
import re
from . import events_en, events_zh, lexicon_en, lexicon_zh, prose, relations_en, relations_zh, values

HEADS = {
    ("en", "SITE"): "library museum bridge school hotel market station theatre park tower church mill factory garden harbour gallery zoo inn castle tunnel clinic bakery farm hall lighthouse shop cafe pool archive workshop".split(),
    ("en", "RULE"): ("permit|refund|loan card|travel grant|laptop|parking pass|sick leave|soup|cake|bread|stew|kettle|ladder|projector|bicycle|drill|server|file system|printer|lamp|camera|membership|visa|locker|key card|rent|harvest fair|boat race|"
                     "lantern festival|summer concert|book fair|marathon|chess match|dance night|winter market|deposit|insurance|training course|exam|dumpling|sauce|battery|pump|warranty|delivery|annual leave|expense claim|meeting room").split("|"),
    ("zh", "SITE"): "图书馆 博物馆 大桥 学校 旅馆 市场 车站 剧院 公园 高塔 寺庙 磨坊 工厂 花园 码头 画廊 动物园 客栈 古城 隧道 诊所 面包店 农场 礼堂 灯塔 书店 茶馆 泳池 档案馆 工作室".split(),
    ("zh", "RULE"): "许可证 退款 借书卡 差旅补贴 笔记本电脑 停车证 病假 汤 蛋糕 面包 炖菜 水壶 梯子 投影仪 自行车 电钻 服务器 文件系统 打印机 台灯 相机 会员卡 签证 储物柜 门卡 房租 丰收节 龙舟赛 灯会 音乐会 书展 马拉松 象棋赛 舞会 庙会 押金 保险 培训 考试 饺子 酱料 电池 水泵 保修 快递 年假 报销 会议室".split(),
}


def _parse(block):
    out = []
    for line in block.strip().split("\n"):
        left, right = line.split(" | ")
        out.append(([s.strip() for s in left.split(" ; ")], [q.strip() for q in right.split(" ; ")]))
    return out


TABLES = {"en": {k: _parse(getattr(relations_en, k)) for k in ("SITE", "PERSON", "RULE")},
          "zh": {k: _parse(getattr(relations_zh, k)) for k in ("SITE", "PERSON", "RULE")}}
NEEDS = [(re.compile(r"^(When|At what time|What time|Since when|In what year|In which year)|什么时候|何时|哪一?年|几点"), ("{D}", "{T}", "{W}", "{Y}", "{N}")),
         (re.compile(r"^(Who|Whom|By whom|To whom|After whom|From whom)\b|谁"), ("{P}", "olunteer", "hildren", "志愿者", "孩子", "儿童", "学生")),
         (re.compile(r"^How (many|long|old|tall|high|large|big|heavy|hot)|多少|几[^点]|多[久大长高重]"), ("{N}", "{M}", "{T}", "{Y}")),
         (re.compile(r"^Where|哪里|哪儿|什么地方"), ("{L}", "{K}", "{P}"))]


def fits(statement, question):
    return all(not wh.search(question) or any(s in statement for s in slots) for wh, slots in NEEDS)


def slots(r, lang):
    en = lang == "en"
    n = values.number(r) if en else values.number_zh(r)
    price = values.integer(r, 2, r.choice([30, 500, 9000]))
    return {"P": (values.person if en else values.person_zh)(r), "L": (values.place if en else values.place_zh)(r), "D": (values.date if en else values.date_zh)(r), "N": n,
            "M": r.choice([f"{price} euros", f"${price}", f"{price} pounds", f"{price} dollars"]) if en else f"{price}{r.choice(['元', '块钱', '万元', '元'])}",
            "T": values.clock(r) if en else f"{r.choice(['上午', '下午', '晚上', '早上', ''])}{r.randint(1, 12)}点{r.choice(['', '半', ''])}",
            "K": (lexicon_en if en else lexicon_zh).noun(r), "A": lexicon_en.adjective(r) if en else "", "Y": values.year(r),
            "W": r.choice(values.DAYS) + r.choice(["s", ""]) if en else "周" + r.choice("一二三四五六日"), "X": r.choice((relations_en if en else relations_zh).EVENTS)}


def fill(text, s, e):
    text = text.replace("{e}", e)
    for key, value in s.items():
        text = text.replace("{" + key + "}", value)
    return text[0].upper() + text[1:]


def subject(r, lang, domain):
    """The full name of a subject and the shorter names by which the text goes on about it."""
    if domain == "PERSON":
        full = values.person(r) if lang == "en" else values.person_zh(r)
        return full, ([full, full.split(" ")[-1] if " " in full else full, r.choice(["he", "she"])] if lang == "en" else [full, full, r.choice("他她")])
    head = r.choice(HEADS[lang, domain]) if r.random() < 0.8 else (lexicon_en if lang == "en" else lexicon_zh).noun(r)
    if lang == "en":
        full = r.choice([f"the {values.name(r)} {head}", f"the {head} of {values.place(r)}", f"the {lexicon_en.adjective(r)} {head}", f"{values.name(r)} {head.title()}", f"the {head}"])
        return full, [full, f"the {head.lower()}", "it", "it"]
    full = r.choice([values.place_zh(r) + head, values.han(r, 2) + head, head, r.choice(lexicon_zh.ADJECTIVES) + head])
    return full, [full, head, "它", "这里" if domain == "SITE" else "它"]


def ask(r, lang, question, s, e):
    """A question names its subject, or else another passage might answer it too."""
    if "{e}" not in question:
        question = f"{question[:-1]} for {{e}}?" if lang == "en" else r.choice(["关于{e}，", "{e}："]) + question
    return fill(question, s, e)


class Passage:
    """sentences: list of (text, [questions]); missing(): a question about the same subject that nothing here answers."""

    lang = "en"

    def __init__(self, sentences, missing, title):
        self.sentences, self.missing, self.title = sentences, missing, title


def about(r, lang, size, domain=None):
    domain = domain or r.choice(["SITE", "SITE", "PERSON", "RULE", "RULE"])
    table = TABLES[lang][domain]
    chosen = r.sample(range(len(table)), min(size, len(table) - 4))
    full, names = subject(r, lang, domain)
    sentences = []
    for i, index in enumerate(chosen):
        statements, questions = table[index]
        s, statement = slots(r, lang), r.choice(statements)
        text = fill(statement, s, full if i == 0 else r.choice(names))
        asked = full if r.random() < 0.75 else names[1]
        sentences.append((text, [ask(r, lang, q, s, asked) if r.random() < 0.8 else fill(q, s, asked) for q in questions if fits(statement, q)]))

    def missing():
        index = r.choice([i for i in range(len(table)) if i not in chosen])
        return ask(r, lang, r.choice(table[index][1]), slots(r, lang), full if r.random() < 0.75 else names[1])
    return Passage(sentences, missing, full)


def happenings(r, lang, size):
    module = events_en if lang == "en" else events_zh
    events = [module.event(r)]
    for _ in range(size - 1):
        e = module.event(r)
        base = r.choice(events)
        if r.random() < 0.35:  # another deed of the same actor, or another deed to the same thing
            if r.random() < 0.5 or "count" in base or "count" in e:
                e["who"] = base["who"]
            else:
                e["what"] = base["what"]
        events.append(e)
    sentences = [(module.sentence(r, e), [module.question(r, e, p) for p in module.can_ask(e)]) for e in events]

    def missing():
        e = dict(r.choice(events))
        x = r.random()
        absent = module.cannot_ask(e)
        if x < 0.35 and absent:
            return module.question(r, e, r.choice(absent))
        other = module.event(r)
        for key in r.choice([("verb",), ("what", "count", "unit"), ("who",), ("what", "count", "unit", "verb"), ("who", "verb")]):
            e.pop(key, None)
            if key in other:
                e[key] = other[key]
        return module.question(r, e, r.choice(module.can_ask(e)))
    return Passage(sentences, missing, values.name(r) if lang == "en" else lexicon_zh.noun(r))


def mixed(r, lang, size):
    """Prose, at times with a sentence or two of another kind among it, as real paragraphs have."""
    sentences, missing = prose.make(r, lang, size)
    if r.random() < 0.5:
        other = r.choice([about, happenings])(r, lang, r.randint(1, 3))
        sentences = sentences + other.sentences
        if r.random() < 0.5:
            r.shuffle(sentences)
            missing = r.choice([missing, other.missing])
    return Passage(sentences, missing, values.name(r) if lang == "en" else lexicon_zh.noun(r))


def passage(r, lang, size, domain=None):
    x = r.random()
    p = about(r, lang, size, domain) if domain or x < 0.3 else happenings(r, lang, size) if x < 0.6 else mixed(r, lang, size)
    if r.random() < 0.25:
        fillers = (lexicon_en if lang == "en" else lexicon_zh).FILLERS
        p.sentences.insert(r.randint(0, len(p.sentences)), (r.choice(fillers), []))
    p.lang = lang
    return p
