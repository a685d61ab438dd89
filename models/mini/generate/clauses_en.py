"""Clauses of everyday prose and the questions to them. {a} {b} {c} nouns, {x} {y} adjectives, {v} {w} verbs ({vd} {wd} participles)."""
CLAUSES = """
the {a} is kept in the {b} | Where is the {a} kept? ; What is kept in the {b}?
{a}s may be {vd} only by {P} | Who may {v} {a}s? ; By whom may {a}s be {vd}?
no {a} is {vd} without a {b} | What is needed to {v} a {a}? ; Without what is no {a} {vd}?
the {a} must be {vd} before the {b} is {wd} | What must happen before the {b} is {wd}? ; When must the {a} be {vd}?
the {x} {a} comes from {L} | Where does the {x} {a} come from? ; What comes from {L}?
most {a}s last about {N} {u} | How long do most {a}s last? ; How many {u} do most {a}s last?
each {a} needs {N} {b}s | How many {b}s does each {a} need? ; What does each {a} need?
the {a} turns {x} when the {b} is {wd} | When does the {a} turn {x}? ; What turns {x} when the {b} is {wd}?
a {x} {a} means that the {b} is {y} | What does a {x} {a} mean? ; What shows that the {b} is {y}?
if the {a} is {x}, {v} the {b} | What should one do if the {a} is {x}? ; When should you {v} the {b}?
the {a} smells of {b} and {c} | What does the {a} smell of?
{P} never used {a}, since the {b} was {x} enough | Why did {P} never use {a}? ; What did {P} never use?
the {a} was {vd} by a group of {b}s | Who {vp} the {a}? ; By whom was the {a} {vd}?
they paid for the {a} by selling the {b}s | How did they pay for the {a}? ; What did they sell to pay for the {a}?
nobody {vp} the {a} except {P} | Who {vp} the {a}?
the {a} closes at {T} when there is no {b} | When does the {a} close? ; At what time does the {a} close?
you can borrow a {a} from the {b} on the {o} floor | Where can you borrow a {a}? ; What can you borrow from the {b}?
guests have to leave their {a}s in the {b} | Where do guests have to leave their {a}s? ; What do guests have to leave in the {b}?
the {a} was the idea of {P}, who wanted to {v} the {b} | Whose idea was the {a}? ; Who had the idea of the {a}? ; Why did {P} have the idea of the {a}?
it takes {N} {u} to {v} a {a} | How long does it take to {v} a {a}? ; How many {u} does it take to {v} a {a}?
the {a}s are {vd} every {W} | When are the {a}s {vd}? ; On which day are the {a}s {vd}? ; How often are the {a}s {vd}?
the {a} has been {vd} {N} times | How many times has the {a} been {vd}? ; How often has the {a} been {vd}?
{a}s are forbidden because they {v} the {b} | Why are {a}s forbidden? ; What is forbidden?
the fee of {N} euros covers the {a} and the {b} | What does the fee cover? ; How much is the fee? ; How much does the {a} cost?
the {a} serves as a {b} for {c}s | What does the {a} serve as? ; For whom does the {a} serve as a {b}?
those who {v} the {a} receive a {x} {b} | What do those who {v} the {a} receive? ; Who receives a {x} {b}?
the {a} is {x}er than the {b} | What is {x}er than the {b}? ; What is the {a} compared with?
beginners should start with a {x} {a} | What should beginners start with? ; Who should start with a {x} {a}?
lost {a}s end up in the {b} | Where do lost {a}s end up? ; What happens to lost {a}s?
the {a} was once a {b} | What was the {a} once? ; What did the {a} use to be?
the town bought the {a} for {N} pounds | How much did the town pay for the {a}? ; For how much did the town buy the {a}? ; Who bought the {a}?
{P} has {vd} the {a} for {N} years | For how many years has {P} {vd} the {a}? ; Who has {vd} the {a} for {N} years? ; How long has {P} {vd} the {a}?
the {a}s live only {N} {u} | How long do the {a}s live?
only the {b} knows how to {v} the {a} | Who knows how to {v} the {a}?
the {a} arrives by {b} | How does the {a} arrive? ; By what does the {a} arrive?
children like the {a} best because it is {x} | Why do children like the {a} best? ; What do children like best?
a {a} made of {b} hangs above the {c} | What hangs above the {c}? ; Where does the {a} hang? ; What is the {a} made of?
the {a} is checked by a {b} each {s} | Who checks the {a}? ; When is the {a} checked? ; How often is the {a} checked?
{a}s should bring their own {b} and {c} | What should {a}s bring? ; Who should bring their own {b}?
the {a} holds up to {N} {b}s | How many {b}s does the {a} hold? ; How much does the {a} hold?
the last {a} left in {Y} | When did the last {a} leave? ; In which year did the last {a} leave?
the {a}s are sold for {b} each {s} | When are the {a}s sold? ; For what are the {a}s sold?
do not {v} the {a} while the {b} is {wd} | When should you not {v} the {a}? ; What should you not {v} while the {b} is {wd}?
a {a} ended the {b} for good | What ended the {b}? ; What did a {a} end?
the {a}s were {vd} by {P}, whose {b} was {x} | Who {vp} the {a}s? ; Whose {b} was {x}?
the {a} lies between the {b} and the {c} | Where does the {a} lie? ; Where is the {a}? ; What lies between the {b} and the {c}?
in winter the {a} is used to {v} {b}s | What is the {a} used for in winter? ; When is the {a} used to {v} {b}s? ; What is used to {v} {b}s in winter?
groups have no more than {N} {a}s | How many {a}s do groups have? ; How large are the groups?
the {a} starts with a {b} and ends with a {c} | How does the {a} start? ; What does the {a} end with? ; What does the {a} start with?
the {b} opens the {a} on {W} at {T} | When does the {b} open the {a}? ; Who opens the {a}? ; At what time is the {a} opened?
""".strip()
JOIN = [", and ", ", but ", "; ", ", although ", ", so ", ", while ", ", because ", " and "]
LEAD = ["As a rule, ", "Today ", "In the past, ", "For many years ", "Since last {s}, ", "According to {P}, ", "Near {L}, ", "On {W}, ", "Here ", "After the {c}, ", "Even so, ", "Usually ", "In {Y}, ", "For this reason, "]
TAIL = [", which pleased {P}", ", as the {c} shows", ", weather permitting", " and nobody minds", ", much to the joy of the {c}", ", even in {s}", ", at least in {L}", " without any trouble", ", just as {P} had hoped"]
SEASONS = "spring summer autumn winter".split()
ORDINALS = "first second third fourth fifth sixth".split()
PERIODS = "hours days weeks months minutes years".split()
