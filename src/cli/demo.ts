/** `npm run demo`: starts a server, makes the bundled model, and asks it questions by itself and from documents, all offline. */
import { formatDuration } from "../duration.ts";
import { messageOf } from "../errors.ts";
import type { Client } from "./client.ts";
import { askSamples } from "./demo/knowledge.ts";
import { type DemoAnswer, type DemoQuestion, demoQuestions } from "./demo/questions.ts";
import { startDemoServer } from "./demo/server.ts";
import { createBundled } from "./session/bundled.ts";
import { humanBytes } from "./terminal/human.ts";
import { grey, processTerminal, type Terminal } from "./terminal/terminal.ts";
import type { Metrics } from "./wire.ts";

const MODEL = "mini";
const INDENT = "     ";

async function demo(terminal: Terminal): Promise<void> {
  const started = Date.now();
  terminal.out("Puna: a model answers on this machine, without a network.\n\n");
  const { questions, slips, faults } = await askAll(terminal);
  terminal.out(
    `${questions - slips} of ${questions} answers were as hoped, in ${formatDuration(Date.now() - started)}. The server is stopped.\n`,
  );
  if (slips > 0) terminal.out("A slip is the small model's, whose measured scores are in models/mini/SCORES.md.\n");
  if (faults.length > 0) throw new Error(`the program did not do its part: ${faults.join(", ")}`);
}

/** How many answers the model missed, and what the program itself got wrong. The server is stopped when this returns, or throws. */
async function askAll(terminal: Terminal): Promise<{ questions: number; slips: number; faults: string[] }> {
  const started = Date.now();
  await using server = await startDemoServer();
  const { client, url } = server;
  terminal.out(`  server   ${url} (started in ${formatDuration(Date.now() - started)})\n`);
  await createBundled(MODEL, { client, terminal: { ...terminal, err: () => {} } });
  const size = (await client.list())[0]?.size ?? 0;
  terminal.out(`  model    ${MODEL}, ${humanBytes(size)}, made from models/mini\n\n`);
  let slips = 0;
  const faults: string[] = [];
  for (const [i, question] of demoQuestions.entries()) {
    const { holds, empty } = await put(question, i + 1, { client, terminal });
    if (!holds) slips += 1;
    if (empty || (question.mustHold && !holds)) faults.push(question.title);
  }
  const part = await askSamples(MODEL, { client, terminal });
  return {
    questions: demoQuestions.length + part.questions,
    slips: slips + part.slips,
    faults: [...faults, ...part.faults],
  };
}

/** Whether the answer holds, and whether there was none. */
async function put(
  question: DemoQuestion,
  number: number,
  { client, terminal }: { client: Client; terminal: Terminal },
): Promise<{ holds: boolean; empty: boolean }> {
  terminal.out(`${String(number).padStart(3)}  ${question.title}\n`);
  for (const line of question.shown) terminal.out(`${INDENT}${grey(`| ${line}`, terminal)}\n`);
  terminal.out(INDENT);
  const answer: DemoAnswer = { content: "", thinking: "", toolCalls: [] };
  let metrics: Metrics = {};
  const options = { temperature: 0, num_predict: 160 };
  for await (const chunk of client.chat({ ...question.body, model: MODEL, options })) {
    const { content = "", thinking = "", tool_calls: toolCalls = [] } = chunk.message ?? {};
    if (thinking) terminal.out(grey(indented(answer.thinking === "" ? `(thinks) ${thinking}` : thinking), terminal));
    if (content && answer.thinking !== "" && answer.content === "") terminal.out(`\n${INDENT}`);
    terminal.out(indented(content));
    for (const { function: called } of toolCalls) terminal.out(`calls ${called.name}(${JSON.stringify(called.arguments)})`);
    answer.content += content;
    answer.thinking += thinking;
    answer.toolCalls.push(...toolCalls);
    metrics = chunk;
  }
  const holds = question.holds(answer);
  terminal.out(`\n${INDENT}${grey(`${figures(metrics)}${holds ? "" : ", a slip"}`, terminal)}\n\n`);
  return { holds, empty: answer.content === "" && answer.toolCalls.length === 0 };
}

function indented(text: string): string {
  return text.replaceAll("\n", `\n${INDENT}`);
}

function figures({ eval_count: count = 0, eval_duration: ns = 0, prompt_eval_count: prompt = 0 }: Metrics): string {
  const rate = ns > 0 ? `, ${(count / (ns / 1e9)).toFixed(0)} tokens/s` : "";
  return `${prompt} tokens read, ${count} written${rate}`;
}

try {
  await demo(processTerminal());
} catch (error) {
  process.stderr.write(`\nError: the demo failed: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
