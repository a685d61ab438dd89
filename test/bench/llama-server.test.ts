/** The adapter for a llama-server, against a stand-in that speaks its HTTP. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { LlamaServer } from "../../bench/peers/llama-server.ts";
import { closeConnections } from "../../bench/stream.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-peer-"));
afterAll(() => {
  closeConnections();
  rmSync(folder, { recursive: true });
});

const standIn = `#!${process.execPath}
const http = require("node:http");
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const ready = Date.now() + 300;
http.createServer(async (request, response) => {
  if (request.url === "/health") return response.writeHead(Date.now() < ready ? 503 : 200).end();
  let text = "";
  for await (const chunk of request) text += chunk;
  const body = JSON.parse(text);
  if (body.prompt === "bad") return response.writeHead(400).end("no");
  for (let i = 0; i < body.n_predict; i++) response.write("data: " + JSON.stringify({ content: "t" + i }) + "\\n\\n");
  response.end("data: " + JSON.stringify({ content: "", stop: true, tokens_evaluated: 7, tokens_predicted: body.n_predict, slots: option("-np") }) + "\\n\\n");
}).listen(Number(option("--port")), option("--host"));
`;

function write(name: string, source: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, source);
  chmodSync(file, 0o755);
  return file;
}

describe("LlamaServer", () => {
  const options = { model: "m.gguf", threads: 1, parallel: 4, cells: 1024 };
  it("waits until it is ready, counts tokens, and ends it", async () => {
    const server = await LlamaServer.start({ path: write("server.cjs", standIn), ...options });
    try {
      const answer = await server.generate({ prompt: "x", tokens: 3 });
      expect(answer).toMatchObject({ promptTokens: 7, tokens: 3, text: "t0t1t2" });
      expect(answer.totalMs).toBeGreaterThanOrEqual(answer.firstMs);
      await expect(server.generate({ prompt: "bad", tokens: 1 })).rejects.toThrow("llama-server answered 400: no");
    } finally {
      await server.close();
    }
  });

  it("says when the program ends before it is ready, or is not there", async () => {
    const broken = write("broken.cjs", `#!${process.execPath}\nprocess.exit(3);\n`);
    await expect(LlamaServer.start({ path: broken, ...options })).rejects.toThrow("ended with code 3");
    await expect(LlamaServer.start({ path: path.join(folder, "none"), ...options })).rejects.toThrow("ENOENT");
  });
});
