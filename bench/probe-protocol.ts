/** What the probe's process is asked and answers. */

export interface ProbeSetup {
  model: string;
  threads: number;
  cells: number;
  sequences: number;
}

/** `sequences` prompts of `prompt` tokens, then `tokens` steps that decode all of them together; `times` over. */
export interface ProbeWork {
  sequences: number;
  prompt: number;
  tokens: number;
  times: number;
}

export interface ProbeResult {
  prefillSeconds: number;
  decodeSeconds: number;
}

export interface ProbeInfo {
  version: string;
  kernelBuild: string;
}

export type ToProbe = { setup: ProbeSetup } | { work: ProbeWork };
export type FromProbe = { info: ProbeInfo } | { result: ProbeResult } | { error: string };
