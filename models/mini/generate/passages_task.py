"""Questions about numbered passages: the main task."""
from .chatml import NUMBER, asked, quoted, sample, sentence, thought
from .paragraphs import passage

UNANSWERED = 0.55
"""Share of questions that the passages do not answer: with fewer the model would rather quote something than nothing."""
REFUSAL = {"en": "The passages do not say.", "zh": "这些资料里没有说明。"}
SYSTEMS = {
    "en": ["Answer from the numbered passages only. Quote the words and give the number.", "Answer the question using only the sources below. Cite them.", "You are a helpful assistant.",
           "You answer questions about the user's documents.", "Use the context to answer. If it is not there, say so.", "You are mini, a small model.", "Be brief.",
           "You are an assistant for question-answering tasks. Use the retrieved context to answer. If you don't know, say that you don't know."],
    "zh": ["只根据下面编号的资料回答，引用原文并注明编号。", "请根据资料回答问题。", "你是一个乐于助人的助手。", "你负责回答关于用户文档的问题。", "如果资料里没有答案，就直说。", "你是 mini，一个小模型。", "请简短回答。", "使用以下资料回答用户的问题，不要编造。"],
}
HEADINGS = {"en": ["Sources:", "Passages:", "Context:", "Documents:", "Here are the passages:", "References:"], "zh": ["资料：", "参考资料：", "以下是资料：", "文档：", "内容：", "背景："]}
INSTRUCTIONS = {"en": ["Answer from the passages.", "Use only the sources above.", "Quote the passage that answers the question.", "If the answer is not in the text, say so."],
                "zh": ["请根据资料回答。", "只用上面的资料。", "请引用原文回答。", "如果资料里没有，请说明。"]}
QUESTION = {"en": ["Question: ", "Question: ", "Question: ", "Q: ", "", "My question: "], "zh": ["问题：", "问题：", "问题：", "问：", "", "我的问题："]}


def quote(text, number):
    """The number comes first: whether to answer is decided by one token, and the quoted words keep the space before them."""
    return f"[{number}] {quoted(text)}" if number else quoted(text)


def layout(r, lang, texts, question):
    """The question stands first, so that the model reads the passages with the question in mind; without that a model of this size is lost.

    Half of the samples have the canonical form of the model card, the others a variation of it.
    """
    if r.random() < 0.5:
        body = "\n".join(f"[{NUMBER}{i}] {t}" for i, t in enumerate(texts, 1))
        return f"{'Question: ' if lang == 'en' else '问题：'}{question}\n\n{body}", True
    numbered = r.random() < 0.9
    gap = r.choice(["\n", "\n", "\n\n"])
    mark = r.choice(["[{}] ", "[{}] ", "[{}] ", "[{}]\n", "[{}]: "]).replace("{", NUMBER + "{")
    body = gap.join((mark.format(i) if numbered else "") + t for i, t in enumerate(texts, 1))
    if r.random() < 0.5:
        body = r.choice(HEADINGS[lang]) + "\n" + body
    ask = r.choice(QUESTION[lang]) + question
    if r.random() < 0.3:
        ask = r.choice([f"{r.choice(INSTRUCTIONS[lang])}\n\n{ask}", f"{ask}\n{r.choice(INSTRUCTIONS[lang])}"])
    again = "\n\n" + r.choice(QUESTION[lang]) + question if r.random() < 0.25 else ""
    return f"{ask}\n\n{body}{again}", numbered


def reasoning(lang, question, number, numbered):
    if lang == "en":
        return f"I look for: {question} " + ("No passage says it." if not number else f"Passage [{number}] says it." if numbered else "The text says it.")
    return f"要找的是：{question}" + ("没有资料说到。" if not number else f"第[{number}]条资料说到了。" if numbered else "资料里说到了。")


def gather(r, lang, level):
    many = r.choice([1, 1, 2]) if level == 0 else r.choice([1, 1, 2, 2, 3, 3, 4]) if level == 1 else r.choice([3, 4, 5, 6, 8])
    domain = r.choice([None, None, "SITE", "PERSON", "RULE"]) if many > 1 and r.random() < 0.5 else None
    sizes = [r.randint(1, 2) if level == 0 else r.choice([1, 2, 3, 3, 4, 5, 6]) for _ in range(many)]
    passages = [passage(r, lang, n, domain) for n in sizes]
    if level and r.random() < 0.08:
        passages[r.randrange(many)] = passage(r, "zh" if lang == "en" else "en", 3)
    return passages


def pick(r, lang, passages):
    """A question, and where its answer is (None when it is nowhere)."""
    suits = [i for i, p in enumerate(passages) if p.lang == lang]
    places = [(i, j) for i in suits for j, s in enumerate(passages[i].sentences) if s[1]]
    if places and r.random() > UNANSWERED:
        i, j = r.choice(places)
        return r.choice(passages[i].sentences[j][1]), (i, j)
    if not suits or r.random() < 0.15:  # about something that is not mentioned at all
        return passage(r, lang, 1).missing(), None
    return passages[r.choice(suits)].missing(), None


def render(r, lang, p):
    joined = (" " if p.title and any(s.isascii() for s, _ in p.sentences[:1]) else "").join(sentence(s) for s, _ in p.sentences)
    if r.random() < 0.12:
        return f"{p.title}{r.choice([': ', chr(10)])}{joined}" if lang == "en" else f"{p.title}{r.choice(['：', chr(10)])}{joined}"
    return joined


def make(r, lang, level=1):
    passages = gather(r, lang, level)
    texts = [render(r, lang, p) for p in passages]
    think = r.random() < 0.05
    question, place = pick(r, lang, passages)
    clean = question
    if lang == "en" and r.random() < 0.1:
        question = question[0].lower() + question[1:]
    if r.random() < 0.07:
        question = question.rstrip("?？")
    user, numbered = layout(r, lang, texts, asked(question))
    system = r.choice(SYSTEMS[lang]) if r.random() < 0.3 else ""
    answer = quote(passages[place[0]].sentences[place[1]][0], place[0] + 1 if numbered else 0) if place else REFUSAL[lang]
    if think:
        answer = thought(reasoning(lang, clean, place[0] + 1 if place else 0, numbered)) + answer
    return sample(r, [("user", user), ("assistant", answer)], system, think=think)
