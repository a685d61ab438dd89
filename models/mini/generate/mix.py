"""Which task the next sample is, as training goes on. progress runs from 0 to 1."""
from . import chat_task, copy_task, json_task, passages_task, tools_task


def draw(r, progress):
    lang = r.choice(["en", "zh"])
    if progress < 0.08:
        easy = 1 - progress / 0.08
        if r.random() < 0.2 + 0.7 * easy:
            return copy_task.make(r, lang)
        return passages_task.make(r, lang, 0 if r.random() < 0.5 else 1)
    x = r.random()
    if x < 0.04:
        return copy_task.make(r, lang)
    if x < 0.12:
        return chat_task.make(r, lang)
    if x < 0.17:
        return tools_task.make(r, lang)
    if x < 0.21:
        return json_task.make(r, lang)
    return passages_task.make(r, lang, 0 if x < 0.3 else 1 if x < 0.92 else 2)
