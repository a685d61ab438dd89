import { expect, test } from "vitest";
import { visible } from "./visible.ts";

test("control characters are shown, line ends and tabs stay", () => {
  expect(visible("a\tb\r\nc\rd\n")).toBe("a\tb\ncd\n");
  expect(visible("\u001b]52;c;Zm9v\u0007\u001b[2J\u009b1A\u0000\u007f")).toBe("^[]52;c;Zm9v^G^[[2J1A^@^?");
  expect(visible("你好 👍🏽 é")).toBe("你好 👍🏽 é");
});
