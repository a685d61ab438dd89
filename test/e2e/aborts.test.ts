/** What 500 abandoned requests leave in a real runner: nothing that the next ones could miss. */
import path from "node:path";
import { describe, expect, test } from "vitest";
import { resolveOptions } from "../../src/chat/options.ts";
import { readConfig } from "../../src/config.ts";
import { configureLog } from "../../src/log.ts";
import { readGguf } from "../../src/models/gguf/read.ts";
import { Scheduler } from "../../src/runtime/schedule.ts";
import type { Lease } from "../../src/runtime/types.ts";
import { fakeModel } from "../fixtures/models.ts";
import { hasShared, sharedModels } from "../fixtures/real-server.ts";

configureLog({ write: () => {} });

describe.skipIf(!hasShared)("abandoned requests (needs ../shared)", () => {
  test("no sequence stays, and every cell can be had again", async () => {
    const runtime = new Scheduler(readConfig({ PUNA_THREADS: "1" }));
    const modelPath = path.join(sharedModels, "stories260K.gguf");
    const model = fakeModel("stories", { modelPath, header: await readGguf(modelPath) });
    const options = { numCtx: 512, numCtxIsAutomatic: false };
    const lease = await runtime.acquire({ model, options, signal: new AbortController().signal });
    const prompts = await Promise.all(
      ["Once upon a time", "The dog ran", "Lily saw a big tree and"].map((text) => lease.tokenize(text)),
    );

    for (let round = 0; round < 50; round++) {
      const ten = Array.from({ length: 10 }, async (_, i) => {
        const control = new AbortController();
        setTimeout(() => control.abort(), Math.random() * 20);
        const prompt = Array.from({ length: 1 + (i % 4) }, () => prompts[(round + i) % 3] ?? []).flat();
        return await write(lease, prompt, { maxTokens: 400, signal: control.signal }).catch((error) => error.status);
      });
      // Before its first step an abort is an error of status 499, after it an answer that ends with "cancel".
      for (const end of await Promise.all(ten)) expect(["cancel", "length", 499]).toContain(end);
    }

    const { activeSequences, waiting } = await lease.stats();
    expect({ activeSequences, waiting }).toEqual({ activeSequences: 0, waiting: 0 });
    // Four requests that fill the whole cache between them: a cell that was lost would be missing now.
    const cells = lease.info.shape.cells / 4;
    const full = prompts
      .slice(0, 1)
      .concat(prompts)
      .map((prompt) => write(lease, prompt, { maxTokens: cells - prompt.length, limit: cells }));
    expect(await Promise.all(full)).toEqual(["length", "length", "length", "length"]);
    lease[Symbol.dispose]();
    await runtime.close();
  });
});

async function write(
  lease: Lease,
  prompt: number[],
  { maxTokens, limit = 512, signal = new AbortController().signal }: { maxTokens: number; limit?: number; signal?: AbortSignal },
): Promise<string | undefined> {
  const { sampling } = resolveOptions({ numCtx: undefined });
  const request = { prompt, contextLimit: limit, shift: false, keep: 4, maxTokens, stop: [], sampling, ignoreEos: true };
  let reason: string | undefined;
  for await (const event of lease.generate(request, { signal })) reason = event.finish?.reason;
  return reason;
}
