/** A server of the demo's own: a free port on this machine, a folder that is deleted afterwards. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseHost } from "../../config.ts";
import { Failed } from "../../errors.ts";
import { type Client, createClient } from "../client.ts";

const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../../dist/cli/main.js" : "../main.js", import.meta.url),
);
const START_MS = 60_000;
const STOP_MS = 10_000;

export interface DemoServer extends AsyncDisposable {
  client: Client;
  url: string;
}

/** Resolves when it answers. Throws Failed with what the server said when it does not start. */
export async function startDemoServer(): Promise<DemoServer> {
  const home = await mkdtemp(path.join(os.tmpdir(), "puna-demo-"));
  const address = `127.0.0.1:${await freePort()}`;
  const { OLLAMA_MODELS: _models, PUNA_MODELS: _own, ...inherited } = process.env;
  const child = spawn(process.execPath, [ENTRY, "serve"], {
    env: { ...inherited, PUNA_HOME: home, OLLAMA_HOST: address, PUNA_REQUIRE_KEY: "0", PUNA_TLS_CERT: "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
  });
  const stop = async () => {
    await end(child);
    await rm(home, { recursive: true, force: true });
  };
  const client = createClient(parseHost(address));
  for (const deadline = Date.now() + START_MS; ; await delay(50)) {
    if (
      await client.heartbeat().then(
        () => true,
        () => false,
      )
    )
      break;
    if (child.exitCode === null && child.signalCode === null && Date.now() < deadline) continue;
    await stop();
    throw new Failed(`the server did not start:\n${said.trim() || "it said nothing"}`);
  }
  return { client, url: `http://${address}`, [Symbol.asyncDispose]: stop };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Failed("no free port on this machine");
  return address.port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(timer);
}
