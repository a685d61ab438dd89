/** Our server as a user starts it: `puna serve` in a process of its own, a store of its own, a free port. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Answer, Contestant, Question } from "./contestant.ts";
import { send } from "./stream.ts";

/**
 * Random choice among the best 40: greedy answers of random weights soon repeat one token, which Puna, like Ollama, ends.
 * The raw loop and the peers choose alike.
 */
const sampling = { temperature: 1, top_k: 40, top_p: 1, min_p: 0, repeat_penalty: 1, seed: 1 };

export interface PunaOptions {
  threads: number;
  /** Sequences served at once. */
  parallel: number;
  context: number;
}

export class Puna implements Contestant {
  readonly name: string;
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #home: string;
  readonly #context: number;
  #model = "";

  private constructor(child: ChildProcess, url: string, home: string, options: PunaOptions) {
    this.#child = child;
    this.#home = home;
    this.#context = options.context;
    this.url = url;
    this.name = options.parallel === 1 ? "puna, one slot" : "puna";
  }

  static async start(options: PunaOptions): Promise<Puna> {
    const home = mkdtempSync(path.join(os.tmpdir(), "puna-bench-"));
    const env = {
      ...process.env,
      PUNA_HOME: home,
      OLLAMA_MODELS: "",
      PUNA_MODELS: "",
      OLLAMA_HOST: "127.0.0.1:0",
      OLLAMA_KEEP_ALIVE: "-1",
      OLLAMA_NUM_PARALLEL: String(options.parallel),
      OLLAMA_CONTEXT_LENGTH: String(options.context),
      PUNA_THREADS: String(options.threads),
    };
    process.once("exit", () => rmSync(home, { recursive: true, force: true }));
    const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
    const child = spawn(process.execPath, [main, "serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
    return new Puna(child, await urlOf(child), home, options);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Puts a GGUF file into the store through the API, as `puna create` does, and loads it. */
  async load(file: string): Promise<void> {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(file)) hash.update(chunk);
    const digest = `sha256:${hash.digest("hex")}`;
    const body = Readable.toWeb(createReadStream(file)) as ReadableStream;
    const headers = { "content-length": String(statSync(file).size) };
    await expectOk(await fetch(`${this.url}/api/blobs/${digest}`, { method: "POST", body, headers, duplex: "half" }));
    const create = { model: "bench", files: { "model.gguf": digest }, stream: false };
    await expectOk(await fetch(`${this.url}/api/create`, { method: "POST", body: JSON.stringify(create) }));
    this.#model = "bench";
    await this.generate({ prompt: " a", tokens: 1 });
  }

  async generate(question: Question): Promise<Answer> {
    const request = {
      model: this.#model,
      prompt: question.prompt,
      raw: true,
      ...(question.schema !== undefined && { format: question.schema }),
      options: {
        ...sampling,
        num_predict: question.tokens,
        num_ctx: this.#context,
        ...(question.endless && { ignore_eos: true }),
      },
    };
    const timed = await send(`${this.url}/api/generate`, request, question.signal ? { signal: question.signal } : {});
    const lines = timed.body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as GenerateLine);
    const last = lines.at(-1);
    if (timed.status !== 200 || !last || last.error)
      throw new Error(`puna answered ${timed.status}: ${timed.body.slice(0, 300)}`);
    return {
      promptTokens: last.prompt_eval_count ?? 0,
      tokens: last.eval_count ?? 0,
      firstMs: (timed.chunkTimes[0] ?? Number.NaN) - timed.sentAt,
      // the last line only sums up: the last token came with the one before
      totalMs: (timed.chunkTimes.at(-1) ?? Number.NaN) - timed.sentAt,
      text: lines.map((line) => line.response ?? "").join(""),
    };
  }

  /** Ends the server as Ctrl-C does, and removes its store. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill("SIGTERM");
      await once(this.#child, "exit");
    }
    rmSync(this.#home, { recursive: true, force: true });
  }
}

interface GenerateLine {
  response?: string;
  error?: string;
  prompt_eval_count?: number;
  eval_count?: number;
}

/** The address is in the log line that says the port is open. */
function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    child.once("exit", () => reject(new Error(`the server did not start:\n${said.join("\n")}`)));
    if (!child.stderr) return;
    // read on after the address, or the server would block on a full pipe
    createInterface(child.stderr).on("line", (line) => {
      const url = /Listening on (http:\/\/[^\s"]+)/.exec(line)?.[1];
      if (url) resolve(url);
      said.push(line);
      said.splice(0, said.length - 20);
    });
  });
}

async function expectOk(response: Response): Promise<void> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 300)}`);
}
