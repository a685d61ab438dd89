// Part of the build: the character maps and standard fonts of pdf.js, without which Chinese, Japanese and Korean text of many PDFs
// is lost. They come from pdfjs-dist, a development dependency of 41 MB of which these 2.5 MB are needed at run time.
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const from = dirname(fileURLToPath(import.meta.resolve("pdfjs-dist/package.json")));
const to = fileURLToPath(new URL("../dist/knowledge/parse/pdf/", import.meta.url));

for (const folder of ["cmaps", "standard_fonts"]) {
  rmSync(join(to, folder), { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(join(from, folder), join(to, folder), { recursive: true }); // their licences lie inside
}
