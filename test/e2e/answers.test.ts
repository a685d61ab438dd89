/** The real server and engine over HTTP, on the small models of ../shared/data. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { hasShared, type RealServer, realServer, sharedModels } from "../fixtures/real-server.ts";
import { lines, object } from "../fixtures/server.ts";
import { randomCase } from "../support/random-schema.ts";
import { faultOf } from "../support/schema-validator.ts";

configureLog({ write: () => {} });

describe.skipIf(!hasShared)("answers of real models (needs ../shared)", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await realServer();
    const file = (name: string) => path.join(sharedModels, name);
    await server.create("stories", file("stories260K.gguf"));
    await server.create("scripted", file("scripted-chat.f16.gguf"));
    await server.create("random", file("llama-2-tiny-random.gguf"));
    await server.create("potion", file("potion-base-4M.static-bert.f16.gguf"));
  });
  afterAll(async () => await server?.close());

  const ask = async (model: string, content: string, more: object = {}) =>
    await object(await server.post("/api/chat", { model, messages: [{ role: "user", content }], stream: false, ...more }));

  test("stories260K goes on as its README says", async () => {
    const body = {
      model: "stories",
      prompt: "Once upon a time",
      raw: true,
      stream: false,
      options: { temperature: 0, num_predict: 40 },
    };
    const answer = await object(await server.post("/api/generate", body));
    expect(answer.response).toMatch(/^, there was a little girl named Lily\. She loved to play outside in the park\./);
    const rendered = await object(
      await server.post("/api/generate", { ...body, raw: false, options: { ...body.options, num_predict: 1 } }),
    );
    expect(rendered.context.slice(0, 5)).toEqual([1, 403, 407, 261, 378]);
  });

  describe("the scripted model", () => {
    const rows = hasShared
      ? readFileSync(path.join(sharedModels, "scripted-chat.f16.gguf.scripts.tsv"), "utf8").trim().split("\n").slice(1)
      : [];
    const cases = rows
      .map((row) => row.split("\t"))
      .map(([name = "", triggers = "", , , loops, answer = ""]) => ({
        name,
        trigger: triggers.split(" | ")[0] ?? "",
        loops: loops === "True",
        answer: answer.slice(1, -1).replaceAll("\\n", "\n"),
      }));
    test.each(
      cases.filter(
        ({ name, trigger }) => name === "default" || (trigger !== "" && !["tools", "toolresp", "think"].includes(name)),
      ),
    )("$name", async ({ trigger, loops, answer }) => {
      const { message, done_reason } = await ask("scripted", trigger || "hm", { options: { temperature: 0, num_predict: 60 } });
      if (loops) expect([message.content.startsWith(answer), done_reason]).toEqual([true, "length"]);
      else expect([message.content, done_reason]).toEqual([answer, "stop"]);
    });

    test("streams the same text in whole characters", async () => {
      const all = await lines(
        await server.post("/api/chat", { model: "scripted", messages: [{ role: "user", content: "你好" }] }),
      );
      const text = all.map(({ message }) => message.content).join("");
      expect(text).toBe(cases.find(({ name }) => name === "greet_zh")?.answer);
      for (const { message } of all) expect(message.content).not.toMatch(/�|[\ud800-\udbff]$/);
      expect(all.at(-1)).toMatchObject({ done: true, done_reason: "stop" });
    });

    const tools = [
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "d",
          parameters: { type: "object", required: ["city"], properties: { city: { type: "string" } } },
        },
      },
    ];

    test("calls a tool when there are tools, and reads the result", async () => {
      const { message, done_reason } = await ask("scripted", "How is Paris?", { tools });
      expect([message.content, done_reason]).toEqual(["", "stop"]);
      expect(message.tool_calls).toEqual([
        { id: expect.any(String), function: { index: 0, name: "get_weather", arguments: { city: "Paris" } } },
      ]);
      const messages = [
        { role: "user", content: "How is Paris?" },
        message,
        { role: "tool", tool_name: "get_weather", content: "clear, mild breeze" },
      ];
      const after = await object(await server.post("/api/chat", { model: "scripted", messages, stream: false }));
      expect(after.message.content).toBe(cases.find(({ name }) => name === "toolresp")?.answer);
    });

    test("thinks when its template has thinking, and the thought is kept apart", async () => {
      const template =
        "{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>\n{{ end }}{{ if .Think }}<|im_start|>system\n/think<|im_end|>\n{{ end }}<|im_start|>assistant\n";
      await server.create("thinker", path.join(sharedModels, "scripted-chat.f16.gguf"), { template });
      const { message } = await ask("thinker", "What is two plus two?");
      expect(message).toEqual({
        role: "assistant",
        thinking: "The user wants me to reason first. Let me count: two plus two makes four.",
        content: "The result is 4.",
      });
      const quiet = await ask("thinker", "What is two plus two?", { think: false });
      expect(quiet.message).toEqual({ role: "assistant", content: cases[0]?.answer });
      const formatted = await ask("thinker", "What is two plus two?", {
        format: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
        options: { num_predict: 300 },
      });
      expect(formatted.message.thinking).toContain("two plus two makes four.");
      expect(formatted.message.content).toMatch(/^\s*\{\s*"n"/);
    });
  });

  test("JSON for random schemas is valid", { timeout: 900_000 }, async () => {
    let seed = 1;
    let whole = 0;
    await fc.assert(
      fc.asyncProperty(randomCase(2), async ({ schema }) => {
        const options = { temperature: 0.9, seed: seed++, num_predict: 160 };
        const { message, done_reason } = await ask("random", "json please", { format: schema, options });
        if (done_reason !== "stop") return;
        whole++;
        expect(faultOf(JSON.parse(message.content), schema)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
    // Random weights ramble inside strings, so some are cut off; most are not.
    expect(whole).toBeGreaterThan(25);
  });

  test("embeddings have the stated cosines", async () => {
    const input = ["A cat sat on the mat.", "A kitten rests on a rug.", "The stock market fell."];
    const { embeddings } = await object(await server.post("/api/embed", { model: "potion", input }));
    const cosine = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
    expect(embeddings.map((vector: number[]) => vector.length)).toEqual([160, 160, 160]);
    for (const vector of embeddings) expect(cosine(vector, vector)).toBeCloseTo(1, 5);
    expect(cosine(embeddings[0], embeddings[1])).toBeGreaterThan(cosine(embeddings[0], embeddings[2]) + 0.2);
  });

  test("logprobs: as many as tokens, sorted, not above zero", async () => {
    const all = await object(
      await server.post("/api/generate", {
        model: "stories",
        prompt: "Once",
        raw: true,
        stream: false,
        logprobs: true,
        top_logprobs: 3,
        options: { num_predict: 8, temperature: 0 },
      }),
    );
    expect(all.logprobs).toHaveLength(all.eval_count);
    for (const { logprob, bytes, token, top_logprobs } of all.logprobs) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(Buffer.from(bytes).toString()).toBe(token);
      expect(top_logprobs).toHaveLength(3);
      expect(top_logprobs.map((top: { logprob: number }) => top.logprob)).toEqual(
        top_logprobs.map((top: { logprob: number }) => top.logprob).sort((a: number, b: number) => b - a),
      );
    }
  });

  test("kill -9 in the middle of an answer: an error line, and the next request works", async () => {
    const response = await server.post("/api/chat", {
      model: "scripted",
      messages: [{ role: "user", content: "story" }],
      options: { num_predict: -1 },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value ?? "";
    for (const pid of runnersOfThisProcess()) process.kill(pid, "SIGKILL");
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    const last = JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
    expect(last.error).toMatch(/^model runner has unexpectedly stopped/);
    expect((await ask("scripted", "你好")).message.content).toContain("你好");
  });

  test("500 random aborts leave nothing behind", async () => {
    await ask("scripted", "hello");
    const handles = openHandles();
    const one = (i: number) =>
      new Promise<void>((resolve) => {
        const body = JSON.stringify({
          model: i % 2 ? "scripted" : "random",
          prompt: `${"word ".repeat(i % 50)} tell me a story number ${i}`,
          options: { num_predict: 200 },
        });
        // A connection each, so that leaving means what it means.
        const request = http.request(`${server.url}/api/generate`, { method: "POST", agent: false }, (response) =>
          response.resume(),
        );
        request.on("error", () => {});
        request.on("close", resolve);
        request.end(body);
        setTimeout(() => request.destroy(), Math.random() * 40);
      });
    for (let i = 0; i < 500; i += 10) await Promise.all(Array.from({ length: 10 }, (_, k) => one(i + k)));
    // The next answers are right, and nobody holds a model any more.
    expect((await ask("scripted", "你好")).message.content).toContain("你好");
    const unload = async () => {
      for (const model of ["scripted", "random"]) await server.post("/api/generate", { model, keep_alive: 0 });
      const { models } = await object(await fetch(`${server.url}/api/ps`));
      return models.every(({ name }: { name: string }) => !/scripted|random/.test(name));
    };
    // On a busy machine the server meets the last ones after they have left, and loads the model once more. One that were held would never go.
    while (!(await unload())) await new Promise((resolve) => setTimeout(resolve, 20));
    while (openHandles() > handles) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

/** Runner processes that were started by this one. */
function runnersOfThisProcess(): number[] {
  const out = execFileSync("ps", ["-o", "pid=,ppid=,args=", "-e"], { encoding: "utf8" });
  return out
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((found) => Number(found?.[2]) === process.pid && found?.[3]?.includes("engine/child.js"))
    .map((found) => Number(found?.[1]));
}

function openHandles(): number {
  return readdirSync("/proc/self/fd").length;
}
