import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finish, GenerateRequest, SequenceEvent } from "../engine/protocol.ts";
import type { Lease } from "../runtime/types.ts";
import { generateWithin, type ThinkingBudget } from "./thinking-budget.ts";

const budget: ThinkingBudget = { tokens: 5, open: "<t>", close: "</t>", startsInside: false };
const codes = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0);
const request = (more: Partial<GenerateRequest> = {}) =>
  ({ prompt: codes("Q"), contextLimit: 1000, maxTokens: -1, ...more }) as GenerateRequest;

/** Says the given answers, one a request, a character a token; an abort is heard `late` tokens later. */
function speaker(answers: string[], late = 0) {
  const asked: GenerateRequest[] = [];
  const generate = async function* (wanted: GenerateRequest, { signal }: { signal: AbortSignal }): AsyncGenerator<SequenceEvent> {
    const answer = codes(answers[asked.push(wanted) - 1] ?? "");
    const tokens: number[] = [];
    let left = late;
    let reason: Finish["reason"] = "stop";
    for (const token of answer) {
      if (signal.aborted && left-- <= 0) {
        reason = "cancel";
        break;
      }
      if (wanted.maxTokens >= 0 && tokens.length >= wanted.maxTokens) {
        reason = "length";
        break;
      }
      tokens.push(token);
      yield { id: 1, text: String.fromCodePoint(token), count: tokens.length };
    }
    const numbers = { promptTokens: wanted.prompt.length, cachedTokens: 0, promptMs: 1, generateMs: 1, shiftedTokens: 0 };
    yield { id: 1, text: "", count: tokens.length, finish: { reason, tokens, generatedTokens: tokens.length, ...numbers } };
  };
  const lease = { generate, tokenize: async (text: string) => codes(text) } as unknown as Lease;
  return { lease, asked };
}

async function said(
  lease: Lease,
  wanted: GenerateRequest,
  bound: ThinkingBudget | undefined = budget,
  signal = new AbortController().signal,
) {
  let text = "";
  let finish: Finish | undefined;
  for await (const event of generateWithin(lease, wanted, { signal, budget: bound })) {
    text += event.text;
    finish = event.finish;
  }
  return { text, finish };
}

describe("thinking", () => {
  test.each([0, 2, 50])(
    "over the budget is closed, and the answer follows (the engine hears of it %i tokens late)",
    async (late) => {
      const { lease, asked } = speaker(["<t>abcdefgh</t>never", "answer"], late);
      const { text, finish } = await said(lease, request({ grammar: "g", grammarAfter: "</t>" }));
      expect(text).toBe("<t>ab\n</t>\n\nanswer");
      expect(asked[1]).toMatchObject({ prompt: codes("Q<t>ab\n</t>\n\n"), grammar: "g" });
      expect(asked[1]).not.toHaveProperty("grammarAfter");
      expect(finish).toMatchObject({
        reason: "stop",
        promptTokens: 1,
        generatedTokens: 11,
        promptMs: 2,
        tokens: codes("<t>ab\n</t>\n\nanswer"),
      });
    },
  );

  test("within the budget is left alone", async () => {
    for (const answer of ["<t>a</t>and a long answer", "no thinking at all, but long", ""]) {
      const { lease, asked } = speaker([answer]);
      expect((await said(lease, request())).text).toBe(answer);
      expect(asked).toHaveLength(1);
    }
  });

  test("that the prompt began counts too", async () => {
    const { lease } = speaker(["abcdefgh", "answer"]);
    expect((await said(lease, request(), { ...budget, startsInside: true })).text).toBe("abcde\n</t>\n\nanswer");
  });

  test("is not cut where there is no room for an answer", async () => {
    for (const wanted of [request({ maxTokens: 5 }), request({ contextLimit: 1 + 5 + 7 })]) {
      const { lease, asked } = speaker(["<t>abcdefgh"]);
      expect((await said(lease, wanted)).text).toBe(wanted.maxTokens === 5 ? "<t>ab" : "<t>abcdefgh");
      expect(asked).toHaveLength(1);
    }
  });

  test("leaves the answer what is left of the most tokens", async () => {
    const { lease, asked } = speaker(["<t>abcdefgh", "a long answer"]);
    const { text, finish } = await said(lease, request({ maxTokens: 8 }));
    expect(asked[1]?.maxTokens).toBe(3);
    expect(text).toBe("<t>ab\n</t>\n\na l");
    expect(finish).toMatchObject({ reason: "length", generatedTokens: 8 });
  });

  test("of a client that left is not gone on with", async () => {
    const left = new AbortController();
    const { lease, asked } = speaker(["<t>abcdefgh", "answer"]);
    for await (const event of generateWithin(lease, request(), { signal: left.signal, budget }))
      if (event.count === 2) left.abort();
    expect(asked).toHaveLength(1);
  });

  test("whatever is said: text is never lost but for what lies over the budget", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 12 }),
        fc.string({ maxLength: 12 }),
        fc.nat(15),
        fc.nat(3),
        async (thought, answer, tokens, late) => {
          fc.pre(!thought.includes("<") && !answer.includes("<"));
          const { lease } = speaker([`<t>${thought}</t>${answer}`, answer], late);
          const { text } = await said(lease, request(), { ...budget, tokens });
          expect(text.endsWith(answer)).toBe(true);
          expect(text.startsWith(`<t>${thought}`.slice(0, Math.min(tokens, 3 + thought.length)))).toBe(true);
          expect(text.split("</t>")).toHaveLength(2);
        },
      ),
    );
  });
});
