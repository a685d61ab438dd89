/** Entry of the worker thread: waits for messages while idle, and takes them between steps while it works. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Failed } from "../errors.ts";
import { openLibrary } from "../llama/index.ts";
import { Control } from "./control.ts";
import { LineGate } from "./line-gate.ts";
import type { FromRunner, LoadMessage } from "./protocol.ts";
import { describe, Runner, type ToWorker } from "./runner.ts";

/** What the main thread hands over at the start. */
export interface WorkerData {
  control: SharedArrayBuffer;
  gate: SharedArrayBuffer;
  libraryPath: string | undefined;
}

/** What the worker tells the main thread: lines for the parent that it could not write itself, and where the model is. */
export type FromWorker = { line: string } | { modelPointer: bigint } | { failed: string };

/** Return to the event loop this often, so that timers and output of this thread get their turn. */
const TURN_MS = 100;

const start = workerData as WorkerData;
if (!parentPort) throw new Failed("worker.js runs as a worker thread of child.js");
serve(parentPort, new Control(start.control), new LineGate(start.gate));

function serve(port: MessagePort, control: Control, gate: LineGate): void {
  const post = (message: FromWorker) => port.postMessage(message);
  const send = (message: FromRunner) => gate.write(`${JSON.stringify(message)}\n`, (line) => post({ line }));
  let runner: Runner | undefined;
  let scheduled = false;

  openLibrary({ path: start.libraryPath });
  port.on("message", (message: ToWorker | LoadMessage) => {
    take(message);
    turn();
  });

  function take(message: ToWorker | LoadMessage): void {
    if (message.type === "load") load(message);
    else if (runner) runner.handle(message);
    else send({ type: "failed", id: message.id, message: "no model is loaded", status: 500 });
  }

  function load(message: LoadMessage): void {
    try {
      runner = new Runner(message, control, send);
      post({ modelPointer: runner.modelPointer });
      // After the pointer, and by the same way: the parent may ask for tokens as soon as it hears of this.
      gate.pass(`${JSON.stringify({ type: "ready", info: runner.info } satisfies FromRunner)}\n`, (line) => post({ line }));
    } catch (error) {
      send({ type: "failed", ...describe(error) });
      post({ failed: describe(error).message });
    }
  }

  function turn(): void {
    const until = performance.now() + TURN_MS;
    while (runner) {
      control.beginTurn();
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message);
      if (!runner.step()) {
        control.enterStep(false);
        return;
      }
      if (performance.now() > until) {
        if (!scheduled) setImmediate(again);
        scheduled = true;
        return;
      }
    }
  }

  function again(): void {
    scheduled = false;
    turn();
  }
}
