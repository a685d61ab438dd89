"""Random names, numbers, dates and amounts in both languages.

Names are put together from syllables, so that no name is worth remembering. The evaluation has syllables,
characters and numbers of its own: `use_held_out(True)` switches this module over to them.
"""
import random

TRAIN_SYLLABLES = ("ba be bi bo bu da de di do du fa fe fi fo ga ge gi go ha he hi ho ja jo ka ke ki ko ku la le li lo lu "
                   "ma me mi mo mu na ne ni no pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi wa we wi "
                   "ya yo za ze zo bran dor fen gal hest irn jask kel lorn mar nor ost pell quin rast sten tarn ulm "
                   "wick yar zell sha che tha pri tre gru sla ston field ham ford ber ley dale").split()
HELD_SYLLABLES = "bly cru drae fyn glo hux jev kry lym myr nyx oph plu quo ryd sky twi uxo vyl wyx zhu cly dwe fjo gny".split()
TRAIN_HAN = "".join(chr(c) for c in range(0x4E00, 0x9FA5, 7))
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
HELD_SURNAMES = "柯覃戚鲍虞岑霍裴褚缪"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文辉力鹏浩宇晨曦雨欣怡佳俊梅春生海波志国庆云飞雪松柏青山川安宁思远嘉慧子涵一诺"
HELD_GIVEN = "苒珂翊骁澜祺霁蓓昶苓"
PLACE_HAN = "青白红金银石木水河湖海山岭川溪泉林松竹梅兰桃柳云龙凤鹤马牛东西南北上下大小新古长平安宁和丰永光明清花园桥塘湾沙洲港关台岩峰谷原田"
HELD_PLACE = "鹭霞枫榆岚沁澄萤芷蓼"
PLACE_TAIL = "村 镇 县 市 区 城 湖 山 岛 谷 湾 港 街 路 桥 塔 寺 河".split()
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_held = False


def use_held_out(on):
    global _held
    _held = on


def is_held(n):
    """Numbers of the evaluation: a fixed thirteenth of all numbers from 20 up."""
    return n >= 20 and n % 13 == 5


def integer(r, low, high):
    while True:
        n = r.randint(low, high)
        if high < 40 or is_held(n) == _held:
            return n


def name(r):
    pool = HELD_SYLLABLES if _held else TRAIN_SYLLABLES
    word = "".join(r.choice(pool) for _ in range(r.choice([1, 2, 2, 2, 3])))
    if len(word) < 3:
        word += r.choice(pool)
    return word.capitalize()


def person(r):
    full = f"{name(r)} {name(r)}"
    return r.choice([full, full, full, name(r), f"Dr {name(r)}", f"Mrs {name(r)}", f"{name(r)} {name(r)[0]}. {name(r)}"])


def place(r):
    return r.choice([name(r)] * 4 + [f"{name(r)} Street", f"Port {name(r)}", f"{name(r)} Hill", f"New {name(r)}", f"Lake {name(r)}"])


def han(r, n):
    return "".join(r.choice(TRAIN_HAN) for _ in range(n))


def person_zh(r):
    if _held:
        return r.choice(HELD_SURNAMES) + "".join(r.choice(HELD_GIVEN) for _ in range(r.choice([1, 2])))
    if r.random() < 0.25:
        return r.choice(SURNAMES) + han(r, r.choice([1, 2]))
    if r.random() < 0.1:
        return r.choice(SURNAMES) + r.choice(["老师", "经理", "医生", "师傅", "教授", "女士", "先生"])
    return r.choice(SURNAMES) + "".join(r.choice(GIVEN) for _ in range(r.choice([1, 2, 2])))


def place_zh(r):
    if _held:
        return "".join(r.choice(HELD_PLACE) for _ in range(2)) + r.choice(PLACE_TAIL)
    stem = han(r, 2) if r.random() < 0.3 else "".join(r.choice(PLACE_HAN) for _ in range(r.choice([1, 2, 2])))
    return stem + r.choice(PLACE_TAIL)


def year(r):
    return str(integer(r, 1600, 2030))


def clock(r):
    h = r.randint(6, 22)
    return r.choice([f"{h}:{r.choice(['00', '15', '30', '45'])}", f"{(h - 1) % 12 + 1} {'am' if h < 12 else 'pm'}", f"half past {r.choice('six seven eight nine ten'.split())}"])


def date(r):
    d, m = r.randint(1, 28), r.choice(MONTHS)
    return r.choice([f"in {year(r)}", f"in {year(r)}", f"in {m} {year(r)}", f"on {d} {m}", f"on {m} {d}, {year(r)}", f"on {r.choice(DAYS)}",
                     f"in the {r.choice(['spring', 'summer', 'autumn', 'winter'])} of {year(r)}", f"at {clock(r)}", f"in {m}",
                     f"{integer(r, 2, 90)} years ago", f"in the early {r.randint(160, 202)}0s", f"every {r.choice(DAYS)}", f"last {r.choice(DAYS)}"])


def date_zh(r):
    return r.choice([f"{year(r)}年", f"{year(r)}年", f"{year(r)}年{r.randint(1, 12)}月", f"{r.randint(1, 12)}月{r.randint(1, 28)}日", f"每周{r.choice('一二三四五六日')}",
                     f"{r.choice(['上午', '下午', '晚上', '早上'])}{r.randint(1, 12)}点{r.choice(['', '半', '一刻'])}", f"{year(r)}年{r.choice('春夏秋冬')}天",
                     f"{integer(r, 2, 90)}年前", f"去年{r.choice('春夏秋冬')}天", f"{r.choice('一二三四五六七八九十')}月{r.choice(['初', '中旬', '底'])}"])


def number(r):
    n = integer(r, 2, r.choice([20, 100, 1000, 10000, 100000]))
    return r.choice([str(n), str(n), f"{n:,}", r.choice("two three four five six seven eight nine ten twelve fifteen twenty thirty forty".split())])


def number_zh(r):
    n = integer(r, 2, r.choice([20, 100, 1000, 10000, 100000]))
    return r.choice([str(n), str(n), str(n), f"{n}万", r.choice("两 三 四 五 六 七 八 九 十 十二 十五 二十 三十 五十 一百 两千".split())])
