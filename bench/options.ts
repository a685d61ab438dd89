/** The command line of `npm run bench --`. */
import { parseArgs } from "node:util";
import { defaultThreads } from "#puna/runtime/threads";

export interface Options {
  quick: boolean;
  force: boolean;
  /** A shape of synthetic.ts, or a GGUF file. */
  model: string;
  quantisation: string;
  scenarios: string[];
  rounds: number;
  threads: number;
  clients: number[];
  llamaServer: string | undefined;
  nodeLlamaCpp: boolean;
  out: string | undefined;
}

export const usage = `npm run bench -- [options]

  --quick                 a short run on a small model, for continuous integration
  --force                 measure although the machine is not quiet; rows are then marked as disturbed
  --model NAME|FILE       small, 0.3b, 1.2b (default), tiny, or a GGUF file
  --quant TYPE            of synthetic models: Q4_0 (default), Q4_K_M, Q8_0, F16, ...
  --scenarios S1,S2,...   only these
  --rounds N              pairs per row (default 5; quick 3)
  --threads N             for every contestant (default: as Puna chooses; quick 1)
  --clients 1,2,4,...     for S7 (default 1,2,4,8,16; quick 4)
  --llama-server PATH     also compare with this llama-server
  --node-llama-cpp        also compare with node-llama-cpp, if it is installed
  --out FILE              where the JSON goes (default bench/results/<time>.json)`;

/** Throws a TypeError that names the option for anything unknown. */
export function readOptions(argv: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: "boolean", default: false },
      force: { type: "boolean", default: false },
      model: { type: "string" },
      quant: { type: "string", default: "Q4_0" },
      scenarios: { type: "string", default: "" },
      rounds: { type: "string" },
      threads: { type: "string" },
      clients: { type: "string" },
      "llama-server": { type: "string" },
      "node-llama-cpp": { type: "boolean", default: false },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { quick } = values;
  return {
    quick,
    force: values.force,
    model: values.model ?? (quick ? "small" : "1.2b"),
    quantisation: values.quant,
    scenarios: list(values.scenarios),
    rounds: count("rounds", values.rounds) ?? (quick ? 3 : 5),
    // one thread leaves a core to the load generator, and nobody waits at a barrier: far steadier for a short run
    threads: count("threads", values.threads) ?? (quick ? 1 : defaultThreads()),
    clients: values.clients ? list(values.clients).map((item) => count("clients", item) ?? 1) : quick ? [4] : [1, 2, 4, 8, 16],
    llamaServer: values["llama-server"],
    nodeLlamaCpp: values["node-llama-cpp"],
    out: values.out,
  };
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`--${name} must be a whole number, 1 or more, not ${text}`);
  return value;
}
