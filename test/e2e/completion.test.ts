/** The completion scripts in the shells they are for; a shell that is not installed is skipped, and its title says so. */
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFakeServer } from "../support/fake-server.ts";

const run = promisify(execFile);
const main = path.resolve(import.meta.dirname, "../../dist/cli/main.js");
const has = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

let server: Awaited<ReturnType<typeof startFakeServer>>;
let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  const models = (...names: string[]) => ({ json: { models: names.map((name) => ({ name })) } });
  server = await startFakeServer({
    "GET /api/tags": models("mini:latest", "mini:tiny", "qwen3:8b", "hf.co/org/models:Q4_K_M"),
    "GET /api/ps": models("qwen3:8b"),
    "GET /puna/knowledge": { json: { bases: [{ name: "notes" }, { name: "笔记" }] } },
  });
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-completion-"));
  const command = path.join(folder, "puna");
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(command, 0o755);
  writeFileSync(path.join(folder, "My Modelfile"), "");
  const { hostname, port } = server.host;
  env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    OLLAMA_HOST: `${hostname}:${port}`,
    HOME: folder,
    TERM: "xterm",
  };
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout } = await run(command, ["completion", shell], { env });
    writeFileSync(path.join(folder, `puna.${shell}`), stdout);
  }
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

type Complete = (line: string) => Promise<string[]>;

const words = (text: string) => [...new Set(text.split("\n").filter(Boolean))].sort();

/** Calls the function as readline would; what is before a colon is there already, and bash adds the rest. */
const inBash: Complete = async (line) => {
  const script = `source puna.bash; COMP_LINE=$1; COMP_POINT=\${#1}; _puna; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return words((await run("bash", ["--norc", "-c", script, "bash", line], { env, cwd: folder })).stdout);
};

/** Presses Tab in a zsh of its own, and catches what is offered. */
const inZsh: Complete = async (line) => {
  const inner = `
    PS1=ready; autoload -Uz compinit; compinit -u -D; source ./puna.zsh
    compadd() {
      if [[ " $* " == *" -"[OAD]" "* ]]; then builtin compadd "$@"; return; fi
      local -a hits; builtin compadd -A hits "$@"; print -l -- $hits >> found; builtin compadd "$@"
    }
    finish() { print >> done }
    zle -N finish; bindkey '^X' finish; bindkey '^I' list-choices
  `;
  writeFileSync(path.join(folder, "inner.zsh"), inner);
  const outer = `
    zmodload zsh/zpty; rm -f found done
    zpty shell 'zsh -f -i'; zpty -w shell 'source ./inner.zsh; print sourced > done'
    until [[ -e done ]]; do zpty -rt shell ignored; sleep 0.05; done; rm done
    zpty -w -n shell $1$'\\t\\x18'
    until [[ -e done ]]; do zpty -rt shell ignored; sleep 0.05; done
    zpty -d shell; cat found 2> /dev/null || true
  `;
  return words((await run("zsh", ["-f", "-c", outer, "zsh", line], { env, cwd: folder, timeout: 60_000 })).stdout);
};

const inFish: Complete = async (line) => {
  const script = "source puna.fish; complete -C $argv[1] | string replace -r '\\t.*' ''; true";
  return words((await run("fish", ["--no-config", "-c", script, line], { env, cwd: folder })).stdout);
};

describe.each<[string, Complete]>([
  ["bash", inBash],
  ["zsh", inZsh],
  ["fish", inFish],
])("%s", (shell, complete) => {
  describe.skipIf(!has(shell))(`(needs ${shell})`, () => {
    test("commands and their flags", async () => {
      expect(await complete("puna st")).toEqual(["start", "stop"]);
      expect(await complete("puna completion ")).toEqual(["bash", "fish", "zsh"]);
      expect(await complete("puna run --ke")).toEqual(["--keepalive"]);
      expect(await complete("puna key ")).toEqual(["create", "list", "revoke"]);
    });

    test("models, from the server", async () => {
      expect(await complete("puna run m")).toEqual(["mini:latest", "mini:tiny"]);
      expect(await complete("puna run --keepalive 5m --verbose q")).toEqual(["qwen3:8b"]);
      expect(await complete("puna rm qwen3:8b hf")).toEqual(["hf.co/org/models:Q4_K_M"]);
      expect(await complete("puna stop ")).toEqual(["qwen3:8b"]);
    });

    test("files and values of flags", async () => {
      expect((await complete("puna create x -f My")).map((file) => file.replaceAll("\\", ""))).toEqual(["My Modelfile"]);
      expect(await complete("puna run m --format j")).toEqual(["json"]);
    });

    test("the commands of a group, and knowledge bases", async () => {
      expect(await complete("puna kb se")).toEqual(["search", "set"]);
      expect(await complete("puna kb help ren")).toEqual(["rename"]);
      expect(await complete("puna kb rm ")).toEqual(["notes", "笔记"]);
      expect(await complete("puna kb ask --model mini:t notes --lan")).toEqual(["--language"]);
      expect(await complete("puna kb ask --mode ")).toEqual(["chat", "query"]);
      expect(await complete("puna kb create x --embedder q")).toEqual(["qwen3:8b"]);
      expect(await complete("puna kb index notes ro")).toEqual(["rollback"]);
      expect((await complete("puna kb add notes My")).map((file) => file.replaceAll("\\", ""))).toEqual(["My Modelfile"]);
      expect(await complete("puna mcp n")).toEqual(["notes"]);
    });

    test("nothing where there is nothing to say", async () => {
      expect(await complete("puna run --keepalive ")).toEqual([]);
      expect(await complete("puna nonsense ")).toEqual([]);
    });
  });
});

describe.skipIf(!has("bash"))("bash (needs bash)", () => {
  test("after a colon, which bash takes for the end of a word", async () => {
    expect(await inBash("puna run mini:t")).toEqual(["tiny"]);
  });
});

test("without a server there are no names, and no error", async () => {
  const away = { ...env, OLLAMA_HOST: "127.0.0.1:9" };
  expect(await run(path.join(folder, "puna"), ["__names", "models"], { env: away })).toEqual({ stdout: "", stderr: "" });
});
