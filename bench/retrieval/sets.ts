/** Question sets in SQuAD's format: paragraphs with questions that were asked of them, in articles of one or more paragraphs. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

interface Question {
  text: string;
  /** Any of them is right. */
  answers: string[];
}

export interface Paragraph {
  /** What it is imported as. It says nothing of what the paragraph is about. */
  name: string;
  article: number;
  text: string;
  questions: Question[];
}

export interface QuestionSet {
  name: string;
  language: "en" | "zh";
  /** Which of the given embedders reads this language. */
  embedder: EmbedderName;
  articles: number;
  paragraphs: Paragraph[];
}

export type EmbedderName = "potion-base-4M" | "lexical-zh-en";

export const dataFolder = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));
export const embedderFiles: Record<EmbedderName, string> = {
  "potion-base-4M": path.join(dataFolder, "models/potion-base-4M.static-bert.f16.gguf"),
  "lexical-zh-en": path.join(dataFolder, "models/lexical-zh-en.static-bert.f16.gguf"),
};

const files = [
  { name: "XQuAD en", file: "xquad.en.json", language: "en", embedder: "potion-base-4M" },
  { name: "XQuAD zh", file: "xquad.zh.json", language: "zh", embedder: "lexical-zh-en" },
  { name: "CMRC trial", file: "cmrc2018_trial.json", language: "zh", embedder: "lexical-zh-en" },
] as const;

interface SquadFile {
  data: SquadArticle[];
}

interface SquadArticle {
  paragraphs: { context: string; qas: { question: string; answers: { text: string }[] }[] }[];
}

/** Those of the known sets whose names hold the pattern. Empty when the data is not there. */
export function readSets(pattern: RegExp): QuestionSet[] {
  const folder = path.join(dataFolder, "retrieval");
  return files
    .filter(({ name, file }) => pattern.test(name) && existsSync(path.join(folder, file)))
    .map(({ file, ...set }) => {
      const { data } = JSON.parse(readFileSync(path.join(folder, file), "utf8")) as SquadFile;
      return { ...set, articles: data.length, paragraphs: paragraphsOf(data) };
    });
}

function paragraphsOf(articles: readonly SquadArticle[]): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const [article, { paragraphs: own }] of articles.entries()) {
    for (const { context, qas } of own) {
      const questions = qas.map(({ question, answers }) => ({ text: question.trim(), answers: answers.map(({ text }) => text) }));
      // One of CMRC's is empty.
      const asked = questions.filter(({ text }) => text !== "");
      paragraphs.push({ name: `${paragraphs.length}.txt`, article, text: context, questions: asked });
    }
  }
  return paragraphs;
}
