import { defineConfig } from "vitest/config";

const report = process.env.PUNA_TEST_REPORT;

// Native threads spin at barriers: files run one after another, so that two engines never fight for a core.
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: report ? ["default", "json"] : ["default"],
    ...(report && { outputFile: { json: report } }),
  },
});
