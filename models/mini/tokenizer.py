"""Makes the tokenizer: byte-level BPE with the pre-tokenisation that llama.cpp calls "qwen2".

Han characters get merges only inside a character, so a character is the same token whatever stands beside it; that
makes Chinese words easy to match. English merges are learned from generated text.
"""
import argparse
import random

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from generate import lexicon_en, lexicon_zh, paragraphs, passages_task, relations_zh, values

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<tools>", "</tools>", "<tool_response>", "</tool_response>"]
PATTERN = (r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
PUNCTUATION = "，。！？：；（）《》、“”‘’…—·％～【】「」℃°×"


def byte_alphabet():
    """The printable stand-ins for the 256 bytes that GPT-2 introduced."""
    plain = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    rest = [b for b in range(256) if b not in plain]
    return {**{b: chr(b) for b in plain}, **{b: chr(256 + i) for i, b in enumerate(rest)}}


def splitter():
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PATTERN), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def english_merges(count):
    r = random.Random(1)
    texts = []
    for _ in range(30000):
        texts += [s for s, _ in paragraphs.passage(r, "en", 3).sentences]
    texts += [f" {w} {w}s {w.title()}" for w in lexicon_en.NOUNS + lexicon_en.ADJECTIVES] * 40
    texts += [q for table in paragraphs.TABLES["en"].values() for _, qs in table for q in qs] * 60
    texts += [t for part in (passages_task.SYSTEMS, passages_task.HEADINGS, passages_task.INSTRUCTIONS) for t in part["en"]] * 300
    texts += [open(f.__file__, encoding="utf-8").read() for f in (paragraphs, passages_task)] * 3
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = splitter()
    tok.train_from_iterator((t for t in texts if t.isascii()), trainers.BpeTrainer(vocab_size=256 + count, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    import json
    return [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in json.loads(tok.to_str())["model"]["merges"]]


def han_merges(count):
    table = byte_alphabet()
    own = "".join(lexicon_zh.NOUNS + lexicon_zh.ADJECTIVES + lexicon_zh.VERBS + lexicon_zh.CLASSIFIERS + list(lexicon_zh.FILLERS)) + relations_zh.SITE + relations_zh.PERSON + relations_zh.RULE
    own += values.SURNAMES + values.PLACE_HAN + values.GIVEN + "".join(t for part in (passages_task.SYSTEMS, passages_task.HEADINGS, passages_task.INSTRUCTIONS) for t in part["zh"])
    chars = [c for c in dict.fromkeys(own + lexicon_zh.COMMON) if 0x4E00 <= ord(c) < 0xA000][:count]
    prefixes = sorted({chr(c).encode()[:2] for c in range(0x4E00, 0x9FA6)} | {c.encode()[:2] for c in PUNCTUATION if len(c.encode()) == 3})
    merges = [(table[p[0]], table[p[1]]) for p in prefixes]
    for c in list(PUNCTUATION) + chars:
        b = [table[x] for x in c.encode()]
        merges.append((b[0] + b[1], b[2]) if len(b) == 3 else (b[0], b[1]))
    return merges


def build(size):
    table = byte_alphabet()
    han = han_merges(2400)
    english = english_merges(size - 256 - len(han) - len(SPECIAL))
    merges = han + english
    tokens = [table[b] for b in range(256)]
    tokens += [a + b for a, b in merges]
    vocab = {t: i for i, t in enumerate(dict.fromkeys(tokens))}
    tok = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tok.pre_tokenizer = splitter()
    tok.decoder = decoders.ByteLevel()
    tok.add_special_tokens(SPECIAL)
    return tok


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--size", type=int, default=4608)
    arguments.add_argument("--out", default="tokenizer.json")
    given = arguments.parse_args()
    made = build(given.size)
    made.save(given.out)
    print(made.get_vocab_size(), "tokens")
