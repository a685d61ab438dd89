/** The conversation of `puna run MODEL` on a terminal: a line, an answer, a line. */
import { messageOf } from "../../errors.ts";
import type { Context } from "../context.ts";
import type { History } from "../terminal/history.ts";
import type { Read } from "../terminal/prompt.ts";
import { createAnswerWriter } from "./answer.ts";
import { askChat } from "./ask.ts";
import { refuseImages } from "./images.ts";
import { continueMultiLine, type MultiLine, openMultiLine } from "./multi-line.ts";
import { type Session, setSystem } from "./session.ts";
import { slash } from "./slash.ts";

const PLACEHOLDER = "Send a message (/? for help)";
const PASTED = "Press Enter to send";
const OPEN = 'Use """ to end the message';

/** How lines are read; the real one is `Prompt`. */
interface LineReader {
  read(question: { prompt: string; continuation: string; placeholder: string; continuationPlaceholder: string }): Promise<Read>;
}

/** Runs `work` with a signal that Ctrl-C fires. */
type Interruptible = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

export interface ConverseOptions extends Context {
  session: Session;
  reader: LineReader;
  history: History;
  interruptible: Interruptible;
}

/** Until the person leaves. Errors of single answers are said and the conversation goes on. */
export async function converse(options: ConverseOptions): Promise<void> {
  const { session, reader, history, terminal } = options;
  replay(options);
  let open: MultiLine | undefined;
  for (;;) {
    const read = await reader.read({
      prompt: open ? "... " : ">>> ",
      continuation: "... ",
      placeholder: open ? OPEN : PLACEHOLDER,
      continuationPlaceholder: PASTED,
    });
    if (read.type === "end") return;
    if (read.type === "interrupt") {
      if (read.text === "" && !open) terminal.out("Use Ctrl + d or /bye to exit.\n");
      open = undefined;
      continue;
    }
    history.add(read.text);
    const line: string = read.text;
    let message: string | undefined = line;
    if (open || line.startsWith('"""')) {
      const next: { text: string } | { open: MultiLine } | undefined = open
        ? continueMultiLine(open, line)
        : openMultiLine(line, "message");
      if (next && "open" in next) {
        open = next.open;
        continue;
      }
      message = next?.text;
      if (open?.purpose === "system" && message !== undefined) {
        setSystem(session, message);
        terminal.out("Set system message.\n");
        message = undefined;
      }
      open = undefined;
    } else if (isCommand(line)) {
      const outcome = await options.interruptible((signal) => slash(line, { ...options, client: options.client.until(signal) }));
      if (outcome === "leave") return;
      if (typeof outcome === "object") open = outcome.open;
      continue;
    }
    if (message !== undefined && message.trim() !== "") await answer(message, options);
  }
}

/** `/usr/bin` at the start of a question is a path, not a command. */
function isCommand(line: string): boolean {
  const first = line.trim().split(/\s/, 1)[0] ?? "";
  return first.startsWith("/") && !first.slice(1).includes("/");
}

async function answer(content: string, { session, interruptible, client, terminal }: ConverseOptions): Promise<void> {
  session.messages.push({ role: "user", content });
  try {
    refuseImages(content, session.capabilities);
    const reply = await interruptible((signal) => askChat(session, { client, terminal, signal }));
    if (reply) session.messages.push(reply);
  } catch (error) {
    // The question was never answered: it would only confuse the next one.
    session.messages.pop();
    terminal.err(`Error: ${messageOf(error)}\n`);
  }
}

/** What the model's own MESSAGEs say, as if it had just been said. */
function replay({ session, terminal }: ConverseOptions): void {
  for (const { role, content } of session.loadedMessages) {
    if (role === "user") terminal.out(`>>> ${content}\n`);
    if (role !== "assistant") continue;
    createAnswerWriter(terminal, session).content(content);
    terminal.out("\n\n");
  }
}
