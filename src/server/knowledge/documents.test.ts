import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { KnowledgeApi } from "../../../test/support/knowledge-api.ts";
import { localProof } from "../../accounts/local-proof.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
let api: KnowledgeApi;
let base = "";
let count = 0;
beforeAll(async () => {
  server = await testServer();
  api = new KnowledgeApi(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  base = `base${++count}`;
  await api.ask("POST", "", { name: base });
});

const OPENING = "# Library\n\nThe library opens at nine o'clock. On Sundays it stays closed.\n";
const uploads = () => {
  const folder = path.join(server.folder, "knowledge", "uploads");
  return existsSync(folder) ? readdirSync(folder) : [];
};
const formOf = (files: Record<string, string | Uint8Array>) => {
  const form = new FormData();
  for (const [name, content] of Object.entries(files)) form.append("file", new Blob([content as string]), name);
  return form;
};

describe("adding", () => {
  test("a form of files, with folders in their names", async () => {
    const { job, items } = await api.add(base, formOf({ "town/library.md": OPENING, "town/empty.txt": "" }));
    expect(job).toMatchObject({ state: "done", counts: { total: 2, done: 1, failed: 1 } });
    expect(items).toMatchObject([
      { place: "town/library.md", state: "done", reason: null, document_id: expect.any(Number) },
      { place: "town/empty.txt", state: "failed", code: "unreadable_empty", reason: "empty.txt is empty: it has 0 bytes" },
    ]);
    const { documents, next } = await api.ask("GET", `/${base}/documents`);
    expect(documents).toMatchObject([{ name: "library.md", places: ["town/library.md"], bytes: OPENING.length }]);
    expect(next).toBeNull();
  });

  test("raw bytes with a name, texts with and without one; nothing is left on the disk", async () => {
    const before = uploads();
    await api.add(base, OPENING, "?name=library.md");
    const { items } = await api.add(base, {
      items: [{ text: "# Tea\n\nTea is at four." }, { text: "Rain.", name: "weather.txt" }],
    });
    expect(items.map(({ place }: { place: string }) => place)).toEqual([
      expect.stringMatching(/^pasted\/[0-9a-f]{8}\/Tea$/),
      "weather.txt",
    ]);
    expect(await api.ask("GET", `/${base}`)).toMatchObject({ documents: 3 });
    expect(uploads()).toEqual(before);
  });

  test("the same bytes are one document, other bytes under the same name replace it", async () => {
    await api.add(base, formOf({ "a.md": OPENING }));
    const again = await api.add(base, formOf({ "b.md": OPENING, "a.md": OPENING }));
    expect(again.job.counts).toMatchObject({ unchanged: 2, done: 0 });
    expect((await api.ask("GET", `/${base}/documents`)).documents).toMatchObject([{ places: ["a.md", "b.md"] }]);
    await api.add(base, formOf({ "a.md": "# Museum\n\nThe museum is free.\n" }));
    const { documents } = await api.ask("GET", `/${base}/documents`);
    expect(documents).toMatchObject([{ places: ["b.md"] }, { places: ["a.md"], title: "Museum" }]);
  });

  test("two clients at once, with the same bytes in two bases", async () => {
    await api.ask("POST", "", { name: `${base}-b` });
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.md`, `# ${i}\n\nText number ${i} is here.\n`]));
    const [one, two, three] = await Promise.all([
      api.add(base, formOf(files)),
      api.add(`${base}-b`, formOf(files)),
      api.add(base, formOf(files)),
    ]);
    for (const { job } of [one, two, three]) expect(job).toMatchObject({ state: "done", counts: { total: 8, failed: 0 } });
    expect(await api.ask("GET", `/${base}`)).toMatchObject({ documents: 8 });
    expect(await api.ask("GET", `/${base}-b`)).toMatchObject({ documents: 8 });
  });

  test("a path of the machine: a file, or a folder with what is to be read in it", async () => {
    const file = path.join(server.folder, "library.md");
    writeFileSync(file, OPENING);
    const folder = path.join(realpathSync(server.folder), `folder ${base}`);
    mkdirSync(path.join(folder, "inner"), { recursive: true });
    for (const name of ["a.md", "inner/b.txt", ".hidden.md", "picture.png"])
      writeFileSync(path.join(folder, name), `Text of ${name}.`);
    const route = `/puna/knowledge/${base}/documents`;
    const authorization = localProof(server.localSecret, { method: "POST", path: route });
    const body = { items: [{ path: file }, { path: `${file}.gone` }, { path: folder }] };
    const response = await api.send("POST", `/${base}/documents`, body, { headers: { authorization } });
    const { job } = (await response.json()) as { job: { id: number } };
    expect((await api.ended(base, job.id)).items).toMatchObject([
      { place: file, state: "done" },
      { state: "failed", code: "file_not_found" },
      { place: path.join(folder, "a.md"), state: "done" },
      { place: path.join(folder, "inner/b.txt"), state: "done" },
    ]);
  });

  test("bad requests say what is wrong and keep nothing", async () => {
    const before = uploads();
    expect(await api.refused("POST", `/${base}/documents`, { items: [] })).toEqual([
      400,
      expect.stringContaining("nothing to add"),
    ]);
    expect(await api.refused("POST", `/${base}/documents`, { items: [{}] })).toEqual([
      400,
      "items[0] needs one of text, path and url",
    ]);
    expect(await api.refused("POST", `/${base}/documents`, { items: [{ text: "a", url: "https://a.example" }] })).toEqual([
      400,
      "items[0] needs one of text, path and url",
    ]);
    expect((await api.refused("POST", `/${base}/documents`, { items: [{ url: "file:///etc/passwd" }] }))[0]).toBe(400);
    expect((await api.refused("POST", `/${base}/documents`, "{"))[0]).toBe(400);
    const broken = { headers: { "content-type": "multipart/form-data; boundary=x" } };
    expect(await api.refused("POST", `/${base}/documents`, "--x\r\nContent-Disp", broken)).toEqual([400, "the form ends early"]);
    expect(
      (await api.refused("POST", `/${base}/documents`, "x", { headers: { "content-type": "multipart/form-data" } }))[0],
    ).toBe(400);
    expect((await api.refused("POST", `/${base}/documents?name=..%2F..`, "x"))[0]).toBe(400);
    expect((await api.refused("POST", `/${base}/documents?name=${"x".repeat(2000)}`, "x"))[0]).toBe(400);
    const packed = { headers: { "content-encoding": "gzip" } };
    expect((await api.refused("POST", `/${base}/documents?name=a.txt`, "x", packed))[0]).toBe(415);
    expect((await api.refused("POST", "/nowhere/documents", { items: [{ text: "a" }] }))[0]).toBe(404);
    // What was whole before the fault is not kept either.
    const half = new TextEncoder().encode(
      '--x\r\nContent-Disposition: form-data; name="f"; filename="a.md"\r\n\r\nWhole.\r\n--x\r\nContent',
    );
    expect((await api.refused("POST", `/${base}/documents`, half, broken))[0]).toBe(400);
    expect(uploads()).toEqual(before);
    expect(await api.ask("GET", `/${base}`)).toMatchObject({ documents: 0 });
  });

  test("names are names and not paths", async () => {
    const names = ["../../etc/x.md", "C:\\temp\\y.md", "a\0b\u202egpj.md", "/abs/z.md"];
    const items = names.map((name, i) => ({ text: `Text ${i} of it.`, name }));
    const added = await api.add(base, { items });
    expect(added.items.map(({ place }: { place: string }) => place)).toEqual([
      "etc/x.md",
      "C:/temp/y.md",
      "abgpj.md",
      "abs/z.md",
    ]);
    expect(added.job.counts.done).toBe(4);
  });

  test("wrong extensions, NULs and lone surrogates", async () => {
    const added = await api.add(base, {
      items: [
        { text: '{"text": "a\0b"}\0\0 NUL inside', name: "a.md" },
        { text: "lone \ud800 surrogate \udc00 here", name: "b.txt" },
      ],
    });
    expect(added.items).toMatchObject([{ state: "done", reason: null }, { state: "done" }]);
    for (const { document_id: id } of added.items) {
      const { text } = await api.ask("GET", `/${base}/documents/${id}/text`);
      expect(text).not.toContain("\0");
      expect(text.isWellFormed()).toBe(true);
    }
    const png = await api.add(base, Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), "?name=notes.md");
    expect(png.items).toMatchObject([{ state: "failed", code: "unreadable_unsupported" }]);
  });

  test("a file that says it is too large is refused at once, one that is too large while it comes", async () => {
    const huge = { headers: { "content-length": String(500 * 2 ** 20) } };
    expect(await api.refused("POST", `/${base}/documents?name=film.txt`, "x", huge)).toEqual([
      413,
      "film.txt is too large: 100 MB is the limit for one document; split it",
    ]);
    const chunk = new Uint8Array(8 * 2 ** 20);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          sent += chunk.length;
          if (sent > 500 * 2 ** 20) controller.close();
          else controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    );
    const response = await server.app.request(
      new Request(`http://localhost/puna/knowledge/${base}/documents?name=film.txt`, {
        method: "POST",
        body,
        duplex: "half",
      } as RequestInit),
    );
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(120 * 2 ** 20);
    expect(uploads().some((name) => name.endsWith(".part"))).toBe(false);
  });
});

describe("documents", () => {
  test("text, blocks and passages agree on every offset", async () => {
    const text = `# Town\n\n${Array.from({ length: 60 }, (_, i) => `Sentence ${i} says that house ${i} has ${i * 3} windows. 第${i}句话。`).join(" ")}\n`;
    const { items } = await api.add(base, { items: [{ text, name: "town.md" }] });
    const route = `/${base}/documents/${items[0].document_id}`;
    const read = await api.ask("GET", `${route}/text`);
    expect(read.blocks[0]).toMatchObject({ kind: "heading", level: 1 });
    const first = await api.ask("GET", `${route}/passages?limit=2`);
    expect(first.passages).toHaveLength(2);
    const rest = await api.ask("GET", `${route}/passages?after=${first.next}`);
    const all = [...first.passages, ...rest.passages];
    expect(all).toHaveLength((await api.ask("GET", route)).passages);
    for (const { start, end, text: passage } of all) expect(read.text.slice(start, end)).toBe(passage);
    expect(all[0].headings).toEqual(["Town"]);
  });

  test("are removed with their passages", async () => {
    const { items } = await api.add(base, { items: [{ text: OPENING, name: "a.md" }] });
    const route = `/${base}/documents/${items[0].document_id}`;
    await api.ask("DELETE", route);
    for (const path of [route, `${route}/text`, `${route}/passages`]) expect((await api.refused("GET", path))[0]).toBe(404);
    expect((await api.refused("DELETE", route))[0]).toBe(404);
    expect((await api.ask("POST", `/${base}/search`, { query: "library" })).hits).toEqual([]);
  });

  test("pages of a list, and numbers that are none", async () => {
    await api.add(base, { items: ["a", "b", "c"].map((name) => ({ text: `Text ${name}.`, name })) });
    const first = await api.ask("GET", `/${base}/documents?limit=2`);
    expect(first.documents).toHaveLength(2);
    const second = await api.ask("GET", `/${base}/documents?limit=2&after=${first.next}`);
    expect(second.next).toBeNull();
    const names = [...first.documents, ...second.documents].map(({ name }) => name);
    expect(names.sort()).toEqual(["a", "b", "c"]);
    expect((await api.refused("GET", `/${base}/documents?limit=0`))[0]).toBe(400);
    expect((await api.refused("GET", `/${base}/documents?limit=many`))[0]).toBe(400);
    for (const id of ["0", "-1", "1.5", "x", "99999999999999999999"])
      expect((await api.refused("GET", `/${base}/documents/${id}`))[0]).toBe(404);
  });
});

describe("jobs", () => {
  test("tell how they go, line by line, and how they ended", async () => {
    const items = Array.from({ length: 30 }, (_, i) => ({ text: `Text ${i} is short.`, name: `${i}.txt` }));
    const { job } = await api.ask("POST", `/${base}/documents`, { items });
    const events = await api.events(base, job.id);
    expect(events.at(-1).job).toMatchObject({ id: job.id, state: "done", counts: { done: 30, waiting: 0 } });
    const told = events.flatMap((event) => event.items.map(({ place }: { place: string }) => place));
    expect(told.sort()).toEqual(items.map(({ name }) => name).sort());
    expect((await api.ask("GET", `/${base}/jobs`)).jobs[0].id).toBe(job.id);
  });

  test("of another base are not there", async () => {
    await api.ask("POST", "", { name: `${base}-b` });
    const { job } = await api.add(base, { items: [{ text: "A text." }] });
    for (const [method, rest] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/retry"],
      ["GET", "/events"],
    ] as const)
      expect((await api.refused(method, `/${base}-b/jobs/${job.id}${rest}`))[0]).toBe(404);
    expect((await api.refused("GET", `/${base}/jobs/99999`))[0]).toBe(404);
  });

  test("are canceled, also twice, and tried again", async () => {
    const items = Array.from({ length: 40 }, (_, i) => ({ text: `Text ${i} is here.`, name: `${i}.txt` }));
    const { job } = await api.ask("POST", `/${base}/documents`, { items });
    const once = await api.ask("DELETE", `/${base}/jobs/${job.id}`);
    expect(once.job.state).toBe("canceled");
    const twice = await api.ask("DELETE", `/${base}/jobs/${job.id}`);
    expect(twice.job).toMatchObject({ state: "canceled", counts: { total: 40, waiting: 0 } });
    await api.ask("POST", `/${base}/jobs/${job.id}/retry`);
    const again = await api.ended(base, job.id);
    expect(again.job).toMatchObject({ state: "done", counts: { total: 40, waiting: 0, canceled: 0, failed: 0 } });
    expect(await api.ask("GET", `/${base}`)).toMatchObject({ documents: 40 });
    // One that is over stays as it is.
    expect((await api.ask("DELETE", `/${base}/jobs/${job.id}`)).job.state).toBe("done");
  });

  test("go with their base, and its uploads with them", async () => {
    const before = uploads().length;
    const items = Array.from({ length: 60 }, (_, i) => ({ text: `Text ${i} of a base that goes.`, name: `${i}.txt` }));
    const { job } = await api.ask("POST", `/${base}/documents`, { items });
    const events = api.events(base, job.id);
    await api.ask("DELETE", `/${base}`);
    expect((await events).length).toBeGreaterThan(0);
    expect((await api.refused("GET", `/${base}/jobs/${job.id}`))[0]).toBe(404);
    await expect.poll(() => uploads().length, { timeout: 5000 }).toBe(before);
    // The importer is free for the next.
    await api.ask("POST", "", { name: base });
    expect((await api.add(base, { items: [{ text: "Still works." }] })).job.state).toBe("done");
  });
});

describe("search", () => {
  test("finds, with the place, and says how near", async () => {
    await api.add(base, formOf({ "town/library.md": OPENING, "tea.md": "# Tea\n\nTea is served at four.\n" }));
    const found = await api.ask("POST", `/${base}/search`, { query: "When does the library open?", limit: 1 });
    expect(found.hits).toMatchObject([{ document: "library.md", page: null, headings: ["Library"] }]);
    const [hit] = found.hits;
    const { text } = await api.ask("GET", `/${base}/documents/${hit.document_id}/text`);
    expect(text.slice(hit.start, hit.end)).toBe(hit.text);
    expect(found.best).toBe(hit.score);

    const inTea = await api.ask("POST", `/${base}/search`, { query: "library", filters: { folder: "town" }, index: "words" });
    expect(inTea.hits).toHaveLength(1);
    const none = await api.ask("POST", `/${base}/search`, { query: "library", filters: { until: "2001-01-01", folder: null } });
    expect(none.hits).toEqual([]);
    const chinese = await api.ask("POST", `/${base}/search`, { query: "library", filters: { languages: ["zh"] } });
    expect(chinese.hits).toEqual([]);
  });

  test("refuses what cannot be searched", async () => {
    const cases: [unknown, number][] = [
      [{}, 400],
      [{ query: "  " }, 400],
      [{ query: 5 }, 400],
      [{ query: "a", limit: 0 }, 400],
      [{ query: "a", limit: 1000 }, 400],
      [{ query: "a", index: 12345 }, 404],
      [{ query: "a", filters: { since: "yesterday" } }, 400],
    ];
    for (const [body, status] of cases)
      expect([body, (await api.refused("POST", `/${base}/search`, body))[0]]).toEqual([body, status]);
    expect((await api.send("GET", `/${base}/search`)).status).toBe(405);
  });
});
