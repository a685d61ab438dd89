import fc from "fast-check";
import { expect, test } from "vitest";
import { layout } from "./layout.ts";
import { characters, textWidth } from "./width.ts";

const at = (text: string, cursor = characters(text).length, columns = 10, maxRows = 20) =>
  layout({ prompt: ">>> ", continuation: "... ", text: characters(text), cursor, columns, maxRows });

test("one row", () => {
  expect(at("abc")).toEqual({ rows: [">>> abc"], cursorRow: 0, cursorColumn: 7 });
});

test("a row that is full puts the cursor on the next", () => {
  expect(at("abcdef")).toEqual({ rows: [">>> abcdef", ""], cursorRow: 1, cursorColumn: 0 });
});

test("a wide character never hangs over the edge", () => {
  expect(at("你好吗呀")).toEqual({ rows: [">>> 你好吗", "呀"], cursorRow: 1, cursorColumn: 2 });
  expect(at("a你好吗").rows).toEqual([">>> a你好", "吗"]);
});

test("line breaks have a prompt of their own", () => {
  expect(at("a\nb", 1)).toEqual({ rows: [">>> a", "... b"], cursorRow: 0, cursorColumn: 5 });
  expect(at("a\nb", 2)).toMatchObject({ cursorRow: 1, cursorColumn: 4 });
});

test("tabs and control characters show", () => {
  expect(at("\t\x01", 2, 20).rows).toEqual([">>>     ^A"]);
});

test("a text taller than the window shows the rows around the cursor", () => {
  const text = Array.from({ length: 50 }, (_, i) => `${i}`).join("\n");
  const { rows, cursorRow } = at(text, 0, 10, 5);
  expect({ rows, cursorRow }).toEqual({ rows: [">>> 0", "... 1", "... 2", "... 3", "... 4"], cursorRow: 0 });
  expect(at(text, undefined, 10, 5).rows.at(-1)).toBe("... 49");
});

test("no row is wider than the window and the cursor is on the screen", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "你", "\n", "\t", "🦙", " ") }),
      fc.integer({ min: 8, max: 40 }),
      fc.nat(),
      (text, columns, n) => {
        const cursor = n % (characters(text).length + 1);
        const { rows, cursorRow, cursorColumn } = at(text, cursor, columns, 6);
        for (const row of rows) expect(textWidth(row)).toBeLessThanOrEqual(columns);
        expect(cursorRow).toBeLessThan(rows.length);
        expect(cursorColumn).toBeLessThan(columns + 1);
      },
    ),
  );
});
