/** S21: a pull from a registry on this machine, against parts of the same file copied plainly from the same registry. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { type Bench, compare, type Scenario } from "../bench.ts";
import type { Measured } from "../pairs.ts";

/** As many as a pull uses unless it is told otherwise, and parts as large as a pull's of this size. */
const STREAMS = 8;
const PART = 32 << 20;

export const pull: Scenario = {
  id: "S21",
  title: "a pull from a local registry",
  async run(bench) {
    const size = bench.options.quick ? 256 << 20 : 1 << 30;
    const registry = await startRegistry(size);
    const folder = mkdtempSync(path.join(os.tmpdir(), "puna-bench-copy-"));
    const file = path.join(folder, "copy");
    try {
      await compare(
        bench,
        { scenario: "S21", what: `pull of ${size >> 20} MiB`, unit: "MB/s" },
        {
          name: "puna",
          measure: () =>
            timed(
              size,
              async () => pullModel(bench, registry.port),
              () => removeModel(bench, registry.port),
            ),
        },
        {
          name: "plain copy",
          measure: () =>
            timed(
              size,
              () => copy(registry, file, size),
              async () => rmSync(file),
            ),
        },
        { atLeast: 0.8, note: () => "both end flushed to the disk; the pull is also hashed and journaled" },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
      registry.child.kill("SIGTERM");
      await once(registry.child, "exit");
    }
  },
};

async function startRegistry(size: number) {
  const child = fork(fileURLToPath(new URL("../registry-child.js", import.meta.url)), [String(size)]);
  const [{ port, digest }] = (await once(child, "message")) as [{ port: number; digest: string }];
  return { child, port, digest };
}

async function timed(size: number, work: () => Promise<void>, after: () => Promise<void>): Promise<Measured> {
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  await after();
  // a megabyte stands for a token: the CPU time that each costs hardly depends on neighbours
  return { figure: size / 1e6 / seconds, tokens: size / 1e6 };
}

async function pullModel({ puna }: Bench, port: number): Promise<void> {
  const body = JSON.stringify({ model: `127.0.0.1:${port}/bench/model`, insecure: true });
  const answer = await fetch(`${puna.url}/api/pull`, { method: "POST", body });
  const text = await answer.text();
  if (!text.trimEnd().endsWith('{"status":"success"}')) throw new Error(`the pull failed: ${text.slice(-500)}`);
}

async function removeModel({ puna }: Bench, port: number): Promise<void> {
  const body = JSON.stringify({ model: `127.0.0.1:${port}/bench/model` });
  const answer = await fetch(`${puna.url}/api/delete`, { method: "DELETE", body });
  if (!answer.ok) throw new Error(`the model could not be deleted: ${await answer.text()}`);
}

/** What anybody would write: ranges in turn over a few connections, each piped to its place in the file. */
async function copy({ port, digest }: { port: number; digest: string }, file: string, size: number): Promise<void> {
  const handle = await open(file, "w");
  await handle.truncate(size);
  const agent = new http.Agent({ keepAlive: true, maxSockets: STREAMS });
  let next = 0;
  const worker = async () => {
    for (let start = next; start < size; start = next) {
      next = start + PART;
      const range = `bytes=${start}-${Math.min(size, next) - 1}`;
      const request = http.get({ port, host: "127.0.0.1", path: `/v2/bench/model/blobs/${digest}`, headers: { range }, agent });
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      await pipeline(response, createWriteStream(file, { flags: "r+", start, highWaterMark: 1 << 20 }));
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, worker));
  agent.destroy();
  await handle.sync();
  await handle.close();
}
