/** A runner child as its parent sees it, for tests: the compiled entry, spoken to over file descriptor 3. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import readline from "node:readline";
import type { Duplex } from "node:stream";
import type {
  ContextShape,
  Finish,
  FromRunner,
  GenerateRequest,
  LoadMessage,
  RunnerInfo,
  RunnerStats,
  SamplingOptions,
  SequenceEvent,
  TokenLogprob,
  ToRunner,
} from "../../src/engine/protocol.ts";

const root = path.resolve(import.meta.dirname, "../..");
const entry = path.join(root, "dist/engine/child.js");
export const shared = path.resolve(root, "../shared/data/models");
export const hasShared = existsSync(shared);
const shape: ContextShape = { cells: 2048, sequences: 4, batch: 512 };

/** Temperature 0 and nothing else. */
export const greedy: SamplingOptions = {
  seed: 1,
  temperature: 0,
  topK: 40,
  topP: 0.9,
  minP: 0,
  typicalP: 1,
  topNSigma: 0,
  xtcProbability: 0,
  xtcThreshold: 0.1,
  repeatLastN: 64,
  repeatPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  dryMultiplier: 0,
  dryBase: 1.75,
  dryAllowedLength: 2,
  dryPenaltyLastN: -1,
  drySequenceBreakers: ["\n"],
  mirostat: 0,
  mirostatTau: 5,
  mirostatEta: 0.1,
  dynatempRange: 0,
  dynatempExponent: 1,
  logitBias: [],
};

export interface Answer {
  text: string;
  events: SequenceEvent[];
  logprobs: TokenLogprob[];
  finish: Finish;
}

type Reply<T extends FromRunner["type"]> = Extract<FromRunner, { type: T }>;

/** Any message that `Runner.ask` may send: the id is added. */
type Ask<M = ToRunner> = M extends { id: number } ? Omit<M, "id"> : never;

export class Runner {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly #pipe: Duplex;
  readonly #listeners = new Set<(message: FromRunner) => void>();
  readonly #lost = new Set<(error: Error) => void>();
  #nextId = 1;

  constructor() {
    if (!existsSync(entry)) throw new Error("the build is missing, try: npm run build");
    this.child = spawn(process.execPath, [entry], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
    this.#pipe = this.child.stdio[3] as Duplex;
    this.#pipe.on("error", () => {});
    readline.createInterface({ input: this.#pipe }).on("line", (line) => {
      const message = JSON.parse(line) as FromRunner;
      for (const listener of [...this.#listeners]) listener(message);
    });
    this.exited = new Promise((resolve) => {
      this.child.on("exit", (code) => {
        for (const lose of this.#lost) lose(new Error(`the runner ended with ${code}`));
        resolve(code);
      });
    });
  }

  /** A runner with a model of ../shared (by name) or elsewhere (by path). */
  static async load(model: string, options: Partial<LoadMessage> = {}): Promise<{ runner: Runner; info: RunnerInfo }> {
    const runner = new Runner();
    return { runner, info: await runner.load(model, options) };
  }

  async load(model: string, options: Partial<LoadMessage> = {}): Promise<RunnerInfo> {
    const ready = this.wait((message) => message.type === "ready" || message.type === "failed");
    this.send({
      type: "load",
      modelPath: path.resolve(shared, model),
      adapters: [],
      shape,
      threads: 1,
      gpuLayers: 0,
      kvType: "f16",
      prefixBytes: 1 << 26,
      ...options,
    });
    const message = await ready;
    if (message.type !== "ready") throw new Error(message.type === "failed" ? message.message : message.type);
    return message.info;
  }

  send(message: ToRunner): void {
    this.#pipe.write(`${JSON.stringify(message)}\n`);
  }

  wait(wanted: (message: FromRunner) => boolean): Promise<FromRunner> {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#listeners.delete(listener);
        this.#lost.delete(lose);
      };
      const listener = (message: FromRunner) => {
        if (!wanted(message)) return;
        done();
        resolve(message);
      };
      const lose = (error: Error) => {
        done();
        reject(error);
      };
      this.#listeners.add(listener);
      this.#lost.add(lose);
    });
  }

  /** Sends a question and waits for the answer with its id. */
  async ask<T extends FromRunner["type"]>(type: T, question: Ask): Promise<Reply<T>> {
    const id = this.#nextId++;
    const reply = this.wait((message) => "id" in message && message.id === id);
    this.send({ ...question, id } as ToRunner);
    const message = await reply;
    if (message.type === "failed")
      throw Object.assign(new Error(message.message), { status: message.status, code: message.code });
    if (message.type !== type) throw new Error(`expected ${type}, got ${message.type}`);
    return message as Reply<T>;
  }

  async tokenize(text: string, addSpecial = true): Promise<number[]> {
    return (await this.ask("tokens", { type: "tokenize", text, addSpecial, parseSpecial: true })).tokens;
  }

  async stats(): Promise<RunnerStats> {
    return (await this.ask("stats", { type: "stats" })).stats;
  }

  /** Starts a generation; `answer` rejects when the request is refused. */
  start(request: Partial<GenerateRequest> & { prompt: number[] }, onEvent?: (event: SequenceEvent) => void) {
    const id = this.#nextId++;
    const events: SequenceEvent[] = [];
    const last = this.wait((message) => {
      if (message.type === "failed" && message.id === id) return true;
      if (message.type !== "step") return false;
      for (const event of message.events.filter((one) => one.id === id)) {
        events.push(event);
        onEvent?.(event);
      }
      return events.at(-1)?.finish !== undefined;
    });
    this.send({
      type: "generate",
      id,
      contextLimit: shape.cells,
      shift: true,
      keep: 4,
      maxTokens: 32,
      stop: [],
      sampling: greedy,
      ...request,
    });
    const answer = last.then((message): Answer => {
      if (message.type === "failed")
        throw Object.assign(new Error(message.message), { status: message.status, code: message.code });
      const finish = events.at(-1)?.finish;
      if (!finish) throw new Error("no finish");
      return {
        text: events.map((event) => event.text).join(""),
        events,
        logprobs: events.flatMap((event) => event.logprobs ?? []),
        finish,
      };
    });
    return { id, answer, events, cancel: () => this.send({ type: "cancel", id }) };
  }

  async generate(request: Omit<Partial<GenerateRequest>, "prompt"> & { prompt: number[] | string }): Promise<Answer> {
    const prompt = typeof request.prompt === "string" ? await this.tokenize(request.prompt) : request.prompt;
    return this.start({ ...request, prompt }).answer;
  }

  async embed(inputs: number[][], pooling?: "mean" | "cls" | "last" | "none"): Promise<Float32Array[]> {
    const { vectors } = await this.ask("vectors", { type: "embed", inputs, ...(pooling && { pooling }) });
    return vectors.map((text) => {
      const bytes = Buffer.from(text, "base64");
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    });
  }

  async close(): Promise<number | null> {
    this.send({ type: "shutdown" });
    return this.exited;
  }
}
