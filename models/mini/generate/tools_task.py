"""Tool calls: choose a tool by its words, copy its name and the arguments; then tell what the tool answered."""
import json

from . import lexicon_en, lexicon_zh
from .chat_task import ASK, SAY
from .chatml import sample, thought
from .values import date, date_zh, name, number, person, person_zh, place, place_zh

VERBS = {"en": "get find search send create delete update list count check book play open convert translate save add cancel start stop".split(),
         "zh": {"get": "获取", "find": "查找", "search": "搜索", "send": "发送", "create": "创建", "delete": "删除", "update": "更新", "list": "列出", "count": "统计", "check": "检查", "book": "预订", "play": "播放", "open": "打开",
                "convert": "转换", "translate": "翻译", "save": "保存", "add": "添加", "cancel": "取消", "start": "开始", "stop": "停止"}}
SLOTS = {"city": ("in", "在"), "person": ("for", "给"), "date": ("on", "日期是"), "amount": ("with amount", "数量是"), "title": ("called", "名叫"), "place": ("near", "靠近"), "id": ("with id", "编号"), "text": ("saying", "内容是"), "query": ("about", "关于")}
NAMES = {"city": "city location town place_name".split(), "person": "person recipient name to user".split(), "date": "date day when".split(), "amount": "amount count quantity n".split(), "title": "title name label".split(),
         "place": "place near address".split(), "id": "id number code".split(), "text": "text message body content".split(), "query": "query topic q keyword".split()}


def value(r, lang, slot):
    en = lang == "en"
    if slot == "city":
        return name(r) if en else place_zh(r)
    if slot == "person":
        return person(r) if en else person_zh(r)
    if slot == "date":
        return date(r).split(" ", 1)[1] if en else date_zh(r)
    if slot == "amount":
        return r.randint(2, 999)
    if slot == "place":
        return place(r) if en else place_zh(r)
    if slot == "id":
        return r.choice([str(r.randint(100, 99999)), f"{name(r)[:2].upper()}-{r.randint(10, 999)}"])
    words = lexicon_en if en else lexicon_zh
    return (" " if en else "").join(words.noun(r) for _ in range(r.randint(1, 4)))


def tool(r, lang):
    thing = lexicon_en.noun(r).split(" ")[0] if lang == "en" or r.random() < 0.3 else lexicon_zh.noun(r)
    verb = r.choice(VERBS["en"])
    latin = thing if thing.isascii() else r.choice(lexicon_en.NOUNS)
    called = r.choice([f"{verb}_{latin}", f"{verb}{latin.title()}", f"{verb}-{latin}", f"{latin}_{verb}", f"{verb}_current_{latin}"])
    slots = r.sample(list(SLOTS), r.choice([0, 1, 1, 1, 2, 2, 3]))
    keys = dict.fromkeys(r.choice(NAMES[s]) for s in slots)
    pairs = list(zip(slots, keys)) if len(keys) == len(slots) else list(zip(slots, slots))
    say = f"{verb} the {thing}" if thing.isascii() and lang == "en" else VERBS["zh"][verb] + thing
    parameters = {"type": "object", "properties": {}}
    for slot, key in pairs:
        parameters["properties"][key] = {"type": "integer" if slot == "amount" else "string"}
        if r.random() < 0.5:
            parameters["properties"][key]["description"] = f"The {slot}" if lang == "en" else slot
    if r.random() < 0.7:
        parameters["required"] = [k for _, k in pairs]
    if r.random() < 0.3:
        parameters = dict(reversed(parameters.items()))
    described = (say[0].upper() + say[1:] + r.choice(["", ".", " for the user", " now."])) if lang == "en" else say + r.choice(["", "。", "的工具"])
    return {"type": "function", "function": {"name": called, "description": described, "parameters": parameters}}, pairs, say


def request(r, lang, pairs, say):
    values = {key: value(r, lang, slot) for slot, key in pairs}
    order = r.sample(pairs, len(pairs))
    if lang == "en":
        text = say + "".join(f" {SLOTS[s][0]} {values[k]}" for s, k in order)
        text = r.choice(["Please {}.", "Can you {}?", "{}", "I want to {}.", "Could you {} for me?", "{}, please."]).format(text)
        return text[0].upper() + text[1:], values
    text = say + "".join(f"，{SLOTS[s][1]}{values[k]}" for s, k in order)
    return r.choice(["请{}。", "帮我{}", "{}", "可以{}吗？", "我想{}。", "麻烦{}。"]).format(text), values


def result(r, lang):
    words = lexicon_en if lang == "en" else lexicon_zh
    if r.random() < 0.5:
        return json.dumps({words.noun(r): r.choice([r.randint(1, 900), words.noun(r)]) for _ in range(r.randint(1, 3))}, ensure_ascii=False)
    return r.choice([f"{number(r)} {words.noun(r)}", f"{words.noun(r)}{' ' if lang == 'en' else ''}{words.noun(r)}, {number(r)}", "done" if lang == "en" else "完成"])


def make(r, lang):
    made = [tool(r, lang) for _ in range(r.choice([1, 1, 2, 2, 3]))]
    tools = [m[0] for m in made]
    think = r.random() < 0.2
    if r.random() < 0.15:  # tools are there, but nothing to call them for
        kind = r.choice(["hello", "who", "thanks", "help"])
        note = "No tool is needed." if lang == "en" else "不需要工具。"
        return sample(r, [("user", r.choice(ASK[lang][kind].split("|"))), ("assistant", (thought(note) if think else "") + SAY[lang][kind])], "", tools, think)
    chosen, pairs, say = r.choice(made)
    text, values = request(r, lang, pairs, say)
    called = chosen["function"]["name"]
    call = f'<tool_call>\n{json.dumps({"name": called, "arguments": values}, ensure_ascii=False)}\n</tool_call>'
    if think:
        call = thought(f"The tool {called} fits." if lang == "en" else f"工具 {called} 合适。") + call
    turns = [("user", text), ("assistant", call)]
    if r.random() < 0.4:
        answer = result(r, lang)
        told = f"The tool answered: {answer}" if lang == "en" else f"工具的结果：{answer}"
        turns += [("tool", answer), ("assistant", (thought("The tool has answered." if lang == "en" else "工具已经回答。") if think else "") + told)]
    return sample(r, turns, r.choice(["", "", "You can use tools." if lang == "en" else "你可以使用工具。"]), tools, think)
