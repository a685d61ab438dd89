"""Common English words, written for this generator, and invented ones that follow English spelling."""
NOUNS = ("apple archive artist association attic bag bakery balcony ball band bank barn basket bath battery beach bean bear bed bell bench bicycle bird blanket "
 "board boat book border bottle bowl box branch bread brick bridge brush bucket budget builder building bus butter cabin cable cafe camera camp canal candle car "
 "card carpet cart castle cat ceiling cellar centre chair channel chapel chart child church cinema city class clinic clock cloth cloud club coach coast coat coffee "
 "coin collection college colour committee company concert contract cook copper corner corridor cottage council country course court cow crane crop crowd cup "
 "curtain customer cycle dam dance deck degree desk dinner diver doctor document dog door drawer dress driver drum duck editor egg engine engineer entrance "
 "envelope event exam exhibition expert factory family farm farmer fee fence ferry festival field film fire fish flag flat floor flour flower fog food forest fork form "
 "fountain fox frame friend fruit fund furniture gallery game garage garden gate gift girl glass glove goat gold government grain grass ground group guard guest "
 "guide guitar hall hammer harbour harvest hat hedge hill hive honey horse hospital hotel hour house idea ink inn insect island jacket jar job journal journey judge "
 "juice kettle key king kitchen kite knife ladder lake lamp land lane lantern law lawyer leader leaf lease leather lesson letter level library licence lid light line lion "
 "list lock loan machine manager map market mask material meadow meal meat medal medicine meeting member menu metal meter milk mill mine mirror model money monk "
 "month moon morning motor mountain mouse museum music nail neighbour nest net newspaper notebook novel nurse oak office officer oil onion orchard order oven "
 "owner package page paint painter palace pan paper park parcel parish partner party passage passenger path patient pavement pen pepper phone photo piano picture "
 "pier pig pilot pipe plan plane plant plate player pocket poem pond pool port post pot potato pottery powder price printer prize project pump pupil queen queue rabbit "
 "radio rail railway rain ramp record recipe report rice ring river road robot rock roof room root rope route rule sail salad salt sand school scientist screen sea "
 "seat seed sheep sheet shelf ship shirt shoe shop shore shower sign silk silver singer site skirt sky snow soap society sofa soil soldier song soup spice spoon "
 "square stable staff stage stair stall stamp star station statue steam steel stick stone store storm story stove stream street student studio study sugar suit sun "
 "surface sweater swimmer switch table tailor tank tap task tax tea teacher team tent temple test theatre ticket tile timber tool tooth tour tower town toy track "
 "trade trader train trainer tray tree trench trip truck tube tunnel uncle uniform union valley van vase vegetable vehicle village violin visitor volunteer wagon wall "
 "warehouse watch water wave weather well wheat wheel window wine wing winter wire wolf wood wool worker workshop writer yard year youth zoo "
 "programme system software version file screen password account message server network printer battery warranty refund subscription delivery discount holiday salary policy "
 "training department insurance deadline invoice receipt appointment membership application permit").split()
ADJECTIVES = ("old new small large long short wide narrow high low heavy light dark bright red blue green white black brown grey yellow quiet loud warm cold dry wet clean "
 "dirty empty full early late quick slow strong weak soft hard sweet bitter fresh young rich poor simple famous local public private wooden golden iron glass "
 "stone northern southern eastern western central main second third first last annual weekly daily monthly modern ancient royal rural busy open closed free "
 "broken hidden lost round square flat steep deep thin thick smooth rough sharp gentle proud careful special common rare cheap expensive safe useful popular national").split()
VERBS = [tuple(v.split("/")) for v in (
 "open/opened/opened close/closed/closed build/built/built buy/bought/bought sell/sold/sold paint/painted/painted repair/repaired/repaired design/designed/designed "
 "find/found/found write/wrote/written make/made/made bring/brought/brought take/took/taken lead/led/led found/founded/founded plant/planted/planted collect/collected/collected "
 "visit/visited/visited cook/cooked/cooked clean/cleaned/cleaned move/moved/moved carry/carried/carried send/sent/sent receive/received/received win/won/won lose/lost/lost "
 "keep/kept/kept hide/hid/hidden break/broke/broken choose/chose/chosen discover/discovered/discovered invent/invented/invented draw/drew/drawn teach/taught/taught "
 "print/printed/printed replace/replaced/replaced rebuild/rebuilt/rebuilt restore/restored/restored store/stored/stored measure/measured/measured test/tested/tested "
 "organise/organised/organised manage/managed/managed rent/rented/rented lend/lent/lent borrow/borrowed/borrowed hire/hired/hired train/trained/trained serve/served/served "
 "produce/produced/produced publish/published/published record/recorded/recorded film/filmed/filmed support/supported/supported protect/protected/protected check/checked/checked "
 "cut/cut/cut count/counted/counted wash/washed/washed grow/grew/grown feed/fed/fed catch/caught/caught cross/crossed/crossed dig/dug/dug fill/filled/filled lock/locked/locked "
 "name/named/named order/ordered/ordered pack/packed/packed pay/paid/paid plan/planned/planned share/shared/shared show/showed/shown start/started/started steal/stole/stolen "
 "study/studied/studied sign/signed/signed deliver/delivered/delivered finish/finished/finished decorate/decorated/decorated burn/burned/burned donate/donated/donated "
 "translate/translated/translated inspect/inspected/inspected approve/approved/approved remove/removed/removed install/installed/installed use/used/used").split()]
UNITS = "boxes bags tons litres metres crates copies pieces visitors tickets books trees chairs houses coins bottles pupils workers sheep kilograms miles pages barrels seats rooms lamps tables boats days".split()
FILLERS = ("The weather was mild for most of the week.", "Nobody had expected such a change.", "People still talk about it today.", "The work was slow, but it was done with care.",
 "On quiet days the whole place smells of wood and rain.", "Most of the neighbours were pleased.", "It is not easy to see from the road.", "Much has changed since then.",
 "Some details remain unclear.", "Children like to play there after school.", "This took longer than planned.", "Not everyone agreed at first.", "A small sign at the door explains the rules.",
 "There is room for a few more.", "The view is best in the evening.", "Guests are asked to be patient.", "Everything else stayed the same.", "For many families this is a habit.")
_ONSET = "b bl br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sh sk sl sn sp st str t th tr v w z".split()
_NUCLEUS = "a e i o u ai ea ee oa oo ou".split()
_CODA = "b ck d ff g k l ll m mp n nd ng nk nt p r rd rk rm rn s sh ss st t th tch x".split()


def invented(r):
    word = "".join(r.choice(_ONSET) + r.choice(_NUCLEUS) + r.choice(_CODA) for _ in range(r.choice([1, 1, 2])))
    return word + r.choice(["", "", "", "er", "y", "ing", "le", "al", "ment"])


def noun(r):
    x = r.random()
    if x < 0.2:
        return invented(r)
    return r.choice(NOUNS) if x < 0.9 else f"{r.choice(NOUNS)} {r.choice(NOUNS)}"


def adjective(r):
    return invented(r) if r.random() < 0.12 else r.choice(ADJECTIVES)


def verb(r):
    if r.random() < 0.15:
        v = invented(r)
        stem = v[:-1] if v.endswith("e") else v
        return v, stem + "ed", stem + "ed"
    return r.choice(VERBS)
