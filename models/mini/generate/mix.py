"""Which task the next sample is, as training goes on: copying first, then short readings, then the real thing."""
from . import chat_task, copy_task, json_task, passages_task, tools_task

EASY, SHORT = 0.3, 3.0
"""Millions of tokens until which copying, and then short readings, have the larger share."""


def draw(r, millions):
    lang = r.choice(["en", "zh"])
    x = r.random()
    if millions < EASY and x < 0.5:
        return copy_task.make(r, lang)
    if x < 0.06:
        return copy_task.make(r, lang)
    if x < 0.10:
        return chat_task.make(r, lang)
    if x < 0.14:
        return tools_task.make(r, lang)
    if x < 0.17:
        return json_task.make(r, lang)
    if millions < SHORT:
        return passages_task.make(r, lang, 0 if x < 0.65 else 1)
    return passages_task.make(r, lang, 0 if x < 0.3 else 1 if x < 0.97 else 2)
