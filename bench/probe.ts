/** The probe from outside: a child process, so that its threads and memory are its own. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { FromProbe, ProbeInfo, ProbeResult, ProbeSetup, ProbeWork, ToProbe } from "./probe-protocol.ts";

export class Probe {
  readonly #child: ChildProcess;
  readonly info: ProbeInfo;

  private constructor(child: ChildProcess, info: ProbeInfo) {
    this.#child = child;
    this.info = info;
  }

  static async start(setup: ProbeSetup): Promise<Probe> {
    const child = fork(new URL("./probe-child.js", import.meta.url));
    const answer = await ask(child, { setup });
    if (!("info" in answer)) throw new Error("the probe answered out of turn");
    return new Probe(child, answer.info);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async run(work: Partial<ProbeWork>): Promise<ProbeResult> {
    const answer = await ask(this.#child, { work: { sequences: 1, prompt: 16, tokens: 1, times: 1, ...work } });
    if (!("result" in answer)) throw new Error("the probe answered out of turn");
    return answer.result;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill();
    await once(this.#child, "exit");
  }
}

function ask(child: ChildProcess, message: ToProbe): Promise<FromProbe> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`the probe ended with code ${code}`));
    child.once("exit", died);
    child.once("message", (answer: FromProbe) => {
      child.off("exit", died);
      if ("error" in answer) reject(new Error(`probe: ${answer.error}`));
      else resolve(answer);
    });
    child.send(message);
  });
}
