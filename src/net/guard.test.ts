import { expect, test } from "vitest";
import { AddressGuard } from "./guard.ts";

const names: Record<string, string[]> = {
  "open.example": ["8.8.8.8"],
  "inside.example": ["10.0.0.1"],
  "both.example": ["10.0.0.1", "8.8.8.8"],
  "none.example": [],
};
const lookup = async (name: string) => {
  const found = names[name];
  if (!found) throw new Error("ENOTFOUND");
  return found.map((address) => ({ address, family: 4 }));
};
const check = async (url: string, allowed: string[] = []) => {
  try {
    return (await new AddressGuard(allowed, lookup).check(new URL(url))).map(({ address }) => address);
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

test("a name is connected to at its public addresses only", async () => {
  expect(await check("https://open.example/")).toEqual(["8.8.8.8"]);
  expect(await check("https://both.example/")).toEqual(["8.8.8.8"]);
  expect(await check("https://inside.example/")).toBe("private_address");
  expect(await check("https://gone.example/")).toBe("host_not_found");
  expect(await check("https://none.example/")).toBe("host_not_found");
});

test.each(["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "[::1]", "[::ffff:169.254.169.254]", "0", "①②⑦.0.0.1"])(
  "http://%s/ is refused",
  async (host) => expect(await check(`http://${host}/`)).toBe("private_address"),
);

test("what the setting allows: a name, an address, a network, a port, all", async () => {
  expect(await check("http://inside.example/", ["inside.example"])).toEqual(["10.0.0.1"]);
  expect(await check("http://inside.example/", [".example"])).toEqual(["10.0.0.1"]);
  expect(await check("http://inside.example/", ["10.0.0.0/8"])).toEqual(["10.0.0.1"]);
  expect(await check("http://inside.example/", ["10.0.0.1:80"])).toEqual(["10.0.0.1"]);
  expect(await check("http://inside.example:8080/", ["10.0.0.1:80"])).toBe("private_address");
  expect(await check("http://inside.example/", ["192.168.0.0/16", "other.example"])).toBe("private_address");
  expect(await check("http://[::1]/", ["*"])).toEqual(["::1"]);
});

test("the refusal names the host and the setting", async () => {
  await expect(new AddressGuard([], lookup).check(new URL("http://10.0.0.1:8080/x"))).rejects.toThrow(
    "10.0.0.1:8080 is refused: it is a private address; the server's setting PUNA_ALLOW_PRIVATE_URLS=10.0.0.1 would allow it",
  );
});

test("a lookup that takes for ever can be left", async () => {
  const guard = new AddressGuard([], () => new Promise(() => {}));
  const abort = new AbortController();
  const checked = guard.check(new URL("http://slow.example/"), abort.signal);
  abort.abort();
  await expect(checked).rejects.toThrow("canceled");
});
