/** Files that are broken, locked, no documents, or made to do harm: each ends as `Unreadable` with the one reason that is true. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { docx, epub, odf, pdf, pptx, wordParagraph, xlsx, zip, zipBomb } from "../../../test/fixtures/documents.ts";
import { Unreadable } from "../types.ts";
import { PARSE_LIMITS, type ParseLimits } from "./limits.ts";
import { readDocument } from "./read.ts";

async function reasonOf(content: Uint8Array | string, name: string, limits: Partial<ParseLimits> = {}): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const error = await readDocument(bytes, { name, limits: { ...PARSE_LIMITS, ...limits } }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Unreadable)) return `read without a word, or ${error}`;
  expect(error.status).toBe(400);
  expect(error.message).toContain(name);
  return error.reason;
}

const word = docx(wordParagraph("Some words of a document, to be cut off somewhere."));
const page = [{ x: 72, y: 700, text: "Words." }];

describe("empty", () => {
  it.each(["a.pdf", "a.docx", "a.txt", "a"])("0 bytes as %s", async (name) => {
    expect(await reasonOf("", name)).toBe("empty");
  });

  it.each([
    ["white space", " \n\t\u00A0\n", "a.txt"],
    ["a page of nothing but script", "<html><script>1</script></html>", "a.html"],
    ["a document without a word", docx("<w:p/>"), "a.docx"],
    ["a book without chapters", epub([]), "a.epub"],
    ["an empty sheet", xlsx([{ name: "S", rows: [] }]), "a.xlsx"],
  ])("%s holds no text", async (_, content, name) => {
    expect(await reasonOf(content, name)).toBe("no-text");
  });

  it("a PDF of pictures only is said to be a scan", async () => {
    expect(await reasonOf(pdf([[], [], []]), "scan.pdf")).toBe("scan");
  });
});

describe("locked", () => {
  it.each([
    ["a PDF", pdf([page], { encrypted: true }), "a.pdf"],
    ["an OpenDocument", odf("text", "<text:p>x</text:p>", { "META-INF/manifest.xml": "<manifest:encryption-data/>" }), "a.odt"],
    [
      "a book with DRM",
      epub(["<p>x</p>"], {
        "META-INF/encryption.xml": '<encryption><enc:CipherReference URI="OEBPS/text/c%200.xhtml"/></encryption>',
      }),
      "a.epub",
    ],
    ["a Word document", office(Buffer.from("EncryptedPackage", "utf16le")), "a.docx"],
    ["a zip entry", lockedZip(), "a.docx"],
  ])("%s with a password", async (_, content, name) => {
    expect(await reasonOf(content, name)).toBe("encrypted");
  });
});

describe("not a document", () => {
  it.each([
    ["Word before 2007", office(Buffer.from("WordDocument", "utf16le")), "a.doc"],
    ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]), "a.png"],
    ["a program", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0]), "a.txt"],
    ["random bytes", Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 251), "a.bin"],
    ["an archive", zip({ "a.txt": "x" }), "a.zip"],
  ])("%s is unsupported", async (_, content, name) => {
    expect(await reasonOf(content, name)).toBe("unsupported");
  });
});

describe("damaged", () => {
  it.each([0.2, 0.5, 0.9, 0.99])("an office file cut off at %f", async (share) => {
    expect(await reasonOf(word.subarray(0, Math.floor(word.length * share)), "a.docx")).toBe("damaged");
  });

  it.each([
    ["a PDF without pages", "%PDF-1.7\n%%EOF", "a.pdf"],
    ["a PDF of noise", `%PDF-1.4\n${"\u0001\u0002garbage".repeat(50)}`, "a.pdf"],
    ["noise by the name of a PDF", new Uint8Array(500).fill(3), "a.pdf"],
    ["an archive by the name of a workbook", zip({ "x.txt": "x" }), "a.xlsx"],
    ["a document without its main part", zip({ "[Content_Types].xml": "<Types/>", "word/x.xml": "<x/>" }), "a.docx"],
    ["an OpenDocument without content", zip({ mimetype: "application/vnd.oasis.opendocument.text" }), "a.odt"],
    ["a book without a list", zip({ mimetype: "application/epub+zip" }), "a.epub"],
  ])("%s", async (_, content, name) => {
    expect(await reasonOf(content, name)).toBe("damaged");
  });
});

describe("made to do harm", () => {
  it("an archive that unpacks to far more than it says", async () => {
    const parts = { "[Content_Types].xml": "<Types/>" };
    expect(await reasonOf(zipBomb("word/document.xml", 40 << 20, parts), "bomb.docx")).toBe("bomb");
    expect(await reasonOf(zipBomb("xl/workbook.xml", 2 << 20, parts), "bomb.xlsx", { expandedBytes: 1 << 20 })).toBe("bomb");
  });

  it("an archive of too many files", async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`word/${index}.xml`, "<x/>"]));
    expect(await reasonOf(zip(many), "many.docx", { entries: 40 })).toBe("bomb");
  });

  it("XML that nests for ever, or defines entities by each other", async () => {
    expect(await reasonOf(docx("<w:p>".repeat(100_000)), "deep.docx")).toBe("bomb");
    expect(await reasonOf(`<rss>${"<channel>".repeat(5_000)}`, "deep.xml")).toBe("bomb");
    const laughs = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "${"&a;".repeat(100)}">]><rss><channel><title>${"&b;".repeat(100)}</title></channel></rss>`;
    const document = await readDocument(new TextEncoder().encode(laughs), { name: "laughs.xml", limits: PARSE_LIMITS });
    expect(document.text.length).toBeLessThan(1_000);
  });

  it("HTML and JSON that nest for ever", async () => {
    expect(await reasonOf(`<html>${"<div>".repeat(100_000)}x`, "deep.html")).toBe("bomb");
    expect(await reasonOf(`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "deep.json")).toBe("bomb");
  });

  it("mails inside mails", async () => {
    const nested = Array.from({ length: 40 }, () => "From: a@b\nTo: c@d\nSubject: again\nContent-Type: message/rfc822\n\n").join(
      "",
    );
    const document = await readDocument(new TextEncoder().encode(nested), { name: "nested.eml", limits: PARSE_LIMITS });
    expect(document.notes).toEqual(["Mails inside mails were read ten deep."]);
  });

  it("more pages, text or bytes than the limits allow", async () => {
    const pages = pdf([page, page, page]);
    const document = await readDocument(pages, { name: "a.pdf", limits: { ...PARSE_LIMITS, pages: 2 } });
    expect(document.notes).toEqual(["Only the first 2 of 3 pages were read."]);
    expect(await reasonOf("x".repeat(2_000), "a.txt", { characters: 1_000 })).toBe("too-large");
    expect(await reasonOf(docx(wordParagraph("x".repeat(2_000))), "a.docx", { characters: 1_000 })).toBe("too-large");
    expect(await reasonOf("x".repeat(2_000), "a.txt", { bytes: 1_000 })).toBe("too-large");
  });
});

it("whatever the bytes and the name, it ends as a document whose blocks are in order and cover its text, or as Unreadable", async () => {
  const samples = [
    word,
    pdf([page, page]),
    pptx([{ title: "T", lines: ["a", "b"] }]),
    epub(["<p>x</p>"]),
    odf("text", "<text:p>x</text:p>"),
    xlsx([{ name: "S", rows: ['<c r="A1"><v>1</v></c>'] }]),
  ];
  const damaged = fc
    .tuple(
      fc.constantFrom(...samples),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([sample, changes, share]) => {
      const bytes = sample.slice(0, share < 0.7 ? sample.length : Math.ceil(sample.length * share));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    });
  const texts = fc.string({ unit: "binary", maxLength: 400 }).map((text) => new Uint8Array(Buffer.from(text)));
  const markup = fc
    .array(
      fc.constantFrom(
        "<p>",
        "</p>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<h1>",
        "<li>",
        "<ul>",
        "</ul>",
        "<pre>",
        "a ",
        "# b\n",
        "\n\n",
        "|c|d|\n|-|-|\n",
        "```\n",
        "- e\n",
        '"',
        ",",
        "{",
        "}",
        "From: x\n",
        "1. ",
      ),
      { maxLength: 60 },
    )
    .map((parts) => new TextEncoder().encode(parts.join("")));
  const names = fc.constantFrom(
    "a.pdf",
    "a.docx",
    "a.xlsx",
    "a.html",
    "a.md",
    "a.txt",
    "a.csv",
    "a.json",
    "a.ipynb",
    "a.eml",
    "a.xml",
    "a.ts",
    "a.py",
    "a.toml",
    "a",
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged, texts, markup, fc.uint8Array({ maxLength: 300 })), names, async (bytes, name) => {
      try {
        const { text, blocks } = await readDocument(bytes.slice(), { name, limits: PARSE_LIMITS });
        let at = 0;
        for (const block of blocks) {
          expect(text.slice(at, block.start).trim()).toBe("");
          expect(block.end).toBeGreaterThan(block.start);
          at = block.end;
        }
        expect(text.slice(at).trim()).toBe("");
        expect(text).not.toMatch(/\p{Surrogate}|\0|\r/u);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
      }
    }),
    { numRuns: 400 },
  );
});

/** The head of the container that Office wrote before 2007, and still writes around what has a password. */
function office(content: Buffer): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(600), content]));
}

function lockedZip(): Uint8Array {
  const bytes = docx(wordParagraph("x"));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 46 < bytes.length; at++)
    if (view.getUint32(at, true) === 0x02014b50) view.setUint16(at + 8, view.getUint16(at + 8, true) | 1, true);
  return bytes;
}
