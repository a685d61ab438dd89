/** The git program, with nothing of it that a stranger's repository or address could turn against this machine. */
import { spawn } from "node:child_process";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { isIP } from "node:net";
import path from "node:path";
import { Canceled, Failed, Invalid, PunaError } from "../../errors.ts";
import type { Web } from "../../net/web.ts";

export interface GitOptions {
  web: Web;
  userAgent: string;
  /** For tests. */
  limits?: Partial<GitLimits>;
}

export interface GitLimits {
  timeMs: number;
  /** Of a repository, as it is kept here. */
  bytes: number;
  /** Of one file. */
  fileBytes: number;
}

export interface Repository {
  /** A bare one: nothing of it is ever checked out, so no file of it is ever run, linked or filtered. */
  folder: string;
  url: string;
  /** Of whoever may use this machine's files and keys. */
  trusted: boolean;
}

export interface TreeFile {
  path: string;
  /** The object that holds its bytes. */
  oid: string;
  size: number;
}

const LIMITS: GitLimits = { timeMs: 10 * 60_000, bytes: 2 << 30, fileBytes: 100 << 20 };
const OUTPUT_BYTES = 64 << 20;
const SIZE_MS = 2_000;
const HEAD = "refs/puna/head";

/** Throws Invalid for what is no address of a repository, or none that this caller may use. */
export function checkRepository(url: string, trusted: boolean): void {
  const isSsh = /^(?:ssh:\/\/|[\w.-]+@[\w.-]+:(?!\/\/))/.test(url);
  const isWeb = /^https?:\/\//.test(url) && URL.canParse(url);
  const isFile = url.startsWith("/") || url.startsWith("file:///") || /^[A-Za-z]:[\\/]/.test(url);
  // A dash would make an option of it, and "ext::" a command.
  if (url.startsWith("-") || /[\0\r\n]/.test(url) || !(isSsh || isWeb || isFile)) {
    throw new Invalid(`${JSON.stringify(url)} is no address of a Git repository: write it as https://host/path.git`, {
      code: "bad_url",
    });
  }
  if (isWeb && (new URL(url).username !== "" || new URL(url).password !== "")) {
    throw new Invalid(
      `${new URL(url).host}: a URL with a user name or password is not taken; let git's credential helper keep it`,
      { code: "bad_url" },
    );
  }
  if (!isWeb && !trusted) {
    throw new PunaError(
      403,
      "only this machine's own user may read repositories over ssh or from its disk: give an https:// address",
      { code: "not_allowed" },
    );
  }
}

/** Throws Invalid for a name that git would take for something else. */
export function checkBranch(branch: string): void {
  if (!/^[\w][\w./+-]{0,200}$/.test(branch) || branch.includes("..") || branch.endsWith(".lock") || branch.endsWith("/")) {
    throw new Invalid(`${JSON.stringify(branch)} is no name of a branch`, { code: "bad_branch", param: "branch" });
  }
}

export class Git {
  readonly #options: GitOptions;
  readonly #limits: GitLimits;
  #version: Promise<Buffer> | undefined;

  constructor(options: GitOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  /** Brings the newest state of a branch (of the one the repository names, by default); nothing of its past. Returns the commit and its date. */
  async fetch(
    repository: Repository,
    branch: string | undefined,
    signal: AbortSignal,
  ): Promise<{ commit: string; date: number }> {
    const { folder, url, trusted } = repository;
    checkRepository(url, trusted);
    if (branch !== undefined) checkBranch(branch);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!(await isThere(path.join(folder, "HEAD")))) await this.#run(repository, ["init", "--quiet", "--bare", "."], { signal });
    const way = await this.#wayTo(url, trusted, signal);
    const from = branch === undefined ? "HEAD" : `refs/heads/${branch}`;
    await this.#run(
      repository,
      [
        ...way.config,
        "fetch",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "--no-recurse-submodules",
        "--force",
        "--",
        way.url,
        `+${from}:${HEAD}`,
      ],
      { signal, env: way.env },
    );
    const said = await this.#run(repository, ["log", "-1", "--format=%H %ct", HEAD], { signal });
    const [commit = "", seconds = "0"] = said.toString("utf8").trim().split(" ");
    return { commit, date: Number(seconds) * 1000 };
  }

  /** Its files, or those of a folder in it. Links and other repositories are left out. */
  async list(repository: Repository, within: string, signal: AbortSignal): Promise<TreeFile[]> {
    const tree = within === "" ? HEAD : `${HEAD}:${within}`;
    const output = await this.#run(repository, ["ls-tree", "-r", "-l", "-z", tree], { signal });
    return output
      .toString("utf8")
      .split("\0")
      .flatMap((line) => {
        const [, mode, oid = "", size, name = ""] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
        if (mode !== "100644" && mode !== "100755") return [];
        return [{ path: within === "" ? name : `${within}/${name}`, oid, size: Number(size) }];
      });
  }

  /** The bytes of a file. */
  async read(repository: Repository, oid: string, signal: AbortSignal): Promise<Buffer> {
    if (!/^[0-9a-f]{40,64}$/.test(oid)) throw new Invalid("no name of an object");
    return await this.#run(repository, ["cat-file", "blob", oid], { signal, most: this.#limits.fileBytes });
  }

  /** Throws away what no commit that is kept needs, when there is much of it. */
  async tidy(repository: Repository, signal: AbortSignal): Promise<void> {
    await this.#run(repository, ["-c", "gc.autoDetach=false", "-c", "gc.pruneExpire=now", "gc", "--auto", "--quiet"], { signal });
  }

  /** How to get there: only the address that was checked, and no redirect that was not. */
  async #wayTo(
    url: string,
    trusted: boolean,
    signal: AbortSignal,
  ): Promise<{ url: string; config: string[]; env: Record<string, string> }> {
    const { web } = this.#options;
    if (/^https?:/.test(url)) {
      await this.#checkVersion(signal);
      const { final, status } = await this.#follow(new URL(url), signal);
      if (status === 401 && !trusted)
        throw new PunaError(502, `${url} is not there, or not for everybody`, { code: "http_status" });
      const config = [
        "-c",
        "http.followRedirects=false",
        "-c",
        "protocol.allow=never",
        "-c",
        `protocol.${final.protocol.slice(0, -1)}.allow=always`,
      ];
      const [address] = await web.guard.check(final, signal).catch((error) => {
        if (error instanceof PunaError && error.code === "host_not_found") return [];
        throw error;
      });
      const port = final.port || (final.protocol === "https:" ? "443" : "80");
      const isName = isIP(final.hostname.replace(/^\[|\]$/g, "")) === 0;
      const pinned =
        address && isName && `${final.hostname}:${port}:${address.family === 6 ? `[${address.address}]` : address.address}`;
      return { url: final.href, config: [...config, ...(pinned ? ["-c", `http.curloptResolve=${pinned}`] : [])], env: {} };
    }
    const isSsh = !url.startsWith("/") && !url.startsWith("file:") && !/^[A-Za-z]:[\\/]/.test(url);
    const config = ["-c", "protocol.allow=never", "-c", `protocol.${isSsh ? "ssh" : "file"}.allow=always`];
    return { url, config, env: isSsh ? { GIT_SSH_COMMAND: "ssh -oBatchMode=yes -oConnectTimeout=20" } : {} };
  }

  /** Older ones cannot be told which address to connect to. */
  async #checkVersion(signal: AbortSignal): Promise<void> {
    this.#version ??= this.#run({ folder: process.cwd(), url: "", trusted: false }, ["--version"], { signal });
    const said = (
      await this.#version.catch((error) => {
        this.#version = undefined;
        throw error;
      })
    ).toString("utf8");
    const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(said) ?? [];
    if (Number(major) * 1000 + Number(minor) < 2037)
      throw new Failed(`this machine has ${said.trim()}, and 2.37 or newer is needed`, { code: "git_old" });
  }

  /** Where the repository's own redirects lead: git would follow them without asking the guard. */
  async #follow(url: URL, signal: AbortSignal): Promise<{ final: URL; status: number }> {
    const asked = new URL(`${url.href.replace(/\/+$/, "")}/info/refs?service=git-upload-pack`);
    const { url: at, status } = await this.#options.web.get(asked, { signal, wants: () => false });
    const path = at.pathname.replace(/\/info\/refs$/, "");
    if (status !== 200 && status !== 401) {
      throw new PunaError(502, `${url.href} is no Git repository: the server answered ${status}`, { code: "http_status" });
    }
    return { final: new URL(path, at.origin), status };
  }

  async #run(
    { folder, trusted }: Repository,
    args: readonly string[],
    { signal, env = {}, most = OUTPUT_BYTES }: { signal: AbortSignal; env?: Record<string, string>; most?: number },
  ): Promise<Buffer> {
    const always = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.askPass="];
    const child = spawn("git", [...always, ...(trusted ? [] : ["-c", "credential.helper="]), ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...environment(trusted), GIT_DIR: ".", GIT_HTTP_USER_AGENT: this.#options.userAgent, ...env },
    });
    let fault: Error | undefined;
    const stop = (error: Error) => {
      fault ??= error;
      child.kill("SIGKILL");
    };
    const onAbort = () => stop(new Canceled());
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    const clock = setTimeout(
      () => stop(new PunaError(502, `git did not end within ${this.#limits.timeMs / 1000} s`, { code: "too_slow" })),
      this.#limits.timeMs,
    );
    const scales = setInterval(async () => {
      if ((await sizeOf(folder)) > this.#limits.bytes) {
        stop(
          new PunaError(502, `the repository has more than the ${this.#limits.bytes >> 20} MB that are kept of one`, {
            code: "too_large",
          }),
        );
      }
    }, SIZE_MS);
    try {
      return await outcome(child, { most, stop, faultOf: () => fault });
    } finally {
      clearTimeout(clock);
      clearInterval(scales);
      signal.removeEventListener("abort", onAbort);
    }
  }
}

/** Forgets what was fetched. */
export async function removeRepository(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
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

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
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
