/**
 * Entry of a runner process. The main thread speaks to the parent on file descriptor 3 and tokenises; a worker thread computes.
 * The libraries are mapped before any model is named, so that a spare runner loads at once.
 */
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { messageOf } from "../errors.ts";
import { Model, openLibrary } from "../llama/index.ts";
import { Control } from "./control.ts";
import { LineGate, PARENT_FD } from "./line-gate.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";
import { describe } from "./runner.ts";
import type { FromWorker, WorkerData } from "./worker.ts";

/** How long a worker may take to notice that it should stop. */
const GRACE_MS = 2000;

const parent = new Socket({ fd: PARENT_FD, readable: true, writable: true });
const control = new Control();
const gate = new LineGate();
const libraryPath = process.env.PUNA_LLAMA_LIB || undefined;
let model: Model | undefined;
let worker: Worker | undefined;
let ending = false;
let rest = "";

// A terminal's Ctrl-C reaches the whole process group; the parent decides when its runners go.
process.on("SIGINT", () => {});
process.on("uncaughtException", (error) => die(`the runner failed: ${messageOf(error)}`));

try {
  openLibrary({ path: libraryPath });
} catch (error) {
  die(messageOf(error));
}
worker = new Worker(new URL("./worker.js", import.meta.url), {
  workerData: { control: control.flags.buffer, gate: gate.flags.buffer, libraryPath } satisfies WorkerData,
});
worker.on("message", (message: FromWorker) => {
  if ("line" in message) parent.write(message.line, () => gate.leave());
  else if ("modelPointer" in message) model = Model.attach(message.modelPointer);
  else finish(1);
});
worker.on("error", (error) => die(`the runner failed: ${messageOf(error)}`));
worker.on("exit", () => finish(1));

parent.setEncoding("utf8");
parent.on("data", (chunk: string) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) if (line !== "") take(line);
});
// Without its parent a runner has nobody to answer.
parent.on("end", shutdown);
parent.on("error", shutdown);

function take(line: string): void {
  const message = JSON.parse(line) as ToRunner;
  switch (message.type) {
    case "tokenize":
    case "detokenize":
      answerText(message);
      break;
    case "shutdown":
      shutdown();
      break;
    case "cancel":
      // The message first: whoever wakes from the abort must find it.
      worker?.postMessage(message);
      control.abortLong();
      break;
    default:
      worker?.postMessage(message);
  }
}

function answerText(message: Extract<ToRunner, { type: "tokenize" | "detokenize" }>): void {
  const { id } = message;
  try {
    if (!model) throw new Error("no model is loaded");
    if (message.type === "tokenize") {
      const { addSpecial, parseSpecial } = message;
      send({ type: "tokens", id, tokens: [...model.tokenize(message.text, { addSpecial, parseSpecial })] });
    } else {
      const bytes = model.detokenize(Int32Array.from(message.tokens), { special: message.special });
      send({ type: "text", id, text: new TextDecoder().decode(bytes) });
    }
  } catch (error) {
    send({ type: "failed", id, ...describe(error) });
  }
}

function send(message: FromRunner): void {
  gate.enter();
  parent.write(`${JSON.stringify(message)}\n`, () => gate.leave());
}

function shutdown(): void {
  control.abortAll();
  finish(0);
}

function die(message: string): void {
  send({ type: "failed", message, status: 500 });
  finish(1);
}

/** Ends once everything said has left. Memory goes back to the system with the process; only a native call that never ends must be cut. */
function finish(code: number): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE_MS);
  parent.end(async () => {
    await worker?.terminate();
    process.exit(code);
  });
}
