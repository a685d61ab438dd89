/**
 * `puna serve` that is killed while it imports over HTTP and embeds with a real model of ../shared. Long: only with PUNA_KILLS, which says how
 * often; PUNA_KILL_DOCUMENTS says on how many documents (default 60).
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { hasShared, sharedModels } from "../fixtures/real-server.ts";
import { main } from "../support/served-home.ts";
import { type Contents, contentsOf } from "./contents.ts";

const KILLS = Number(process.env.PUNA_KILLS ?? 0);
const DOCUMENTS = Number(process.env.PUNA_KILL_DOCUMENTS ?? 60);
const model = path.join(sharedModels, "potion-base-4M.static-bert.f16.gguf");

const work = mkdtempSync(path.join(os.tmpdir(), "puna-killed-server-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Server {
  /** Ends the server at once. */
  kill(): Promise<void>;
  /** Brings the base to its end, whatever of it is there already. Rejects when the server is killed. */
  finish(): Promise<void>;
}

async function serve(home: string): Promise<Server> {
  const { OLLAMA_MODELS: _m, PUNA_MODELS: _p, ...inherited } = process.env;
  const env = { ...inherited, PUNA_HOME: home, OLLAMA_HOST: "127.0.0.1:0", PUNA_THREADS: "1" };
  const child = spawn(process.execPath, [main, "serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
  const url = await new Promise<string>((resolve, reject) => {
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const found = /Listening on (http:\/\/[^\s"]+)/.exec(log)?.[1];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(`the server did not start: ${log}`)));
  });
  const ask = async (method: string, route: string, body?: string | FormData | Buffer) => {
    const answer = await fetch(`${url}${route}`, {
      method,
      ...(body !== undefined && { body: body as NonNullable<RequestInit["body"]> }),
    });
    if (!answer.ok) throw new Error(`${method} ${route} ${answer.status} ${await answer.text()}`);
    return JSON.parse((await answer.text()) || "{}");
  };
  return {
    async kill() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
    async finish() {
      const { bases } = await ask("GET", "/puna/knowledge");
      if (bases.length === 0) {
        const bytes = readFileSync(model);
        const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
        await ask("POST", `/api/blobs/${digest}`, bytes);
        await ask("POST", "/api/create", JSON.stringify({ model: "potion", files: { "model.gguf": digest }, stream: false }));
        await ask("POST", "/puna/knowledge", JSON.stringify({ name: "killed", embedder: "potion" }));
      }
      const { jobs } = await ask("GET", "/puna/knowledge/killed/jobs");
      if (jobs.length === 0) await ask("POST", "/puna/knowledge/killed/documents", form());
      for (;;) {
        const [job] = (await ask("GET", "/puna/knowledge/killed/jobs")).jobs;
        if (job.state === "done") return;
        if (job.state !== "waiting" && job.state !== "running") throw new Error(JSON.stringify(job));
        await delay(100);
      }
    },
  };
}

function form(): FormData {
  const form = new FormData();
  for (let i = 0; i < DOCUMENTS; i++) {
    // One in ten has the bytes of the one before.
    const number = i % 10 === 9 ? i - 1 : i;
    const sentences = Array.from(
      { length: 60 },
      (_, s) => `Llama ${number} walked over hill ${s * number} in the snow. 第${s}只羊驼住在山上。`,
    );
    form.append("file", new Blob([`# Llama ${number}\n\n${sentences.join(" ")}\n`]), `folder/${i}.md`);
  }
  return form;
}

test.skipIf(KILLS === 0 || !hasShared)(
  `a server killed ${KILLS} times while it imports has the index of one that was not (needs PUNA_KILLS and ../shared)`,
  async () => {
    const whole = path.join(work, "whole");
    const server = await serve(whole);
    const began = performance.now();
    await server.finish();
    const tookMs = performance.now() - began;
    await server.kill();
    const expected = contentsOf(whole);
    expect(expected).toMatchObject({ faults: [], uploads: [] });
    expect(expected.vectors).toHaveLength(expected.passages.length);
    expect(expected.documents).toHaveLength(DOCUMENTS - Math.floor(DOCUMENTS / 10));
    for (let kill = 0; kill < KILLS; kill++) {
      const home = path.join(work, `killed ${kill}`);
      for (let again = 0; again <= kill % 2; again++) {
        const killed = await serve(home);
        const finishing = killed.finish().catch(() => {});
        await delay(Math.random() * tookMs);
        await killed.kill();
        await finishing;
      }
      const last = await serve(home);
      await last.finish();
      await last.kill();
      expectSame(contentsOf(home), expected);
      rmSync(home, { recursive: true });
    }
  },
  3_600_000,
);

/** All the same; of vectors, that they are of the same passages and as good as equal, since how texts are batched shows in the last bits. */
function expectSame(found: Contents, expected: Contents): void {
  const { vectors, uploads, ...rest } = found;
  // Bytes that were received, and named by nobody, are given a day.
  const { vectors: expectedVectors, uploads: _, ...expectedRest } = expected;
  expect(rest).toEqual(expectedRest);
  expect(uploads.filter((name) => name.endsWith(".part"))).toEqual([]);
  expect(vectors.map(placeOf)).toEqual(expectedVectors.map(placeOf));
  for (const [i, vector] of vectors.entries()) {
    const [a, b] = [numbersOf(vector), numbersOf(expectedVectors[i] ?? "")];
    expect(a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)).toBeGreaterThan(0.9999);
  }
}

function placeOf(line: string): unknown[] {
  return (JSON.parse(line) as unknown[]).slice(0, -1);
}

function numbersOf(line: string): Float32Array {
  const bytes = Buffer.from(String((JSON.parse(line) as unknown[]).at(-1)), "hex");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
