/** The raw loop: the same libraries and kernels as the engine, nothing else. No HTTP, no scheduler, no text. */
import { Batch, Context, Model, openLibrary, Sampler, type SamplerStep, ThreadPool } from "#puna/llama/index";
import type { FromProbe, ProbeResult, ProbeSetup, ProbeWork, ToProbe } from "./probe-protocol.ts";
import { promptOf } from "./vocabulary.ts";

const CHUNK = 512;

/** As puna.ts asks for. */
const sampling: SamplerStep[] = [
  { type: "top_k", k: 40 },
  { type: "dist", seed: 1 },
];

interface Loop {
  model: Model;
  context: Context;
  batch: Batch;
  sampler: Sampler;
}

let loop: Loop | undefined;

process.on("message", (message: ToProbe) => {
  try {
    if ("setup" in message) {
      loop = open(message.setup);
      const { version, kernelBuild } = loop.model.library;
      answer({ info: { version, kernelBuild } });
    } else if (loop) answer({ result: run(loop, message.work) });
  } catch (error) {
    answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});

// the bench is gone, however it ended
process.on("disconnect", () => process.exit());

function answer(message: FromProbe): void {
  process.send?.(message);
}

function open({ model: file, threads, cells, sequences }: ProbeSetup): Loop {
  const model = Model.load(file, { library: openLibrary({ path: process.env.PUNA_LLAMA_LIB || undefined }) });
  const context = new Context(model, { cells, batch: CHUNK, microBatch: CHUNK, sequences, threads });
  context.attachThreads(new ThreadPool(model.library, threads));
  return { model, context, batch: new Batch(CHUNK), sampler: Sampler.chain(model, sampling) };
}

function run(loop: Loop, work: ProbeWork): ProbeResult {
  const total: ProbeResult = { prefillSeconds: 0, decodeSeconds: 0 };
  for (let time = 0; time < work.times; time++) {
    const { prefillSeconds, decodeSeconds } = once(loop, work, time);
    total.prefillSeconds += prefillSeconds;
    total.decodeSeconds += decodeSeconds;
  }
  return total;
}

function once({ model, context, batch, sampler }: Loop, work: ProbeWork, time: number): ProbeResult {
  const prompts = Array.from({ length: work.sequences }, (_, index) => {
    const tokens = model.tokenize(promptOf(work.prompt, 1 + time * 100 + index), { addSpecial: false });
    if (tokens.length !== work.prompt) throw new Error(`a prompt of ${work.prompt} tokens came out as ${tokens.length}`);
    return tokens;
  });
  context.memory.clear();
  const started = performance.now();
  const current = prefill();
  const prefilled = performance.now();
  for (let step = 1; step < work.tokens; step++) {
    batch.clear();
    for (const [sequence, token] of current.entries()) batch.add(token, work.prompt + step - 1, sequence, true);
    context.decode(batch);
    for (const sequence of current.keys()) current[sequence] = sampler.sample(context, sequence);
  }
  context.synchronize();
  return { prefillSeconds: (prefilled - started) / 1000, decodeSeconds: (performance.now() - prefilled) / 1000 };

  /** All prompts in full chunks; gives the first token of each answer. */
  function prefill(): number[] {
    const first: number[] = [];
    batch.clear();
    for (const [sequence, tokens] of prompts.entries())
      for (const [position, token] of tokens.entries()) {
        const last = position === tokens.length - 1;
        const index = batch.add(token, position, sequence, last);
        if (batch.n < CHUNK && !(last && sequence === prompts.length - 1)) {
          if (last) pending.push({ sequence, index });
          continue;
        }
        if (last) pending.push({ sequence, index });
        context.decode(batch);
        for (const row of pending.splice(0)) first[row.sequence] = sampler.sample(context, row.index);
        batch.clear();
      }
    return first;
  }
}

/** Prompts whose last token is in the batch that is being filled. */
const pending: { sequence: number; index: number }[] = [];
