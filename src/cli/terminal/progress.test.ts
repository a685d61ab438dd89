import { expect, test } from "vitest";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { advanceBar, renderBar, startBar } from "./bar.ts";
import { Progress } from "./progress.ts";
import { textWidth } from "./width.ts";

test("a bar fills its columns and shows size, rate and what remains", () => {
  const start = startBar("pulling 1a2b3c4d5e6f:", { totalBytes: 1_700_000_000, initialBytes: 0, nowMs: 0 });
  let bar = start;
  for (let second = 1; second <= 20; second += 1)
    bar = advanceBar(bar, { completedBytes: second * 29_300_000, nowMs: second * 1000 });
  const text = renderBar(bar, 100);
  expect(text).toBe("pulling 1a2b3c4d5e6f:  34% ▕█████████████                         ▏ 586 MB/1.7 GB   29 MB/s     38s");
  expect(textWidth(text)).toBe(99);
});

test("a finished bar shows only its total", () => {
  const bar = advanceBar(startBar("x:", { totalBytes: 1000, initialBytes: 0, nowMs: 0 }), { completedBytes: 1000, nowMs: 500 });
  expect(renderBar(bar, 50).trimEnd()).toBe("x: 100% ▕███████▏   1 KB");
});

test("what was there before counts for the share and not for the rate", () => {
  const bar = advanceBar(startBar("x:", { totalBytes: 100_000, initialBytes: 90_000, nowMs: 0 }), {
    completedBytes: 91_000,
    nowMs: 1000,
  });
  expect(renderBar(bar, 80)).toContain(" 91%");
  expect(renderBar(bar, 80)).toContain("  1 KB/s      9s");
});

test.each([
  [1_000_000, "99h+"],
  [10_000, "2h46m"],
  [59, "59s"],
])("%d seconds left are %s", (seconds, text) => {
  const bar = advanceBar(startBar("x:", { totalBytes: seconds + 1, initialBytes: 0, nowMs: 0 }), {
    completedBytes: 1,
    nowMs: 1000,
  });
  expect(renderBar(bar, 80).endsWith(` ${text}`)).toBe(true);
});

test("no window is too narrow", () => {
  expect(() => renderBar(startBar("a long message:", { totalBytes: 10, initialBytes: 0, nowMs: 0 }), 5)).not.toThrow();
});

test("elsewhere than on a terminal every status is one line and nothing else", () => {
  const { terminal, written } = recordedTerminal({ errIsTty: false });
  const progress = new Progress(terminal);
  progress.update({ status: "pulling manifest" });
  progress.update({ status: "pulling manifest" });
  for (const completed of [0, 10, 50, 100])
    progress.update({ status: "pulling 1a2b", digest: "sha256:1a2b", total: 100, completed });
  progress.update({ status: "success" });
  progress.stop();
  expect(written).toEqual({ out: "", err: "pulling manifest\npulling 1a2b\nsuccess\n" });
});

test("on a terminal it draws over itself and leaves the last state", () => {
  const { terminal, written } = recordedTerminal({ errIsTty: true });
  const progress = new Progress(terminal);
  progress.update({ status: "one" });
  expect(written.err).toBe("\u001b[?2026h\u001b[?25l\rone ⠙\u001b[K\u001b[?25h\u001b[?2026l");
  progress.update({ status: "two" });
  written.err = "";
  progress.stop();
  expect(written.err).toBe("\u001b[?2026h\u001b[?25l\rone\u001b[K\ntwo\u001b[K\u001b[?25h\u001b[?2026l\n");
});

test("what has ended at the top is drawn no more, however much follows", () => {
  const { terminal, written } = recordedTerminal({ errIsTty: true });
  const progress = new Progress(terminal);
  for (let i = 0; i < 30; i += 1) progress.update({ status: `step ${i}` });
  progress.stop();
  expect(written.err.split("\n")).toHaveLength(31);
  const later = new Progress(terminal);
  later.update({ status: "one" });
  later.update({ status: "pulling x", digest: "sha256:x", total: 10, completed: 10 });
  later.update({ status: "two" });
  later.stop();
  expect(written.err).not.toContain("\u001b[3A");
});

test("a line wider than the window keeps its end", () => {
  const { terminal, written } = recordedTerminal({ errIsTty: true, columns: () => 40 });
  const progress = new Progress(terminal);
  progress.spin("x", `copying file sha256:${"a".repeat(64)} 42%`);
  progress.clear();
  expect(written.err).toContain(`\rcopying file sha256:aaaaaaa…aaaaa 42% ⠙\u001b[K`);
});

test("cleared progress leaves nothing", () => {
  const { terminal, written } = recordedTerminal({ errIsTty: true });
  const progress = new Progress(terminal);
  progress.spin("", "");
  written.err = "";
  progress.clear();
  progress.clear();
  expect(written.err).toBe("\r\u001b[J\u001b[?25h");
});
