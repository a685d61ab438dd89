/** Questions that a base is measured by are pieces of its own sentences, spread over it, and the same ones each time. */
import { expect, test } from "vitest";
import { village } from "../../../test/fixtures/village.ts";
import { shelf } from "../../../test/support/shelf.ts";
import type { Embedder } from "../embedder.ts";

test.each(["english", "chinese"] as const)("in %s", async (language) => {
  const base = await shelf(Object.fromEntries(village.map((place) => [`${place.name}.txt`, place[language]])));
  const probes = await base.store.searcher.probes(base.base);
  expect(probes.length).toBeGreaterThanOrEqual(village.length * 2);
  expect(new Set(probes.map(({ document }) => document)).size).toBe(village.length);
  expect(await base.store.searcher.probes(base.base)).toEqual(probes);
  for (const { text, document } of probes) expect(base.store.text(base.base, document).text).toContain(text);
  await base.close();
});

test("a base with vectors is measured once, and again when it has grown; one of words alone need not be", async () => {
  const embedder: Embedder = {
    name: "letters",
    digest: "l1",
    embed: async (texts) => texts.map((text) => Float32Array.from("abcdefghijklmnop", (letter) => text.split(letter).length)),
  };
  const half = Object.fromEntries(village.slice(0, 12).map(({ name, english }) => [`${name}.txt`, english]));
  const base = await shelf(half, { embedder: embedder });
  const isMeasured = () => base.store.isMeasured(base.base, base.store.byId(base.base).liveSpace);
  expect(isMeasured()).toBe(true);
  await base.add({ "one.txt": "One more place, about which there is little to be said." });
  expect(isMeasured()).toBe(true);
  for (const { name } of village.slice(0, 6)) await base.store.removeDocument(base.base, base.id(`${name}.txt`));
  expect(isMeasured()).toBe(false);
  await base.add({ "two.txt": "And another one." });
  expect(isMeasured()).toBe(true);
  await base.close();
  const plain = await shelf(half);
  expect(plain.store.isMeasured(plain.base, undefined)).toBe(false);
  await plain.close();
});

test("a base of nothing, and of one document, can be searched all the same", async () => {
  const base = await shelf({});
  expect(await base.search("anything")).toMatchObject({ hits: [], best: 0 });
  await base.add({ "a.txt": "The only sentence is about tin mines." });
  const { hits, best, threshold } = await base.search("What is the only sentence about?");
  expect(hits).toHaveLength(1);
  expect(best).toBeGreaterThanOrEqual(threshold);
  expect((await base.search("Which whales sing?")).best).toBe(0);
  await base.close();
});
