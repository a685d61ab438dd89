import { defineConfig } from "vitest/config";

// Native threads spin at barriers: files run one after another, so that two engines never fight for a core.
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
