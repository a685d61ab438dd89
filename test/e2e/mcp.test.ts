/** The MCP server as other programs run it: a child process, spoken to over its standard streams. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main, servedHome } from "../support/served-home.ts";

let at: Awaited<ReturnType<typeof servedHome>>;
beforeAll(async () => {
  at = await servedHome();
  const folder = path.join(at.home, "papers");
  mkdirSync(folder);
  writeFileSync(path.join(folder, "ferry.md"), "# Ferries\n\nThe night ferry leaves at 21:40 from the old pier.\n");
  writeFileSync(path.join(folder, "成语.md"), "# 成语\n\n“瓦上寻舟”的意思是在不可能有的地方找东西。\n");
  for (const words of [
    ["create", "papers"],
    ["add", "papers", folder],
    ["create", "secret"],
  ]) {
    expect(await at.puna(["kb", ...words])).toMatchObject({ code: 0 });
  }
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever the wire holds
type Message = any;

/** A client that writes lines and reads the answers by their ids. */
function client(words: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, "mcp", ...words], { env: { ...at.env, ...env }, stdio: "pipe" });
  const waiting = new Map<unknown, (message: Message) => void>();
  const strange: string[] = [];
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    const resolve = waiting.get(message.id);
    if (!resolve) strange.push(line);
    waiting.delete(message.id);
    resolve?.(message);
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let id = 0;
  return {
    strange,
    write: (line: string) => child.stdin.write(`${line}\n`),
    async ask(method: string, params: object = {}): Promise<Message> {
      id += 1;
      const own = id;
      const answered = new Promise<Message>((resolve) => waiting.set(own, resolve));
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: own, method, params })}\n`);
      return await answered;
    },
    async call(name: string, args: object): Promise<{ text: string; isError: boolean }> {
      const { result } = await this.ask("tools/call", { name, arguments: args });
      return { text: result.content[0].text, isError: result.isError };
    },
    async end(): Promise<{ code: number | null; err: string }> {
      child.stdin.end();
      return { code: await ended, err };
    },
  };
}

test("a client that shakes hands finds its way from search to the text", async () => {
  const mcp = client(["papers"]);
  const { result } = await mcp.ask("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "0" },
  });
  expect(result).toMatchObject({ protocolVersion: "2025-06-18", serverInfo: { name: "puna" } });
  mcp.write(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
  const { tools } = (await mcp.ask("tools/list")).result;
  expect(tools.map(({ name }: { name: string }) => name)).toContain("search");
  expect((await mcp.call("list_bases", {})).text).toBe("papers: 2 documents, 2 passages");
  const { text } = await mcp.call("search", { query: "瓦上寻舟是什么意思" });
  const [, document = "", start = "", end = ""] =
    /成语\.md.*\(document (\d+), characters (\d+)-(\d+), score \d+\)/.exec(text) ?? [];
  expect(text).toContain("在不可能有的地方找东西");
  const read = await mcp.call("read", { document: Number(document), start: Number(start), end: Number(end) });
  expect(read.text).toMatch(/^成语\.md, characters \d+-\d+ of \d+\n\n[\s\S]*在不可能有的地方找东西。$/);
  expect(await mcp.call("search", { query: "x", base: "secret" })).toMatchObject({ isError: true });
  const { resources } = (await mcp.ask("resources/list")).result;
  const { contents } = (await mcp.ask("resources/read", { uri: resources[0].uri })).result;
  expect(contents[0].text).toContain(resources[0].name === "ferry.md" ? "21:40" : "瓦上寻舟");
  expect(await mcp.end()).toEqual({ code: 0, err: "" });
  expect(mcp.strange).toEqual([]);
});

test("a client of 2026 needs no handshake", async () => {
  const mcp = client();
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };
  expect((await mcp.ask("server/discover", { _meta })).result.supportedVersions).toContain("2026-07-28");
  const { result } = await mcp.ask("tools/call", { name: "list_bases", arguments: {}, _meta });
  expect(result).toMatchObject({ resultType: "complete", isError: false });
  expect(result.content[0].text).toBe("papers: 2 documents, 2 passages\nsecret: 0 documents, 0 passages");
  expect(await mcp.end()).toMatchObject({ code: 0 });
});

test("rubbish is answered, and what comes behind it as well", async () => {
  const mcp = client();
  mcp.write("{ not json");
  mcp.write("[]");
  mcp.write('{"jsonrpc":"1.0","id":"x","method":"ping"}');
  expect((await mcp.ask("no/such/method")).error.code).toBe(-32601);
  expect((await mcp.ask("ping")).result).toEqual({});
  expect(mcp.strange.map((line) => JSON.parse(line).error.code)).toEqual([-32700, -32600, -32600]);
  expect(await mcp.end()).toEqual({ code: 0, err: "" });
});

test("without a server the tools say so, and the process lives on", async () => {
  const mcp = client([], { OLLAMA_HOST: "127.0.0.1:9" });
  expect((await mcp.ask("tools/list")).result.tools).not.toEqual([]);
  const { text, isError } = await mcp.call("search", { query: "x" });
  expect({ text, isError }).toEqual({
    text: "Error: could not connect to puna server, run 'puna serve' to start it",
    isError: true,
  });
  expect((await mcp.ask("ping")).result).toEqual({});
  expect(await mcp.end()).toEqual({ code: 0, err: "" });
});
