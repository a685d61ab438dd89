/** Where common languages' symbols begin. */
import { expect, it } from "vitest";
import { readCode } from "./code.ts";

function symbols(text: string, extension: string): (string | undefined)[] {
  return readCode(text, extension).blocks.map(({ symbol }) => symbol);
}

it.each([
  [
    "ts",
    'import x from "y";\n\n/** Says. */\nexport async function say() {\n  return 1;\n}\n\nexport const add = (a: number) => a + 1;\n\nexport class Box<T> {\n  open() {}\n}\n\ninterface Lid {\n  a: 1;\n}\n',
    [undefined, "say", "add", "Box", "Lid"],
  ],
  [
    "py",
    "import os\n\n@cached\ndef one(\n    a,\n):\n    return a\n\n\nclass Two:\n    def three(self):\n        pass\n\nprint(1)\n",
    [undefined, "one", "Two", undefined],
  ],
  [
    "go",
    "package main\n\n// Run runs.\nfunc (s *Server) Run() error {\n\treturn nil\n}\n\ntype Server struct {\n\tname string\n}\n",
    [undefined, "Run", "Server"],
  ],
  [
    "rs",
    "use std::io;\n\n#[derive(Debug)]\npub struct Point {\n    x: i32,\n}\n\nimpl fmt::Display for Point {\n    fn fmt(&self) {}\n}\n\npub(crate) fn main() {\n}\n",
    [undefined, "Point", "Point", "main"],
  ],
  [
    "c",
    "#include <stdio.h>\n\nstatic int add(int a, int b)\n{\n    return a + b;\n}\n\nstruct node {\n    int x;\n};\n\nint main(void) {\n    return 0;\n}\n",
    [undefined, "add", "node", "main"],
  ],
  ["java", "package a;\n\n@Deprecated\npublic final class Main extends Base {\n    void run() {}\n}\n", [undefined, "Main"]],
  ["rb", "require 'x'\n\nmodule A\n  def b\n  end\nend\n", [undefined, "A"]],
  ["sh", "set -e\n\n# Builds.\nbuild() {\n  make\n}\n", [undefined, "build"]],
  ["sql", "CREATE TABLE users (\n  id INT\n);\n\ncreate or replace view v as\nselect 1;\n", ["users", "v"]],
  ["toml", "name = 1\n\n[tool.x]\na = 1\n\n[[list]]\nb = 2\n", [undefined, "tool.x", "list"]],
  ["yaml", "on:\n  push: 1\njobs:\n- a\n", ["on", "jobs"]],
  ["php", "<?php\nnamespace A;\n\nfinal class B {\n  public function c() {}\n}\n", [undefined, "B"]],
  ["zig", "const x = 1;\n", [undefined]],
])("%s", (extension, text, expected) => {
  expect(symbols(text, extension)).toEqual(expected);
});

it("comments and decorators above belong to the symbol; its blocks hold all the text", () => {
  const text = "# One thing.\n@cached\ndef one():\n    return 1\n";
  const { blocks } = readCode(text, "py");
  expect(blocks).toEqual([{ start: 0, end: text.length - 1, kind: "code", symbol: "one" }]);
});

it("a long class is parted by its methods", () => {
  const methods = Array.from({ length: 20 }, (_, index) => `  method${index}() {\n    return ${index};\n  }\n`).join("\n");
  expect(symbols(`class Big {\n${methods}}\n`, "js").slice(0, 3)).toEqual(["Big", "Big.method0", "Big.method1"]);
});
