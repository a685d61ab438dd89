/** One question set, asked of a base of its paragraphs: how high the right one stands, and the best score with its article there and without. */
import { search } from "#puna/knowledge/search";
import type { Hit } from "#puna/knowledge/search/types";
import type { Desk } from "./desk.ts";
import type { Paragraph, QuestionSet } from "./sets.ts";

/** Words alone, vectors alone, and both as they are searched. */
interface Ranked {
  words: number | undefined;
  meaning: number | undefined;
  both: number | undefined;
}

/** The best score of all hits. */
export interface Best {
  words: number;
  both: number;
}

export interface Asked {
  paragraph: Paragraph;
  question: string;
  answers: string[];
  /** The place of the first passage of the right paragraph, from 1. */
  rank: Ranked;
  /** One of the first five passages is of the right paragraph and holds an answer. */
  holdsAnswer: boolean;
  present: Best;
  /** In a base that never had its article. */
  absent: Best;
}

export interface Measured {
  set: QuestionSet;
  passages: number;
  asked: Asked[];
}

const LIMIT = 10;
const FEW = 5;
/** Of the articles, for bases without some of them. */
const FOLDS = 10;

/** `most`: questions, evenly over the set. */
export async function measure(desk: Desk, set: QuestionSet, most: number): Promise<Measured> {
  const { knowledge } = desk;
  const { id } = await knowledge.create({ name: set.name, settings: { embedder: set.embedder } });
  await desk.add(id, set.paragraphs);
  const chosen = questionsOf(set, most);
  const asked: Asked[] = [];
  for (const one of chosen) asked.push({ ...one, ...(await askPresent(desk, id, one)), absent: { words: 0, both: 0 } });
  const { passages } = knowledge.byId(id);
  await askAbsent(desk, asked, set);
  return { set, passages, asked };
}

type Chosen = Pick<Asked, "paragraph" | "question" | "answers">;

export function questionsOf({ paragraphs }: QuestionSet, most: number): Chosen[] {
  const all = paragraphs.flatMap((paragraph) =>
    paragraph.questions.map(({ text, answers }) => ({ paragraph, question: text, answers })),
  );
  const step = Math.max(1, all.length / most);
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

async function askPresent({ knowledge, nearest }: Desk, base: number, { paragraph, question, answers }: Chosen) {
  const words = await search(knowledge, base, { query: question, limit: LIMIT, space: null });
  const both = await search(knowledge, base, { query: question, limit: LIMIT });
  const isRight = ({ document }: Pick<Hit, "document">) => document === paragraph.name;
  return {
    rank: {
      words: rankIn(words.hits, isRight),
      meaning: rankIn(await nearest(base, question, LIMIT), isRight),
      both: rankIn(both.hits, isRight),
    },
    holdsAnswer: both.hits.slice(0, FEW).some((hit) => isRight(hit) && answers.some((answer) => hit.text.includes(answer))),
    present: { words: words.best, both: both.best },
  };
}

/** Asks the questions of each tenth of the articles in a base that never had them. */
async function askAbsent({ knowledge, add }: Desk, asked: readonly Asked[], set: QuestionSet): Promise<void> {
  for (let fold = 0; fold < FOLDS; fold++) {
    const own = asked.filter(({ paragraph }) => paragraph.article % FOLDS === fold);
    if (own.length === 0) continue;
    const { id } = await knowledge.create({ name: `${set.name} without ${fold}`, settings: { embedder: set.embedder } });
    await add(
      id,
      set.paragraphs.filter(({ article }) => article % FOLDS !== fold),
    );
    for (const one of own) {
      const words = await search(knowledge, id, { query: one.question, limit: LIMIT, space: null });
      const both = await search(knowledge, id, { query: one.question, limit: LIMIT });
      one.absent = { words: words.best, both: both.best };
    }
    await knowledge.remove(id);
  }
}

function rankIn<T>(list: readonly T[], isRight: (item: T) => boolean): number | undefined {
  const at = list.findIndex(isRight);
  return at < 0 ? undefined : at + 1;
}
