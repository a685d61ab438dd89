/** The process of one runner: started, spoken to over file descriptor 3, watched, and ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { FromRunner, ToRunner } from "../engine/protocol.ts";
import { messageOf } from "../errors.ts";
import { logger } from "../log.ts";
import { lineSplitter } from "./lines.ts";

const log = logger("runner");

export interface ChildOptions {
  /** The script to run; compiled, since Node 20 runs no TypeScript. */
  entry?: string;
  env?: NodeJS.ProcessEnv;
}

/** How long a child may take to leave by itself before it is killed. */
const GRACE_MS = 2000;
const KEPT_LINES = 20;

/** A child process that speaks the protocol. Its last words on stderr are kept for the error that its death will need. */
export class Child {
  readonly pid: number | undefined;
  /** Resolves once, with the reason, when the process is gone. */
  readonly exited: Promise<string>;
  #process: ChildProcess;
  #pipe: Socket;
  #onMessage: (message: FromRunner) => void = () => {};
  #lastLines: string[] = [];
  #activity = Date.now();
  #alive = true;

  constructor({ entry = runnerEntry(), env }: ChildOptions = {}) {
    this.#process = spawn(process.execPath, ["--no-warnings", entry], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
      windowsHide: true,
    });
    this.pid = this.#process.pid;
    const pipe = this.#process.stdio[3];
    if (!(pipe instanceof Socket)) throw new Error("the runner's pipe could not be opened");
    this.#pipe = pipe;
    this.#pipe.on(
      "data",
      lineSplitter((line) => this.#receive(line)),
    );
    // A write to a child that just died; the exit event tells the story.
    this.#pipe.on("error", () => {});
    const hear = lineSplitter((line) => this.#hear(line));
    this.#process.stderr?.on("data", hear);
    this.#process.stdout?.on("data", hear);
    this.exited = new Promise((resolve) => {
      const leave = (reason: string) => {
        this.#alive = false;
        resolve(reason);
      };
      this.#process.on("error", (error) => leave(`could not be started: ${messageOf(error)}`));
      // "close", not "exit": the last messages and the last words are read first.
      this.#process.on("close", (code, signal) => leave(signal ? `signal: ${signal}` : `exit status ${code}`));
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** When the child last said anything, in milliseconds since the epoch. */
  get lastActivity(): number {
    return this.#activity;
  }

  /** The last line on stderr that looks like a reason. */
  get lastWords(): string {
    const lines = this.#lastLines;
    return lines.findLast((line) => /error|fail|abort|assert|not enough|out of memory/i.test(line)) ?? lines.at(-1) ?? "";
  }

  onMessage(listener: (message: FromRunner) => void): void {
    this.#onMessage = listener;
  }

  send(message: ToRunner): void {
    if (this.#alive && this.#pipe.writable) this.#pipe.write(`${JSON.stringify(message)}\n`);
  }

  /** Asks it to leave, and kills it when it does not. Resolves when its memory is free. */
  async close(): Promise<void> {
    if (this.#alive) {
      this.send({ type: "shutdown" });
      this.#pipe.end();
      const timer = setTimeout(() => this.kill(), GRACE_MS);
      await this.exited;
      clearTimeout(timer);
    }
  }

  kill(): void {
    if (this.#alive) this.#process.kill("SIGKILL");
  }

  /** Lets the parent's event loop end although the child runs (spares). */
  unref(): void {
    this.#process.unref();
    for (const socket of this.#sockets()) socket.unref();
  }

  ref(): void {
    this.#process.ref();
    for (const socket of this.#sockets()) socket.ref();
  }

  #sockets(): Socket[] {
    return this.#process.stdio.filter((stream): stream is Socket => stream instanceof Socket);
  }

  #receive(line: string): void {
    this.#activity = Date.now();
    let message: FromRunner;
    try {
      message = JSON.parse(line) as FromRunner;
    } catch {
      log.error("a runner sent a broken line", { pid: this.pid, line: line.slice(0, 200) });
      this.kill();
      return;
    }
    this.#onMessage(message);
  }

  #hear(line: string): void {
    this.#activity = Date.now();
    this.#lastLines.push(line);
    if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
    log.debug(line, { pid: this.pid });
  }
}

/** The compiled child. From `src/` (tests) it lies in `dist/`. */
function runnerEntry(): string {
  const relative = import.meta.url.endsWith(".ts") ? "../../dist/engine/child.js" : "../engine/child.js";
  return fileURLToPath(new URL(relative, import.meta.url));
}
