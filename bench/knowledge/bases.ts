/** Processes that import and search, and the large base that they search, which is made once for each state of the code. */
import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { modelFolder } from "../folders.ts";
import { corpus } from "./corpus.ts";
import type { Answer, Imported, Looked, Order, Searched } from "./protocol.ts";

/** Documents of the corpus that have about so many passages together. */
const PASSAGES_EACH = 37;

export class BaseProcess {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL("child.js", import.meta.url)));
  }

  async import(order: Omit<Extract<Order, { do: "import" }>, "do">): Promise<Imported> {
    const answer = await this.#ask({ do: "import", ...order });
    if ("imported" in answer) return answer.imported;
    throw new Error(JSON.stringify(answer));
  }

  async search(home: string, documents: readonly number[], nth: number): Promise<Searched> {
    const answer = await this.#ask({ do: "search", home, documents, nth });
    if ("searched" in answer) return answer.searched;
    throw new Error(JSON.stringify(answer));
  }

  async look(home: string, folder: string): Promise<Looked> {
    const answer = await this.#ask({ do: "look", home, folder });
    if ("looked" in answer) return answer.looked;
    throw new Error(JSON.stringify(answer));
  }

  async close(): Promise<void> {
    this.#child.kill("SIGTERM");
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }

  async #ask(order: Order): Promise<Answer> {
    const over = new AbortController();
    const ended = once(this.#child, "exit", over).then(() => ({ error: "the process ended" }));
    const answered = once(this.#child, "message", over).then(([answer]) => answer as Answer);
    this.#child.send(order);
    try {
      const answer = await Promise.race([answered, ended]);
      if ("error" in answer) throw new Error(answer.error);
      return answer;
    } finally {
      // The one that lost stops listening.
      over.abort();
      await Promise.allSettled([answered, ended]);
    }
  }
}

/** Writes documents `from` to `to` of the corpus into a folder. */
export function writeDocuments(folder: string, from: number, to: number): void {
  const texts = corpus();
  mkdirSync(folder, { recursive: true });
  for (let number = from; number < to; number++) {
    const { name, text } = texts.document(number);
    writeFileSync(path.join(folder, name), text);
  }
}

export interface LargeBase {
  home: string;
  documents: number;
  imported: Imported;
}

/** A base with at least so many passages, and a vector for each. */
export async function largeBase(passages: number): Promise<LargeBase> {
  const home = path.join(modelFolder, `knowledge-${passages}-${codeDigest()}`);
  const note = path.join(home, "base.json");
  if (!existsSync(note)) {
    for (const name of existsSync(modelFolder) ? readdirSync(modelFolder) : [])
      if (name.startsWith(`knowledge-${passages}-`)) rmSync(path.join(modelFolder, name), { recursive: true });
    const documents = Math.ceil(passages / PASSAGES_EACH);
    const folder = path.join(home, "documents");
    writeDocuments(folder, 0, documents);
    const process = new BaseProcess();
    try {
      const imported = await process.import({ home, folder, from: 0, to: documents, embedder: true });
      if (imported.passages < passages) throw new Error(`${documents} documents have ${imported.passages} passages only`);
      writeFileSync(`${note}.part`, JSON.stringify({ documents, imported }));
      renameSync(`${note}.part`, note);
    } finally {
      await process.close();
    }
    rmSync(folder, { recursive: true });
  }
  return { home, ...(JSON.parse(readFileSync(note, "utf8")) as Omit<LargeBase, "home">) };
}

/** Of all code that has a part in what a base holds. */
function codeDigest(): string {
  const hash = createHash("sha256");
  for (const part of ["../../../dist/knowledge", "../../../dist/store", "."]) {
    const folder = fileURLToPath(new URL(part, import.meta.url));
    for (const name of readdirSync(folder, { recursive: true }) as string[])
      if (name.endsWith(".js")) hash.update(readFileSync(path.join(folder, name)));
  }
  return hash.digest("hex").slice(0, 12);
}
