/** Looks at everything that Puna depends on and names what is wrong. */
import { existsSync } from "node:fs";
import { access, constants, readdir, stat, statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { messageOf } from "../../errors.ts";
import { clientVersion } from "../client-version.ts";
import type { Context } from "../context.ts";
import { examineKernels, type KernelReport } from "./kernels.ts";

export interface Finding {
  /** `broken` keeps Puna from working; `advice` does not. */
  level: "broken" | "advice";
  what: string;
  remedy: string;
}

export interface Report {
  puna: string;
  node: string;
  platform: string;
  cpu: { model: string; threads: number; usableCpus: number };
  /** `limitBytes` is a container's. */
  memory: { totalBytes: number; freeBytes: number; limitBytes?: number | undefined };
  kernels: KernelReport;
  graphicsCards: string[];
  store: { path: string; writable: boolean; models: number; sizeBytes: number; freeDiskBytes: number | undefined };
  server: { address: string; version: string | undefined; error: string | undefined };
  findings: Finding[];
}

const OLDEST_NODE = [20, 19] as const;
const LITTLE_DISK_BYTES = 2e9;
const LITTLE_MEMORY_BYTES = 1e9;

export async function examine({ client, config }: Pick<Context, "client" | "config">): Promise<Report> {
  // The server's own answers, so that doctor and server cannot disagree.
  // biome-ignore lint/style/noRestrictedImports: one pure function; the doctor must work without a server
  const { defaultThreads } = await import("../../runtime/threads.ts");
  // biome-ignore lint/style/noRestrictedImports: one pure function; the doctor must work without a server
  const { availableMemory: freeBytes } = await import("../../runtime/available-memory.ts");
  const [kernels, store, server] = await Promise.all([
    examineKernels(config.llamaLibrary),
    examineStore(config.models),
    examineServer(client, config.host),
  ]);
  const report = {
    puna: clientVersion,
    node: process.versions.node,
    platform: `${os.platform()} ${os.arch()}`,
    cpu: {
      model: os.cpus()[0]?.model.trim() ?? "unknown",
      threads: config.threads ?? defaultThreads(),
      usableCpus: os.availableParallelism(),
    },
    memory: { totalBytes: os.totalmem(), freeBytes: freeBytes(), limitBytes: memoryLimit() },
    kernels,
    graphicsCards: graphicsCards(),
    store,
    server,
  };
  return { ...report, findings: judge(report) };
}

/** What follows from the facts. */
export function judge(report: Omit<Report, "findings">): Finding[] {
  const findings: Finding[] = [];
  const broken = (what: string, remedy: string) => findings.push({ level: "broken", what, remedy });
  const advice = (what: string, remedy: string) => findings.push({ level: "advice", what, remedy });
  const [major = 0, minor = 0] = report.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    broken(`Node ${report.node} is too old`, `install Node ${OLDEST_NODE.join(".")} or newer`);
  }
  const { kernels, store, server, graphicsCards: cards } = report;
  if (kernels.error !== undefined) {
    const plain = kernels.builds.find(({ state, variant }) => state === "missing" && (variant === "cpu" || variant === "metal"));
    const own = "point PUNA_LLAMA_LIB at the folder of a build of your own";
    const remedy = plain?.install ? `run '${plain.install}', or ${own}` : `install puna again, or ${own}`;
    broken(kernels.error, kernels.ownFolder ? `unset PUNA_LLAMA_LIB, or ${own}` : remedy);
  }
  if (!store.writable)
    broken(`the model store ${store.path} cannot be written`, "make it writable, or set OLLAMA_MODELS to another folder");
  if (store.freeDiskBytes !== undefined && store.freeDiskBytes < LITTLE_DISK_BYTES) {
    advice(
      `little room is left on the disk of ${store.path}`,
      "delete models with 'puna rm', or set OLLAMA_MODELS to a folder on a larger disk",
    );
  }
  if (report.memory.freeBytes < LITTLE_MEMORY_BYTES)
    advice("less than 1 GB of memory is free", "close other programs, or use a small model");
  const wanted = cards.includes("NVIDIA") ? "cuda" : "vulkan";
  const gpuBuild = kernels.builds.find(({ variant, state }) => variant === wanted && state === "missing");
  if (cards.length > 0 && gpuBuild && (kernels.library?.gpus.length ?? 0) === 0) {
    advice(`a graphics card (${cards.join(", ")}) is here, but no build that can use it`, `run '${gpuBuild.install}'`);
  }
  if (server.error !== undefined) broken(server.error, "set OLLAMA_HOST to another port, or stop the program that listens there");
  else if (server.version === undefined) advice(`no server runs at ${server.address}`, "run 'puna serve' to start it");
  return findings;
}

async function examineStore(folder: string): Promise<Report["store"]> {
  const existing = nearestExisting(folder);
  const writable = await access(existing, constants.W_OK).then(
    () => true,
    () => false,
  );
  const disk = await statfs(existing).catch(() => undefined);
  return {
    path: folder,
    writable,
    models: await countFiles(path.join(folder, "manifests")),
    sizeBytes: await folderBytes(path.join(folder, "blobs")),
    freeDiskBytes: disk && disk.bavail * disk.bsize,
  };
}

/** The folder itself, or the one in which it would be made. */
function nearestExisting(folder: string): string {
  let at = folder;
  while (!existsSync(at) && path.dirname(at) !== at) at = path.dirname(at);
  return at;
}

async function countFiles(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).length;
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(path.join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function examineServer(client: Context["client"], host: Context["config"]["host"]): Promise<Report["server"]> {
  const address = `${host.scheme}://${host.hostname.includes(":") ? `[${host.hostname}]` : host.hostname}:${host.port}`;
  try {
    return { address, version: await client.version(), error: undefined };
  } catch (error) {
    const message = messageOf(error);
    const refused = message.startsWith("could not connect");
    return { address, version: undefined, error: refused ? undefined : `something else answers at ${address}: ${message}` };
  }
}

/** What a container may use, where that is less than the machine has. */
function memoryLimit(): number | undefined {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < os.totalmem() ? limit : undefined;
}

/** Makers of cards that a driver serves here. Linux only; on a Mac the one build uses Metal. */
function graphicsCards(): string[] {
  if (existsSync("/dev/nvidiactl") || existsSync("/proc/driver/nvidia/version")) return ["NVIDIA"];
  return existsSync("/dev/dri/renderD128") ? ["/dev/dri/renderD128"] : [];
}
