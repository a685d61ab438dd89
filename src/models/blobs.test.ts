/** Content-addressed files: verified while written, whole or not there. */
import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256, Workbench } from "../../test/models/workbench.ts";
import { Invalid } from "../errors.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.dispose]());

const blobFiles = () => (existsSync(bench.store.blobs.folder) ? readdirSync(bench.store.blobs.folder) : []);

describe("blobs", () => {
  const digest = sha256("hello");
  const stream = async function* (...parts: string[]) {
    for (const part of parts) yield Buffer.from(part);
  };

  it("stores a stream once", async () => {
    expect(await bench.store.hasBlob(digest)).toBe(false);
    expect(await bench.store.putBlob(digest, stream("he", "llo"))).toBe("created");
    expect(await bench.store.putBlob(digest.replace(":", "-").toUpperCase().replace("SHA", "sha"), stream("anything"))).toBe(
      "exists",
    );
    expect(await bench.store.hasBlob(digest)).toBe(true);
    expect(blobFiles()).toEqual([digest.replace(":", "-")]);
  });

  it("refuses content with another digest and leaves nothing behind", async () => {
    const error = await bench.store.putBlob(digest, stream("other")).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new Invalid(`digest mismatch, expected "${digest}", got "${sha256("other")}"`));
    expect(blobFiles()).toEqual([]);
  });

  it("leaves nothing behind when the sender stops", async () => {
    const broken = async function* () {
      yield Buffer.from("he");
      throw new Error("client left");
    };
    await expect(bench.store.putBlob(digest, broken())).rejects.toThrow("client left");
    expect(blobFiles()).toEqual([]);
  });

  it.each(["", "sha256:", `sha256:${"g".repeat(64)}`, `sha512:${"0".repeat(64)}`, `sha256:../${"0".repeat(61)}`])(
    "refuses the digest %j",
    async (text) => {
      await expect(bench.store.hasBlob(text)).rejects.toThrow(new Invalid("invalid digest format"));
    },
  );
});
