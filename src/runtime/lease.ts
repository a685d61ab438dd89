/** A request's hold on a loaded model. */
import type { EmbedRequest, GenerateRequest, RerankRequest, RunnerInfo, RunnerStats, SequenceEvent } from "../engine/protocol.ts";
import type { ModelCounts } from "./counts.ts";
import type { Loaded } from "./loaded.ts";
import type { Lease } from "./types.ts";

export class RunnerLease implements Lease {
  readonly contextLength: number;
  readonly loadDurationNs: number;
  #loaded: Loaded;
  #counts: ModelCounts;
  #release: (() => void) | undefined;

  constructor(
    loaded: Loaded,
    options: { contextLength: number; loadDurationNs: number; counts: ModelCounts; release: () => void },
  ) {
    this.#loaded = loaded;
    this.contextLength = options.contextLength;
    this.loadDurationNs = options.loadDurationNs;
    this.#counts = options.counts;
    this.#release = options.release;
  }

  get info(): RunnerInfo {
    return this.#loaded.runner.info;
  }

  async tokenize(text: string, { addSpecial = true, parseSpecial = true } = {}): Promise<number[]> {
    return await this.#loaded.runner.tokenize(text, addSpecial, parseSpecial);
  }

  async detokenize(tokens: number[], { special = true } = {}): Promise<string> {
    return await this.#loaded.runner.detokenize(tokens, special);
  }

  async *generate(request: GenerateRequest, { signal }: { signal: AbortSignal }): AsyncGenerator<SequenceEvent, void, undefined> {
    for await (const event of this.#loaded.runner.generate(request, signal)) {
      if (event.finish) {
        this.#counts.answered(event.finish);
        if (event.finish.reason !== "error") this.#loaded.answered = true;
      }
      yield event;
    }
  }

  async embed(request: EmbedRequest, { signal }: { signal: AbortSignal }): Promise<Float32Array[]> {
    const vectors = await this.#loaded.runner.embed(request, signal);
    this.#loaded.answered = true;
    this.#counts.read("embeddedInputs", request.inputs);
    return vectors;
  }

  async rerank(request: RerankRequest, { signal }: { signal: AbortSignal }): Promise<number[]> {
    const scores = await this.#loaded.runner.rerank(request, signal);
    this.#loaded.answered = true;
    this.#counts.read("rankedInputs", request.inputs);
    return scores;
  }

  async stats(): Promise<RunnerStats> {
    return await this.#loaded.runner.stats();
  }

  [Symbol.dispose](): void {
    this.#release?.();
    this.#release = undefined;
  }
}
