/** `puna fit MODEL|SIZE`: which quantisations fit the server's memory, and with how large a context. */
import type { Context } from "../context.ts";
import { humanBytes, humanCount } from "../terminal/human.ts";
import { parseSize } from "../terminal/sizes.ts";
import { table } from "../terminal/table.ts";
import type { FitReply } from "../wire.ts";

export interface FitFlags {
  memory?: string;
  json?: boolean;
}

/** Prints a table. Throws Invalid for a size of memory that is none. */
export async function whatFits(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  model: string,
  flags: FitFlags,
): Promise<void> {
  const memory = flags.memory === undefined ? undefined : parseSize(flags.memory, "size of memory");
  const reply = await client.fit({ model, ...(memory !== undefined && { memory }) });
  terminal.out(flags.json ? `${JSON.stringify(reply, null, 2)}\n` : describe(reply));
}

function describe(reply: FitReply): string {
  const trained = reply.context_length === undefined ? "" : `, trained for ${reply.context_length} tokens`;
  const about = `${reply.model}: ${humanCount(reply.parameter_count)} parameters${trained}. ${humanBytes(reply.memory)} of memory can be used.\n\n`;
  return about + (reply.exact ? exactTable(reply) : ruleTable(reply));
}

function exactTable({ contexts, memory, quantizations }: FitReply): string {
  const rows = quantizations.map((row) => [
    `${row.quantization}${row.current ? " *" : ""}`,
    humanBytes(row.weights ?? 0),
    ...row.needed.map((bytes) => (bytes <= memory ? humanBytes(bytes) : `(${humanBytes(bytes)})`)),
    row.largest_context ? String(row.largest_context) : "does not fit",
  ]);
  const heading = ["QUANTIZATION", "WEIGHTS", ...contexts.map(tokens), "LARGEST CONTEXT"];
  return `${table(heading, rows)}\n* as it is here. The middle columns say what a context of so many tokens takes; in parentheses: does not fit.\n`;
}

function ruleTable({ quantizations }: FitReply): string {
  const rows = quantizations.map(({ quantization, needed, fits }) => [
    quantization,
    humanBytes(needed[0] ?? 0),
    fits ? "yes" : "no",
  ]);
  return `${table(["QUANTIZATION", "MEMORY", "FITS"], rows)}\nA rule of thumb: parameters x 4 bytes / (32 / bits) x 1.2. A long context takes more.\n`;
}

/** `4K`, or the number itself. */
function tokens(count: number): string {
  return count % 1024 === 0 ? `${count / 1024}K` : String(count);
}
