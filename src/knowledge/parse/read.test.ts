/** What each format's reader keeps: words, headings, tables, pages. The samples are written by test/fixtures/documents.ts. */
import { describe, expect, it } from "vitest";
import { docx, epub, odf, pdf, pptx, WORD_NOTES, wordParagraph, xlsx } from "../../../test/fixtures/documents.ts";
import type { ParsedDocument } from "../types.ts";
import { PARSE_LIMITS } from "./limits.ts";
import { readDocument } from "./read.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function read(content: Uint8Array | string, name: string, contentType?: string): Promise<ParsedDocument> {
  return readDocument(typeof content === "string" ? bytes(content) : content, { name, contentType, limits: PARSE_LIMITS });
}

/** Each block as one line: kind, level, page, text. */
function outline({ text, blocks }: ParsedDocument): string[] {
  return blocks.map(({ kind, level, page, start, end }) => {
    const where = `${kind}${level ?? ""}${page === undefined ? "" : ` p${page}`}`;
    return `${where}: ${text.slice(start, end)}`;
  });
}

describe("PDF", () => {
  it("keeps pages, headings by size, paragraphs over several lines and words parted by hyphens", async () => {
    const lines = (page: number) => [
      { x: 72, y: 720, size: 18, text: `Part ${page} of the story` },
      { x: 72, y: 690, text: "The llama walked over the high grass-" },
      { x: 72, y: 678, text: "land and did not look back, for the wind was cold." },
      { x: 72, y: 640, text: "A new paragraph stands further down." },
      { x: 300, y: 30, text: `${page}` },
    ];
    const document = await read(pdf([lines(1), lines(2)], { title: "Llamas 与草原" }), "story.pdf");
    expect(document.title).toBe("Llamas 与草原");
    expect(document.pages).toBe(2);
    expect(outline(document).slice(0, 3)).toEqual([
      "heading1 p1: Part 1 of the story",
      "paragraph p1: The llama walked over the high grassland and did not look back, for the wind was cold.",
      "paragraph p1: A new paragraph stands further down.",
    ]);
    expect(outline(document)).toHaveLength(6);
  });

  it("reads Chinese that uses a character map which the file does not hold", async () => {
    const document = await read(pdf([[{ x: 72, y: 700, text: "高原上的羊驼不怕冷。" }]], { chinese: true }), "中文.pdf");
    expect(document.text).toBe("高原上的羊驼不怕冷。");
    expect(document.language).toBe("zh");
  });

  it("puts cells into their columns, also where a row leaves some out", async () => {
    const rows = [
      ["Code", "Place", "Count"],
      ["A-1", "North", "12"],
      ["A-2", "", "7"],
      ["A-3", "South", "5"],
    ];
    const texts = rows.flatMap((row, line) => row.map((text, column) => ({ x: 72 + column * 120, y: 700 - line * 14, text })));
    const document = await read(pdf([texts.filter(({ text }) => text !== "")]), "table.pdf");
    expect(outline(document)).toEqual(["table p1: Code | Place | Count\nA-1 | North | 12\nA-2 |  | 7\nA-3 | South | 5"]);
    expect(document.blocks[0]?.headerRow).toBe("Code | Place | Count");
  });

  it("joins a sentence that goes over the page's end, and leaves running heads and page numbers out", async () => {
    const page = (number: number, text: string) => [
      { x: 72, y: 780, text: "The Journal of Llamas" },
      { x: 72, y: 700, text },
      { x: 300, y: 20, text: `Page ${number} of 3` },
    ];
    const document = await read(
      pdf([page(1, "The sentence begins here and"), page(2, "ends there. Another one"), page(3, "is last.")]),
      "run.pdf",
    );
    expect(outline(document)).toEqual(["paragraph p1: The sentence begins here and ends there. Another one is last."]);
  });

  it("says which pages have no text", async () => {
    const document = await read(
      pdf([[{ x: 72, y: 700, text: "Words." }], [], [], [{ x: 72, y: 700, text: "More." }]]),
      "half.pdf",
    );
    expect(document.notes).toEqual(["No text layer (pictures, scans or blank): page 2-3."]);
  });
});

describe("Word", () => {
  const heading = (text: string, style: string) => wordParagraph(text, style);

  it("keeps headings by outline level, name and inheritance; lists; tables; no lines of the contents table", async () => {
    const list = (text: string, level: number) =>
      `<w:p><w:pPr><w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="3"/></w:numPr></w:pPr><w:r><w:t>${text}</w:t></w:r></w:p>`;
    const table = `<w:tbl>${[
      ["Name", "Age"],
      ["Ada", "36"],
    ]
      .map((row) => `<w:tr>${row.map((cell) => `<w:tc>${wordParagraph(cell)}</w:tc>`).join("")}</w:tr>`)
      .join("")}</w:tbl>`;
    const body =
      heading("One", "Heading1") +
      wordParagraph("One ........ 1", "TOC1") +
      heading("二", "a2") +
      heading("Three", "Mine") +
      list("first", 0) +
      list("inner", 1) +
      table;
    const document = await read(docx(body), "a.docx");
    expect(outline(document)).toEqual([
      "heading1: One",
      "heading2: 二",
      "heading1: Three",
      "list: - first\n  - inner",
      "table: Name | Age\nAda | 36",
    ]);
  });

  it("counts the pages that Word laid out", async () => {
    const broken = "<w:p><w:r><w:t>before </w:t></w:r><w:r><w:lastRenderedPageBreak/><w:t>after</w:t></w:r></w:p>";
    const document = await read(docx(wordParagraph("first") + broken + wordParagraph("last")), "a.docx");
    expect(outline(document)).toEqual(["paragraph p1: first", "paragraph p1: before after", "paragraph p2: last"]);
    expect(document.pages).toBe(2);
  });

  it("writes formulas, follows notes, and leaves deleted text out", async () => {
    const math = "<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>";
    const note = '<w:r><w:footnoteReference w:id="2"/></w:r>';
    const deleted = "<w:del><w:r><w:t>gone</w:t></w:r></w:del>";
    const document = await read(
      docx(`<w:p><w:r><w:t>It is </w:t></w:r>${math}${deleted}${note}</w:p>`, { "word/footnotes.xml": WORD_NOTES }),
      "a.docx",
    );
    expect(outline(document)).toEqual(["paragraph: It is  (a+b)/2  [1]", "paragraph: [1] A note below the page."]);
  });
});

it("PowerPoint: a page a slide, titles, lists, tables, notes; no slide numbers", async () => {
  const document = await read(
    pptx([
      { title: "Welcome", lines: ["one", "two"], notes: "Say hello first." },
      {
        title: "Numbers",
        lines: ["A single line."],
        table: [
          ["Year", "Sum"],
          ["2025", "7"],
        ],
      },
    ]),
    "talk.pptx",
  );
  expect(document.title).toBe("Welcome");
  expect(outline(document)).toEqual([
    "heading1 p1: Welcome",
    "list p1: - one\n- two",
    "paragraph p1: Say hello first.",
    "heading1 p2: Numbers",
    "paragraph p2: A single line.",
    "table p2: Year | Sum\n2025 | 7",
  ]);
});

it("Excel: a page a sheet, shared and inline strings, dates, per cent, booleans, gaps", async () => {
  const head =
    '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>Share</t></is></c><c r="D1" t="inlineStr"><is><t>Paid</t></is></c>';
  const row =
    '<c r="A2" t="s"><v>2</v></c><c r="B2" s="1"><v>45658</v></c><c r="C2" s="3"><v>0.125</v></c><c r="D2" t="b"><v>1</v></c>';
  const gap = '<c r="A3"><v>0.30000000000000004</v></c><c r="D3" s="2"><v>45658.5</v></c>';
  const document = await read(
    xlsx(
      [
        { name: "Orders", rows: [head, row, gap] },
        { name: "空", rows: [] },
      ],
      ["Who", "When", "Ada"],
    ),
    "book.xlsx",
  );
  expect(outline(document)).toEqual([
    "heading1 p1: Orders",
    "table p1: Who | When | Share | Paid\nAda | 2025-01-01 | 12.5% | TRUE\n0.3 |  |  | 2025-01-01 12:00:00",
  ]);
  expect(document.pages).toBe(2);
});

describe("OpenDocument", () => {
  it("reads texts", async () => {
    const body =
      '<text:h text:outline-level="2">Title</text:h><text:p>Two<text:s text:c="2"/>spaces<text:line-break/>and a note<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Below.</text:p></text:note-body></text:note></text:p><text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>inner</text:p></text:list-item></text:list></text:list-item></text:list>';
    const document = await read(odf("text", body), "a.odt");
    expect(outline(document)).toEqual([
      "heading2: Title",
      "paragraph: Two  spaces\nand a note [1]",
      "paragraph: [1] Below.",
      "list: - one\n  - inner",
    ]);
  });

  it("reads sheets, whose repeated cells say how often", async () => {
    const cell = (text: string, repeated = 1) =>
      `<table:table-cell table:number-columns-repeated="${repeated}"><text:p>${text}</text:p></table:table-cell>`;
    const body = `<table:table table:name="S"><table:table-row>${cell("a")}${cell("b", 2)}<table:table-cell table:number-columns-repeated="16000"/></table:table-row><table:table-row>${cell("1")}${cell("2")}${cell("3")}</table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>`;
    expect(outline(await read(odf("spreadsheet", body), "a.ods"))).toEqual(["heading1 p1: S", "table p1: a | b | b\n1 | 2 | 3"]);
  });

  it("reads presentations", async () => {
    const frame = (kind: string, text: string) =>
      `<draw:frame presentation:class="${kind}"><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame>`;
    const body = `<draw:page>${frame("title", "Hello")}${frame("outline", "A point.")}<presentation:notes>${frame("notes", "Aside.")}</presentation:notes></draw:page>`;
    expect(outline(await read(odf("presentation", body), "a.odp"))).toEqual([
      "heading1 p1: Hello",
      "paragraph p1: A point.",
      "paragraph p1: Aside.",
    ]);
  });
});

it("EPUB: the chapters in reading order", async () => {
  const document = await read(epub(["<h1>Second</h1><p>Later.</p>", "<h1>First</h1><p>Sooner.</p>"]), "small.epub");
  expect(document.title).toBe("The Small Book");
  expect(outline(document)).toEqual(["heading1: First", "paragraph: Sooner.", "heading1: Second", "paragraph: Later."]);
});

describe("HTML", () => {
  it("takes the article and leaves navigation, scripts and footers out", async () => {
    const paragraphs = Array.from(
      { length: 6 },
      (_, index) => `<p>This is paragraph ${index} of the article, long enough, with commas, to be taken for one by anybody.</p>`,
    );
    const page = `<!doctype html><html><head><title>The Page</title><script>var x = "<p>no</p>"</script></head><body><nav><a href="/">Home</a></nav><article><h1>The Page</h1>${paragraphs.join("")}<ul><li>one<li>two<ul><li>inner</ul></ul><table><tr><th>k<th>v<tr><td>a<td>1</table><pre>x = 1\n  y = 2</pre></article><footer>Imprint</footer></body></html>`;
    const document = await read(page, "page.html");
    expect(document.title).toBe("The Page");
    expect(outline(document)).toEqual([
      "heading1: The Page",
      ...paragraphs.map((paragraph) => `paragraph: ${paragraph.slice(3, -4)}`),
      "list: - one\n- two\n  - inner",
      "table: k | v\na | 1",
      "code: x = 1\n  y = 2",
    ]);
  });

  it("takes everything when there is no article, in the declared encoding", async () => {
    const page = Buffer.concat([
      Buffer.from('<html><meta charset="gb2312"><body><div>'),
      Buffer.from([0xd6, 0xd0, 0xce, 0xc4]),
      Buffer.from("</div>"),
    ]);
    expect(outline(await read(new Uint8Array(page), "short.htm"))).toEqual(["paragraph: 中文"]);
  });

  it("reads cells of a layout table as text, and deep nesting", async () => {
    const layout =
      "<html><table><tr><td><h2>Left</h2><p>Words.</td><td><table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table></td></tr></table>";
    expect(outline(await read(layout, "l.html"))).toEqual(["heading2: Left", "paragraph: Words.", "table: a | b\n1 | 2"]);
    expect((await read(`<html>${"<div>".repeat(5_000)}deep`, "deep.html")).text).toBe("deep");
  });
});

it("Markdown: the text as it was written, blocks as ranges of it", async () => {
  const text =
    "---\ntitle: Notes\n---\n# One #\n\nA line\nand another.\n\nTwo\n---\n- a\n- b\n\n  more of b\n\n| k | v |\n|---|---|\n| a | 1 |\n\n```js\n# no heading\n```\n";
  const document = await read(text, "notes.md");
  expect(document.title).toBe("Notes");
  expect(document.text).toBe(text);
  expect(outline(document)).toEqual([
    "code: ---\ntitle: Notes\n---",
    "heading1: # One #",
    "paragraph: A line\nand another.",
    "heading2: Two\n---",
    "list: - a\n- b\n\n  more of b",
    "table: | k | v |\n|---|---|\n| a | 1 |",
    "code: ```js\n# no heading\n```",
  ]);
});

it("CSV and TSV: quotes, line breaks in cells, the delimiter that fits", async () => {
  expect(outline(await read('name,"says, often"\nAda,"two\nlines, ""quoted"""\n', "a.csv"))).toEqual([
    'table: name | says, often\nAda | two lines, "quoted"',
  ]);
  expect(outline(await read("a;b\n1,5;2\n", "a.csv"))).toEqual(["table: a | b\n1,5 | 2"]);
  expect(outline(await read("a\tb\n1\t2\n", "a.tsv"))).toEqual(["table: a | b\n1 | 2"]);
  expect((await read(`a,b\n${'"'.repeat(50_001)}`, "quotes.csv")).blocks).toHaveLength(1);
});

it("JSON: records as a table, the rest by its keys; lines of JSON; what is none stays text", async () => {
  expect(outline(await read('[{"a":1,"b":"x"},{"a":2,"b":"y"}]', "a.json"))).toEqual(["table: a | b\n1 | x\n2 | y"]);
  const document = await read('{"name":"中文","deep":{"a":[1]}}', "a.json");
  expect(document.blocks.map(({ symbol }) => symbol)).toEqual(["name", "deep"]);
  expect(document.text).toContain("中文");
  expect(outline(await read('{"a":1,"b":2}\n{"a":3,"b":4}\n', "a.jsonl"))).toEqual(["table: a | b\n1 | 2\n3 | 4"]);
  expect((await read('{"a": 1,', "a.json")).notes).toEqual(["Not valid JSON; it was read as plain text."]);
});

it("notebooks: Markdown, code, and what was printed", async () => {
  const cells = [
    { cell_type: "markdown", source: ["# Study\n", "Words."] },
    { cell_type: "code", source: "print(42)", outputs: [{ output_type: "stream", text: ["42\n"] }] },
  ];
  const document = await read(JSON.stringify({ nbformat: 4, cells }), "study.ipynb");
  expect(document.title).toBe("Study");
  expect(outline(document)).toEqual(["heading1: # Study", "paragraph: Words.", "code: print(42)", "code: 42"]);
});

it("feeds: RSS and Atom", async () => {
  const rss =
    '<?xml version="1.0"?><rss><channel><title>News</title><item><title>A &amp; B</title><pubDate>Today</pubDate><description><![CDATA[<p>Hello <b>you</b></p>]]></description></item></channel></rss>';
  expect(outline(await read(rss, "news.xml"))).toEqual([
    "heading1: News",
    "heading2: A & B",
    "paragraph: Today",
    "paragraph: Hello you",
  ]);
  const atom =
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><title>E</title><summary>Plain words.</summary></entry></feed>';
  expect(outline(await read(atom, "f.atom"))).toEqual(["heading1: F", "heading2: E", "paragraph: Plain words."]);
});

it("mails: headers, the readable part, quoted-printable and base64, attachments by name", async () => {
  const mail = [
    "From: =?utf-8?B?5byg5LiJ?= <z@example.org>",
    "To: ada@example.org",
    "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?Q?_aus_Puno?=",
    "Date: Tue, 24 Nov 2026 10:00:00 +0000",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="b1"',
    "",
    "--b1",
    "Content-Type: multipart/alternative; boundary=b2",
    "",
    "--b2",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "See HTML.",
    "--b2",
    "Content-Type: text/html; charset=gb2312",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "<p>=C4=E3=BA=C3 and a long =",
    "line</p>",
    "--b2--",
    "--b1",
    "Content-Type: application/pdf",
    "Content-Disposition: attachment; filename*=utf-8''%E6%8A%A5%E5%91%8A.pdf",
    "",
    "JVBERi0=",
    "--b1--",
  ].join("\r\n");
  const document = await read(mail, "hello.eml");
  expect(document.title).toBe("Grüße aus Puno");
  expect(outline(document)).toEqual([
    "heading1: Grüße aus Puno",
    "paragraph: From: 张三 <z@example.org>\nTo: ada@example.org\nDate: Tue, 24 Nov 2026 10:00:00 +0000",
    "paragraph: 你好 and a long line",
  ]);
  expect(document.notes).toEqual(["The attachment 报告.pdf was not read: add it by itself."]);
});

describe("what it is, is told from the bytes", () => {
  it("reads a document under a wrong name, and says so", async () => {
    const word = docx(wordParagraph("Hello."));
    expect((await read(word, "a.pdf")).notes).toEqual(["Named .pdf, but it is a Word document, and was read as such."]);
    expect((await read(word, "upload")).text).toBe("Hello.");
    expect((await read(pdf([[{ x: 9, y: 9, text: "Hi." }]]), "a.txt")).notes).toEqual([
      "Named .txt, but it is a PDF, and was read as such.",
    ]);
    const text = await read("Just words.", "a.docx");
    expect(text.notes).toEqual(["Named as a Word document, but it is text, and was read as such."]);
    expect(text.text).toBe("Just words.");
  });

  it("takes the type of the server for a page without a name", async () => {
    expect(outline(await read("a,b\n1,2", "export", "text/csv; charset=utf-8"))).toEqual(["table: a | b\n1 | 2"]);
    expect(outline(await read("# Title\n\nText.", "page", "text/markdown"))[0]).toBe("heading1: # Title");
  });
});

it("text loses NULs, lone surrogates' bytes and odd line ends, and offsets stay right", async () => {
  const document = await read(
    new Uint8Array([
      ...bytes("One\u0000 line.\r\n\r\nTwo "),
      0xed,
      0xa0,
      0x80,
      ...bytes(
        " three. Grüße, Grüße, Grüße, 你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好你好",
      ),
    ]),
    "odd.txt",
  );
  expect(document.text).toMatch(/^One line\.\n\nTwo \uFFFD+ three\./);
  expect(document.notes).toEqual(["3 characters could not be decoded."]);
});
