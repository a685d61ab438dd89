/** `puna completion bash|zsh|fish`: a script that teaches the shell Puna's words; and the names that such a script asks for. */
import type { Command } from "commander";
import { bashScript } from "../completion/bash.ts";
import { describe } from "../completion/describe.ts";
import { fishScript } from "../completion/fish.ts";
import { zshScript } from "../completion/zsh.ts";
import type { Context } from "../context.ts";

/** Somebody who pressed Tab waits no longer. */
const PATIENCE_MS = 3000;

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
export type Shell = keyof typeof scripts;

export function completion({ terminal }: Pick<Context, "terminal">, shell: Shell, program: Command): void {
  terminal.out(scripts[shell](describe(program)));
}

/** One model, or knowledge base, a line. Without a server, or with one that is slow, there are none: a shell has no use for an error. */
export async function names({ client, terminal }: Pick<Context, "client" | "terminal">, kind: string): Promise<void> {
  const patient = client.until(AbortSignal.timeout(PATIENCE_MS));
  try {
    const named = await (kind === "running" ? patient.running() : kind === "bases" ? patient.knowledge.bases() : patient.list());
    terminal.out(named.map(({ name }) => `${name}\n`).join(""));
  } catch {}
}
