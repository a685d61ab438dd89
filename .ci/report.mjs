// Reads vitest's JSON report and prints the one line that says what ran.
import { readFileSync, writeFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const line = `${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} skipped`;
writeFileSync(new URL("summary.txt", import.meta.url), `${line}\n`);
console.log(line);
