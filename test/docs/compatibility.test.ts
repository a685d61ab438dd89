/** docs/compatibility.md and its Chinese twin are compatibility-table.ts, checked against the program; `npx vitest run test/docs -u` writes them. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { settings } from "../../src/config.ts";
import { configureLog } from "../../src/log.ts";
import { messagesRequest } from "../../src/server/anthropic/wire.ts";
import { chatRequest, embeddingsRequest, embedRequest, generateRequest } from "../../src/server/ollama/wire.ts";
import { chatRequest as openaiChat } from "../../src/server/openai/chat-wire.ts";
import { completionRequest } from "../../src/server/openai/completion-wire.ts";
import { responseRequest } from "../../src/server/openai/responses/wire.ts";
import { type TestServer, testServer } from "../fixtures/server.ts";
import { type Entry, type Section, type Standing, sections } from "./compatibility-table.ts";

configureLog({ write: () => {} });

const source = (file: string) => readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8");
const named = (text: string) => (name: string) => new RegExp(`(^|[^\\w.])${name}[?]?:`, "m").test(text);
const shape = (of: { shape: object }) => (name: string) => name in of.shape;

/** Whether a request has a field, by endpoint. */
const fields: Record<string, (name: string) => boolean> = {
  "/api/generate": shape(generateRequest),
  "/api/chat": shape(chatRequest),
  message: named(source("server/ollama/wire.ts")),
  "/api/embed": shape(embedRequest),
  "/api/embeddings": shape(embeddingsRequest),
  "/api/create": named(source("server/ollama/create.ts")),
  "/api/show": named(source("server/ollama/show.ts")),
  "/api/pull": named(source("server/ollama/pull.ts")),
  "/v1/chat/completions": shape(openaiChat),
  "/v1/completions": shape(completionRequest),
  "/v1/responses": shape(responseRequest),
  "/v1/messages": shape(messagesRequest),
};

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(async () => await server.close());

/** A path that is not there gives Ollama's 404 page; anything else is an answer. */
async function hasEndpoint(name: string): Promise<boolean> {
  const [method = "", path = ""] = name.split(" ");
  const response = await server.app.request(path.replaceAll(/:\w+/g, "x"), { method });
  if (response.status === 405) return false;
  return response.status !== 404 || (await response.text()) !== "404 page not found";
}

function hasCommand(name: string): boolean {
  const program = createProgram(() => {
    throw new Error("only looked at");
  });
  if (name === "--version") return program.options.some(({ long }) => long === name);
  if (name === "--help") return program.helpInformation().includes(name);
  const [verb = "", flag] = name.split(" ");
  const command = program.commands.find((one) => one.name() === verb || one.aliases().includes(verb));
  return command !== undefined && (flag === undefined || command.options.some(({ long }) => long === flag));
}

const slash = source("cli/session/slash.ts") + source("cli/session/slash-help.ts");
const answers = [
  "ollama/reply.ts",
  "ollama/chat.ts",
  "ollama/ps.ts",
  "ollama/show.ts",
  "ollama/details.ts",
  "metrics.ts",
  "truncation.ts",
]
  .map((file) => source(`server/${file}`))
  .concat(source("models/show.ts"))
  .join("\n");

async function isThere({ kind, of = "" }: Section, name: string): Promise<boolean> {
  switch (kind) {
    case "endpoint":
      return await hasEndpoint(name);
    case "field":
      return fields[of]?.(name) ?? false;
    case "option":
      return new RegExp(`\\b${name}\\b`).test(source("chat/options.ts"));
    case "answer":
      return new RegExp(`\\b${name}\\b`).test(answers);
    case "command":
      return hasCommand(name);
    case "conversation":
      return slash.includes(name) || slash.includes(`case "${name.split(" ")[0]}"`);
    case "variable":
      return settings.some((setting) => setting.name === name);
  }
}

describe.each(sections)("$title.0", (section) => {
  test.each(section.entries)("%s: %s", async (name, standing) => {
    // A picture is a field like others; what is not there yet is the model's eye.
    if (name === "images") return expect(await isThere(section, name)).toBe(true);
    expect(await isThere(section, name)).toBe(standing !== "not yet");
  });

  test("each name once, and both languages or none", () => {
    const names = section.entries.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const [name, , english, chinese] of section.entries)
      expect([name, english === undefined]).toEqual([name, chinese === undefined]);
  });
});

test("every setting that Ollama names has a row", () => {
  const rows = new Set(
    sections.filter(({ kind }) => kind === "variable").flatMap(({ entries }) => entries.map(([name]) => name)),
  );
  expect(settings.map(({ name }) => name).filter((name) => name.startsWith("OLLAMA_") && !rows.has(name))).toEqual([]);
});

test("every path that answers is in the table, or is Puna's own", () => {
  const rows = new Set<string>(
    sections
      .filter(({ kind }) => kind === "endpoint")
      .flatMap(({ entries }) => entries.map(([name]) => name.split(" ")[1] ?? "")),
  );
  const own = /^\/(puna|v2)\/|^\/v1\/responses\/|^\/api\/(fit|outdated)$/;
  const paths = server.app.routes
    .map(({ path }) => path.replace(/\{.*\}/, ""))
    .filter((path) => !path.includes("*") && (path === "/" || !path.endsWith("/")));
  expect([...new Set(paths)].filter((path) => !rows.has(path) && !own.test(path))).toEqual([]);
});

const standings: Record<Standing, string> = { works: "可用", better: "更好", "not yet": "尚无" };

function page({
  head,
  introduction,
  columns,
  language,
}: {
  head: string;
  introduction: string;
  columns: string[];
  language: 0 | 1;
}): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  const row = ([name, standing, english = "", chinese = ""]: Entry) =>
    line([`\`${name}\``, language === 0 ? standing : standings[standing], language === 0 ? english : chinese]);
  const tables = sections.map(
    ({ title, entries }) =>
      `\n## ${title[language]}\n\n${line(columns)}${line(columns.map(() => "---"))}${entries.map(row).join("")}`,
  );
  return `# ${head}\n\n${introduction}\n${tables.join("")}`;
}

test("docs/compatibility.md", async () => {
  const text = page({
    head: "What of Ollama is here",
    introduction: `Every endpoint, field, option, command, flag and variable of Ollama 0.32, and how it stands in Puna: \`works\` as in Ollama, \`better\` with what is
better, or \`not yet\` with the reason. A test compares this page with the program.`,
    columns: ["name", "here", "why"],
    language: 0,
  });
  await expect(text).toMatchFileSnapshot("../../docs/compatibility.md");
});

test("docs/zh/compatibility.md", async () => {
  const text = page({
    head: "与 Ollama 的兼容性",
    introduction: `Ollama 0.32 的每个接口、字段、选项、命令和环境变量在 Puna 里的情况：“可用”与 Ollama 相同，“更好”说明好在哪里，“尚无”说明原因。
有一个测试把这一页与程序对照。`,
    columns: ["名称", "情况", "说明"],
    language: 1,
  });
  await expect(text).toMatchFileSnapshot("../../docs/zh/compatibility.md");
});
