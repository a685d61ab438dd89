/** `npm run demo`, as a newcomer runs it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const hasMini = existsSync(path.join(root, "models/mini/mini.gguf"));

test.skipIf(!hasMini)("the demo answers every question and stops its server (needs models/mini/mini.gguf)", async () => {
  const { code, out, err } = await new Promise<{ code: number | null; out: string; err: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, "dist/cli/demo.js")], { env: { ...process.env, PUNA_THREADS: "1" } });
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.err += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...said, code }));
  });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/tokens\/s/);
  expect(out).toMatch(/document 新编成语\.md, \d+ passages?, zh\n/);
  expect(out).toMatch(/\d+ of 15 answers were as hoped, in \S+ The server is stopped\.\n/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: redirected output is plain
  expect(out).not.toMatch(/\x1b/);
  const [, url = ""] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(out) ?? [];
  await expect(fetch(url)).rejects.toThrow();
});
