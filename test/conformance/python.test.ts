/**
 * The Python packages `openai` and `ollama`, unchanged, against this server. They are looked for in PUNA_PYTHON, then in `.venv` of this
 * repository (`python3 -m venv .venv && .venv/bin/pip install -r test/conformance/python/requirements.txt`), then in `python3`.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { hasShared, miniModel, type RealServer, realServer, sharedModels } from "../fixtures/real-server.ts";

configureLog({ write: () => {} });

const root = fileURLToPath(new URL("../../", import.meta.url));
const own = path.join(root, ".venv/bin/python");
const python = process.env.PUNA_PYTHON || (existsSync(own) ? own : "python3");
const has = (name: string) => spawnSync(python, ["-c", `import ${name}`]).status === 0;

describe("Python", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await realServer();
    await server.create("mini", miniModel);
    if (!hasShared) return;
    const scripted = path.join(sharedModels, "scripted-chat.f16.gguf");
    const template =
      "{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>\n{{ end }}{{ if .Think }}<|im_start|>system\n/think<|im_end|>\n{{ end }}<|im_start|>assistant\n";
    await server.create("scripted", scripted);
    await server.create("thinker", scripted, { template });
    await server.create("potion", path.join(sharedModels, "potion-base-4M.static-bert.f16.gguf"));
  });
  afterAll(async () => await server?.close());

  for (const [name, flows, shared] of [
    ["openai", 9, 4],
    ["ollama", 5, 4],
  ] as const)
    test.skipIf(!has(name))(
      `${name} (needs Python with the package, found in ${path.basename(python)}: ${has(name)})`,
      async () => {
        const script = path.join(root, `test/conformance/python/${name}_flows.py`);
        const { status, output } = await run([script, server.url, ...(hasShared ? ["--shared"] : [])]);
        expect(status, output).toBe(0);
        expect(output.match(/^ok /gm)).toHaveLength(flows + (hasShared ? shared : 0));
      },
    );
});

/** The server lives in this process, so this must not block it. */
async function run(args: string[]): Promise<{ status: number | null; output: string }> {
  const child = spawn(python, args, { env: { ...process.env, NO_PROXY: "*", PYTHONDONTWRITEBYTECODE: "1" } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, output };
}
