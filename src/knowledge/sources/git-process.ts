/** Runs the git program in a bare repository, with limits, and with nothing that a stranger's repository could turn against this machine. */
import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { Canceled, Failed, PunaError } from "../../errors.ts";

export interface GitLimits {
  timeMs: number;
  /** Of a repository, as it is kept here. */
  bytes: number;
  /** Of one file. */
  fileBytes: number;
}

export interface GitRun {
  folder: string;
  /** With the user's own settings, credentials and keys. */
  trusted: boolean;
  signal: AbortSignal;
  limits: GitLimits;
  env?: Record<string, string>;
  /** Bytes that it may say. */
  most?: number;
}

const OUTPUT_BYTES = 64 << 20;
const SIZE_MS = 2_000;

/** What it says on standard output. Throws Canceled, Failed when there is no git, PunaError 502 with what git complains of. */
export async function runGit(args: readonly string[], { folder, trusted, signal, limits, env, most }: GitRun): Promise<Buffer> {
  const always = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.askPass="];
  const child = spawn("git", [...always, ...(trusted ? [] : ["-c", "credential.helper="]), ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment(trusted), GIT_DIR: ".", ...env },
  });
  let fault: Error | undefined;
  const stop = (error: Error) => {
    fault ??= error;
    child.kill("SIGKILL");
  };
  const onAbort = () => stop(new Canceled());
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const tooSlow = new PunaError(502, `git did not end within ${limits.timeMs / 1000} s`, { code: "too_slow" });
  const tooLarge = new PunaError(502, `the repository has more than the ${limits.bytes / (1 << 20)} MB that are kept of one`, {
    code: "too_large",
  });
  const clock = setTimeout(() => stop(tooSlow), limits.timeMs);
  const scales = setInterval(async () => {
    if ((await sizeOf(folder)) > limits.bytes) stop(tooLarge);
  }, SIZE_MS);
  try {
    return await outcome(child, { most: most ?? OUTPUT_BYTES, stop, faultOf: () => fault });
  } finally {
    clearTimeout(clock);
    clearInterval(scales);
    signal.removeEventListener("abort", onAbort);
  }
}

function outcome(
  child: ReturnType<typeof spawn>,
  { most, stop, faultOf }: { most: number; stop: (error: Error) => void; faultOf: () => Error | undefined },
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  let said = "";
  child.stdout?.on("data", (piece: Buffer) => {
    size += piece.length;
    if (size > most)
      stop(new PunaError(502, "a file of the repository, or its list of files, is too large", { code: "too_large" }));
    else pieces.push(piece);
  });
  child.stderr?.on("data", (piece: Buffer) => {
    said = (said + piece.toString("utf8")).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === "ENOENT";
      reject(
        isMissing
          ? new Failed("the program git is not on this machine: install it, such as with 'apt install git'", {
              cause: error,
              code: "git_missing",
            })
          : error,
      );
    });
    child.on("close", (code) => {
      const fault = faultOf();
      if (fault) reject(fault);
      else if (code === 0) resolve(Buffer.concat(pieces));
      else reject(new PunaError(502, `git: ${lastLine(said) || `ended with ${code}`}`, { code: "git_failed" }));
    });
  });
}

function lastLine(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines.at(-1) ?? "").replace(/^(?:fatal|error): /, "");
}

/** No prompt, no pager, and for strangers nothing of the user's own settings. */
function environment(trusted: boolean): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    GIT_PAGER: "cat",
    GIT_NO_LAZY_FETCH: "1",
    ...(!trusted && { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: process.platform === "win32" ? "NUL" : "/dev/null" }),
  };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(path.join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
