/** The demo's questions about the documents in samples/, and what a good answer to each of them is. */

export interface SampleQuestion {
  title: string;
  question: string;
  /** The document that answers it, and words that a right answer has. Without them it is to be refused. */
  expected?: { document: string; words: string };
}

/** The last one asks for an idiom that is in no dictionary: children of an invented town made it up. */
export const sampleQuestions: SampleQuestion[] = [
  {
    title: "From a web page",
    question: "When does the night ferry to Tervo leave?",
    expected: { document: "harbour-guide.html", words: "21:40" },
  },
  {
    title: "From notes in Markdown",
    question: "Who has the key to the drawer with the torque wrench?",
    expected: { document: "bicycle-workshop.md", words: "Ilka Brandt" },
  },
  {
    title: "From a Chinese text file",
    question: "每位读者一次最多可以借几本书？",
    expected: { document: "图书馆指南.txt", words: "六本" },
  },
  {
    title: "From a table",
    question: "桂花红茶的产地是哪里？",
    expected: { document: "茶行价目.csv", words: "南坡茶园" },
  },
  {
    title: "An idiom that no dictionary has",
    question: "“瓦上寻舟”是什么意思？",
    expected: { document: "新编成语.md", words: "不可能有的地方" },
  },
  { title: "A question that the documents do not answer", question: "How do I renew a passport at the consulate?" },
];
