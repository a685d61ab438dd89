/** What the demo asks the bundled model, and how it tells whether the answer is what was asked for. */
import type { ChatBody, WireToolCall } from "../wire.ts";

export interface DemoAnswer {
  content: string;
  thinking: string;
  toolCalls: WireToolCall[];
}

export interface DemoQuestion {
  title: string;
  /** What is shown as the question. */
  shown: string[];
  body: Omit<ChatBody, "model">;
  holds(answer: DemoAnswer): boolean;
  /** The program answers for this one, whatever the model is worth: a grammar holds it. */
  mustHold?: true;
}

const passagesEn = [
  "The night ferry to Orrin leaves at 21:40 from the old pier. Bicycles travel free of charge.",
  "The harbour café is run by Marta Lindqvist. It opens at six in the morning and sells smoked fish.",
];
const passagesZh = ["青禾书店在梧桐路18号，周一休息。", "书店的老板叫沈若水，她每周六下午给孩子们讲故事。"];

const numbered = (passages: string[]) => passages.map((text, i) => `[${i + 1}] ${text}`);
const ask = (...lines: string[]) => [{ role: "user", content: lines.join("\n") }];

function aboutPassages(title: string, passages: string[], question: string, holds: DemoQuestion["holds"]): DemoQuestion {
  return {
    title,
    shown: [question, ...numbered(passages)],
    body: { messages: ask(question, "", ...numbered(passages)), think: false },
    holds,
  };
}

const schema = {
  type: "object",
  properties: { name: { type: "string" }, city: { type: "string" }, age: { type: "integer" } },
  required: ["name", "city", "age"],
};
const person = "My name is Ilka Brandt, I live in Tervo and I am 34 years old.\nGive name, city and age as JSON.";

const tool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Get the weather for a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

export const demoQuestions: DemoQuestion[] = [
  {
    title: "A greeting",
    shown: ["Hello! Who are you?"],
    body: { messages: ask("Hello! Who are you?"), think: false },
    holds: ({ content }) => /\bmini\b/i.test(content),
  },
  {
    title: "A greeting in Chinese",
    shown: ["你好，你是谁？"],
    body: { messages: ask("你好，你是谁？"), think: false },
    holds: ({ content }) => /mini/i.test(content) && /[\u4e00-\u9fff]/.test(content),
  },
  aboutPassages("An answer from passages", passagesEn, "Question: When does the night ferry leave?", ({ content }) =>
    content.includes("21:40"),
  ),
  aboutPassages("An answer from passages in Chinese", passagesZh, "问题：书店的老板叫什么名字？", ({ content }) =>
    content.includes("沈若水"),
  ),
  aboutPassages(
    "A question that the passages do not answer",
    passagesEn,
    "Question: How much does a cabin cost?",
    ({ content }) => /do(?:es)? not (?:say|hold|mention)/i.test(content),
  ),
  aboutPassages("The same in Chinese", passagesZh, "问题：书店是哪一年开的？", ({ content }) => /没有/.test(content)),
  {
    title: "A tool call",
    shown: ["Get the weather in Lisbon, please.", "(with the tool get_weather)"],
    body: { messages: ask("Get the weather in Lisbon, please."), tools: [tool], think: false },
    holds: ({ toolCalls: [call] }) =>
      call?.function.name === "get_weather" && JSON.stringify(call.function.arguments).includes("Lisbon"),
  },
  {
    title: "JSON that must fit a schema",
    shown: person.split("\n"),
    body: { messages: ask(person), format: schema, think: false },
    holds: ({ content }) => fitsPerson(content),
    mustHold: true,
  },
  {
    title: "Thinking first",
    shown: ["Question: Who runs the harbour café?", ...numbered(passagesEn)],
    body: { messages: ask("Question: Who runs the harbour café?", "", ...numbered(passagesEn)), think: true },
    holds: ({ content, thinking }) => thinking.trim() !== "" && content.includes("Marta Lindqvist"),
  },
];

function fitsPerson(content: string): boolean {
  try {
    const { name, city, age } = JSON.parse(content);
    return typeof name === "string" && typeof city === "string" && Number.isInteger(age);
  } catch {
    return false;
  }
}
