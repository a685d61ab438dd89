/** `npm run demo`: starts a server, makes the bundled model and asks it several questions, all offline. */
import { formatDuration } from "../duration.ts";
import { messageOf } from "../errors.ts";
import type { Client } from "./client.ts";
import { type DemoAnswer, type DemoQuestion, demoQuestions } from "./demo/questions.ts";
import { startDemoServer } from "./demo/server.ts";
import { createBundled } from "./session/bundled.ts";
import { humanBytes } from "./terminal/human.ts";
import { grey, processTerminal, type Terminal } from "./terminal/terminal.ts";
import type { Metrics } from "./wire.ts";

const MODEL = "mini";
const INDENT = "     ";
/** One slip of a small model is no fault of the program; more are. */
const ALLOWED_SLIPS = 1;

async function demo(terminal: Terminal): Promise<void> {
  const started = Date.now();
  terminal.out("Puna: a model answers on this machine, without a network.\n\n");
  const slips = await askAll(terminal);
  const total = demoQuestions.length;
  terminal.out(
    `${total - slips} of ${total} answers were as hoped, in ${formatDuration(Date.now() - started)}. The server is stopped.\n`,
  );
  if (slips > ALLOWED_SLIPS) throw new Error(`${slips} answers were not what was asked for`);
}

/** How many answers did not hold. The server is stopped when this returns, or throws. */
async function askAll(terminal: Terminal): Promise<number> {
  const started = Date.now();
  await using server = await startDemoServer();
  const { client, url } = server;
  terminal.out(`  server   ${url} (started in ${formatDuration(Date.now() - started)})\n`);
  await createBundled(MODEL, { client, terminal: { ...terminal, err: () => {} } });
  const size = (await client.list())[0]?.size ?? 0;
  terminal.out(`  model    ${MODEL}, ${humanBytes(size)}, made from models/mini\n\n`);
  let slips = 0;
  for (const [i, question] of demoQuestions.entries()) {
    if (!(await put(question, i + 1, { client, terminal }))) slips += 1;
  }
  return slips;
}

/** Whether the answer holds. */
async function put(
  question: DemoQuestion,
  number: number,
  { client, terminal }: { client: Client; terminal: Terminal },
): Promise<boolean> {
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
  terminal.out(`\n${INDENT}${grey(`${figures(metrics)}${holds ? "" : ", not what was hoped for"}`, terminal)}\n\n`);
  return holds;
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
