/** What was typed before, kept in a file: one entry a line, the newest last. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

const MAX_ENTRIES = 100;

export interface History {
  entries(): readonly string[];
  add(text: string): void;
  enabled: boolean;
}

/** Without a file it lasts as long as the process. A file that cannot be read or written is no reason to stop. */
export function openHistory(file: string | undefined): History {
  let entries = file ? read(file) : [];
  return {
    enabled: true,
    entries: () => entries,
    add(text) {
      if (!this.enabled || text.trim() === "" || text === entries.at(-1)) return;
      entries = [...entries, text].slice(-MAX_ENTRIES);
      if (file) write(file, entries);
    },
  };
}

function read(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean).map(unquoted).slice(-MAX_ENTRIES);
  } catch {
    return [];
  }
}

function write(file: string, entries: readonly string[]): void {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    // What people ask a model is theirs alone.
    writeFileSync(temporary, `${entries.map(quoted).join("\n")}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // History is a convenience: a full or read-only disk must not end a conversation.
  }
}

function quoted(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\r?\n/g, "\\n");
}

function unquoted(line: string): string {
  return line.replace(/\\([\\n])/g, (_, letter: string) => (letter === "n" ? "\n" : "\\"));
}
