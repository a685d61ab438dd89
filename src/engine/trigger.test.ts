/** Where a grammar begins, however tokens cut the text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GenerateRequest } from "./protocol.ts";
import { Trigger } from "./trigger.ts";

type Options = Pick<GenerateRequest, "grammarAfter" | "grammarAt">;

/** The text before the grammar and the text that it has to follow, when it wakes: `before|inside`. */
function wake(tokens: string[], options: Options): string | undefined {
  const trigger = Trigger.of(options);
  for (const [index, text] of tokens.entries()) {
    const woken = trigger?.push(index, Buffer.from(text));
    if (!woken) continue;
    const inside = Buffer.concat(woken.tokens.map((token) => Buffer.from(tokens[token] ?? "")));
    expect(woken.tokens.at(-1) ?? index).toBe(index);
    expect(inside.subarray(0, woken.before.length)).toEqual(Buffer.from(woken.before));
    const before = Buffer.from(tokens.slice(0, index + 1).join("")).length - inside.length + woken.before.length;
    const all = Buffer.from(tokens.slice(0, index + 1).join(""));
    return `${all.subarray(0, before)}|${all.subarray(before)}`;
  }
  return undefined;
}

const at = (first: boolean, inside = false): Options => ({
  grammarAt: { texts: ["<tool>", "<|call|>"], first, skip: { open: "<think>", close: "</think>", inside } },
});

describe("Trigger", () => {
  it("begins behind a text, with what its last token says too much", () => {
    const options = { grammarAfter: "</think>" };
    expect(wake(["a</th", "ink>", "b"], options)).toBe("a</think>|");
    expect(wake(["a</th", "ink>\n\n", "b"], options)).toBe("a</think>|\n\n");
    expect(wake(["你</think", ">好"], options)).toBe("你</think>|好");
    expect(wake(["</think", "</thinker>", "b"], options)).toBe(undefined);
  });

  it("begins at a text, outside of thinking", () => {
    expect(wake(["hi <", "tool", ">{"], at(false))).toBe("hi |<tool>{");
    expect(wake(["<think>a <tool> b</think>", "c <|call|>"], at(false))).toBe("<think>a <tool> b</think>c |<|call|>");
    expect(wake(["a <tool> b</think><", "tool>"], at(false, true))).toBe("a <tool> b</think>|<tool>");
    expect(wake(["<tool", "<tool", "s>"], at(false))).toBe(undefined);
  });

  it("counts only at the beginning when told so", () => {
    expect(wake([" \n<tool>"], at(true))).toBe(" \n|<tool>");
    expect(wake(["<think>a</think>\n", "<tool>"], at(true))).toBe("<think>a</think>\n|<tool>");
    expect(wake(["so ", "<tool>"], at(true))).toBe(undefined);
    expect(wake(["x".repeat(50), " <tool>"], at(true))).toBe(undefined);
  });

  it("says the same however the text is cut", () => {
    const part = fc.constantFrom("<tool>", "<think>", "</think>", "<to", "ol>", "<|call|>", "<", ">", "你", " ", "word");
    fc.assert(
      fc.property(fc.array(part), fc.boolean(), fc.boolean(), fc.infiniteStream(fc.nat(7)), (parts, first, inside, sizes) => {
        const text = parts.join("");
        const pieces: string[] = [];
        let rest = text;
        for (const size of sizes) {
          if (rest === "") break;
          pieces.push(rest.slice(0, size + 1));
          rest = rest.slice(size + 1);
        }
        const whole = wake([text], at(first, inside));
        const cut = wake(pieces, at(first, inside));
        expect(cut?.split("|<")[0]).toBe(whole?.split("|<")[0]);
      }),
      { numRuns: 2000 },
    );
  });
});
