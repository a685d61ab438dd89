import { defineConfig } from "vitest/config";

const report = process.env.PUNA_TEST_REPORT;
const times = { testTimeout: 120_000, hookTimeout: 120_000 };
/** Tests that compute with native threads, or start programs that do. */
const engines = ["src/llama/**/*.test.ts", "src/chat/grammar/engine.test.ts"];
const documents = ["test/docs/**/*.test.ts"];

export default defineConfig({
  test: {
    // pdf.js forgets promises of damaged files. The thread that reads documents bears that (parse/thread.ts); so must tests that read without it.
    onUnhandledError: (error) => (error.stack?.includes("/unpdf/dist/pdfjs.mjs") ? false : undefined),
    reporters: report ? ["default", "json"] : ["default"],
    ...(report && { outputFile: { json: report } }),
    projects: [
      // Two at a time: each test has one native thread at most, and the machine that CI has, has two cores.
      {
        // Most of these files take less time than loading what they test, so all of them read each module once.
        test: {
          ...times,
          name: "parts",
          include: ["src/**/*.test.ts", ...documents],
          exclude: engines,
          isolate: false,
          maxWorkers: 2,
        },
      },
      { test: { ...times, name: "whole", include: ["test/**/*.test.ts", ...engines], exclude: documents, maxWorkers: 2 } },
    ],
  },
});
