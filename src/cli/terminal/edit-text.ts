/** Opens the person's own editor on a text (Ctrl-G). */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** What the text was saved as; undefined when the editor could not start or failed. Without an end of line. */
export async function editText(text: string, env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const editor = env.OLLAMA_EDITOR || env.VISUAL || env.EDITOR || (process.platform === "win32" ? "notepad" : "vi");
  const folder = mkdtempSync(path.join(os.tmpdir(), "puna-"));
  const file = path.join(folder, "prompt.txt");
  try {
    writeFileSync(file, text, { mode: 0o600 });
    // `EDITOR="code --wait"` is common: the words after the first are its arguments.
    const [command = "vi", ...args] = editor.split(/\s+/).filter(Boolean);
    const code = await new Promise<number | null>((resolve) => {
      const child = spawn(command, [...args, file], { stdio: "inherit" });
      child.on("error", () => resolve(null));
      child.on("exit", resolve);
    });
    return code === 0 ? readFileSync(file, "utf8").replace(/\r?\n$/, "") : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
