"""Which task the next sample is, as training goes on: copying first, then short readings, then the real thing."""
from . import chat_task, copy_task, json_task, passages_task, tools_task

EASY, SHORT = 0.5, 2.5
"""Millions of tokens until which copying, and then short readings, have the larger share."""


def draw(r, millions):
    lang = r.choice(["en", "zh"])
    if millions < EASY:
        if r.random() < 0.85 - 0.6 * millions / EASY:
            return copy_task.make(r, lang)
        return passages_task.make(r, lang, 0)
    x = r.random()
    if x < 0.05:
        return copy_task.make(r, lang)
    if x < 0.11:
        return chat_task.make(r, lang)
    if x < 0.16:
        return tools_task.make(r, lang)
    if x < 0.20:
        return json_task.make(r, lang)
    if millions < SHORT:
        return passages_task.make(r, lang, 0 if x < 0.65 else 1)
    return passages_task.make(r, lang, 0 if x < 0.35 else 1 if x < 0.96 else 2)
