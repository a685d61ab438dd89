/** An import that is killed at any moment, and goes on at the next start. PUNA_KILLS says how often (default 3), on how many documents PUNA_KILL_DOCUMENTS. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docx, wordParagraph } from "../fixtures/documents.ts";
import { type Contents, contentsOf } from "./contents.ts";

const child = fileURLToPath(new URL("../fixtures/import-child.mjs", import.meta.url));
const KILLS = Number(process.env.PUNA_KILLS ?? 3);
const DOCUMENTS = Number(process.env.PUNA_KILL_DOCUMENTS ?? 20);

let work: string;
let folder: string;
beforeAll(() => {
  work = mkdtempSync(path.join(os.tmpdir(), "puna-killed-import-"));
  folder = path.join(work, "documents");
  mkdirSync(folder);
  for (let i = 0; i < DOCUMENTS; i++)
    writeFileSync(path.join(folder, `${String(i).padStart(3, "0")}${extensionOf(i)}`), documentOf(i));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

test.each(process.env.PUNA_KILLS ? ["", "hash"] : ["hash"])(
  `an import killed ${KILLS} times ends as one that was not; embedder: "%s"`,
  async (embedder) => {
    const env: Record<string, string> = embedder === "" ? {} : { PUNA_TEST_EMBEDDER: embedder };
    const whole = path.join(work, `whole${embedder}`);
    const began = performance.now();
    expect(await start(whole, env).ended).toMatch(/done \n$/);
    const tookMs = performance.now() - began;
    const expected = contentsOf(whole);
    expectWhole(expected, embedder !== "");
    for (let kill = 0; kill < KILLS; kill++) {
      const home = path.join(work, `killed${embedder}${kill}`);
      // Often once, sometimes in the work of the next one as well.
      for (let again = 0; again <= kill % 3; again++) {
        const { process: killed, ended } = start(home, env);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * tookMs));
        killed.kill("SIGKILL");
        await ended;
      }
      expect(await start(home, env).ended).toMatch(/done \n$/);
      expect(contentsOf(home)).toEqual(expected);
      rmSync(home, { recursive: true });
    }
  },
  3_600_000,
);

function expectWhole(contents: Contents, isEmbedded: boolean): void {
  const { documents, passages, vectors, items, jobs, faults, uploads } = contents;
  expect(jobs).toEqual(['[1,"done",null]']);
  expect(items).toHaveLength(DOCUMENTS);
  expect(items.filter((item) => item.includes('"waiting"'))).toEqual([]);
  // One in ten has the bytes of another, one in ten cannot be read.
  expect(documents.length).toBe(DOCUMENTS - 2 * Math.floor(DOCUMENTS / 10));
  expect(passages.length).toBeGreaterThan(documents.length * 2);
  expect(vectors.length).toBe(isEmbedded ? passages.length : 0);
  expect(faults).toEqual([]);
  // A file that could not be read may be tried again.
  expect(uploads.length).toBeLessThanOrEqual(1);
}

function start(home: string, env: Record<string, string>): { process: ChildProcess; ended: Promise<string> } {
  const started = spawn(process.execPath, [child, home, folder], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  started.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { process: started, ended: new Promise((resolve) => started.once("exit", () => resolve(said))) };
}

function extensionOf(i: number): string {
  return [".md", ".txt", ".docx", ".html"][i % 4] ?? "";
}

function documentOf(i: number): string | Uint8Array {
  if (i % 10 === 9) return new Uint8Array();
  const number = i % 10 === 8 ? i - 4 : i;
  const sentences = Array.from(
    { length: 40 + (number % 7) * 30 },
    (_, s) => `Llama ${number} walked over hill ${s * number} in the snow. 第${s}只羊驼住在山上。`,
  );
  if (i % 10 === 8 || i % 10 === 4) return sentences.join("\n");
  if (i % 4 === 2) return docx(sentences.map((sentence) => wordParagraph(sentence)).join(""));
  if (i % 4 === 3)
    return `<html><title>Llama ${number}</title><h1>Hills</h1>${sentences.map((one) => `<p>${one}</p>`).join("")}</html>`;
  return `# Llama ${number}\n\n${sentences.join(" ")}\n`;
}
