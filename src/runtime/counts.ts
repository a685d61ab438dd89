/** What a runtime has done since it started, for those who watch it. Nothing here is about what was said. */
import type { Finish } from "../engine/protocol.ts";

/** Seconds, from a word to a long answer. */
const BOUNDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];

/** How many observations were at most so large, as Prometheus counts them. */
export class Histogram {
  readonly bounds: readonly number[];
  /** One per bound, each with all that are smaller. */
  readonly atMost: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[] = BOUNDS) {
    this.bounds = bounds;
    this.atMost = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count++;
    for (const [i, bound] of this.bounds.entries()) if (value <= bound) this.atMost[i] = (this.atMost[i] ?? 0) + 1;
  }
}

/** One model's part. */
export class ModelCounts {
  /** Answers by how they ended: stop, length, cancel, error. */
  readonly answers = new Map<string, number>();
  promptTokens = 0;
  /** Those of the prompt's tokens that were found in the cache. */
  cachedTokens = 0;
  generatedTokens = 0;
  embeddedInputs = 0;
  rankedInputs = 0;
  /** Tokens of texts that were embedded or ranked. */
  inputTokens = 0;
  readonly promptSeconds = new Histogram();
  readonly answerSeconds = new Histogram();

  answered(finish: Finish): void {
    this.answers.set(finish.reason, (this.answers.get(finish.reason) ?? 0) + 1);
    this.promptTokens += finish.promptTokens;
    this.cachedTokens += finish.cachedTokens;
    this.generatedTokens += finish.generatedTokens;
    this.promptSeconds.observe(finish.promptMs / 1000);
    this.answerSeconds.observe(finish.generateMs / 1000);
  }

  read(what: "embeddedInputs" | "rankedInputs", inputs: readonly number[][]): void {
    this[what] += inputs.length;
    for (const tokens of inputs) this.inputTokens += tokens.length;
  }
}

export class RuntimeCounts {
  loads = 0;
  failedLoads = 0;
  /** Models that went to make room for another. */
  evictions = 0;
  /** Runners that died without being told to. */
  deaths = 0;
  /** Requests that were refused because too many were waiting. */
  refused = 0;
  readonly loadSeconds = new Histogram();
  readonly models = new Map<string, ModelCounts>();

  /** By the name of the model. */
  of(name: string): ModelCounts {
    const known = this.models.get(name);
    if (known) return known;
    const counts = new ModelCounts();
    this.models.set(name, counts);
    return counts;
  }
}
