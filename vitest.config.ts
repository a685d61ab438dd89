import { defineConfig } from "vitest/config";

const report = process.env.PUNA_TEST_REPORT;
const times = { testTimeout: 120_000, hookTimeout: 120_000 };
/** Tests that compute with native threads, or start programs that do. */
const engines = ["src/llama/**/*.test.ts", "src/chat/grammar/engine.test.ts"];
const documents = ["test/docs/**/*.test.ts"];

export default defineConfig({
  test: {
    reporters: report ? ["default", "json"] : ["default"],
    ...(report && { outputFile: { json: report } }),
    projects: [
      {
        // Two processes that read each module once: most of these files take less time than loading what they test.
        test: {
          ...times,
          name: "parts",
          include: ["src/**/*.test.ts", ...documents],
          exclude: engines,
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        // Native threads spin at barriers: one file after another, so that two engines never fight for a core.
        test: { ...times, name: "whole", include: ["test/**/*.test.ts", ...engines], exclude: documents, fileParallelism: false },
      },
    ],
  },
});
