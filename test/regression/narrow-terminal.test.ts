/** In a narrow window, and with wide characters, lines that are drawn again broke into two and spoiled what was above them. */
import { EventEmitter } from "node:events";
import type { ReadStream, WriteStream } from "node:tty";
import fc from "fast-check";
import { expect, test } from "vitest";
import { advanceBar, renderBar, startBar } from "../../src/cli/terminal/bar.ts";
import { clippedInside } from "../../src/cli/terminal/clip.ts";
import { openHistory } from "../../src/cli/terminal/history.ts";
import { Prompt } from "../../src/cli/terminal/prompt.ts";
import { textWidth } from "../../src/cli/terminal/width.ts";

const text = fc.array(fc.constantFrom("a", " ", "语", "言", "é", "👍🏽", "9%"), { maxLength: 60 }).map((parts) => parts.join(""));

test("no bar is wider than its window", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 130 }), fc.nat(5000), fc.nat(100), (message, columns, gigabytes, percent) => {
      const totalBytes = gigabytes * 1e9 + 1;
      const start = startBar(message, { totalBytes, initialBytes: 0, nowMs: 0 });
      const bar = advanceBar(start, { completedBytes: Math.floor((totalBytes * percent) / 100), nowMs: 1000 });
      expect(textWidth(renderBar(bar, columns))).toBeLessThan(columns);
    }),
  );
});

test("no clipped line is wider than it may be, and none that fits is touched", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 130 }), (line, columns) => {
      const shown = clippedInside(line, columns);
      if (textWidth(line) <= columns) expect(shown).toBe(line);
      else expect(textWidth(shown)).toBeLessThanOrEqual(columns);
    }),
  );
});

test("the hint of an empty line stays on its row", () => {
  let written = "";
  const input = Object.assign(new EventEmitter(), { setRawMode() {}, resume() {}, pause() {} });
  const output = { columns: 20, rows: 10, write: (more: string) => (written += more) };
  const prompt = new Prompt({
    input: input as unknown as ReadStream,
    output: output as unknown as WriteStream,
    history: openHistory(undefined),
    color: false,
  });
  const hint = "发送消息 and more than twenty columns";
  void prompt.read({ prompt: ">>> ", continuation: "... ", placeholder: hint, continuationPlaceholder: hint });
  expect(written).toContain(">>> 发送消息 and mo\r");
  input.emit("end");
});
