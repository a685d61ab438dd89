"""The chat form, the same as the Jinja template in the GGUF and the Go template in the Modelfile.

A sample is a list of (text, learn) pieces: the loss counts only the pieces that the assistant writes.
"""
import json

NUMBER, SENTENCE, ASKED, QUOTED = "\ue000", ("\ue001", "\ue002"), ("\ue003", "\ue004"), ("\ue005", "\ue006")
"""Marks of where things stand, for the attention that training guides (guide.py). No token ever holds one."""


def sentence(text):
    return SENTENCE[0] + text + SENTENCE[1]


def asked(text):
    return ASKED[0] + text + ASKED[1]


def quoted(text):
    return QUOTED[0] + text + QUOTED[1]


def tool_json(r, tool):
    """Go prints JSON without spaces and Jinja with them; the model has to read both."""
    return json.dumps(tool, ensure_ascii=False, separators=(",", ":") if r.random() < 0.5 else (", ", ": "))


def system_turn(r, system="", tools=(), think=False):
    blocks = [system] if system else []
    if tools:
        blocks.append("<tools>\n" + "\n".join(tool_json(r, t) for t in tools) + "\n</tools>")
    if think:
        blocks.append("/think")
    return f"<|im_start|>system\n{chr(10).join(blocks)}<|im_end|>\n" if blocks else ""


def sample(r, turns, system="", tools=(), think=False):
    """turns: ("user" | "tool" | "assistant", text). Every assistant turn is learned."""
    pieces = [(system_turn(r, system, tools, think), False)]
    for role, text in turns:
        if role == "assistant":
            pieces += [("<|im_start|>assistant\n", False), (text + "<|im_end|>", True), ("\n", False)]
        elif role == "tool":
            pieces.append((f"<|im_start|>user\n<tool_response>\n{text}\n</tool_response><|im_end|>\n", False))
        else:
            pieces.append((f"<|im_start|>user\n{text}<|im_end|>\n", False))
    return [p for p in pieces if p[0]]


def thought(text):
    return f"<think>\n{text}\n</think>\n\n"
