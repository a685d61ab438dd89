/** The built `puna` command with a server and a folder of its own, as a person has them. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

/** The built command. */
export const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

interface RunOptions {
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** Sends SIGINT when this text has come on standard output. */
  interruptAt?: string;
}

/** Starts `puna serve` on a free port. One thread, so that a busy machine does not matter. */
export async function servedHome(environment: Record<string, string> = {}) {
  const home = mkdtempSync(path.join(os.tmpdir(), "puna-e2e-"));
  const port = await freePort();
  const { OLLAMA_MODELS: _m, PUNA_MODELS: _p, ...inherited } = process.env;
  const env = {
    ...inherited,
    PUNA_HOME: home,
    OLLAMA_HOST: `127.0.0.1:${port}`,
    PUNA_THREADS: "1",
    NO_COLOR: "1",
    ...environment,
  };
  const puna = (words: string[], options: RunOptions = {}) => runPuna(words, { ...options, env: { ...env, ...options.env } });
  const server = spawn(process.execPath, [main, "serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    server.once("exit", (code, signal) => resolve({ code, signal })),
  );
  while ((await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.status !== 200) {
    if (server.exitCode !== null) throw new Error(`the server did not start: ${log}`);
    await delay(50);
  }
  return {
    home,
    port,
    /** The environment of commands that speak to this server. */
    env,
    puna,
    log: () => log,
    /** SIGTERM, and how the server ended. */
    async stop() {
      server.kill("SIGTERM");
      return ended;
    },
    /** As a power cut would. */
    async kill() {
      server.kill("SIGKILL");
      await ended;
    },
    async [Symbol.asyncDispose]() {
      server.kill("SIGTERM");
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Runs the built command to its end, without terminals. */
function runPuna(words: string[], { input, env, cwd, interruptAt }: RunOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...words], { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
    const ran = { out: "", err: "" };
    let interrupted = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      ran.out += text;
      // Once: a second Ctrl-C while it is ending would be the user's impatience, which may kill it.
      if (interruptAt === undefined || interrupted || !ran.out.includes(interruptAt)) return;
      interrupted = child.kill("SIGINT");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      ran.err += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ ...ran, code, signal }));
    child.stdin.end(input ?? "");
  });
}
