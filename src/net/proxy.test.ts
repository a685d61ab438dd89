import { expect, test } from "vitest";
import { proxyAuthorization, proxyFor } from "./proxy.ts";

const settings = { http: "http://plain:3128", https: "secure:3129", no: "" };
const through = (url: string, no = "") => proxyFor(new URL(url), { ...settings, no })?.href;

test("the scheme decides, this machine is never called through a proxy", () => {
  expect(through("https://r.example/x")).toBe("http://secure:3129/");
  expect(through("http://r.example/x")).toBe("http://plain:3128/");
  for (const host of ["localhost", "127.0.0.1:5000", "127.9.9.9", "[::1]:11434"])
    expect(through(`http://${host}/`)).toBeUndefined();
  expect(proxyFor(new URL("https://r.example"), { http: "", https: "", no: "" })).toBeUndefined();
});

test.each([
  ["*", "r.example", true],
  ["example", "r.example", true],
  [".example", "r.example", true],
  ["*.example", "r.example", true],
  ["r.example", "r.example", true],
  ["R.EXAMPLE", "r.example", true],
  [".r.example", "r.example", false],
  ["ample", "r.example", false],
  ["r.example:443", "r.example", true],
  ["r.example:8443", "r.example", false],
  ["10.0.0.0/8", "10.2.3.4", true],
  ["10.0.0.0/8", "11.2.3.4", false],
  ["10.0.0.0/99", "10.2.3.4", false],
  ["10.2.3.4", "10.2.3.4", true],
  ["fd00::/8", "[fd12::1]", true],
  ["[fd12::1]:443", "[fd12::1]", true],
  ["a, ,r.example ,b", "r.example", true],
])("NO_PROXY=%s and %s: %s", (no, host, bypassed) => {
  expect(through(`https://${host}/`, no) === undefined).toBe(bypassed);
});

test.each(["socks5://x:1", "http://", "http://a b"])("%s is no proxy", (https) => {
  expect(() => proxyFor(new URL("https://r.example"), { ...settings, https })).toThrow(
    "HTTPS_PROXY is no address of an HTTP proxy",
  );
});

test("user and password", () => {
  expect(proxyAuthorization(new URL("http://me:p%40ss@proxy"))).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  expect(proxyAuthorization(new URL("http://proxy"))).toBeUndefined();
});
