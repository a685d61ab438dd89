/** The bundled model through the real server. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { miniModel, type RealServer, realServer } from "../fixtures/real-server.ts";
import { lines, object } from "../fixtures/server.ts";

configureLog({ write: () => {} });

describe.skipIf(!existsSync(miniModel))("the bundled model (needs models/mini/mini.gguf)", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await realServer();
    await server.create("mini", miniModel);
  });
  afterAll(async () => await server?.close());

  const options = { temperature: 0, num_predict: 120 };
  const ask = async (content: string, more: object = {}) =>
    await object(
      await server.post("/api/chat", { model: "mini", messages: [{ role: "user", content }], stream: false, options, ...more }),
    );

  test("can chat, call tools and think", async () => {
    const shown = await object(await server.post("/api/show", { model: "mini" }));
    expect(shown.capabilities).toEqual(expect.arrayContaining(["completion", "tools", "thinking"]));
  });

  test.each(["Hello!", "你好！"])("answers %s and stops by itself", async (greeting) => {
    const { message, done_reason } = await ask(greeting, { think: false });
    expect(message.content.trim()).not.toBe("");
    expect(message.content).not.toContain("\ufffd");
    expect(done_reason).toBe("stop");
  });

  test("streams what it says at once", async () => {
    const whole = await ask("Hello!", { think: false });
    const body = { model: "mini", messages: [{ role: "user", content: "Hello!" }], options, think: false };
    const parts = await lines(await server.post("/api/chat", body));
    expect(parts.map(({ message }) => message.content).join("")).toBe(whole.message.content);
  });

  test("gives JSON that fits a schema", async () => {
    const format = {
      type: "object",
      properties: { name: { type: "string", maxLength: 20 }, age: { type: "integer", minimum: 0, maximum: 120 } },
      required: ["name", "age"],
    };
    const { message } = await ask("Give me a person as JSON.", { think: false, format });
    expect(JSON.parse(message.content)).toEqual({ name: expect.any(String), age: expect.any(Number) });
  });
});
