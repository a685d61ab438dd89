/** `npm run bench`: starts the contestants, runs the scenarios one after another, prints a table, writes JSON. */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { Bench, Scenario, Stand } from "./bench.ts";
import type { Contestant } from "./contestant.ts";
import { modelFolder, resultFolder } from "./folders.ts";
import { openGate } from "./gate.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { LlamaServer } from "./peers/llama-server.ts";
import { NodeLlamaCpp } from "./peers/node-llama-cpp.ts";
import { Probe } from "./probe.ts";
import { family } from "./proc.ts";
import { Puna } from "./puna.ts";
import { commitName, type EngineHeader, type Header, type Limits, machineLine, writeJson, writeTable } from "./report.ts";
import { cancel } from "./scenarios/cancel.ts";
import { clients } from "./scenarios/clients.ts";
import { idle } from "./scenarios/idle.ts";
import { knowledgeImport } from "./scenarios/knowledge-import.ts";
import { knowledgeLook } from "./scenarios/knowledge-look.ts";
import { knowledgeSearch } from "./scenarios/knowledge-search.ts";
import { pull } from "./scenarios/pull.ts";
import { jsonSchema } from "./scenarios/schema.ts";
import { sharedPrefix } from "./scenarios/shared-prefix.ts";
import { decode, prefill, warm } from "./scenarios/single.ts";
import { streaming } from "./scenarios/streaming.ts";
import { closeConnections } from "./stream.ts";
import { shapes, syntheticModel } from "./synthetic.ts";
import { verdictOf } from "./verdict.ts";

const scenarios: readonly Scenario[] = [
  ...[decode, prefill, warm, clients, sharedPrefix, jsonSchema, streaming, idle, cancel, pull],
  ...[knowledgeSearch, knowledgeImport, knowledgeLook],
];
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
  const wanted = wantedScenarios(options);
  const stand: Stand = { options, gate, rows: [] };
  const engine = wanted.some(({ needsEngine }) => needsEngine !== false) ? await startEngine(stand) : undefined;
  try {
    const before = engine && (await limitsOf(engine.bench));
    for (const scenario of wanted) {
      console.log(`${scenario.id}: ${scenario.title} ...`);
      if (scenario.needsEngine === false) await scenario.run(stand);
      else if (engine) await scenario.run(engine.bench);
    }
    const after = engine && (await limitsOf(engine.bench));
    const header: Header = {
      ...headerOf(options),
      ...(engine && before && after && { engine: { ...engineHeaderOf(engine.bench), limits: { before, after } } }),
    };
    console.log(`\n${writeTable(header, stand.rows)}`);
    const file = options.out ?? path.join(resultFolder, `${header.date.replace(/[:.]/g, "-")}.json`);
    writeJson(file, header, stand.rows);
    console.log(`\nraw samples: ${path.relative(process.cwd(), file)}`);
    const verdict = verdictOf(stand.rows, options);
    console.log(verdict.text);
    return verdict.code;
  } finally {
    closeConnections();
    await engine?.close();
  }
}

/** Throws a TypeError for one that there is not. */
function wantedScenarios(options: Options): Scenario[] {
  const all = scenarios.map(({ id }) => id);
  const wanted = options.scenarios.length > 0 ? options.scenarios : options.quick ? quickScenarios : all;
  const unknown = wanted.filter((id) => !all.includes(id));
  if (unknown.length > 0) throw new TypeError(`no scenario ${unknown.join(", ")}: there are ${all.join(", ")}`);
  return scenarios.filter(({ id }) => wanted.includes(id));
}

/** The contestants, with a model. */
async function startEngine(stand: Stand): Promise<{ bench: Bench; close(): Promise<void> }> {
  const { options } = stand;
  const { threads } = options;
  const model =
    options.model in shapes
      ? await syntheticModel(options.model, options.quantisation, modelFolder)
      : path.resolve(options.model);
  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const one of started.reverse()) await one.close();
  };
  try {
    const probe = await Probe.start({ model, threads, cells: 8192, sequences: PARALLEL });
    started.push(probe);
    const puna = await Puna.start({ threads, parallel: PARALLEL, context: CONTEXT });
    started.push(puna);
    await puna.load(model);
    const peers = await startPeers(options, model);
    started.push(...peers);
    const startOneSlot = async () => {
      const server = await Puna.start({ threads, parallel: 1, context: CONTEXT });
      started.push(server);
      await server.load(model);
      return server;
    };
    let oneSlot: Promise<Puna> | undefined;
    return {
      bench: { ...stand, model, probe, puna, peers, context: CONTEXT, oneSlot: () => (oneSlot ??= startOneSlot()) },
      close,
    };
  } catch (error) {
    await close();
    throw error;
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

async function limitsOf({ probe, model }: Bench): Promise<Limits> {
  const found: Limits = { prefill: 0, decode: 0, bandwidth: 0 };
  for (let time = 0; time < 3; time++) {
    const { prefillSeconds, decodeSeconds } = await probe.run({ prompt: 512, tokens: 33 });
    found.prefill = Math.max(found.prefill, 512 / prefillSeconds);
    found.decode = Math.max(found.decode, 32 / decodeSeconds);
  }
  return { ...found, bandwidth: (found.decode * statSync(model).size) / 1e9 };
}

function headerOf({ force }: Options): Header {
  return {
    date: new Date().toISOString(),
    machine: machineLine(),
    node: process.version,
    commit: commitName(),
    forced: force,
  };
}

function engineHeaderOf({ options, model, probe }: Bench): Omit<EngineHeader, "limits"> {
  const { version, kernelBuild } = probe.info;
  return { llama: version, kernelBuild, model: path.basename(model), threads: options.threads };
}
