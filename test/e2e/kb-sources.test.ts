/** What a base keeps up with, through the built command and a server of its own. PUNA_KILLS says how often it is killed (default 3). */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { article, type LocalSite, localSite } from "../support/local-site.ts";
import { servedHome } from "../support/served-home.ts";
import { write } from "../support/sources.ts";

const KILLS = Number(process.env.PUNA_KILLS ?? 3);

let site: LocalSite;
let root: string;
beforeAll(async () => {
  site = await localSite({ "/": article("Harbour", ["/ferry"]), "/ferry": article("Nightferry") });
  root = mkdtempSync(path.join(os.tmpdir(), "puna-kb-sources-"));
});
afterAll(async () => {
  await site.close();
  rmSync(root, { recursive: true, force: true });
});

test("watch, sync, unwatch", async () => {
  await using served = await servedHome({ PUNA_ALLOW_PRIVATE_URLS: "127.0.0.1" });
  const { puna } = served;
  const folder = path.join(root, "notes");
  write(folder, { "tea.md": "Oolong is half oxidised.", "empty.md": "" });
  await puna(["kb", "create", "notes"]);

  const watched = await puna(["kb", "watch", "notes", folder]);
  expect(watched).toMatchObject({ code: 1, out: `${folder}: 1 added, 1 failed\n` });
  expect(watched.err).toContain(`  + ${folder}/tea.md\n`);
  expect(watched.err).toContain(`  ! ${folder}/empty.md: empty.md is empty: it has 0 bytes\n`);
  expect(watched.err).toContain("1 could not be read; the rest is in ('puna kb sync --again' tries once more)");
  expect((await puna(["kb", "search", "notes", "oolong"])).out).toContain("Oolong is half oxidised.");

  rmSync(path.join(folder, "empty.md"));
  write(folder, { "coffee.md": "Arabica grows in the highlands." });
  expect(await puna(["kb", "sync", "notes"], { cwd: root })).toMatchObject({
    code: 0,
    out: `${folder}: 1 added, 1 removed, 1 unchanged\n`,
  });
  expect((await puna(["kb", "search", "notes", "arabica"])).out).toContain("Arabica");
  expect((await puna(["kb", "watch", "notes", folder])).err).toContain("is a source of this knowledge base already");

  const web = await puna(["kb", "watch", "notes", `${site.url}/`, "--depth", "1", "--every", "1d", "--json"]);
  expect(JSON.parse(web.out)).toMatchObject([
    { kind: "site", every: "1d", options: { depth: 1 }, result: { added: 2, failed: 0 } },
  ]);
  const listed = (await puna(["kb", "watch", "notes"])).out;
  expect(listed).toMatch(/1 +folder +\S+notes +changes +/);
  expect(listed).toMatch(/2 +site +http:\S+ +1d +.*2 added/);

  const gone = await puna(["kb", "unwatch", "notes", "notes", "--documents"], { cwd: root });
  expect(gone).toMatchObject({ code: 0, out: `${folder} is not watched any more, and its documents are removed\n` });
  expect((await puna(["kb", "docs", "notes"])).out).not.toContain("tea.md");
  expect((await puna(["kb", "unwatch", "notes", "2"])).code).toBe(0);
  expect((await puna(["kb", "docs", "notes"])).out).toContain("/ferry");
  expect((await puna(["kb", "sync", "notes"])).err).toContain("notes watches nothing");
  for (const words of [
    [folder, "--depth", "2"],
    [`${site.url}/r.git`, "--branch", "x", "--sitemap"],
    ["/missing"],
    ["https://a.example/", "--every", "now"],
  ]) {
    const refused = await puna(["kb", "watch", "notes", ...words]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/^Error: /)]);
  }
});

test(`killed ${KILLS} times while it looks and reads, the server ends where it would have ended`, async () => {
  const home = path.join(root, "home");
  mkdirSync(home);
  const folder = path.join(root, "many");
  const text = (n: number) => `# Note ${n}\n\nWhat note ${n} says is said by no other note.\n`;
  for (let n = 0; n < 120; n++) write(folder, { [`${n % 7}/${n}.md`]: text(n) });
  const environment = { PUNA_HOME: home };
  for (let kill = 0; kill <= KILLS; kill++) {
    await using served = await servedHome(environment);
    if (kill === 0) await served.puna(["kb", "create", "many"]);
    const begun = await served.puna(["kb", "watch", "many", folder, "--no-wait"]);
    expect(begun.code === 0 || begun.err.includes("already")).toBe(true);
    if (kill < KILLS) {
      await served.puna(["kb", "sync", "many", "--no-wait"]);
      await delay(Math.random() * 150);
      await served.kill();
      // Meanwhile the folder changes: one goes, one comes, one is renamed.
      rmSync(path.join(folder, `${kill % 7}/${kill}.md`));
      write(folder, { [`new/${kill}.md`]: text(1000 + kill) });
    } else {
      await served.puna(["kb", "sync", "many"]);
      const again = JSON.parse((await served.puna(["kb", "sync", "many", "--json"])).out);
      expect(again[0].result).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 120, failed: 0 });
      const documents: { name: string; places: string[] }[] = JSON.parse(
        (await served.puna(["kb", "docs", "many", "--json"])).out,
      );
      expect(documents).toHaveLength(120);
      expect(new Set(documents.flatMap(({ places }) => places)).size).toBe(120);
      for (const number of [0, 1, 2].slice(0, KILLS)) {
        expect((await served.puna(["kb", "search", "many", `"note ${1000 + number}"`])).out).toContain(
          `note ${1000 + number} says`,
        );
      }
    }
  }
});
