/** `puna run MODEL [PROMPT...]`: one answer, or a conversation. */
import path from "node:path";
import { parseDuration } from "../../duration.ts";
import { Failed, Invalid, messageOf } from "../../errors.ts";
import type { Context } from "../context.ts";
import { ignoringInterrupts, interruptible } from "../interruptible.ts";
import { askOnce } from "../session/ask.ts";
import { refuseImages } from "../session/images.ts";
import { openSession } from "../session/open-session.ts";
import type { Session } from "../session/session.ts";
import { parseFormat, parseThink } from "../session/settings.ts";
import { Progress } from "../terminal/progress.ts";

export interface RunFlags {
  keepalive?: string;
  verbose?: boolean;
  nowordwrap?: boolean;
  format?: string;
  think?: string | boolean;
  hidethinking?: boolean;
  truncate?: boolean;
  dimensions?: string;
  insecure?: boolean;
}

/** `input` is what is piped in; it goes before the prompt. */
export async function run(
  model: string,
  words: string[],
  flags: RunFlags,
  { input, ...context }: Context & { input: AsyncIterable<Uint8Array> },
): Promise<void> {
  const { terminal } = context;
  const settings = readFlags(flags);
  const dimensions = readDimensions(flags.dimensions);
  const prompts = [...words];
  if (!terminal.inIsTty) {
    const piped = await readAll(input);
    if (piped !== "") prompts.unshift(piped);
  }
  const interactive = terminal.inIsTty && terminal.outIsTty && words.length === 0;
  const wordWrap = !flags.nowordwrap && terminal.outIsTty;
  const session = await openSession(model, { ...settings, wordWrap, pull: { insecure: flags.insecure ?? false } }, context);
  const prompt = prompts.join(" ");
  if (session.capabilities.includes("embedding"))
    return embed(session, prompt, { truncate: flags.truncate, dimensions }, context);
  if (interactive) return talk(session, context);
  refuseImages(prompt, session.capabilities);
  await interruptible((signal) => askOnce(session, prompt, { ...context, signal }));
}

function readFlags({ keepalive, verbose = false, format = "", think, hidethinking = false }: RunFlags) {
  if (keepalive !== undefined) {
    try {
      parseDuration(keepalive);
    } catch (error) {
      throw new Invalid(messageOf(error), { cause: error });
    }
  }
  return {
    keepAlive: keepalive,
    verbose,
    format: parseFormat(format),
    think: think === undefined ? undefined : parseThink(think),
    hideThinking: hidethinking,
  };
}

function readDimensions(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Invalid(`invalid value for --dimensions: ${JSON.stringify(text)} (must be a whole number)`);
  return Number(text) || undefined;
}

async function embed(
  { model, keepAlive, options }: Session,
  input: string,
  { truncate, dimensions }: { truncate: boolean | undefined; dimensions: number | undefined },
  { client, terminal }: Context,
): Promise<void> {
  if (input === "") throw new Invalid(`embedding models require input text. Usage: puna run ${model} "your text here"`);
  const body = {
    model,
    input,
    ...(truncate !== undefined && { truncate }),
    ...(dimensions !== undefined && { dimensions }),
    ...(keepAlive !== undefined && { keep_alive: keepAlive }),
    ...(Object.keys(options).length > 0 && { options }),
  };
  const { embeddings } = await client.embed(body);
  terminal.out(`${JSON.stringify(embeddings[0] ?? [])}\n`);
}

async function talk(session: Session, context: Context): Promise<void> {
  const { client, config, terminal } = context;
  const [{ converse }, { openHistory }, { Prompt }] = await Promise.all([
    import("../session/converse.ts"),
    import("../terminal/history.ts"),
    import("../terminal/prompt.ts"),
  ]);
  const loading = new Progress(terminal);
  loading.spin("", "");
  try {
    await client.load({ model: session.model, ...(session.keepAlive !== undefined && { keep_alive: session.keepAlive }) });
  } finally {
    loading.clear();
  }
  const history = openHistory(path.join(config.home, "history"));
  history.enabled = !config.noHistory;
  const reader = new Prompt({ input: process.stdin, output: process.stdout, history, color: terminal.color });
  await ignoringInterrupts(() => converse({ ...context, session, history, reader, interruptible }));
}

/** Throws Failed for what cannot be read, such as a folder, or is longer than a string can be. */
async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of input) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  } catch (cause) {
    throw new Failed(`cannot read standard input: ${messageOf(cause)}`, { cause });
  }
}
