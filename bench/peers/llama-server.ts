/** A llama-server of the user's own, by path. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Contestant, Question } from "../contestant.ts";
import { send } from "../stream.ts";

export interface LlamaServerOptions {
  path: string;
  model: string;
  threads: number;
  parallel: number;
  cells: number;
}

export class LlamaServer implements Contestant {
  readonly name = "llama-server";
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  /** Resolves when the model is loaded. */
  static async start({ path, model, threads, parallel, cells }: LlamaServerOptions): Promise<LlamaServer> {
    const port = await freePort();
    const counts = ["-t", String(threads), "-np", String(parallel), "-c", String(cells)];
    const child = spawn(path, ["-m", model, "--host", "127.0.0.1", "--port", String(port), ...counts, "--kv-unified"], {
      stdio: "ignore",
    });
    const server = new LlamaServer(child, `http://127.0.0.1:${port}`);
    await once(child, "spawn");
    while (!(await server.#isReady())) {
      if (child.exitCode !== null) throw new Error(`${path} ended with code ${child.exitCode} before it was ready`);
      await sleep(200);
    }
    return server;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async generate({ prompt, tokens, schema, signal }: Question): Promise<Answer> {
    const request = {
      prompt,
      n_predict: tokens,
      temperature: 1,
      top_k: 40,
      top_p: 1,
      min_p: 0,
      stream: true,
      cache_prompt: true,
      ignore_eos: schema === undefined,
      ...(schema !== undefined && { json_schema: schema }),
    };
    const timed = await send(`${this.#url}/completion`, request, signal ? { signal } : {});
    const events = timed.body
      .split("\n")
      .flatMap((line) => (line.startsWith("data: {") ? [JSON.parse(line.slice(6)) as CompletionEvent] : []));
    const last = events.at(-1);
    if (timed.status !== 200 || !last) throw new Error(`llama-server answered ${timed.status}: ${timed.body.slice(0, 300)}`);
    return {
      promptTokens: last.tokens_evaluated ?? 0,
      tokens: last.tokens_predicted ?? 0,
      firstMs: (timed.chunkTimes[0] ?? Number.NaN) - timed.sentAt,
      totalMs: (timed.chunkTimes.at(-1) ?? Number.NaN) - timed.sentAt,
      text: events.map(({ content }) => content ?? "").join(""),
    };
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill();
    await once(this.#child, "exit");
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.#url}/health`)).ok;
    } catch {
      return false;
    }
  }
}

interface CompletionEvent {
  content?: string;
  tokens_evaluated?: number;
  tokens_predicted?: number;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}
