/** Git repositories: the newest state of a branch, its files, their bytes. Nothing is ever checked out. */
import { mkdir, rm, stat } from "node:fs/promises";
import { isIP } from "node:net";
import path from "node:path";
import { Failed, Invalid, PunaError } from "../../errors.ts";
import type { Web } from "../../net/web.ts";
import { checkBranch, checkRepository } from "./git-address.ts";
import { type GitLimits, type GitRun, runGit } from "./git-process.ts";

export interface GitOptions {
  web: Web;
  userAgent: string;
  /** For tests. */
  limits?: Partial<GitLimits>;
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

const LIMITS: GitLimits = { timeMs: 10 * 60_000, bytes: 2 * 2 ** 30, fileBytes: 100 << 20 };
const HEAD = "refs/puna/head";

export class Git {
  readonly #options: GitOptions;
  readonly #limits: GitLimits;

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
    const way = await this.#wayTo(url, signal);
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
  async #wayTo(url: string, signal: AbortSignal): Promise<{ url: string; config: string[]; env: Record<string, string> }> {
    const only = (protocol: string) => ["-c", "protocol.allow=never", "-c", `protocol.${protocol}.allow=always`];
    if (!/^https?:/.test(url)) {
      const isFile = url.startsWith("/") || url.startsWith("file:") || /^[A-Za-z]:[\\/]/.test(url);
      if (isFile) return { url, config: only("file"), env: {} };
      return { url, config: only("ssh"), env: { GIT_SSH_COMMAND: "ssh -oBatchMode=yes -oConnectTimeout=20" } };
    }
    await this.#checkVersion(signal);
    const final = await this.#follow(new URL(url), signal);
    const [address] = await this.#options.web.addresses(final, signal);
    const config = [...only(final.protocol.slice(0, -1)), "-c", "http.followRedirects=false"];
    if (address && isIP(final.hostname.replace(/^\[|\]$/g, "")) === 0) {
      const port = final.port || (final.protocol === "https:" ? "443" : "80");
      const there = address.family === 6 ? `[${address.address}]` : address.address;
      config.push("-c", `http.curloptResolve=${final.hostname}:${port}:${there}`);
    }
    return { url: final.href, config, env: {} };
  }

  /** Older ones cannot be told which address to connect to. */
  async #checkVersion(signal: AbortSignal): Promise<void> {
    const said = String(await this.#run({ folder: process.cwd(), trusted: false }, ["--version"], { signal }));
    const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(said) ?? [];
    if (Number(major) * 1000 + Number(minor) >= 2037) return;
    throw new Failed(`this machine has ${said.trim()}, and 2.37 or newer is needed`, { code: "git_old" });
  }

  /** Where the repository's own redirects lead: git would follow them without asking the guard. */
  async #follow(url: URL, signal: AbortSignal): Promise<URL> {
    const asked = new URL(`${url.href.replace(/\/+$/, "")}/info/refs?service=git-upload-pack`);
    const { url: at, status } = await this.#options.web.get(asked, { signal, wants: () => false });
    const pathname = at.pathname.replace(/\/info\/refs$/, "");
    if (status !== 200 && status !== 401) {
      throw new PunaError(502, `${url.href} is no Git repository: the server answered ${status}`, { code: "http_status" });
    }
    return new URL(pathname, at.origin);
  }

  #run(
    { folder, trusted }: Pick<Repository, "folder" | "trusted">,
    args: readonly string[],
    { signal, env = {}, most }: Pick<GitRun, "signal" | "env" | "most">,
  ): Promise<Buffer> {
    const { userAgent } = this.#options;
    const more = { ...(most !== undefined && { most }), env: { GIT_HTTP_USER_AGENT: userAgent, ...env } };
    return runGit(args, { folder, trusted, signal, limits: this.#limits, ...more });
  }
}

/** Forgets what was fetched. */
export async function removeRepository(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
