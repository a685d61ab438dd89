import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { lines, object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { KnowledgeApi } from "../../../test/support/knowledge-api.ts";
import { article, type LocalSite, localSite } from "../../../test/support/local-site.ts";
import { localProof } from "../../accounts/local-proof.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
let api: KnowledgeApi;
let site: LocalSite;
let folder: string;
beforeAll(async () => {
  site = await localSite({
    "/": article("Home", ["/one", "/two", "/gone"]),
    "/one": article("Quillwort"),
    "/two": article("Lungfish"),
    "/hidden": article("Hidden"),
    "/robots.txt": "User-agent: *\nDisallow: /hidden",
    "/to-metadata": { status: 302, headers: { location: "http://169.254.169.254/latest/meta-data/" } },
    "/big5": {
      headers: { "content-type": "text/html; charset=utf-8" },
      body: Buffer.from("<h1>Big5</h1><p>\xa4\xa4\xa4\xe5\xaa\xba\xa4\xe5\xa6r\xa4\xa3\xa6b\xb3o\xb8\xcc</p>", "latin1"),
    },
  });
  server = await testServer(
    { PUNA_ALLOW_PRIVATE_URLS: `127.0.0.1:${site.port}` },
    { manners: { restMs: 0, retryMs: 1 }, watchTimes: { calmMs: 20 }, tickMs: 20 },
  );
  api = new KnowledgeApi(server);
  folder = path.join(realpathSync(server.folder), "documents");
  mkdirSync(folder);
  await api.ask("POST", "", { name: "b" });
});
afterAll(async () => {
  await server.close();
  await site.close();
});

/** As the command line of the server's own user. */
const proven = async (method: string, route: string, body: unknown) => {
  const authorization = localProof(server.localSecret, { method, path: `/puna/knowledge${route}` });
  return await api.send(method, route, body, { headers: { authorization } });
};
const ended = async (id: number) => {
  const news = await lines(await api.send("GET", `/b/sources/${id}/events`));
  return news.at(-1).source;
};
const added = async (body: object) => {
  const response = await proven("POST", "/b/sources", body);
  expect(response.status).toBe(201);
  return await ended((await object(response)).source.id);
};
const counts = ({ result: { added, changed, removed, unchanged, failed } }: { result: Record<string, number> }) =>
  `+${added} ~${changed} -${removed} =${unchanged} !${failed}`;
const search = async (query: string) => (await api.ask("POST", "/b/search", { query, limit: 1 })).hits[0]?.document;

test("a folder: added, looked at again, listed, changed, forgotten", async () => {
  writeFileSync(path.join(folder, "birds.md"), "# Birds\n\nThe wandering albatross crosses oceans.");
  writeFileSync(path.join(folder, "fish.md"), "# Fish\n\nThe coelacanth was thought to be extinct.");
  const source = await added({ kind: "folder", location: folder, every: "6h" });
  expect(source).toMatchObject({ kind: "folder", location: folder, every: "6h", state: "idle" });
  expect(counts(source)).toBe("+2 ~0 -0 =0 !0");
  expect(Date.parse(source.next_at) - Date.parse(source.looked_at)).toBe(6 * 3_600_000);
  expect(await search("albatross")).toBe("birds.md");

  rmSync(path.join(folder, "birds.md"));
  writeFileSync(path.join(folder, "fish.md"), "# Fish\n\nThe stonefish looks like a stone.");
  await api.ask("POST", `/b/sources/${source.id}/sync`, {});
  expect(counts(await ended(source.id))).toBe("+0 ~1 -1 =0 !0");
  expect(await search("stonefish")).toBe("fish.md");
  expect(await search("albatross")).toBeUndefined();

  expect((await api.ask("PATCH", `/b/sources/${source.id}`, { every: null })).source).toMatchObject({
    every: null,
    next_at: null,
  });
  expect((await api.ask("GET", "/b/sources")).sources).toHaveLength(1);
  await api.ask("DELETE", `/b/sources/${source.id}?documents=remove`);
  expect((await api.ask("GET", "/b/sources")).sources).toEqual([]);
  expect((await api.ask("GET", "/b/documents")).documents).toEqual([]);
});

test("a watched folder", async () => {
  await added({ kind: "folder", location: folder, watch: true });
  writeFileSync(path.join(folder, "moss.md"), "Moss grows on the north side.");
  await vi.waitFor(async () => expect(await search("moss")).toBe("moss.md"), { timeout: 10_000 });
});

test("a folder may be named by the server's own user only", async () => {
  expect(await api.refused("POST", "/b/sources", { kind: "folder", location: folder })).toEqual([
    403,
    expect.stringContaining("may be named by its own user"),
  ]);
});

test("a site, within its robots.txt, with what cannot be read beside it", async () => {
  const source = await added({ kind: "site", location: `${site.url}/`, depth: 1, selector: "p" });
  expect(counts(source)).toBe("+3 ~0 -0 =0 !1");
  expect(source.result.changes).toContainEqual({
    place: `${site.url}/gone`,
    change: "failed",
    reason: "the server answered 404",
  });
  expect(await search("quillwort unlike the rest")).toBe(`127.0.0.1:${site.port}/one`);
  const [document] = (await api.ask("GET", "/b/documents?limit=1000")).documents.filter(({ name }: { name: string }) =>
    name.endsWith("/one"),
  );
  // Of the page only what the selector finds.
  expect((await api.ask("GET", `/b/documents/${document.id}/text`)).text).toBe(
    "This page is called Quillwort. It has a sentence that no other page has: Quillwort is unlike the rest.",
  );

  site.pages["/two"] = { status: 410 };
  site.pages["/one"] = article("Quillwort").replace("unlike", "quite like");
  await api.ask("POST", `/b/sources/${source.id}/sync`, {});
  expect(counts(await ended(source.id))).toBe("+0 ~1 -1 =1 !1");
});

test("a page that says the same in other bytes has not changed", async () => {
  let visits = 0;
  site.pages["/dated"] = (_, response) => {
    response
      .writeHead(200, { "content-type": "text/html" })
      .end(`<h1>Dated</h1><p>The same words.</p><script>t=${visits++}</script>`);
  };
  const source = await added({ kind: "url", location: `${site.url}/dated` });
  expect(counts(source)).toBe("+1 ~0 -0 =0 !0");
  await api.ask("POST", `/b/sources/${source.id}/sync`, {});
  expect(counts(await ended(source.id))).toBe("+0 ~0 -0 =1 !0");
  expect(visits).toBe(2);
});

describe("one page, as a document", () => {
  const add = async (url: string) => {
    const { job, items } = await api.add("b", { items: [{ url }] });
    return [job.counts.done, items[0].code, items[0].reason];
  };

  test("is read, in whatever charset it is", async () => {
    expect(await add(`${site.url}/hidden`)).toEqual([1, null, null]);
    expect(await add(`${site.url}/big5`)).toEqual([1, null, null]);
    expect(await search("中文的文字")).toBe(`127.0.0.1:${site.port}/big5`);
  });

  test.each([
    ["http://127.0.0.1:9/", "private_address"],
    ["http://169.254.169.254/latest/meta-data/", "private_address"],
    ["http://2130706433/", "private_address"],
    ["http://[::ffff:10.0.0.1]/", "private_address"],
    ["http://localhost:9/", "private_address"],
  ])("%s fails: %s", async (url, code) => expect(await add(url)).toEqual([0, code, expect.stringContaining("is refused")]));

  test("a redirect to a private address, and a page that is not there", async () => {
    expect(await add(`${site.url}/to-metadata`)).toEqual([
      0,
      "private_address",
      expect.stringContaining("169.254.169.254 is refused"),
    ]);
    expect(await add(`${site.url}/nowhere`)).toEqual([0, "http_status", expect.stringContaining("answered 404")]);
  });
});

test.each([
  [{ kind: "url", location: "ftp://a.example/" }, "is no address of a web page"],
  [{ kind: "url", location: "nonsense" }, "is no address of a web page"],
  [{ kind: "url", location: "https://me:secret@a.example/" }, "with a user name or password is not taken"],
  [{ kind: "site", location: "https://a.example/", depth: 99 }, "a depth of 99 cannot be"],
  [{ kind: "site", location: "https://a.example/", pages: 0 }, "a pages of 0 cannot be"],
  [{ kind: "site", location: "https://a.example/", selector: "p[" }, "is no CSS selector"],
  [{ kind: "url", location: "https://a.example/", every: "often" }, "is no time between two looks"],
  [{ kind: "url", location: "https://a.example/", every: "5s" }, "every minute at most"],
  [{ kind: "git", location: "--upload-pack=touch /tmp/x" }, "is no address of a Git repository"],
  [{ kind: "git", location: "ext::sh -c touch% /tmp/x" }, "is no address of a Git repository"],
  [{ kind: "git", location: "https://a.example/r.git", branch: "--force" }, "is no name of a branch"],
])("%j is refused: %s", async (body, reason) => {
  expect(await api.refused("POST", "/b/sources", body)).toEqual([400, expect.stringContaining(reason)]);
});

test("repositories over ssh and from the disk are for the server's own user", async () => {
  for (const location of ["git@a.example:o/r.git", "ssh://a.example/r.git", folder, `file://${folder}`]) {
    expect((await api.refused("POST", "/b/sources", { kind: "git", location }))[0]).toBe(403);
  }
});

test("a site that is asked to look at the machine itself", async () => {
  const source = await added({ kind: "site", location: "http://127.0.0.1:11434/" });
  expect(source.result).toMatchObject({ added: 0, failed: 1 });
  expect(source.result.changes[0].reason).toContain("127.0.0.1:11434 is refused");
});

test("sources that are not there", async () => {
  expect(await api.refused("GET", "/b/sources/999")).toEqual([404, "there is no source 999"]);
  expect((await api.refused("POST", "/none/sources", { kind: "url", location: "https://a.example/" }))[0]).toBe(404);
});
