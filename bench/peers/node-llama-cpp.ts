/** node-llama-cpp from its npm package, where somebody installed it. It has no server, so its loop is asked in a child process. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Answer, Contestant, Question } from "../contestant.ts";

export interface NodeLlamaCppSetup {
  model: string;
  threads: number;
  sequences: number;
  context: number;
}

export type ToPeer = { setup: NodeLlamaCppSetup } | { id: number; prompt: string; tokens: number };
export type FromPeer = { ready: true } | { missing: string } | { id: number; answer: Answer } | { id: number; error: string };

export class NodeLlamaCpp implements Contestant {
  readonly name = "node-llama-cpp";
  readonly #child: ChildProcess;
  #asked = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Undefined, with a line on stderr, when it is not installed. */
  static async start(setup: NodeLlamaCppSetup): Promise<NodeLlamaCpp | undefined> {
    const child = fork(new URL("./node-llama-cpp-child.js", import.meta.url));
    const peer = new NodeLlamaCpp(child);
    const first = once(child, "message");
    child.send({ setup } satisfies ToPeer);
    const [answer] = (await first) as [FromPeer];
    if ("ready" in answer) return peer;
    console.error(`node-llama-cpp is left out: ${"missing" in answer ? answer.missing : "it did not start"}`);
    await peer.close();
    return undefined;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  generate({ prompt, tokens }: Question): Promise<Answer> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const listen = (message: FromPeer) => {
        if (!("id" in message) || message.id !== id) return;
        this.#child.off("message", listen);
        if ("answer" in message) resolve(message.answer);
        else reject(new Error(`node-llama-cpp: ${message.error}`));
      };
      this.#child.on("message", listen);
      this.#child.send({ id, prompt, tokens } satisfies ToPeer);
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill();
    await once(this.#child, "exit");
  }
}
