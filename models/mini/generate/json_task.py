"""JSON when asked: values copied from a sentence under the keys that the user names."""
import json

from . import lexicon_en, lexicon_zh
from .chatml import sample, thought
from .values import date, date_zh, integer, person, person_zh, place, place_zh

EN = {"name": ("My name is {}", "This is {}", "{} is here"), "city": ("the city is {}", "lives in {}", "moved to {}"), "age": ("is {} years old", "turned {} years"), "date": ("the date is {}", "arrived {}"), "job": ("works as a {}", "the job is {}"),
      "colour": ("likes the colour {}", "the colour is {}"), "price": ("paid {} euros", "the price is {}"), "product": ("bought a {}", "the product is {}"), "friend": ("has a friend called {}", "came with {}"), "animal": ("keeps a {}", "the animal is a {}")}
ZH = {"姓名": ("我叫{}", "这位是{}", "姓名是{}"), "城市": ("住在{}", "城市是{}", "搬到了{}"), "年龄": ("今年{}岁", "已经{}岁了"), "日期": ("日期是{}", "{}到达"), "职业": ("职业是{}", "做的是{}"), "颜色": ("喜欢{}色", "颜色是{}"),
      "价格": ("花了{}元", "价格是{}元"), "商品": ("买了{}", "商品是{}"), "朋友": ("朋友叫{}", "和{}一起来")}
ALIAS = {"姓名": "name", "城市": "city", "年龄": "age", "日期": "date", "职业": "job", "颜色": "colour", "价格": "price", "商品": "product", "朋友": "friend"}


def value(r, lang, key):
    key = ALIAS.get(key, key)
    en = lang == "en"
    if key in ("name", "friend"):
        return person(r) if en else person_zh(r)
    if key == "city":
        return place(r) if en else place_zh(r)
    if key in ("age", "price"):
        return integer(r, 2, 99 if key == "age" else 2000)
    if key == "date":
        return date(r).split(" ", 1)[1] if en else date_zh(r)
    if key == "colour":
        return r.choice("red blue green white black brown grey yellow".split()) if en else r.choice("红蓝绿白黑棕灰黄")
    return (lexicon_en if en else lexicon_zh).noun(r)


def make(r, lang):
    table = EN if lang == "en" else ZH
    told = r.sample(list(table), r.randint(1, min(5, len(table))))
    values = {k: value(r, lang, k) for k in told}
    asked = r.sample(told, r.randint(1, len(told)))
    if lang == "en":
        text = ", ".join(r.choice(table[k]).format(values[k]) for k in told)
        text = text[0].upper() + text[1:] + "."
        keys = " and ".join([", ".join(asked[:-1]), asked[-1]]) if len(asked) > 1 else asked[0]
        ask = r.choice(["Give {} as JSON.", "Return JSON with the keys {}.", "Extract {} as JSON.", "Answer in JSON with {}.", "As JSON: {}"]).format(keys)
    else:
        text = "，".join(r.choice(table[k]).format(values[k]) for k in told) + "。"
        keys = "、".join(asked)
        ask = r.choice(["请用JSON给出{}。", "以JSON格式返回{}。", "提取{}，输出JSON。", "用JSON回答：{}"]).format(keys)
    names = {k: ALIAS.get(k, k) if lang == "zh" and r.random() < 0.3 else k for k in asked}
    if any(names[k] != k for k in asked):
        names = {k: ALIAS[k] for k in asked}
        ask = ask.replace(keys, "、".join(names.values()))
    user = r.choice([f"{text}\n{ask}", f"{ask}\n{text}", f"{text} {ask}", f"{ask}\n\n{text}"])
    answer = json.dumps({names[k]: values[k] for k in asked}, ensure_ascii=False)
    think = r.random() < 0.12
    if think:
        answer = thought(f"The keys are {keys}." if lang == "en" else f"要给出的是{'、'.join(names.values())}。") + answer
    return sample(r, [("user", user), ("assistant", answer)], "" if r.random() < 0.7 else "You answer in JSON." if lang == "en" else "请输出JSON。", think=think)
