import fc from "fast-check";
import { expect, test } from "vitest";
import { PunaError } from "../../errors.ts";
import { parseRequest } from "./request.ts";

const digest = `sha256:${"a".repeat(64)}`;
const repository = (model: string, namespace = "library", host?: string) => ({ host, namespace, model });

test.each([
  ["/v2", { kind: "root" }],
  ["/v2/", { kind: "root" }],
  ["/v2/_catalog", { kind: "catalog" }],
  ["/v2/library/mini/manifests/latest", { kind: "manifest", repository: repository("mini"), reference: "latest" }],
  ["/v2/mini/manifests/8b", { kind: "manifest", repository: repository("mini"), reference: "8b" }],
  [`/v2/a/b/manifests/${digest}`, { kind: "manifest", repository: repository("b", "a"), reference: digest }],
  ["/v2/hf.co/org/repo/tags/list", { kind: "tags", repository: repository("repo", "org", "hf.co"), text: "hf.co/org/repo" }],
  [`/v2/a/b/blobs/${digest.replace(":", "-")}`, { kind: "blob", repository: repository("b", "a"), digest }],
])("%s", (path, expected) => {
  expect(parseRequest(path)).toEqual(expected);
});

test.each([
  ["/v2/a/b", 404],
  ["/v2/a/b/tags/other", 404],
  ["/v2/a/b/blobs/uploads/", 404],
  ["/v2/a/b/blobs/sha256:12", 400],
  ["/v2/../b/manifests/latest", 400],
  ["/v2/a/..%2f/manifests/latest", 400],
  ["/v2/a/b/c/d/manifests/latest", 400],
  ["/v2/a/b/manifests/.hidden", 400],
  ["/v2//b/manifests/latest", 400],
])("%s: %i", (path, status) => {
  expect(() => parseRequest(path)).toThrow(expect.objectContaining({ status }));
});

test("any other path is an error of the family", () => {
  const part = fc.constantFrom("", ".", "..", "a", "manifests", "blobs", "tags", "list", digest, "%00", "a b", "é");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      try {
        parseRequest(`/v2/${parts.join("/")}`);
      } catch (error) {
        expect(error).toBeInstanceOf(PunaError);
      }
    }),
  );
});
