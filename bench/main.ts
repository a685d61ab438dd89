/** `npm run bench`: starts the contestants, runs the scenarios one after another, prints a table, writes JSON. */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { Bench, Row, Scenario } from "./bench.ts";
import type { Contestant } from "./contestant.ts";
import { modelFolder, resultFolder } from "./folders.ts";
import { openGate } from "./gate.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { LlamaServer } from "./peers/llama-server.ts";
import { NodeLlamaCpp } from "./peers/node-llama-cpp.ts";
import { Probe } from "./probe.ts";
import { family } from "./proc.ts";
import { Puna } from "./puna.ts";
import { commitName, type Header, type Limits, machineLine, writeJson, writeTable } from "./report.ts";
import { cancel } from "./scenarios/cancel.ts";
import { clients } from "./scenarios/clients.ts";
import { idle } from "./scenarios/idle.ts";
import { pull } from "./scenarios/pull.ts";
import { jsonSchema } from "./scenarios/schema.ts";
import { sharedPrefix } from "./scenarios/shared-prefix.ts";
import { decode, prefill, warm } from "./scenarios/single.ts";
import { streaming } from "./scenarios/streaming.ts";
import { closeConnections } from "./stream.ts";
import { shapes, syntheticModel } from "./synthetic.ts";
import { verdictOf } from "./verdict.ts";

const scenarios: readonly Scenario[] = [decode, prefill, warm, clients, sharedPrefix, jsonSchema, streaming, idle, cancel, pull];
/** S4 is left out: on so small a model a step takes less than the way through HTTP. */
const quickScenarios = ["S1", "S2", "S7", "S8", "S18"];
/** Enough for the prompt of S20, and with Puna's shared cells for eight prompts of S8. */
const CONTEXT = 4608;
const PARALLEL = 16;

const options = readOptions(process.argv.slice(2));
// servers and probes are children of this process: whoever ends it ends them
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    for (const { pid } of family([process.pid])) if (pid !== process.pid) process.kill(pid, "SIGTERM");
    process.exit(1);
  });
if (!options) console.log(usage);
else process.exitCode = await main(options);

async function main(options: Options): Promise<number> {
  if (!existsSync("/proc/stat")) {
    console.log("skipped: the bench reads /proc, which only Linux has");
    return 0;
  }
  const gate = openGate({ ours: [process.pid], force: options.force, patienceMs: options.quick ? 20_000 : 120_000 });
  if (!(await gate.ready())) {
    console.log(
      "skipped: this machine is not quiet, so figures would mean nothing. Stop what else runs, or use --force to see them anyway.",
    );
    return 0;
  }
  const model =
    options.model in shapes
      ? await syntheticModel(options.model, options.quantisation, modelFolder)
      : path.resolve(options.model);
  const { threads } = options;
  const probe = await Probe.start({ model, threads, cells: 8192, sequences: PARALLEL });
  const puna = await Puna.start({ threads, parallel: PARALLEL, context: CONTEXT });
  const started: { close(): Promise<void> }[] = [probe, puna];
  try {
    await puna.load(model);
    const peers = await startPeers(options, model);
    started.push(...peers);
    const rows: Row[] = [];
    let oneSlot: Promise<Puna> | undefined;
    const bench: Bench = {
      options,
      model,
      gate,
      probe,
      puna,
      peers,
      rows,
      context: CONTEXT,
      oneSlot: () => (oneSlot ??= startOneSlot()),
    };
    const startOneSlot = async () => {
      const server = await Puna.start({ threads, parallel: 1, context: CONTEXT });
      started.push(server);
      await server.load(model);
      return server;
    };
    const before = await limitsOf(probe, model);
    await runAll(bench);
    const header = { ...headerOf(options, model, probe), limits: { before, after: await limitsOf(probe, model) } };
    console.log(`\n${writeTable(header, rows)}`);
    const file = options.out ?? path.join(resultFolder, `${header.date.replace(/[:.]/g, "-")}.json`);
    writeJson(file, header, rows);
    console.log(`\nraw samples: ${path.relative(process.cwd(), file)}`);
    const verdict = verdictOf(rows, options);
    console.log(verdict.text);
    return verdict.code;
  } finally {
    closeConnections();
    for (const one of started.reverse()) await one.close();
  }
}

async function runAll(bench: Bench): Promise<void> {
  const wanted =
    bench.options.scenarios.length > 0
      ? bench.options.scenarios
      : bench.options.quick
        ? quickScenarios
        : scenarios.map(({ id }) => id);
  const unknown = wanted.filter((id) => !scenarios.some((scenario) => scenario.id === id));
  if (unknown.length > 0)
    throw new TypeError(`no scenario ${unknown.join(", ")}: there are ${scenarios.map(({ id }) => id).join(", ")}`);
  for (const scenario of scenarios.filter(({ id }) => wanted.includes(id))) {
    console.log(`${scenario.id}: ${scenario.title} ...`);
    await scenario.run(bench);
  }
}

async function startPeers(options: Options, model: string): Promise<Contestant[]> {
  const { threads, llamaServer, nodeLlamaCpp } = options;
  const peers: (Contestant | undefined)[] = [];
  if (llamaServer)
    peers.push(await LlamaServer.start({ path: llamaServer, model, threads, parallel: PARALLEL, cells: 4 * CONTEXT }));
  if (nodeLlamaCpp) peers.push(await NodeLlamaCpp.start({ model, threads, sequences: 8, context: 1280 }));
  return peers.filter((peer) => peer !== undefined);
}

async function limitsOf(probe: Probe, model: string): Promise<Limits> {
  const found: Limits = { prefill: 0, decode: 0, bandwidth: 0 };
  for (let time = 0; time < 3; time++) {
    const { prefillSeconds, decodeSeconds } = await probe.run({ prompt: 512, tokens: 33 });
    found.prefill = Math.max(found.prefill, 512 / prefillSeconds);
    found.decode = Math.max(found.decode, 32 / decodeSeconds);
  }
  return { ...found, bandwidth: (found.decode * statSync(model).size) / 1e9 };
}

function headerOf(options: Options, model: string, probe: Probe): Omit<Header, "limits"> {
  return {
    date: new Date().toISOString(),
    machine: machineLine(),
    node: process.version,
    commit: commitName(),
    llama: probe.info.version,
    kernelBuild: probe.info.kernelBuild,
    model: path.basename(model),
    threads: options.threads,
    forced: options.force,
  };
}
