"""Greetings, what the model is, thanks, and an honest word when a question comes without passages."""
from . import lexicon_en, lexicon_zh
from .chatml import sample, thought
from .paragraphs import passage
from .passages_task import REFUSAL, SYSTEMS
from .values import name, person, person_zh

SAY = {
    "en": {"hello": "Hello! I am mini, a small model that comes with Puna. Give me some passages and a question, and I will quote the answer.",
           "who": "I am mini, a small language model that comes with Puna. I can quote answers from passages that you give me.",
           "thanks": "You are welcome!", "bye": "Goodbye!", "well": "I am well, thank you. How can I help you?",
           "help": "I can quote answers from passages in the prompt, call tools, and write small JSON. For open questions, please use a larger model.",
           "open": "I am too small to know that. Give me passages that hold the answer, or use a larger model."},
    "zh": {"hello": "你好！我是 mini，Puna 自带的小模型。给我几段资料和一个问题，我会引用原文回答。", "who": "我是 mini，Puna 自带的小语言模型。我可以从你给的资料里引用答案。",
           "thanks": "不客气！", "bye": "再见！", "well": "我很好，谢谢。有什么可以帮你的？",
           "help": "我可以从资料里引用答案、调用工具、写简单的 JSON。开放的问题请用更大的模型。", "open": "我太小了，不知道这个。请给我含有答案的资料，或者换一个更大的模型。"},
}
ASK = {
    "en": {"hello": "Hi|Hello|Hello!|Hi there|Hey|Good morning|Good evening|hello|hi|Hey there!|Greetings|Good afternoon!|Hello, mini|Hi mini!|Hello there, nice to meet you|hey mini|Hello, how do you do?",
           "who": "Who are you?|What are you?|What is your name?|who are you|Tell me about yourself.|Introduce yourself.|What model are you?|Are you ChatGPT?|Hi, who are you?|Hello, what are you?|Please tell me who you are.|Which model is this?|Who made you?|What's your name?|Are you a robot?|Say who you are.",
           "thanks": "Thanks|Thank you|Thank you!|thanks a lot|Great, thanks.|Thank you very much|Many thanks!|Perfect, thank you|ok thanks", "bye": "Bye|Goodbye|Bye!|See you|See you later|Good night|bye bye|Goodbye, mini",
           "well": "How are you?|How are you today?|how are you|How is it going?|Hi, how are you?|Are you well?", "help": "What can you do?|Help|How can you help me?|What are you good at?|what can you do|How do I use you?|What do you do?|Can you help me?"},
    "zh": {"hello": "你好|你好！|您好|嗨|早上好|晚上好|下午好|你好呀|哈喽|大家好|喂|你好，mini|您好！很高兴认识你|mini 你好|早|hello，你好", "who": "你是谁？|你是什么？|你叫什么名字？|介绍一下你自己|请介绍一下自己。|你是什么模型？|你是ChatGPT吗？|你好，你是谁？|你是谁|请问你是谁？|你是哪个模型？|谁做的你？|你是机器人吗？|说说你自己|自我介绍一下",
           "thanks": "谢谢|谢谢你|谢谢！|多谢|非常感谢|好的，谢谢|太好了，谢谢你|感谢", "bye": "再见|拜拜|再见！|回头见|晚安|下次见|我走了，再见", "well": "你好吗？|你怎么样？|最近好吗？|你今天好吗|过得怎么样？",
           "help": "你能做什么？|你会什么？|帮助|你能帮我什么？|你有什么功能？|怎么用你？|你可以帮我吗？|你会做什么"},
}
OPEN = {"en": ["Write a poem about {k}.", "Tell me a story about the {k}.", "What is {K}?", "Explain {k} to me.", "Who is {P}?", "What is the capital of {N}?", "Translate {k} into French.", "How do I build a {k}?", "Why is the {k} so {a}?",
               "What do you think about {k}?", "Write a program that sorts {k}s.", "Give me a recipe for {k}.", "How many people live in {N}?", "Tell me a joke.", "What is the weather in {N}?", "Summarise the history of {N}."],
        "zh": ["写一首关于{k}的诗。", "给我讲一个{k}的故事。", "什么是{k}？", "解释一下{k}。", "{P}是谁？", "怎么做{k}？", "为什么{k}这么贵？", "你觉得{k}怎么样？", "写一个程序整理{k}。", "把{k}翻译成英文。", "讲个笑话。", "今天天气怎么样？", "介绍一下{k}的历史。", "{k}多少钱？"]}


def open_question(r, lang):
    if r.random() < 0.3:
        p = passage(r, lang, 2)
        questions = [q for _, qs in p.sentences for q in qs]
        if questions:
            return r.choice(questions)
    text = r.choice(OPEN[lang])
    words = lexicon_en if lang == "en" else lexicon_zh
    return text.replace("{k}", words.noun(r)).replace("{K}", words.noun(r)).replace("{P}", (person if lang == "en" else person_zh)(r)).replace("{N}", name(r)).replace("{a}", lexicon_en.adjective(r))


def exchange(r, lang):
    kind = r.choice(["hello", "hello", "who", "who", "who", "thanks", "bye", "well", "help", "open", "open", "open"])
    ask = open_question(r, lang) if kind == "open" else r.choice(ASK[lang][kind].split("|"))
    return kind, ask, SAY[lang][kind]


def make(r, lang):
    turns = []
    think = r.random() < 0.15
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        kind, ask, say = exchange(r, lang)
        if think:
            open_note = "The question comes without passages." if lang == "en" else "这个问题没有附资料。"
            small_talk = "This is small talk; no passage is needed." if lang == "en" else "这是闲聊，不需要资料。"
            say = thought(open_note if kind == "open" else small_talk) + say
        turns += [("user", ask), ("assistant", say)]
    system = r.choice(SYSTEMS[lang]) if r.random() < 0.3 else ""
    return sample(r, turns, system, think=think)
