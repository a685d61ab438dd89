import type { LookupAddress } from "node:dns";
import { expect, test } from "vitest";
import { addresses, isLoopbackName } from "./addresses.ts";

test("names of this machine", () => {
  expect(["localhost", "LOCALHOST", "a.localhost", "127.1.2.3", "[::1]"].every(isLoopbackName)).toBe(true);
  expect(["localhost.example", "127.example", "10.0.0.1", "::2"].some(isLoopbackName)).toBe(false);
});

const names: Record<string, string[]> = {
  "open.example": ["8.8.8.8"],
  "inside.example": ["10.0.0.1"],
  "both.example": ["10.0.0.1", "8.8.8.8"],
};
// biome-ignore lint/suspicious/noExplicitAny: dns.lookup has many forms, of which one is used
const lookup: any = (name: string, _: unknown, done: (error: Error | null, all: LookupAddress[]) => void) => {
  const found = names[name];
  if (found)
    done(
      null,
      found.map((address) => ({ address, family: 4 })),
    );
  else done(new Error("ENOTFOUND"), []);
};
const { isPrivate, publicLookup } = addresses({ lookup });
const ask = (name: string, options: { all?: boolean }) =>
  new Promise((resolve) =>
    publicLookup(name, options, (error, address, family) =>
      resolve(error ? error.message : family ? [address, family] : address),
    ),
  );

test("a name is as private as its addresses", async () => {
  expect(
    await Promise.all(["open.example", "inside.example", "both.example", "none.example", "10.0.0.1"].map(isPrivate)),
  ).toEqual([false, true, true, false, true]);
});

test("the lookup for public hosts gives no private address", async () => {
  expect(await ask("open.example", {})).toEqual(["8.8.8.8", 4]);
  expect(await ask("both.example", { all: true })).toEqual([{ address: "8.8.8.8", family: 4 }]);
  expect(await ask("inside.example", {})).toMatch("redirect to inside.example refused");
  expect(await ask("none.example", {})).toBe("ENOTFOUND");
});
