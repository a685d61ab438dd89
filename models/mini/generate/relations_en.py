"""What an English paragraph may say about its subject: statements on the left, questions about them on the right.

Slots: {e} the subject, {P} person, {L} place, {D} date, {N} number, {M} money, {T} clock time, {K} noun, {A} adjective.
A slot that occurs on both sides is the same word on both.
"""
SITE = """
{e} opened {D}. ; {e} first opened its doors {D}. ; {D} {e} welcomed its first visitors. | When did {e} open? ; When was {e} opened? ; When did {e} first open its doors?
{e} was built {D}. ; Construction of {e} was completed {D}. ; The builders finished {e} {D}. | When was {e} built? ; When was {e} completed? ; In what year was {e} finished?
{e} was designed by {P}. ; The architect of {e} was {P}. ; {P} drew the plans for {e}. | Who designed {e}? ; Who was the architect of {e}? ; Who drew the plans for {e}?
{e} was founded by {P} {D}. ; {P} founded {e} {D}. ; {e} was set up {D} by {P}. | Who founded {e}? ; Who set up {e}? ; When was {e} founded? ; By whom was {e} set up?
{e} stands in {L}. ; {e} lies on the edge of {L}. ; You will find {e} in {L}, next to the {K}. ; {e} is located near {L}. | Where is {e}? ; Where does {e} stand? ; Where can {e} be found? ; Where is {e} located?
{e} is {N} metres long. ; With a length of {N} metres, {e} is the longest in the region. ; From end to end {e} measures {N} metres. | How long is {e}? ; What is the length of {e}?
{e} is {N} metres tall. ; {e} rises to a height of {N} metres. ; At {N} metres, {e} is higher than the {K}. | How tall is {e}? ; How high is {e}? ; What is the height of {e}?
{e} covers {N} hectares. ; The area of {e} is {N} square metres. ; {e} spreads over {N} square kilometres. | How large is {e}? ; What area does {e} cover? ; How big is {e}?
{e} has {N} rooms. ; There are {N} rooms in {e}. ; Inside {e} there are {N} rooms on two floors. | How many rooms does {e} have? ; How many rooms are there in {e}?
{e} holds {N} {K}s. ; The collection of {e} counts {N} {K}s. ; {e} keeps more than {N} {K}s. | How many {K}s does {e} hold? ; How many {K}s are in the collection? ; How many {K}s are kept in {e}?
A ticket for {e} costs {M}. ; Admission is {M} for adults. ; Visitors pay {M} to enter {e}. ; The entrance fee is {M}. | How much does a ticket for {e} cost? ; What does it cost to enter {e}? ; How much is admission to {e}? ; What is the entrance fee? ; How much do visitors pay?
Children enter free of charge. ; Entry is free for children under {N}. ; There is no charge for children. | Do children have to pay? ; Who can enter for free? ; How much do children pay?
{e} is open from {T} to {T}. ; Opening hours are from {T} until {T}. ; The doors open at {T} and close at {T}. | What are the opening hours of {e}? ; When is {e} open? ; At what time does {e} close? ; When do the doors open? ; What time does {e} open?
{e} is closed on {W}. ; On {W} {e} stays shut. ; {e} does not open on {W}. | On which day is {e} closed? ; When is {e} shut? ; Which day does {e} not open?
{e} employs {N} people. ; {N} people work at {e}. ; The staff of {e} consists of {N} people. | How many people work at {e}? ; How many people does {e} employ? ; How large is the staff of {e}? ; How many employees does {e} have?
{e} receives {N} visitors a year. ; Every year {N} people visit {e}. ; About {N} guests come to {e} each year. | How many people visit {e} each year? ; How many visitors does {e} receive?
{e} is run by {P}. ; {P} has been in charge of {e} since {Y}. ; The director of {e} is {P}. ; {P} manages {e}. | Who runs {e}? ; Who is in charge of {e}? ; Who is the director of {e}? ; Who manages {e}? ; Who leads {e}?
{e} belongs to {P}. ; {P} owns {e}. ; The owner of {e} is {P}. ; {e} is the property of the {P} family. | Who owns {e}? ; Who is the owner of {e}? ; To whom does {e} belong?
{e} was paid for by {P}. ; The money for {e} came from {P}. ; {P} covered the costs of {e}. ; The project was funded by {P}. | Who paid for {e}? ; Where did the money for {e} come from? ; Who funded {e}?
Building {e} cost {M}. ; The total cost came to {M}. ; {M} was spent on {e}. ; The work had a budget of {M}. | How much did {e} cost? ; What was the total cost? ; How much was spent on {e}? ; How much did it cost to build {e}?
{e} was damaged by {X} {D}. ; {D} {X} destroyed part of {e}. ; Part of {e} was lost to {X} {D}. | What damaged {e}? ; When was {e} damaged? ; What destroyed part of {e}?
{e} was restored {D}. ; {D} {e} was repaired and painted again. ; A full renovation of {e} took place {D}. | When was {e} restored? ; When was {e} renovated? ; When was {e} repaired?
{e} is named after {P}. ; It takes its name from {P}, who once lived there. ; The name honours {P}. | Who is {e} named after? ; After whom is {e} named? ; Where does the name of {e} come from?
{e} is made of {K} and {K}. ; The walls of {e} are built of {A} {K}. ; The main material is {K}. | What is {e} made of? ; What material was used for {e}? ; What are the walls built of?
Before that, {e} was used as a {K}. ; {e} once served as a {K}. ; In earlier times {e} was a {K}. | What was {e} used as before? ; What was {e} in earlier times? ; What did {e} once serve as?
Bus {N} stops in front of {e}. ; {e} can be reached by bus {N}. ; Take line {N} to get to {e}. | How can one reach {e}? ; Which bus goes to {e}? ; How do you get to {e}?
Dogs are not allowed in {e}. ; Visitors may not bring dogs. ; Photography is forbidden inside {e}. ; Smoking is not permitted in {e}. | What is not allowed in {e}? ; What is forbidden in {e}? ; What may visitors not do?
The oldest part of {e} is the {K}. ; The oldest thing there is a {A} {K}. | What is the oldest part of {e}? ; Which part of {e} is the oldest?
{e} is best known for its {A} {K}. ; {e} is famous for its {K}. ; People know {e} above all for the {K}. | What is {e} known for? ; What is {e} famous for? ; Why do people know {e}?
On the ground floor of {e} there is a {K}. ; The {K} is on the ground floor. ; Downstairs, visitors find a {K}. | What is on the ground floor of {e}? ; Where is the {K}? ; What is downstairs?
Next year {e} will get a new {K}. ; There are plans to add a {K} to {e}. ; A {K} is to be added soon. | What will be added to {e}? ; What is planned for {e}? ; What will {e} get next year?
Volunteers look after the {K}. ; The {K} is cared for by volunteers. | Who looks after the {K}? ; Who cares for the {K}?
Parking is available behind {e}. ; Cars can be left beside the {K}. ; There is a car park for {N} cars. | Where can visitors park? ; Is there parking? ; How many cars can park there?
"""
PERSON = """
{e} was born in {L} {D}. ; Born in {L}, {e} grew up by the {K}. | Where was {e} born? ; When was {e} born? ; What is the birthplace of {e}?
{e} works as a {K} maker. ; {e} earned a living as a {K} seller. ; {e} is a {K} painter by profession. | What is the profession of {e}? ; What does {e} do for a living? ; What does {e} work as? ; What is the job of {e}?
{e} studied {K} design in {L}. ; {e} went to university in {L}. ; {L} is where {e} studied. | Where did {e} study? ; What did {e} study? ; Where did {e} go to university?
{e} lives in {L} with {N} cats. ; The home of {e} is in {L}. ; {e} moved to {L} {D}. | Where does {e} live? ; Where did {e} move? ; Where is the home of {e}?
{e} is married to {P}. ; {e} married {P} {D}. ; The husband of {e} is called {P}. ; The wife of {e} is {P}. | Who is {e} married to? ; Who did {e} marry? ; What is the name of {e}'s wife? ; Who is the husband of {e}?
{e} has {N} children. ; {e} is the parent of {N} children. | How many children does {e} have?
{e} died {D}. ; {e} passed away {D} in {L}. ; The death of {e} came {D}. | When did {e} die? ; When did {e} pass away?
{e} wrote {N} books. ; {N} books by {e} were printed. ; {e} is the author of {N} books. | How many books did {e} write? ; How many books are by {e}?
{e} is {N} years old. ; {e} turned {N} {D}. | How old is {e}? ; What is the age of {e}?
{e} won the {K} prize {D}. ; The {K} prize went to {e} {D}. ; {e} received the {K} medal {D}. | What did {e} win? ; Which prize did {e} receive? ; When did {e} win the prize?
{e} learned the trade from {P}. ; {P} was the teacher of {e}. ; {e} was taught by {P}. | Who taught {e}? ; Who was the teacher of {e}? ; From whom did {e} learn the trade?
{e} speaks {N} languages. ; {N} languages are spoken by {e}. | How many languages does {e} speak?
{e} joined the company {D}. ; {e} started working there {D}. ; {e} has worked there since {Y}. | When did {e} join the company? ; Since when has {e} worked there? ; When did {e} start?
{e} gets up at {T}. ; The day of {e} begins at {T}. | When does {e} get up? ; At what time does the day of {e} begin?
{e} collects old {K}s. ; The hobby of {e} is collecting {K}s. ; In spare hours {e} repairs {K}s. | What is the hobby of {e}? ; What does {e} collect? ; What does {e} do in spare hours?
{e} first came to {L} as a child. ; As a child {e} lived in {L}. | Where did {e} live as a child?
{e} left because the {K} was {A}. ; The {A} {K} was the reason why {e} left. | Why did {e} leave? ; What was the reason that {e} left?
{e} leads a team of {N} people. ; The team of {e} has {N} members. | How many people does {e} lead? ; How large is the team of {e}?
You can reach {e} at extension {N}. ; The phone number of {e} is {N}. ; The desk of {e} is in room {N}. | What is the phone number of {e}? ; How can one reach {e}? ; In which room is the desk of {e}?
"""
RULE = """
Requests for {e} must be sent to {P}. ; {P} approves {e}. ; {e} has to be approved by {P}. | Who approves {e}? ; To whom must requests for {e} be sent? ; Who has to approve {e}?
{e} must be returned within {N} days. ; The deadline for {e} is {N} days. ; You have {N} days to hand in {e}. | How many days do I have for {e}? ; What is the deadline for {e}? ; Within how many days must {e} be returned? ; How long do I have for {e}?
The limit for {e} is {M} per day. ; {e} is covered up to {M}. ; At most {M} is paid for {e}. | What is the limit for {e}? ; How much is paid for {e}? ; Up to what amount is {e} covered?
{e} is valid for {N} months. ; {e} expires after {N} months. ; {e} lasts {N} months. | How long is {e} valid? ; When does {e} expire? ; How long does {e} last?
{e} costs {M} a month. ; The monthly fee for {e} is {M}. ; For {e} you pay {M} each month. | How much does {e} cost? ; What is the monthly fee for {e}? ; What is the price of {e}? ; How much do I pay for {e}?
A late fee of {M} is charged for {e}. ; Those who are late pay {M}. ; The fine is {M}. | How much is the late fee? ; What happens to those who are late? ; How much is the fine?
To apply for {e}, fill in the {K} form. ; {e} requires a {K} and a signed {K}. ; Bring a {K} to get {e}. | What is needed for {e}? ; How do I apply for {e}? ; What must I bring to get {e}? ; Which documents are required?
Members may use {e} {N} times a week. ; {e} can be used up to {N} times. | How often may members use {e}? ; How many times can {e} be used?
{e} does not apply to {K}s. ; {K}s are excluded from {e}. ; There is one exception to {e}: {K}s. | What is excluded from {e}? ; To what does {e} not apply? ; What is the exception to {e}?
{e} takes effect {D}. ; The rule on {e} begins {D}. ; From now on, {e} starts {D}. | When does {e} take effect? ; From when does {e} apply? ; When does {e} start?
Questions about {e} go to the {K} desk. ; For help with {e}, call {P}. ; {P} answers questions about {e}. | Who answers questions about {e}? ; Whom should I ask about {e}? ; Who can help with {e}? ; Where do I go with questions about {e}?
{e} is kept in the {A} {K}. ; Store {e} in the {K}. ; The place for {e} is the {K} room. | Where is {e} kept? ; Where should {e} be stored? ; Where can I find {e}?
Before use, {e} must be cleaned with {K}. ; Clean {e} with {K} after each use. | How should {e} be cleaned? ; With what should {e} be cleaned? ; What must be done before use?
{e} runs for {N} hours on one charge. ; One charge lasts {N} hours. ; {e} works {N} hours without a break. | How long does {e} run on one charge? ; How many hours does {e} work? ; What is the battery life of {e}?
{e} weighs {N} grams. ; The weight of {e} is {N} kilograms. | How much does {e} weigh? ; What is the weight of {e}? ; How heavy is {e}?
{e} comes with a warranty of {N} years. ; The warranty for {e} covers {N} years. | How long is the warranty for {e}? ; How many years does the warranty last?
The password for {e} is changed every {N} days. ; Change the password of {e} every {N} days. | How often must the password be changed?
A backup of {e} is made every night at {T}. ; At {T} a copy of {e} is saved. | When is a backup of {e} made? ; How often is {e} saved? ; At what time is {e} backed up?
Boil {e} for {N} minutes. ; {e} needs {N} minutes in the oven. ; Let {e} rest for {N} minutes. ; {e} should cook for {N} minutes. | How long should {e} cook? ; How many minutes does {e} need? ; How long must {e} rest? ; For how long is {e} boiled?
Add {N} grams of {K} to {e}. ; {e} needs {N} grams of {K}. ; Mix {e} with {N} spoons of {K}. | How much {K} is added to {e}? ; How much {K} does {e} need? ; What is mixed with {e}?
{e} serves {N} people. ; The amount is enough for {N} people. | How many people does {e} serve? ; For how many people is {e} enough?
Heat the oven to {N} degrees. ; {e} is baked at {N} degrees. ; The right temperature is {N} degrees. | At what temperature is {e} baked? ; How hot should the oven be? ; What is the right temperature?
{e} takes place every year in {L}. ; {e} is held {D} in {L}. ; This year {e} will be in {L}. | Where does {e} take place? ; Where is {e} held? ; When is {e} held?
{e} begins at {T} and lasts {N} hours. ; {e} starts at {T}. ; The start of {e} is at {T}. | When does {e} begin? ; At what time does {e} start? ; How long does {e} last?
{e} was first held {D}. ; The tradition of {e} goes back to {Y}. ; {e} began {D} with only {N} guests. | When was {e} first held? ; When did {e} begin? ; How old is the tradition of {e}?
The winner of {e} was {P}. ; {P} won {e}. ; First place in {e} went to {P}. | Who won {e}? ; Who was the winner of {e}? ; Who took first place in {e}?
{e} was cancelled because of {X}. ; {e} could not take place because of {X}. ; {X} was the reason why {e} was cancelled. | Why was {e} cancelled? ; Why could {e} not take place? ; What was the reason for cancelling {e}?
During {e}, people eat {A} {K}. ; The traditional food at {e} is {K} soup. ; Guests of {e} wear {A} {K}s. | What do people eat during {e}? ; What is the traditional food at {e}? ; What do guests of {e} wear?
{N} people took part in {e}. ; {e} drew {N} guests. ; There were {N} participants in {e}. | How many people took part in {e}? ; How many participants did {e} have? ; How many guests came to {e}?
"""
EVENTS = ("a fire", "a flood", "a storm", "heavy rain", "an earthquake", "strong wind", "a strike", "snow", "frost", "lightning")
