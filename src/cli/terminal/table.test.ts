import { expect, test } from "vitest";
import { rows, table } from "./table.ts";

test("data cells are padded to their column and four spaces, the last heading to one", () => {
  expect(
    table(
      ["NAME", "ID"],
      [
        ["a", "123456"],
        ["longer", "1"],
      ],
    ),
  ).toBe("NAME      ID     \na         123456    \nlonger    1         \n");
});

test("a table without rows is its heading", () => {
  expect(table(["NAME", "ID", "SIZE", "MODIFIED"], [])).toBe("NAME    ID    SIZE    MODIFIED \n");
});

test("wide characters count as two", () => {
  expect(
    rows([
      ["你好", "x"],
      ["abcde", "y"],
    ]),
  ).toBe("你好     x    \nabcde    y    \n");
});

test("missing cells are blank", () => {
  expect(
    rows([
      ["", "a", "b"],
      ["", "c"],
    ]),
  ).toBe("    a    b    \n    c         \n");
});
