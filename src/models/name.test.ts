import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayName, fullName, manifestPath, parseName, sameName } from "./name.ts";

describe("parseName", () => {
  it.each([
    ["llama3.2", "registry.ollama.ai/library/llama3.2:latest", "llama3.2:latest"],
    ["llama3.2:1b", "registry.ollama.ai/library/llama3.2:1b", "llama3.2:1b"],
    ["user/m:tag", "registry.ollama.ai/user/m:tag", "user/m:tag"],
    ["hf.co/org/Repo-GGUF:Q4_K_M", "hf.co/org/Repo-GGUF:Q4_K_M", "hf.co/org/Repo-GGUF:Q4_K_M"],
    ["localhost:5000/a/b", "localhost:5000/a/b:latest", "localhost:5000/a/b:latest"],
    ["https://example.com/ns/m:t", "example.com/ns/m:t", "example.com/ns/m:t"],
    ["http://localhost:80/ns/m", "localhost:80/ns/m:latest", "localhost:80/ns/m:latest"],
    ["Registry.Ollama.AI/Library/m", "Registry.Ollama.AI/Library/m:latest", "m:latest"],
    ["_m", "registry.ollama.ai/library/_m:latest", "_m:latest"],
  ])("%s", (text, full, short) => {
    const name = parseName(text);
    expect(name && fullName(name)).toBe(full);
    expect(name && displayName(name)).toBe(short);
  });

  it.each([
    ..."|:|/|a:|a/|/a|:a|a//b|.a|-a|..|a/..|../a|../../etc/passwd|a/b/c/d|a b|a\n|a\0|name@sha256:abc|ns.x/m|m:t:u/|模型|ü|http://|a/http://b/c".split(
      "|",
    ),
    "a".repeat(81),
    `m:${"t".repeat(81)}`,
    `${"h".repeat(351)}/n/m`,
  ])("refuses %j", (text) => expect(parseName(text)).toBeUndefined());

  it("accepts the longest parts", () => {
    expect(parseName(`${"h".repeat(350)}/${"n".repeat(80)}/${"m".repeat(80)}:${"t".repeat(80)}`)).toBeDefined();
  });

  it("never leaves the store, whatever the text", () => {
    const nasty = fc
      .array(fc.constantFrom("..", ".", "/", "\\", ":", "a", "B", "://", "~", "\0", "-", "_", "%2e"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string(), nasty), (text) => {
        const name = parseName(text);
        if (!name) return;
        const file = path.resolve("/store/manifests", manifestPath(name));
        expect(path.relative("/store/manifests", file).split(path.sep)).toEqual([
          name.host,
          name.namespace,
          name.model,
          name.tag,
        ]);
      }),
    );
  });

  it("reads what it displays", () => {
    const part = (pattern: RegExp) => fc.stringMatching(pattern);
    const names = fc.record({
      host: part(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
      namespace: part(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,20}$/),
      model: part(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
      tag: part(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
    });
    fc.assert(
      fc.property(names, (name) => {
        expect(parseName(fullName(name))).toEqual(name);
        const short = parseName(displayName(name));
        expect(short && sameName(short, name)).toBe(true);
      }),
    );
  });

  it("throws rather than make a path of an invalid name", () => {
    expect(() => manifestPath({ host: "h", namespace: "..", model: "m", tag: "t" })).toThrow("invalid model name");
  });
});
