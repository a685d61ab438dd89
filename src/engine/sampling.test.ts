/** Which steps a request's options become, and in which order. */
import { describe, expect, it } from "vitest";
import { greedy } from "../../test/engine/runner.ts";
import type { SamplingOptions } from "./protocol.ts";
import { samplerSteps } from "./sampling.ts";

const plain: SamplingOptions = { ...greedy, seed: 7, temperature: 0.8 };
const types = (options: Partial<SamplingOptions>) => samplerSteps({ ...plain, ...options }, 512).map((step) => step.type);

describe("samplerSteps", () => {
  it("leaves out what would change nothing", () => {
    expect(types({})).toEqual(["top_k", "top_p", "temp", "dist"]);
    expect(types({ temperature: 1, topK: 0, topP: 1 })).toEqual(["dist"]);
  });

  it("keeps llama.cpp's order", () => {
    const all = {
      repeatPenalty: 1.1,
      dryMultiplier: 0.8,
      topNSigma: 1,
      typicalP: 0.9,
      minP: 0.1,
      xtcProbability: 0.5,
      dynatempRange: 0.5,
    };
    expect(types({ ...all, logitBias: [[1, 2]] })).toEqual([
      "logit_bias",
      "penalties",
      "dry",
      "top_n_sigma",
      "top_k",
      "typical",
      "top_p",
      "min_p",
      "xtc",
      "temp_ext",
      "dist",
    ]);
  });

  it("is greedy at temperature 0, with penalties and biases still in force", () => {
    expect(types({ temperature: 0, mirostat: 2, presencePenalty: 1, logitBias: [[1, 2]] })).toEqual([
      "logit_bias",
      "penalties",
      "greedy",
    ]);
  });

  it("lets mirostat replace the rest", () => {
    expect(types({ mirostat: 1 })).toEqual(["temp", "mirostat"]);
    expect(types({ mirostat: 2 })).toEqual(["temp", "mirostat_v2"]);
  });

  it("looks back over the whole context for -1, and not at all for 0", () => {
    expect(samplerSteps({ ...plain, repeatPenalty: 1.1, repeatLastN: -1 }, 512)[0]).toMatchObject({
      type: "penalties",
      lastN: 512,
    });
    expect(types({ repeatPenalty: 1.1, repeatLastN: 0 })).not.toContain("penalties");
  });
});
