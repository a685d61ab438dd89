/** The part of the demo with documents: makes a base from samples/, asks it, and shows the places that the answers come from. */
import { fileURLToPath } from "node:url";
import { Failed } from "../../errors.ts";
import type { Client } from "../client.ts";
import { followJobs } from "../knowledge/follow-jobs.ts";
import { gather } from "../knowledge/gather.ts";
import { placeOf } from "../knowledge/place.ts";
import { send } from "../knowledge/send.ts";
import { sources } from "../knowledge/sources.ts";
import type { AnswerTrace, CitationReply } from "../knowledge/wire.ts";
import { grey, type Terminal } from "../terminal/terminal.ts";
import { indented } from "./indented.ts";
import { IDIOM_QUESTION, type SampleQuestion, sampleQuestions, tableQuery } from "./samples.ts";

const BASE = "samples";
/** From dist/cli/demo and from src/cli/demo alike. */
const FOLDER = fileURLToPath(new URL("../../../samples", import.meta.url));

interface Asked {
  answer: string;
  citations: CitationReply[];
  trace: AnswerTrace;
}

export interface KnowledgePart {
  questions: number;
  /** Answers that the model missed. */
  slips: number;
  /** What the program itself got wrong. */
  faults: string[];
}

export async function askSamples(
  model: string,
  { client, terminal }: { client: Client; terminal: Terminal },
): Promise<KnowledgePart> {
  terminal.out("And from documents: a knowledge base, and where each answer comes from.\n\n");
  await client.knowledge.create(BASE, { model });
  await addSamples({ client, terminal });
  const part: KnowledgePart = { questions: 0, slips: 0, faults: [] };
  for (const sample of sampleQuestions) {
    part.questions += 1;
    terminal.out(
      `  ${String.fromCharCode(96 + part.questions)}  ${sample.title}\n${indented(grey(`| ${sample.question}`, terminal))}\n`,
    );
    const asked = await ask(client, sample.question);
    const { slip, fault } = judge(sample, asked);
    if (slip) part.slips += 1;
    if (fault !== undefined) part.faults.push(`${sample.title}: ${fault}`);
    terminal.out(`${indented(asked.answer + (slip ? grey("  (a slip)", terminal) : ""))}\n`);
    terminal.out(`${indented(sources(asked, { ...terminal, outIsTty: false }).trimEnd())}\n\n`);
  }
  await askWithout(model, { client, terminal });
  if (!(await searchTable({ client, terminal }))) part.faults.push("the search did not find the row of the table");
  return part;
}

async function addSamples({ client, terminal }: { client: Client; terminal: Terminal }): Promise<void> {
  const quiet = { client, terminal: { ...terminal, err: () => {}, errIsTty: false } };
  const { signal } = new AbortController();
  const gathered = await gather([FOLDER], { name: undefined, input: nothing() });
  const { jobs, failures } = await send(quiet, BASE, gathered, signal);
  const outcome = await followJobs(quiet, BASE, jobs);
  const [failed] = [...failures, ...outcome.failures];
  if (failed) throw new Failed(`${failed.place} could not be added: ${failed.reason}`);
  for await (const { name, passages, language } of client.knowledge.allDocuments(BASE)) {
    terminal.out(
      `  document ${name}, ${passages} ${passages === 1 ? "passage" : "passages"}${language ? `, ${language}` : ""}\n`,
    );
  }
  terminal.out("\n");
}

async function ask(client: Client, question: string): Promise<Asked> {
  let answer = "";
  let [citations, trace]: [CitationReply[], AnswerTrace | undefined] = [[], undefined];
  const messages = [{ role: "user", content: question }];
  for await (const chunk of client.chat({ model: `kb/${BASE}`, messages, knowledge: { footer: false }, think: false })) {
    answer += chunk.message?.content ?? "";
    if (chunk.done) [citations, trace] = [chunk.citations ?? [], chunk.knowledge];
  }
  if (!trace) throw new Failed("the answer does not say how it came about");
  return { answer, citations, trace };
}

/** A slip is the model's: it had the right passage and did not quote it. Everything else is ours. */
function judge({ expected }: SampleQuestion, { answer, citations, trace }: Asked): { slip: boolean; fault?: string } {
  if (!expected) return trace.refused === "score" ? { slip: false } : { slip: false, fault: "it was not refused" };
  const source = trace.sources.find(({ document }) => document === expected.document);
  if (!source) return { slip: true, fault: `the passage of ${expected.document} was not given to the model` };
  const isRight = answer.includes(expected.words) && citations.some(({ document }) => document === expected.document);
  return { slip: !isRight };
}

/** The same model, the same idiom, without the documents. */
async function askWithout(model: string, { client, terminal }: { client: Client; terminal: Terminal }): Promise<void> {
  const question = IDIOM_QUESTION;
  let answer = "";
  const options = { temperature: 0, num_predict: 80 };
  for await (const chunk of client.chat({ model, messages: [{ role: "user", content: question }], options, think: false }))
    answer += chunk.message?.content ?? "";
  terminal.out(
    `     The same question to ${model} without the documents:\n${indented(grey(`| ${question}`, terminal))}\n${indented(answer)}\n\n`,
  );
}

/** Whether the row is found. */
async function searchTable({ client, terminal }: { client: Client; terminal: Terminal }): Promise<boolean> {
  const { query, document, words } = tableQuery;
  const { hits } = await client.knowledge.search(BASE, { query, limit: 1 });
  const [hit] = hits;
  const row = hit?.text.split("\n").find((line) => line.includes(words));
  terminal.out(`     The search alone, without a model, in a table:\n${indented(grey(`| ${query}`, terminal))}\n`);
  terminal.out(`${indented(hit ? `${placeOf(hit)}, score ${Math.round(hit.score)}\n    ${row ?? hit.text}` : "nothing")}\n\n`);
  return hit?.document === document && row !== undefined;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
