import { expect, test } from "vitest";
import { StoredResponses } from "./stored.ts";

const response = (id: string, text = id) => ({
  response: { id, output: [{ id: `out_${id}`, text }] },
  input: [{ id: `in_${id}`, text }],
  previousId: undefined as string | undefined,
});

test("the least recently used go first", () => {
  const stored = new StoredResponses({ most: 2 });
  stored.put(response("a"));
  stored.put(response("b"));
  stored.get("a");
  stored.put(response("c"));
  expect(["a", "b", "c"].map((id) => stored.get(id) !== undefined)).toEqual([true, false, true]);
});

test("the place is bounded, and what alone would fill it is not kept", () => {
  const stored = new StoredResponses({ mostCharacters: 4000 });
  for (let i = 0; i < 20; i++) stored.put(response(String(i), "x".repeat(300)));
  const kept = Array.from({ length: 20 }, (_, i) => stored.get(String(i)) !== undefined);
  expect(kept.filter(Boolean).length).toBeGreaterThan(3);
  expect(kept.filter(Boolean).length).toBeLessThan(7);
  expect(kept.at(-1)).toBe(true);
  stored.put(response("big", "x".repeat(2000)));
  expect(stored.get("big")).toBeUndefined();
});

test("a conversation is whole or not to be had", () => {
  const stored = new StoredResponses();
  stored.put(response("a"));
  stored.put({ ...response("b"), previousId: "a" });
  expect(stored.conversation("b")?.map(({ id }) => id)).toEqual(["in_a", "out_a", "in_b", "out_b"]);
  expect(stored.item("out_a")).toEqual({ id: "out_a", text: "a" });
  stored.delete("a");
  expect(stored.conversation("b")).toBeUndefined();
  expect(stored.item("out_a")).toBeUndefined();
});
