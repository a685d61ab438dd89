"""Sentence shapes of the evaluation. None of them occurs in training, nor do the names, characters and numbers that fill them.

Each line: statement | question with an answer in it | question without an answer. {v} is the value that must come back.
"""
EN = """
Ever since {year}, {e} has been looked after by {v:person}. | Who has looked after {e} since {year}? | Who sold {e} in {year}?
The ferry to {e} leaves from {v:place}. | Where does the ferry to {e} leave from? | How long does the ferry to {e} take?
Not until {v:year} did electricity reach {e}. | When did electricity reach {e}? | Who brought electricity to {e}?
Altogether {v:number} swallows were counted at {e}. | How many swallows were counted at {e}? | Who counted the swallows at {e}?
What {person} left to {e} was {v:number} euros. | How many euros did {person} leave to {e}? | Where did {person} go to school?
According to {v:person}, the clock of {e} runs slow. | According to whom does the clock of {e} run slow? | Who repaired the clock of {e}?
Only {v:person} holds a key to {e}. | Who holds a key to {e}? | Who broke the window of {e}?
Rainwater from {e} runs off towards {v:place}. | Towards where does rainwater from {e} run off? | How much rainwater does {e} collect?
It takes {v:number} minutes to walk around {e}. | How many minutes does it take to walk around {e}? | Who likes to walk around {e}?
At {e}, shoes are mended by {v:person}. | Who mends shoes at {e}? | What do mended shoes cost at {e}?
The spare tyres of {e} hang in {v:place}. | Where do the spare tyres of {e} hang? | How many spare tyres does {e} have?
Hikers bound for {e} should turn left at {v:place}. | Where should hikers bound for {e} turn left? | When did hikers first reach {e}?
In {e}, {v:number} lanterns burn through the night. | How many lanterns burn in {e}? | Who lights the lanterns in {e}?
The bell of {e} was cast by {v:person}. | Who cast the bell of {e}? | How heavy is the bell of {e}?
{e} borrowed its first ladder from {v:person}. | From whom did {e} borrow its first ladder? | What colour is the ladder of {e}?
Wolves were last seen around {e} in {v:year}. | In which year were wolves last seen around {e}? | How many wolves were seen around {e}?
The recipe that {e} guards so well came from {v:person}. | From whom did the recipe of {e} come? | How many spices are in the recipe of {e}?
Every morning {v:number} loaves leave the oven of {e}. | How many loaves leave the oven of {e} every morning? | Who eats the loaves of {e}?
Nobody but {v:person} may touch the map of {e}. | Who may touch the map of {e}? | Who stole the map of {e}?
The shortest way to {e} leads through {v:place}. | Through where does the shortest way to {e} lead? | How long is the shortest way to {e}?
"""
ZH = """
自{year}年以来，{e}一直由{v:person}照看。 | 自{year}年以来{e}由谁照看？ | {year}年谁卖掉了{e}？
去{e}的渡轮从{v:place}出发。 | 去{e}的渡轮从哪里出发？ | 去{e}的渡轮要开多久？
直到{v:year}年，{e}才通上电。 | {e}哪一年通上电？ | 是谁给{e}接的电？
在{e}一共数到{v:number}只燕子。 | 在{e}一共数到多少只燕子？ | 谁在{e}数燕子？
{person}留给{e}的是{v:number}块银元。 | {person}留给{e}多少块银元？ | {person}是在哪里上学的？
听{v:person}说，{e}的钟走得偏慢。 | 谁说{e}的钟走得偏慢？ | 谁修好了{e}的钟？
只有{v:person}拿着{e}的钥匙。 | 谁拿着{e}的钥匙？ | 谁打碎了{e}的窗户？
{e}的雨水流向{v:place}。 | {e}的雨水流向哪里？ | {e}能接多少雨水？
绕{e}走一圈需要{v:number}分钟。 | 绕{e}走一圈需要多少分钟？ | 谁喜欢绕着{e}散步？
在{e}替人补鞋的是{v:person}。 | 在{e}替人补鞋的是谁？ | 在{e}补鞋要多少钱？
{e}的备用轮胎挂在{v:place}。 | {e}的备用轮胎挂在哪里？ | {e}有几个备用轮胎？
要去{e}的人应当在{v:place}左转。 | 要去{e}的人应当在哪里左转？ | 人们什么时候第一次走到{e}？
{e}里彻夜点着{v:number}盏灯。 | {e}里彻夜点着多少盏灯？ | {e}的灯是谁点的？
{e}的铜钟出自{v:person}之手。 | {e}的铜钟出自谁之手？ | {e}的铜钟有多重？
{e}的第一架梯子是向{v:person}借的。 | {e}的第一架梯子是向谁借的？ | {e}的梯子是什么颜色？
{e}附近最后一次见到狼是{v:year}年。 | {e}附近最后一次见到狼是哪一年？ | {e}附近见到过几只狼？
{e}的秘方传自{v:person}。 | {e}的秘方传自谁？ | {e}的秘方里有几种香料？
每天清晨有{v:number}个馒头从{e}出笼。 | 每天清晨有多少个馒头从{e}出笼？ | {e}的馒头都给谁吃？
除了{v:person}，没有人可以碰{e}的账本。 | 谁可以碰{e}的账本？ | 谁偷走了{e}的账本？
去{e}最近的路要穿过{v:place}。 | 去{e}最近的路要穿过哪里？ | 去{e}最近的路有多长？
"""
HEADS_EN = "observatory brewery monastery orphanage shipyard vineyard smithy granary barracks aquarium".split()
HEADS_ZH = "天文台 酒坊 书院 船坞 铁匠铺 粮仓 葡萄园 水族馆 驿站 织布坊".split()
