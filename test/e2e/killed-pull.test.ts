/** A server that is killed in the middle of a pull, again and again. PUNA_KILLS says how often (default 3). */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { partBytes } from "../../src/registry/download.ts";
import { digestOf, startRegistry } from "../fixtures/registry.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const KILLS = Number(process.env.PUNA_KILLS ?? 3);
const STREAMS = 8;

test.skipIf(process.platform !== "linux")(
  `a pull killed ${KILLS} times goes on, and fetches no byte twice beyond one part a time (needs Linux)`,
  async () => {
    const weights = randomBytes(96 << 20);
    const digest = digestOf(weights);
    await using registry = await startRegistry({ fault: (asked) => (asked.digest === digest ? { pauseMs: 10 } : undefined) });
    registry.addModel("me/m:latest", [weights]);
    const home = mkdtempSync(path.join(os.tmpdir(), "puna-killed-"));
    const repeated: number[] = [];
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const server = await serve(home);
        const began = registry.sent(digest);
        const left = weights.length - there(home, digest, weights.length);
        const until = began + Math.random() * (left / (KILLS - kill)) * 0.9;
        let ended = false;
        const pulling = server
          .pull(`${registry.host}/me/m`)
          .catch(() => {})
          .finally(() => {
            ended = true;
          });
        while (registry.sent(digest) < until && !ended) await new Promise((resolve) => setTimeout(resolve, 1));
        // Frozen first: what it has not read by now it has not fetched.
        server.freeze();
        const fetched = registry.sent(digest) - began - registry.unread();
        await server.kill();
        await pulling;
        await registry.idle();
        // What came in this round and is not in the journal will come again.
        const kept = there(home, digest, weights.length) - (weights.length - left);
        repeated.push(fetched - kept);
      }
      const server = await serve(home);
      expect((await server.pull(`${registry.host}/me/m`)).trimEnd().split("\n").at(-1)).toBe('{"status":"success"}');
      await server.kill();
      const blobs = path.join(home, "models", "blobs");
      const file = readFileSync(path.join(blobs, digest.replace(":", "-")));
      expect(createHash("sha256").update(file).digest("hex")).toBe(digest.slice(7));
      expect(readdirSync(blobs).filter((name) => name.includes("partial"))).toEqual([]);
      const part = partBytes(weights.length, STREAMS);
      expect(Math.max(...repeated)).toBeLessThanOrEqual(part);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
  600_000,
);

/** Bytes that the journal vouches for, read as plainly as can be. */
function there(home: string, digest: string, size: number): number {
  const blob = path.join(home, "models", "blobs", digest.replace(":", "-"));
  let text = "";
  try {
    text = readFileSync(`${blob}-partial-puna-parts`, "utf8");
  } catch {
    return 0;
  }
  const lines = text.split("\n").slice(1, -1);
  const ranges = lines.map((line) => JSON.parse(line) as unknown).filter((line): line is [number, number] => Array.isArray(line));
  const sum = ranges.reduce((total, [start, end]) => total + end - start, 0);
  expect(sum).toBeLessThanOrEqual(size);
  return sum;
}

async function serve(home: string) {
  const { OLLAMA_MODELS: _m, PUNA_MODELS: _p, ...inherited } = process.env;
  const env = { ...inherited, PUNA_HOME: home, OLLAMA_HOST: "127.0.0.1:0", OLLAMA_MAX_TRANSFER_STREAMS: String(STREAMS) };
  const child = spawn(process.execPath, [main, "serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
  const url = await addressOf(child);
  return {
    async pull(model: string): Promise<string> {
      const answer = await fetch(`${url}/api/pull`, { method: "POST", body: JSON.stringify({ model }) });
      return await answer.text();
    },
    freeze: () => child.kill("SIGSTOP"),
    async kill() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** From the line with which the server says that it listens. */
async function addressOf(child: ChildProcess): Promise<string> {
  let log = "";
  return await new Promise((resolve, reject) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const found = /Listening on (http:\/\/[^\s"]+)/.exec(log)?.[1];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(`the server did not start: ${log}`)));
  });
}
