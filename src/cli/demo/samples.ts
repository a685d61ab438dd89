/** The demo's questions about the documents in samples/, and what a good answer to each of them is. */

/** Children of an invented town made the idiom up. */
export const IDIOM_QUESTION = "“瓦上寻舟”是什么意思？";

export interface SampleQuestion {
  title: string;
  question: string;
  /** The document that answers it, and words that a right answer has. Without them it is to be refused. */
  expected?: { document: string; words: string };
}

export const sampleQuestions: SampleQuestion[] = [
  {
    title: "From a web page",
    question: "When does the night ferry to Tervo leave?",
    expected: { document: "harbour-guide.html", words: "21:40" },
  },
  {
    title: "From notes in Markdown",
    question: "Where is the torque wrench kept?",
    expected: { document: "bicycle-workshop.md", words: "locked drawer" },
  },
  {
    title: "From a Chinese text file",
    question: "图书馆几点开门？",
    expected: { document: "图书馆指南.txt", words: "上午九点" },
  },
  {
    title: "A name",
    question: "古籍室的负责人是谁？",
    expected: { document: "图书馆指南.txt", words: "沈若水" },
  },
  {
    title: "An idiom that no dictionary has",
    question: IDIOM_QUESTION,
    expected: { document: "新编成语.md", words: "不可能有的地方" },
  },
  { title: "A question that the documents do not answer", question: "How do I renew a passport at the consulate?" },
];

/** The model only quotes sentences: in a table it is the search that finds the row. */
export const tableQuery = { query: "桂花红茶 产地", document: "茶行价目.csv", words: "桂花红茶 | 南坡茶园" };
