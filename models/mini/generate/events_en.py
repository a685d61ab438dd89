"""Random English events: sentences of any content, and the questions that they answer.

An event is a set of parts (who, did what, to what, when, where, why, how many). Each part that is present can be asked
for; each part that is absent, and each part of another event, gives a question without an answer.
"""
from . import lexicon_en as words
from .values import date, number, person, place


def thing(r):
    x = r.random()
    noun = words.noun(r)
    if x < 0.4:
        return f"the {words.adjective(r)} {noun}"
    if x < 0.65:
        return f"the {noun}"
    if x < 0.85:
        return f"the {noun} of {place(r)}"
    return f"the {place(r)} {noun}"


def actor(r):
    x = r.random()
    return person(r) if x < 0.55 else thing(r) if x < 0.8 else f"{r.choice(['a', 'the'])} {words.adjective(r)} {words.noun(r)} from {place(r)}"


def reason(r):
    return r.choice([f"because the {words.noun(r)} was too {words.adjective(r)}", f"in order to {words.verb(r)[0]} the {words.noun(r)}",
                     f"because {person(r)} had {words.verb(r)[2]} the {words.noun(r)}", f"to save {words.noun(r)} and {words.noun(r)}",
                     f"since there was no {words.noun(r)} left", f"so that every {words.noun(r)} could be {words.verb(r)[2]}"])


def where(r):
    return r.choice([f"in {place(r)}", f"in {place(r)}", f"at the {words.noun(r)}", f"near {place(r)}", f"behind the {words.adjective(r)} {words.noun(r)}", f"on {place(r)}", f"beside the {words.noun(r)}"])


def event(r):
    e = {"who": actor(r), "verb": words.verb(r), "what": thing(r)}
    if r.random() < 0.3:
        unit = r.choice(words.UNITS)
        e["count"], e["unit"] = number(r), unit
        e["what"] = f"{unit}{r.choice(['', '', f' of {words.noun(r)}'])}"
    for part, make, chance in (("when", date, 0.45), ("where", where, 0.4), ("why", reason, 0.25)):
        if r.random() < chance:
            e[part] = make(r)
    return e


def upper(s):
    return s[0].upper() + s[1:]


def aside(r):
    return r.choice([f"although the {words.noun(r)} was {words.adjective(r)}", f"as the {words.noun(r)} shows", f"which surprised {person(r)}", f"after a long {words.noun(r)}",
                     f"together with a {words.adjective(r)} {words.noun(r)}", f"while the {words.noun(r)} was still {words.adjective(r)}", f"as {person(r)} later wrote",
                     f"and the {words.noun(r)} stayed {words.adjective(r)}", "according to the records", "to everyone's surprise", f"with the help of {person(r)}"])


def sentence(r, e):
    base, past, done = e["verb"]
    what = f"{e['count']} {e['what']}" if "count" in e else e["what"]
    if r.random() < 0.4:
        core = f"{what} {'were' if 'count' in e else 'was'} {done} by {e['who']}"
    else:
        core = f"{e['who']} {past} {what}"
    parts = [e[k] for k in r.sample(["when", "where"], 2) if k in e]
    front = ""
    if parts and r.random() < 0.35:
        front = upper(parts.pop(0)) + r.choice([", ", ", ", " "])
    if r.random() < 0.15 and not front:
        front = upper(aside(r)) + ", "
    if "why" in e and r.random() < 0.15 and not front:
        front = upper(e["why"]) + ", "
        text = " ".join([core] + parts)
    else:
        text = " ".join([core] + parts + ([e["why"]] if "why" in e else []))
    if r.random() < 0.2:
        text += ", " + aside(r)
    return (front + text if front else upper(text)) + "."


def loosen(r, np):
    """A question often names a thing with fewer words than the text did."""
    tokens = np.split(" ")
    if r.random() < 0.25 and len(tokens) > 2 and tokens[0] == "the" and "of" not in tokens:
        return "the " + tokens[-1]
    return np


def question(r, e, part):
    base, past, done = e["verb"]
    who, what = loosen(r, e["who"]), loosen(r, e["what"])
    counted = "count" in e
    was = "were" if counted else "was"
    if part == "who":
        return r.choice([f"Who {past} {what}?", f"By whom {was} {what} {done}?", f"Who was it that {past} {what}?", f"Which person or thing {past} {what}?", f"{upper(what)} {was} {done} by whom?"])
    if part == "what":
        return r.choice([f"What did {who} {base}?", f"What was {done} by {who}?", f"What was it that {who} {past}?", f"Which thing did {who} {base}?"])
    if part == "count":
        return r.choice([f"How many {what} did {who} {base}?", f"How many {what} were {done} by {who}?", f"What number of {what} did {who} {base}?", f"How many {what} were {done}?"])
    lead = {"when": ["When", "When", "What year" if "year" in e.get("when", "") else "On what date", "At what time"], "where": ["Where", "Where", "In what place"], "why": ["Why", "Why", "For what reason"]}[part]
    lead = r.choice(lead)
    return r.choice([f"{lead} did {who} {base} {what}?", f"{lead} {was} {what} {done}?", f"{lead} {was} {what} {done} by {who}?"])


PARTS = ("who", "what", "count", "when", "where", "why")


def can_ask(e):
    return [p for p in PARTS if p in e and not (p == "what" and "count" in e)]


def cannot_ask(e):
    return [p for p in ("count", "when", "where", "why") if p not in e and not (p == "count" and "the " in e["what"])]
