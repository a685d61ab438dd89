import { expect, test } from "vitest";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { createAnswerWriter } from "./answer.ts";
import { cutNotice } from "./cut-notice.ts";
import { refuseImages } from "./images.ts";
import { continueMultiLine, openMultiLine } from "./multi-line.ts";
import { parseFormat, parseThink } from "./settings.ts";
import { statistics } from "./statistics.ts";

test("figures", () => {
  const metrics = {
    total_duration: 4_100_000_000,
    load_duration: 52_000_000,
    prompt_eval_count: 26,
    prompt_eval_duration: 130_000_000,
    eval_count: 259,
    eval_duration: 4_200_000_000,
  };
  expect(statistics(metrics)).toBe(
    [
      "total duration:       4.1s",
      "load duration:        52ms",
      "prompt eval count:    26 token(s)",
      "prompt eval duration: 130ms",
      "prompt eval rate:     200.00 tokens/s",
      "eval count:           259 token(s)",
      "eval duration:        4.2s",
      "eval rate:            61.67 tokens/s",
      "",
    ].join("\n"),
  );
  expect(statistics({ total_duration: 1_000_000 })).toBe("total duration:       1ms\n");
});

test("what did not fit is said", () => {
  expect(cutNotice({})).toBe("");
  expect(cutNotice({ prompt_truncated: true, prompt_tokens_original: 9000 })).toBe(
    "Note: the prompt is longer than the context (9000 tokens): its beginning was left out; a larger num_ctx keeps more\n",
  );
  expect(cutNotice({ prompt_truncated: true, truncated_messages: 2 })).toContain("the first 2 messages were left out");
  expect(cutNotice({ shifted_tokens: 7 })).toContain("7 earlier tokens were dropped while answering");
});

test("three quotes", () => {
  expect(openMultiLine("hello", "message")).toBeUndefined();
  expect(openMultiLine('"""one line"""', "message")).toEqual({ text: "one line" });
  const opened = openMultiLine('"""first', "message");
  if (!opened || !("open" in opened)) throw new Error("not open");
  const next = continueMultiLine(opened.open, "  second ");
  if (!("open" in next)) throw new Error("not open");
  expect(continueMultiLine(next.open, 'third"""')).toEqual({ text: "first\n  second \nthird" });
});

test("thinking and answer, with and without colour", () => {
  const write = (options: { color: boolean; hideThinking?: boolean }) => {
    const { terminal, written } = recordedTerminal({ color: options.color });
    const writer = createAnswerWriter(terminal, { wordWrap: false, hideThinking: options.hideThinking ?? false });
    writer.thinking("\nso ");
    writer.thinking("then");
    writer.content("Yes.");
    writer.end();
    return written.out;
  };
  expect(write({ color: false })).toBe("Thinking...\nso then\n...done thinking.\n\nYes.");
  expect(write({ color: false, hideThinking: true })).toBe("Yes.");
  expect(write({ color: true })).toBe(
    "\u001b[1;90mThinking...\u001b[0m\n\u001b[90mso \u001b[0m\u001b[90mthen\u001b[0m\n\u001b[1;90m...done thinking.\u001b[0m\n\nYes.",
  );
});

test("thinking that the answer never follows is closed", () => {
  const { terminal, written } = recordedTerminal();
  const writer = createAnswerWriter(terminal, { wordWrap: false, hideThinking: false });
  writer.thinking("hm");
  writer.end();
  expect(written.out).toBe("Thinking...\nhm\n...done thinking.\n\n");
});

test("a tool call that nobody asked for", () => {
  const { terminal, written } = recordedTerminal();
  createAnswerWriter(terminal, { wordWrap: false, hideThinking: false }).toolCalls([
    { function: { name: "weather", arguments: { city: "Lima" } } },
  ]);
  expect(written.out).toBe(`  Model called a non-existent function 'weather()' with arguments: {"city":"Lima"}\n`);
});

test("redirected output is never wrapped", () => {
  const { terminal, written } = recordedTerminal({ outIsTty: false, columns: () => 20 });
  createAnswerWriter(terminal, { wordWrap: true, hideThinking: false }).content("words that are much longer than twenty columns");
  expect(written.out).toBe("words that are much longer than twenty columns");
});

test("--think", () => {
  expect(parseThink(true)).toBe(true);
  expect(parseThink("false")).toBe(false);
  expect(parseThink("low")).toBe("low");
  expect(() => parseThink("hard")).toThrow('invalid value for --think: "hard" (must be true, false, high, medium, low, or max)');
});

test("--format", () => {
  expect(parseFormat("")).toBeUndefined();
  expect(parseFormat("json")).toBe("json");
  expect(parseFormat('{"type":"object"}')).toEqual({ type: "object" });
  expect(() => parseFormat("yaml")).toThrow('invalid format: "yaml"; expected "json" or a valid JSON Schema object');
  expect(() => parseFormat("[1]")).toThrow("expected");
});

test("pictures are refused where a model could see them, and only there", () => {
  const exists = (file: string) => file === "./a b.png";
  expect(() => refuseImages("what is ./a\\ b.png", ["vision"], exists)).toThrow(
    "Puna cannot read images or sound yet: leave './a b.png' out",
  );
  refuseImages("what is ./other.png", ["vision"], exists);
  for (const quoted of [`what is './a b.png'?`, `"./a b.png" and "more"`, `'x' './a b.png'`]) {
    expect(() => refuseImages(quoted, ["vision"], exists)).toThrow("leave './a b.png' out");
  }
  refuseImages("what is ./a\\ b.png", ["completion"], exists);
});

test("what a model writes cannot command the terminal, and stays as it is in a file", () => {
  const write = (outIsTty: boolean) => {
    const { terminal, written } = recordedTerminal({ outIsTty });
    createAnswerWriter(terminal, { wordWrap: true, hideThinking: false }).content("\u001b[2Jx");
    return written.out;
  };
  expect(write(true)).toBe("^[[2Jx");
  expect(write(false)).toBe("\u001b[2Jx");
});

test("an error after half an answer begins a line of its own, on a terminal only", () => {
  const write = (outIsTty: boolean, text: string) => {
    const { terminal, written } = recordedTerminal({ outIsTty });
    const writer = createAnswerWriter(terminal, { wordWrap: false, hideThinking: false });
    writer.content(text);
    writer.breakLine();
    return written.out;
  };
  expect(write(true, "half")).toBe("half\n");
  expect(write(true, "whole\n")).toBe("whole\n");
  expect(write(false, "half")).toBe("half");
});

test("a terminal that cannot take anything back gets no wrapping", () => {
  const { terminal, written } = recordedTerminal({ outIsTty: true, canRedraw: false, columns: () => 20 });
  createAnswerWriter(terminal, { wordWrap: true, hideThinking: false }).content("words that are much longer than twenty columns");
  expect(written.out).toBe("words that are much longer than twenty columns");
});
