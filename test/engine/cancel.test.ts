/** Cancels at any moment, children that die, and models that are broken. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasShared, Runner, shared } from "./runner.ts";

const noise = (count: number, seed = 1) =>
  Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 259 + ((i * 7919 * seed + seed * seed * 31) % 250)));
/** A small linear congruential generator: the same "random" moments in every run. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe.skipIf(!hasShared)("cancel (needs ../shared)", () => {
  let runner: Runner;
  beforeAll(async () => {
    ({ runner } = await Runner.load("stories260K.gguf", { shape: { cells: 2048, sequences: 8, batch: 512 } }));
  });
  afterAll(() => runner.close());

  it("stops a prefill at once and gives the cells back", async () => {
    const running = runner.start({ prompt: noise(1800), contextLimit: 2048, maxTokens: 10 });
    running.cancel();
    const { finish } = await running.answer;
    expect(finish).toMatchObject({ reason: "cancel", generatedTokens: 0 });
    expect(await runner.stats()).toMatchObject({ activeSequences: 0, waiting: 0 });
  });

  it("leaves the others of the same batch undisturbed", async () => {
    const request = { prompt: noise(40, 3), maxTokens: 100, ignoreEos: true, contextLimit: 2048 };
    const alone = await runner.start(request).answer;
    const other = runner.start(request);
    for (let i = 0; i < 10; i++) runner.start({ prompt: noise(1500, 7 + i), contextLimit: 2048, maxTokens: 5 }).cancel();
    const { text, finish } = await other.answer;
    expect(text).toBe(alone.text);
    expect(finish.reason).toBe("length");
  });

  it("leaves nothing behind after 500 random aborts", async () => {
    const pick = random(7);
    const answers = [];
    const reasons = new Map<string, number>();
    for (let i = 0; i < 500; i++) {
      const cancelAt = pick(8);
      const running = runner.start(
        { prompt: noise(5 + pick(100), pick(6) + 1), contextLimit: 2048, maxTokens: 5 + pick(10), ignoreEos: true },
        (event) => {
          if (event.count === cancelAt) running.cancel();
        },
      );
      if (cancelAt === 0) running.cancel();
      answers.push(running.answer);
      // A backlog of at most 16, in bursts.
      if (i % 16 === 15) await Promise.all(answers.slice(-16));
    }
    for (const { finish } of await Promise.all(answers)) reasons.set(finish.reason, (reasons.get(finish.reason) ?? 0) + 1);
    expect((reasons.get("cancel") ?? 0) + (reasons.get("length") ?? 0)).toBe(500);
    expect(reasons.get("cancel")).toBeGreaterThan(250);
    expect(await runner.stats()).toMatchObject({ activeSequences: 0, waiting: 0 });
    // Whatever is still in use is a kept prefix, and one request that needs every cell gets them all.
    const all = await runner.start({ prompt: noise(2047, 9), contextLimit: 2048, maxTokens: 1 }).answer;
    expect(all.finish.reason).toBe("length");
    expect((await runner.stats()).cellsUsed).toBe(2047);
  });

  it("ignores cancels of what is over or never was", async () => {
    const done = runner.start({ prompt: noise(5), maxTokens: 2 });
    await done.answer;
    done.cancel();
    runner.send({ type: "cancel", id: 999_999 });
    expect((await runner.start({ prompt: noise(5), maxTokens: 2 }).answer).finish.reason).toBe("length");
  });

  it.skipIf(process.platform !== "linux")("opens no file that it does not close", async () => {
    const files = () => readdirSync(`/proc/${runner.child.pid}/fd`).length;
    const before = files();
    for (let i = 0; i < 20; i++) await runner.start({ prompt: noise(20, i + 1), maxTokens: 3 }).answer;
    expect(files()).toBe(before);
  });
});

describe.skipIf(!hasShared)("bad models and bad ends (needs ../shared)", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "puna-engine-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The file's last float32 tensor data turned into NaN: it loads, and then computes nothing of use. */
  function damaged(): string {
    const bytes = Buffer.from(readFileSync(path.join(shared, "stories260K.gguf")));
    for (let at = bytes.length - 200_000; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(0x7fc00000, at);
    const file = path.join(folder, "nan.gguf");
    writeFileSync(file, bytes);
    return file;
  }

  it("names a model that computes NaN", async () => {
    await expect(Runner.load(damaged())).rejects.toThrow(/nan\.gguf.*NaN/);
  });

  it("names a file that is missing, empty or cut off", async () => {
    const cut = path.join(folder, "cut.gguf");
    writeFileSync(cut, readFileSync(path.join(shared, "stories260K.gguf")).subarray(0, 500_000));
    const empty = path.join(folder, "empty.gguf");
    writeFileSync(empty, "");
    for (const file of [cut, empty, path.join(folder, "none.gguf")])
      await expect(Runner.load(file)).rejects.toThrow(path.basename(file));
  });

  it("ends with its parent, and after a load that failed", async () => {
    const { runner } = await Runner.load("stories260K.gguf");
    runner.start({ prompt: noise(1000), maxTokens: 1000 }).answer.catch(() => {});
    (runner.child.stdio[3] as unknown as { destroy(): void }).destroy();
    expect(await runner.exited).toBe(0);
    const failing = new Runner();
    await failing.load(path.join(folder, "none.gguf")).catch(() => {});
    expect(await failing.exited).toBe(1);
  });

  it("answers questions before a model is loaded with an error", async () => {
    const runner = new Runner();
    await expect(runner.tokenize("x")).rejects.toThrow("no model is loaded");
    await expect(runner.stats()).rejects.toThrow("no model is loaded");
    await runner.load("stories260K.gguf");
    expect(await runner.tokenize("Once upon")).toEqual([1, 403, 407]);
    await runner.close();
  });
});
