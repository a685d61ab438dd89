import { randomBytes } from "node:crypto";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalSite, localSite, localWeb } from "../../test/support/local-site.ts";
import type { Visit, Web } from "./web.ts";

let site: LocalSite;
let other: LocalSite;
beforeAll(async () => {
  other = await localSite({ "/secret": "inside" });
  site = await localSite({
    "/": "hello",
    "/to/": { status: 302, headers: { location: "../" } },
    "/loop": { status: 301, headers: { location: "/loop" } },
    "/metadata": { status: 302, headers: { location: "http://169.254.169.254/latest/meta-data/" } },
    "/inside": { status: 302, headers: { location: `${other.url}/secret` } },
    "/decimal": { status: 302, headers: { location: `http://2130706433:${other.port}/secret` } },
    "/file": { status: 302, headers: { location: "file:///etc/passwd" } },
    "/nonsense": { status: 302, headers: { location: "http://" } },
    "/login": { status: 302, headers: { location: "http://user:secret@127.0.0.1/" } },
    "/packed": { headers: { "content-encoding": "gzip" }, body: gzipSync("packed text") },
    "/brotli": { headers: { "content-encoding": "br" }, body: brotliCompressSync("brotli text") },
    "/bomb": { headers: { "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(30 << 20)) },
    "/torn": { headers: { "content-encoding": "gzip" }, body: gzipSync(randomBytes(5000)).subarray(0, 2000) },
    "/odd": { headers: { "content-encoding": "lzma" }, body: "?" },
    "/huge": { headers: { "content-length": String(1 << 30) }, body: "x" },
    "/missing": { status: 404, body: "not here" },
    "/endless": (_, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      const timer = setInterval(() => response.write("x".repeat(100)), 5);
      response.on("close", () => clearInterval(timer));
    },
    "/flood": (_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(1 << 16, "x")));
      };
      response.on("drain", more);
      more();
    },
    "/silent": () => {},
    "/stops": (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("only this");
    },
    "/breaks": (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("only this");
      setTimeout(() => response.destroy(), 20);
    },
  });
});
afterAll(async () => {
  await site.close();
  await other.close();
});

const get = async (path: string, visit: Partial<Visit> = {}, web: Web = localWeb([site])) => {
  try {
    const signal = new AbortController().signal;
    const { url, status, body } = await web.get(new URL(path, site.url), { signal, ...visit });
    return `${status} ${url.pathname} ${body?.toString("utf8") ?? "-"}`;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

test("a page, a redirect, an answer that is no page", async () => {
  expect(await get("/")).toBe("200 / hello");
  expect(await get("/to/")).toBe("200 / hello");
  expect(await get("/missing")).toBe("404 /missing -");
  expect(await get("/", { wants: () => false })).toBe("200 / -");
});

describe("redirects", () => {
  test.each([
    ["/loop", "too_many_redirects"],
    ["/metadata", "private_address"],
    ["/inside", "private_address"],
    ["/decimal", "private_address"],
    ["/file", "bad_url"],
    ["/login", "bad_url"],
    ["/nonsense", "bad_redirect"],
  ])("%s: %s", async (path, code) => {
    expect(await get(path)).toBe(code);
    expect(other.requests).toEqual([]);
  });

  test("headers for the first address do not go on to the next", async () => {
    site.asked();
    const from = site.requests.length;
    await get("/to/", { headers: { "if-none-match": '"x"' } });
    expect(site.requests.slice(from).map(({ headers }) => headers["if-none-match"])).toEqual(['"x"', undefined]);
  });
});

describe("names", () => {
  const named = (path: string) => new URL(path, `http://site.example:${site.port}`).href;

  test("the connection goes to the address that was checked: nothing asks a second time", async () => {
    let asked = 0;
    const lookup = async () => [{ address: asked++ === 0 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    const web = localWeb([site], { lookup });
    expect(await get(named("/"), {}, web)).toBe("200 / hello");
    expect(asked).toBe(1);
    expect(site.requests.at(-1)?.headers.host).toBe(`site.example:${site.port}`);
    // The next request asks anew, and is refused.
    expect(await get(named("/"), {}, web)).toBe("private_address");
  });

  test("of several addresses none but the allowed one is tried", async () => {
    const addresses = ["10.0.0.1", "169.254.169.254", "127.0.0.1"].map((address) => ({ address, family: 4 }));
    expect(await get(named("/"), {}, localWeb([site], { lookup: async () => addresses }))).toBe("200 / hello");
  });

  test("a redirect to a name that leads inside", async () => {
    site.pages["/to-name"] = { status: 302, headers: { location: `http://inside.example:${other.port}/secret` } };
    const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
    expect(await get("/to-name", {}, localWeb([site], { lookup }))).toBe("private_address");
  });
});

describe("bodies", () => {
  test("are unpacked", async () => {
    expect(await get("/packed")).toBe("200 /packed packed text");
    expect(await get("/brotli")).toBe("200 /brotli brotli text");
    expect(await get("/odd")).toBe("unknown_encoding");
    expect(await get("/torn")).toBe("unreachable");
  });

  test("have an end: by size, packed and unpacked, and by time", async () => {
    const limits = { bytes: 1 << 20 };
    expect(await get("/bomb", { limits })).toBe("too_large");
    expect(await get("/flood", { limits })).toBe("too_large");
    expect(await get("/huge", { limits })).toBe("too_large");
    expect(await get("/endless", { limits: { totalMs: 150 } })).toBe("too_slow");
    expect(await get("/silent", { limits: { silentMs: 50 } })).toBe("unreachable");
    expect(await get("/stops", { limits: { silentMs: 50 } })).toBe("unreachable");
    expect(await get("/breaks")).toBe("unreachable");
  });

  test("can be left in the middle", async () => {
    const abort = new AbortController();
    const left = localWeb([site]).get(new URL("/endless", site.url), { signal: abort.signal });
    setTimeout(() => abort.abort(), 30);
    await expect(left).rejects.toThrow("canceled");
  });
});

test("what is no web page is not asked", async () => {
  for (const url of ["ftp://host.example/", "file:///etc/passwd", "javascript:1", "http://user@host.example/"]) {
    expect(await get(url)).toBe("bad_url");
  }
});
