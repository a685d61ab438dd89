/** Reading in a thread: the limits end it, the caller goes on. Time decides nothing here but that a limit of time is kept. */
import { describe, expect, it } from "vitest";
import { docx, pdf, wordParagraph } from "../../../test/fixtures/documents.ts";
import { Canceled } from "../../errors.ts";
import { Unreadable } from "../types.ts";
import { parseDocument } from "./index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
/** Enough to be still reading when it is told to stop. */
const slow = bytes(`a,b\n${'x,"y" z\n'.repeat(10)}${'"'.repeat(3_000_001)}`);

describe("in its thread", () => {
  it("reads many at the same time, leaves the caller's bytes alone, and answers each with its own", async () => {
    const files = Array.from({ length: 12 }, (_, index) => docx(wordParagraph(`Document number ${index}.`)));
    const documents = await Promise.all(files.map((file, index) => parseDocument(file, { name: `${index}.docx` })));
    expect(documents.map(({ text }) => text)).toEqual(files.map((_, index) => `Document number ${index}.`));
    expect(files[0]?.length).toBeGreaterThan(100);
  });

  it("finds the character maps that the build lays beside it", async () => {
    const document = await parseDocument(pdf([[{ x: 72, y: 700, text: "羊驼在高原。" }]], { chinese: true }), { name: "a.pdf" });
    expect(document.text).toBe("羊驼在高原。");
  });

  it("gives the reason of what cannot be read, and reads the next one", async () => {
    await expect(parseDocument(pdf([[]]), { name: "scan.pdf" })).rejects.toMatchObject({
      name: "Unreadable",
      reason: "scan",
      status: 400,
      code: "unreadable_scan",
    });
    await expect(parseDocument(new Uint8Array(), { name: "a.txt" })).rejects.toMatchObject({ reason: "empty" });
    expect((await parseDocument(bytes("Words."), { name: "a.txt" })).text).toBe("Words.");
  });

  it("ends what takes too long", async () => {
    const program = new Uint8Array(80 << 20).fill(32);
    const file = pdf([[]], { program });
    const error = await parseDocument(file, { name: "slow.pdf" }, { timeMs: 60 }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: "too-slow" });
    expect((await parseDocument(bytes("Words."), { name: "a.txt" })).text).toBe("Words.");
  });

  it("ends what takes too much memory, in the heap and beside it", async () => {
    const cells = `{"a":[${'{"k":[1,2,{"z":[]}]},'.repeat(700_000)}0]}`;
    await expect(parseDocument(bytes(cells), { name: "heap.json" }, { memoryMb: 48 })).rejects.toMatchObject({
      reason: "too-much-memory",
    });
    const program = new Uint8Array(400 << 20).fill(32);
    const error = await parseDocument(pdf([[]], { program }), { name: "bomb.pdf" }, { memoryMb: 64, timeMs: 30_000 }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(Unreadable);
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const reading = parseDocument(slow, { name: "slow.csv" }, {}, { signal: controller.signal });
    controller.abort();
    await expect(reading).rejects.toBeInstanceOf(Canceled);
    await expect(parseDocument(slow, { name: "slow.csv" }, {}, { signal: controller.signal })).rejects.toBeInstanceOf(Canceled);
  });
});
