/** The command line through a real server, as a person types it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { servedHome } from "../support/served-home.ts";

const root = path.resolve(import.meta.dirname, "../..");
const models = path.resolve(root, "../shared/data/models");
const packaged: { version: string } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

let at: Awaited<ReturnType<typeof servedHome>>;
beforeAll(async () => {
  at = await servedHome();
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

describe("without a model", () => {
  test("version and empty tables", async () => {
    expect(await at.puna(["-v"])).toMatchObject({ code: 0, out: `puna version is ${packaged.version}\n`, err: "" });
    expect(await at.puna(["ls"])).toMatchObject({ code: 0, out: "NAME    ID    SIZE    MODIFIED \n", err: "" });
    expect(await at.puna(["ps"])).toMatchObject({ code: 0, out: "NAME    ID    SIZE    PROCESSOR    CONTEXT    UNTIL \n" });
  });

  test("help", async () => {
    const { code, out, err } = await at.puna([]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Usage: puna /);
    expect((await at.puna(["run", "--help"])).out).toMatch(/\nEnvironment Variables:\n {6}OLLAMA_HOST {16}/);
  });

  test.each([
    [["frobnicate"], 'unknown command "frobnicate" for "puna"'],
    [["show", "nothing"], "model 'nothing:latest' not found"],
    [["stop", "nothing"], 'couldn\'t find model "nothing" to stop'],
    [["rm", "nothing"], "model 'nothing' not found"],
    [["cp", "nothing", "else"], 'model "nothing" not found'],
    [["create", "x", "-f", "no-such-file"], "specified Modelfile wasn't found"],
  ])("puna %j", async (words, text) => {
    expect(await at.puna(words)).toMatchObject({ code: 1, out: "", err: `Error: ${text}\n` });
  });

  test("no server", async () => {
    const away = { env: { OLLAMA_HOST: "127.0.0.1:9" } };
    for (const words of [["list"], ["run", "m", "hi"], ["create", "m"]]) {
      expect(await at.puna(words, away)).toMatchObject({
        code: 1,
        out: "",
        err: "Error: could not connect to puna server, run 'puna serve' to start it\n",
      });
    }
    expect(await at.puna(["-v"], away)).toMatchObject({
      code: 0,
      out: `Warning: could not connect to a running Puna instance\nWarning: client version is ${packaged.version}\n`,
    });
  });

  test("a port in use", async () => {
    expect(await at.puna(["serve"])).toMatchObject({
      code: 1,
      err: expect.stringContaining(`Error: listen tcp 127.0.0.1:${at.port}: bind: address already in use\n`),
    });
  });

  test("the doctor finds the server and the kernels", async () => {
    const { code, out } = await at.puna(["doctor", "--json"]);
    const report = JSON.parse(out);
    expect(code).toBe(0);
    expect(report.kernels.library.kernelBuild).toMatch(/ggml-cpu|^libggml/);
    expect(report.server.version).toContain(packaged.version);
    expect(report.store).toMatchObject({ path: path.join(at.home, "models"), writable: true });
    const text = (await at.puna(["doctor"])).out;
    expect(text).toContain("Nothing is wrong.");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
    expect(text).not.toMatch(/\x1b/);
  });

  test("the doctor without kernels: broken, and how to mend it", async () => {
    const { code, out } = await at.puna(["doctor"], { env: { PUNA_LLAMA_LIB: path.join(at.home, "nowhere") } });
    expect(code).toBe(1);
    expect(out).toMatch(/Broken: .*nowhere.*\n +\S+/);
  });
});

describe.skipIf(!existsSync(models))("with a scripted model (needs ../shared)", () => {
  beforeAll(async () => {
    const made = await at.puna(["create", "scripted", "-f", path.join(models, "scripted-chat.Modelfile")]);
    expect(made).toMatchObject({ code: 0, out: "" });
    expect(made.err).toMatch(/^gathering model components\ncopying file sha256:[0-9a-f]{64} 0%\n[\s\S]*\nsuccess\n$/);
  });

  test("list and show", async () => {
    expect((await at.puna(["list", "SCR"])).out).toMatch(
      /^NAME +ID +SIZE +MODIFIED +\nscripted:latest {4}[0-9a-f]{12} {4}[\d.]+ [KM]B +.* ago +\n$/,
    );
    const { out } = await at.puna(["show", "scripted"]);
    expect(out).toMatch(/^ {2}Model\n {4}architecture {8}llama +\n/);
    expect(out).toMatch(/ {2}Capabilities\n(?: {4}\w+ +\n)* {4}completion {4}\n/);
    expect((await at.puna(["show", "scripted", "--template"])).out).toContain("<|im_start|>assistant\n");
    expect((await at.puna(["show", "scripted", "--parameters"])).out).toBe('stop                           "<|im_end|>"\n');
  });

  const zh = "你好！我是专门用来测试的小模型，很高兴见到你。";

  test("an answer, plain when redirected", async () => {
    expect(await at.puna(["run", "scripted", "你好", "--think=false"])).toMatchObject({ code: 0, out: `${zh}\n\n`, err: "" });
  });

  test("a pipe", async () => {
    expect((await at.puna(["run", "scripted", "--think=false"], { input: "你好" })).out).toBe(`${zh}\n\n`);
  });

  test("thinking, shown and hidden", async () => {
    const thought = "The user wants me to reason first. Let me count: two plus two makes four.";
    const modelfile = readFileSync(path.join(models, "scripted-chat.Modelfile"), "utf8");
    const thinker = modelfile
      .replace("{{ .Content }}{{ range", "{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}{{ range")
      .replace("./scripted-chat", path.join(models, "scripted-chat"));
    writeFileSync(path.join(at.home, "Thinker"), thinker);
    await at.puna(["create", "thinker", "-f", path.join(at.home, "Thinker")]);
    const shown = await at.puna(["run", "--think", "thinker", "two and two?"]);
    expect(shown.out).toBe(`Thinking...\n${thought}\n...done thinking.\n\nThe result is 4.\n\n`);
    expect((await at.puna(["run", "thinker", "--think", "--hidethinking", "two and two?"])).out).toBe("The result is 4.\n\n");
  });

  test("thinking asked of a model that cannot", async () => {
    const { code, err } = await at.puna(["run", "scripted", "--think", "hi"]);
    expect({ code, err }).toEqual({ code: 1, err: 'Error: 400 Bad Request: "scripted" does not support thinking\n' });
  });

  test("figures and JSON", async () => {
    const { out, err } = await at.puna(["run", "scripted", "JSON please", "--format", "json", "--think=false", "--verbose"]);
    expect(JSON.parse(out)).toMatchObject({ answer: 42 });
    expect(err).toMatch(
      /^total duration: {7}\S+s\n[\s\S]*eval count: {11}\d+ token\(s\)\n[\s\S]*eval rate: +[\d.]+ tokens\/s\n$/,
    );
  });

  test("Ctrl-C ends an endless answer without a fuss", async () => {
    const ran = await at.puna(["run", "scripted", "story", "--think=false"], { interruptAt: "little robot" });
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(ran.out).not.toMatch(/\n\n$/);
  });

  test("ps, stop", async () => {
    await at.puna(["run", "scripted", ""]);
    expect((await at.puna(["ps"])).out).toMatch(
      /\nscripted:latest +[0-9a-f]{12} +\S+ [KMG]B +100% CPU +\d+ +\d+ minutes from now +\n$/,
    );
    expect(await at.puna(["stop", "scripted"])).toMatchObject({ code: 0, out: "", err: "" });
    await expect.poll(async () => (await at.puna(["ps"])).out, { timeout: 60_000 }).not.toContain("scripted");
  });

  test("cp, rm", async () => {
    expect((await at.puna(["cp", "scripted", "second:v1"])).out).toBe("copied 'scripted' to 'second:v1'\n");
    expect((await at.puna(["list", "second"])).out).toContain("second:v1");
    expect((await at.puna(["rm", "second:v1"])).out).toBe("deleted 'second:v1'\n");
    expect((await at.puna(["list", "second"])).out).not.toContain("second:v1");
  });

  test("an embedding model prints one vector", async () => {
    await at.puna(["create", "vectors", "-f", path.join(models, "potion-base-4M.static-bert.f16.gguf")]);
    const vector: number[] = JSON.parse((await at.puna(["run", "vectors", "a cat"])).out);
    expect(vector).toHaveLength(160);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    expect(await at.puna(["run", "vectors"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("embedding models require input text"),
    });
  });
});

describe.skipIf(!existsSync(path.join(root, "models/mini/mini.gguf")))(
  "with the bundled model (needs models/mini/mini.gguf)",
  () => {
    test("mini is made when it is first asked for", async () => {
      const first = await at.puna(["run", "mini", "Hello! Who are you?", "--think=false"]);
      expect(first).toMatchObject({ code: 0 });
      expect(first.out).toMatch(/mini/i);
      expect(first.err).toMatch(/success\n$/);
      expect((await at.puna(["run", "mini", "", "--think=false"])).err).toBe("");
    });
  },
);

test("SIGTERM ends the server with exit code 0", async () => {
  const own = await servedHome();
  expect(await own.stop()).toEqual({ code: 0, signal: null });
  await own[Symbol.asyncDispose]();
});
