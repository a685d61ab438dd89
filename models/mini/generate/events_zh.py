"""Random Chinese events; the twin of events_en."""
from . import lexicon_zh as words
from .values import date_zh, number_zh, person_zh, place_zh


def thing(r):
    x = r.random()
    noun = words.noun(r)
    if x < 0.35:
        return r.choice(words.ADJECTIVES) + noun
    if x < 0.6:
        return noun
    if x < 0.85:
        return place_zh(r) + r.choice(["的", ""]) + noun
    return r.choice(["那", "这"]) + r.choice(["座", "个", "批"]) + noun


def actor(r):
    x = r.random()
    return person_zh(r) if x < 0.6 else place_zh(r) + "的" + words.noun(r) if x < 0.8 else thing(r)


def reason(r):
    return r.choice([f"因为{words.noun(r)}太{r.choice('大小旧新贵远少多')}了", f"为了{words.verb(r)}{words.noun(r)}", f"因为{person_zh(r)}已经{words.verb(r)}了{words.noun(r)}",
                     f"由于没有{words.noun(r)}", f"好让{words.noun(r)}可以{words.verb(r)}"])


def where(r):
    return r.choice([place_zh(r), place_zh(r), words.noun(r) + r.choice("旁里上后"), place_zh(r) + "附近", place_zh(r) + "的" + words.noun(r) + r.choice("旁里")])


def event(r):
    e = {"who": actor(r), "verb": words.verb(r), "what": thing(r)}
    if r.random() < 0.3:
        e["unit"] = r.choice(words.CLASSIFIERS)
        e["count"] = number_zh(r)
        e["what"] = words.noun(r)
    for part, make, chance in (("when", date_zh, 0.45), ("where", where, 0.4), ("why", reason, 0.25)):
        if r.random() < chance:
            e[part] = make(r)
    return e


def aside(r):
    return r.choice([f"虽然{words.noun(r)}并不{r.choice('大多远贵')}", f"这让{person_zh(r)}很意外", f"{words.noun(r)}也跟着{words.verb(r)}", f"后来{person_zh(r)}还提到了{words.noun(r)}",
                     f"据{words.noun(r)}记载", f"在{person_zh(r)}的帮助下", "大家都很高兴", f"当时{words.noun(r)}还很{r.choice('新旧少')}", f"连{words.noun(r)}也没有例外"])


def sentence(r, e):
    what = f"{e['count']}{e['unit']}{e['what']}" if "count" in e else e["what"]
    when = e.get("when", "")
    at = f"在{e['where']}" if "where" in e else ""
    form = r.random()
    if form < 0.45:
        core = f"{e['who']}{when}{at}{e['verb']}了{what}" if r.random() < 0.5 or not when else f"{when}，{e['who']}{at}{e['verb']}了{what}"
    elif form < 0.6:
        core = f"{what}{when}{at}被{e['who']}{e['verb']}"
    elif form < 0.8:
        core = f"{what}是{e['who']}{when}{at}{e['verb']}的"
    else:
        core = f"{when}{at}，{e['who']}{e['verb']}了{what}" if when or at else f"{e['who']}把{what}{e['verb']}了"
    if "why" in e:
        core = f"{e['why']}，{core}" if r.random() < 0.35 else f"{core}，{e['why']}"
    if r.random() < 0.2:
        core = f"{core}，{aside(r)}" if r.random() < 0.6 else f"{aside(r)}，{core}"
    return core + "。"


def question(r, e, part):
    who, verb, what = e["who"], e["verb"], e["what"]
    if part == "who":
        return r.choice([f"谁{verb}了{what}？", f"{what}是谁{verb}的？", f"是谁{verb}了{what}？", f"{what}由谁{verb}？", f"{verb}{what}的是谁？"])
    if part == "what":
        return r.choice([f"{who}{verb}了什么？", f"被{who}{verb}的是什么？", f"{who}{verb}的是什么？", f"{who}把什么{verb}了？"])
    if part == "count":
        unit = e.get("unit", "个")
        return r.choice([f"{who}{verb}了多少{unit}{what}？", f"{who}{verb}了几{unit}{what}？", f"{who}{verb}的{what}有多少{unit}？", f"一共有多少{unit}{what}被{verb}？"])
    ask = r.choice({"when": ["什么时候", "何时", "哪一年", "几时", "在什么时间"], "where": ["在哪里", "在哪儿", "在什么地方", "于何处"], "why": ["为什么", "为何", "因为什么"]}[part])
    return r.choice([f"{who}{ask}{verb}了{what}？", f"{what}是{ask}{verb}的？", f"{what}{ask}被{verb}？", f"{who}{verb}{what}是{ask}？" if part != "why" else f"{ask}{who}要{verb}{what}？"])


PARTS = ("who", "what", "count", "when", "where", "why")


def can_ask(e):
    return [p for p in PARTS if p in e and not (p == "what" and "count" in e)]


def cannot_ask(e):
    return [p for p in ("when", "where", "why") if p not in e]
