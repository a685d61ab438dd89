/** Fitting conversations to a context, with one token per word. */
import fc from "fast-check";

import { describe, expect, it } from "vitest";
import { Invalid } from "../errors.ts";
import { fitMessages, fitPrompt, type Overflow, TOO_LONG, withoutFirst } from "./fit.ts";
import type { Message } from "./types.ts";

const tokenize = async (text: string) =>
  text
    .split(" ")
    .filter(Boolean)
    .map((_, index) => index);
const render = (messages: Message[]) => messages.map(({ role, content }) => `${role} ${content}`).join(" ");
const words = (role: string, count: number): Message => ({
  role,
  content: Array.from({ length: count - 1 }, () => "w").join(" "),
});
const overflow: Overflow = { onOverflow: "truncate", truncate: true, shift: true, keep: 2 };
const fitted = (messages: Message[], contextLength: number, change: Partial<Overflow> = {}) =>
  fitMessages({ messages, render, tokenize, contextLength, overflow: { ...overflow, ...change } });

const chat = [words("system", 5), words("user", 10), words("assistant", 10), words("user", 10)];

describe("fitMessages", () => {
  it("leaves alone what fits", async () => {
    expect(await fitted(chat, 36)).toMatchObject({
      droppedMessages: 0,
      truncatedTokens: 0,
      originalTokens: 35,
      prompt: render(chat),
    });
  });

  it("drops from the front, keeps the system and the last message, and says how much went", async () => {
    expect(await fitted(chat, 30)).toMatchObject({
      droppedMessages: 1,
      truncatedTokens: 0,
      originalTokens: 35,
      prompt: render([chat[0]!, chat[2]!, chat[3]!]),
    });
    expect(await fitted(chat, 20)).toMatchObject({ droppedMessages: 2, prompt: render([chat[0]!, chat[3]!]) });
  });

  it("cuts the middle out of a last message that is too long", async () => {
    const result = await fitted([words("user", 50), words("user", 100)], 20);
    expect(result).toMatchObject({ droppedMessages: 1, originalTokens: 150, truncatedTokens: 89 });
    expect(result.tokens).toEqual([0, 1, ...Array.from({ length: 9 }, (_, index) => 91 + index)]);
  });

  it("counts a prompt that leaves no room for one token as too long", async () => {
    expect((await fitted([words("user", 20)], 20)).tokens.length).toBeLessThan(20);
  });

  it("refuses, in words and with a code, when it may not cut", async () => {
    const code = "context_length_exceeded";
    await expect(fitted(chat, 30, { truncate: false })).rejects.toMatchObject({ status: 400, message: TOO_LONG, code });
    await expect(fitted(chat, 30, { onOverflow: "error" })).rejects.toMatchObject({
      status: 400,
      code,
      message: expect.stringContaining("35 tokens, and the context holds 30"),
    });
    await expect(fitted([words("user", 100)], 20, { shift: false })).rejects.toMatchObject({
      status: 400,
      message: TOO_LONG,
      code,
    });
    await expect(fitted([words("user", 100)], 20, { keep: -1 })).rejects.toMatchObject({ status: 400, code });
  });

  it("drops only as far as the template goes along", async () => {
    const strict = (messages: Message[]) => {
      if (messages.find((message) => message.role !== "system")?.role === "tool")
        throw new Invalid("a tool result needs its call");
      return render(messages);
    };
    const messages = [words("user", 10), words("user", 10), words("assistant", 10), words("tool", 10)];
    const result = await fitMessages({ messages, render: strict, tokenize, contextLength: 25, overflow });
    expect(result).toMatchObject({ droppedMessages: 2, truncatedTokens: 0, prompt: render(messages.slice(2)) });
  });

  it("renders few times, however long the conversation", async () => {
    let renders = 0;
    const messages = Array.from({ length: 1000 }, (_, index) => words(index % 2 ? "assistant" : "user", 10));
    const counted = (some: Message[]) => {
      renders++;
      return render(some);
    };
    const result = await fitMessages({ messages, render: counted, tokenize, contextLength: 105, overflow });
    expect(result.droppedMessages).toBe(990);
    expect(renders).toBeLessThan(15);
  });

  it("always fits, drops as little as it can, and keeps what must stay", async () => {
    const message = fc
      .tuple(fc.constantFrom("system", "user", "assistant", "tool"), fc.integer({ min: 1, max: 30 }))
      .map(([role, count]) => words(role, count));
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 4, max: 120 }),
        async (messages, contextLength) => {
          const result = await fitted(messages, contextLength);
          expect(result.tokens.length).toBeLessThan(contextLength);
          expect(result.tokens.length).toBeGreaterThan(0);
          const [fewest] = Array.from({ length: messages.length }, (_, count) => withoutFirst(messages, count))
            .filter((some) => render(some).split(" ").filter(Boolean).length < contextLength)
            .sort((a, b) => b.length - a.length);
          if (fewest) expect(result.droppedMessages).toBe(messages.length - fewest.length);
          const kept = messages.filter((one, index) => one.role === "system" || index === messages.length - 1);
          expect(messages.length - result.droppedMessages).toBeGreaterThanOrEqual(kept.length);
        },
      ),
    );
  });
});

describe("fitPrompt", () => {
  it("cuts by tokens, and says so", async () => {
    const prompt = render([words("user", 100)]);
    expect(await fitPrompt({ prompt, tokenize, contextLength: 20, overflow })).toMatchObject({
      truncatedTokens: 89,
      originalTokens: 100,
      droppedMessages: 0,
    });
    expect(await fitPrompt({ prompt, tokenize, contextLength: 101, overflow })).toMatchObject({ truncatedTokens: 0 });
    await expect(fitPrompt({ prompt, tokenize, contextLength: 20, overflow: { ...overflow, truncate: false } })).rejects.toThrow(
      TOO_LONG,
    );
  });
});
