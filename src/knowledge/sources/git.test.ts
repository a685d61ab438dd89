import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { localSite, localWeb } from "../../../test/support/local-site.ts";
import { type Library, library, told, write } from "../../../test/support/sources.ts";
import { AddressGuard } from "../../net/guard.ts";
import { Web } from "../../net/web.ts";
import { checkBranch, checkRepository } from "./git-address.ts";
import { placeOf } from "./repository.ts";

const hasGit = spawnSync("git", ["--version"]).status === 0;
const why = hasGit ? "" : " (skipped: there is no git here)";

test.each([
  ["https://github.com/o/r.git", "https://github.com/o/r/blob/main/docs/a%20b.md"],
  ["https://gitlab.com/o/r", "https://gitlab.com/o/r/-/blob/main/docs/a%20b.md"],
  ["https://codeberg.org/o/r/", "https://codeberg.org/o/r/src/branch/main/docs/a%20b.md"],
  ["git@host.example:o/r.git", "git@host.example:o/r.git@docs/a b.md"],
])("a file of %s is found at %s", (url, place) => expect(placeOf(url, "main", "docs/a b.md")).toBe(place));

test("addresses and names that git would take for something else", () => {
  for (const url of ["--upload-pack=x", "ext::sh -c x", "https://a.example/\nx", "ftp://a.example/r", "r", "../r", "ssh+git://x"])
    expect(() => checkRepository(url, true)).toThrow("is no address of a Git repository");
  for (const url of ["https://a.example/r", "ssh://a.example/r", "me@a.example:r.git", "/srv/r.git", "file:///srv/r"])
    expect(() => checkRepository(url, true)).not.toThrow();
  expect(() => checkRepository("https://me:token@a.example/r", true)).toThrow("a URL with a user name or password");
  for (const branch of ["-x", "a..b", "a b", "a:b", "x.lock", "a/", "+a", "a\n"])
    expect(() => checkBranch(branch)).toThrow("no name of a branch");
  for (const branch of ["main", "feature/x-1", "v1.2"]) expect(() => checkBranch(branch)).not.toThrow();
});

describe.skipIf(!hasGit)(`a repository${why}`, () => {
  let lib: Library;
  let work: string;
  let bare: string;
  beforeEach(async () => {
    lib = await library();
    work = mkdtempSync(path.join(os.tmpdir(), "puna-git-"));
    bare = path.join(work, "served", "r.git");
    mkdirSync(path.join(work, "tree"));
    git("init", "--quiet", "--initial-branch=main", ".");
    git("init", "--quiet", "--bare", "--initial-branch=main", bare);
    git("remote", "add", "origin", bare);
  });
  afterEach(async () => {
    await lib.close();
    rmSync(work, { recursive: true, force: true });
  });

  const tree = () => path.join(work, "tree");
  const git = (...args: string[]) => {
    const settings = ["-c", "user.name=Test", "-c", "user.email=test@test.example", "-c", "commit.gpgsign=false"];
    return execFileSync("git", [...settings, ...args], { cwd: tree(), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  };
  const commit = (files: Record<string, string>, branch = "main") => {
    write(tree(), files);
    git("add", "--all", "--force");
    git("commit", "--quiet", "--message=x", "--date=2024-03-01T12:00:00Z");
    git("push", "--quiet", "origin", `HEAD:${branch}`);
  };
  const add = async (options = {}, location = bare) =>
    await lib.add({ kind: "git", location, options: { trusted: true, ...options } });
  const places = () => lib.places().map((place) => place.replace(`${bare}@`, "").split(" ")[0]);

  test("is read, and looked at again for what has changed", async () => {
    commit({
      "readme.md": "# Read me\n\nOf the albatross.",
      "src/main.py": "def albatross():\n    return 1\n",
      ".github/ci.md": "x",
      "logo.png": "PNG",
    });
    const source = await add();
    expect(told(source.result)).toBe("+2 ~0 -0 =0 !0");
    expect(places()).toEqual(["readme.md", "src/main.py"]);
    expect(lib.store.documents(lib.base)[0]?.modifiedAt).toBeGreaterThan(Date.UTC(2024, 0));
    expect(await lib.sync(source)).toBe("+0 ~0 -0 =2 !0");
    const parse = vi.spyOn(lib.store, "parse");
    git("mv", "readme.md", "README.md");
    commit({ "docs/new.md": "Something new." });
    expect(await lib.sync(source)).toBe("+2 ~0 -1 =1 !0");
    // What was only renamed is not read anew.
    expect(parse).toHaveBeenCalledTimes(1);
    expect(places()).toEqual(["README.md", "docs/new.md", "src/main.py"]);
  });

  test("a branch, and a folder in it, with its own ignore file", async () => {
    commit({ "a.md": "On main." });
    commit(
      { "docs/b.md": "On next.", "docs/deep/c.md": "Deeper.", "docs/drafts/d.md": "Not yet.", ".punaignore": "drafts/\n" },
      "next",
    );
    const source = await add({ branch: "next", folder: "/docs/" });
    expect(told(source.result)).toBe("+3 ~0 -0 =0 !0");
    await lib.sources.remove(lib.base, source.id, { documents: true });
    commit({ "docs/.punaignore": "drafts/\n" }, "next");
    await add({ branch: "next", folder: "docs" });
    expect(places()).toEqual(["docs/b.md", "docs/deep/c.md"]);
  });

  test("links in it are not followed, hooks of it not run, pointers of LFS said to be such", async () => {
    symlinkSync("/etc/passwd", path.join(tree(), "passwd.md"));
    commit({ "a.md": "Here.", "big.md": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n" });
    const source = await add();
    expect(told(source.result)).toBe("+1 ~0 -0 =0 !1");
    expect(source.result?.changes).toContainEqual(
      expect.objectContaining({ change: "failed", reason: expect.stringContaining("Git LFS") }),
    );
    expect(places()).toEqual(["a.md"]);
  });

  test("what is kept of it goes with the source", async () => {
    commit({ "a.md": "Here." });
    const source = await add();
    const kept = path.join(lib.home, "knowledge", "git", String(source.id));
    expect(existsSync(path.join(kept, "HEAD"))).toBe(true);
    await lib.sources.remove(lib.base, source.id);
    expect(existsSync(kept)).toBe(false);
    expect(places()).toEqual(["a.md"]);
  });

  test("one that is not there, a branch that is not, one that is too large", async () => {
    commit({ "a.md": "Here." });
    expect((await add({}, `${bare}-missing`)).result?.error).toContain("does not appear to be a git repository");
    expect((await add({ branch: "missing" })).result?.error).toContain("missing");
    const small = await library({ gitLimits: { fileBytes: 3 } });
    const source = await small.add({ kind: "git", location: bare, options: { trusted: true } });
    expect(told(source.result)).toBe("+0 ~0 -0 =0 !1");
    await small.close();
  });

  test("the program is missing", async () => {
    vi.stubEnv("PATH", "/nowhere");
    try {
      expect((await add()).result).toMatchObject({
        error: expect.stringContaining("git is not on this machine"),
        code: "git_missing",
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  describe("over HTTP", () => {
    let server: http.Server;
    let asked: string[];
    beforeEach(async () => {
      asked = [];
      commit({ "a.md": "Over HTTP." });
      server = http.createServer((request, response) => {
        const { pathname } = new URL(request.url ?? "/", "http://x");
        asked.push(`${request.headers.host} ${pathname}`);
        if (pathname.startsWith("/moved/"))
          return response.writeHead(301, { location: (request.url ?? "").replace("/moved/", "/") }).end();
        if (pathname.startsWith("/inside/")) return response.writeHead(301, { location: `http://127.0.0.2${request.url}` }).end();
        serveGit(path.join(work, "served"), request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    afterEach(() => server.close());
    const port = () => (server.address() as AddressInfo).port;
    const webFor = (lookup?: ConstructorParameters<typeof AddressGuard>[1]) =>
      new Web({
        guard: new AddressGuard([`127.0.0.1:${port()}`], lookup),
        userAgent: "Puna/test",
        proxy: { http: "", https: "", no: "" },
      });
    const over = async (location: string, web: Web) => {
      const other = await library({ web });
      try {
        const source = await other.add({ kind: "git", location });
        return source.result?.code ?? told(source.result);
      } finally {
        await other.close();
      }
    };

    test("the address that was checked is the one that git connects to", async () => {
      // A name that only this lookup knows: git finds it because it is told where it is.
      const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
      expect(await over(`http://git.example:${port()}/r.git`, webFor(lookup))).toBe("+1 ~0 -0 =0 !0");
      expect(new Set(asked.map((line) => line.split(" ")[0]))).toEqual(new Set([`git.example:${port()}`]));
    });

    test("redirects are followed by us, and checked", async () => {
      expect(await over(`http://127.0.0.1:${port()}/moved/r.git`, webFor())).toBe("+1 ~0 -0 =0 !0");
      expect(await over(`http://127.0.0.1:${port()}/inside/r.git`, webFor())).toBe("private_address");
    });

    test("private addresses are refused, and what is no repository is said to be none", async () => {
      const site = await localSite();
      expect(await over(`http://127.0.0.1:${port()}/r.git`, localWeb([]))).toBe("private_address");
      expect(await over(`${site.url}/r.git`, localWeb([site]))).toBe("http_status");
      await site.close();
    });
  });
});

/** Git's own server, which speaks CGI. */
function serveGit(root: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname,
      REQUEST_METHOD: request.method,
      QUERY_STRING: String(searchParams),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
  });
  request.pipe(child.stdin);
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  child.on("close", () => {
    const all = Buffer.concat(pieces);
    const end = all.indexOf("\r\n\r\n");
    const headers = all.subarray(0, Math.max(end, 0)).toString("latin1").split("\r\n");
    for (const line of headers) {
      const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(line) ?? [];
      if (name === "Status") response.statusCode = Number.parseInt(value, 10);
      else if (name !== "") response.setHeader(name, value);
    }
    response.end(all.subarray(end + 4));
  });
}
