import { expect, test } from "vitest";
import { judge, type Report } from "./examine.ts";
import { renderReport } from "./report.ts";

const well: Omit<Report, "findings"> = {
  puna: "0.1.0",
  node: "20.19.0",
  platform: "linux x64",
  cpu: { model: "Some CPU", threads: 4, usableCpus: 8 },
  memory: { totalBytes: 16e9, freeBytes: 8e9 },
  kernels: {
    library: { version: "0.5.0", directory: "/lib", variant: "cpu", kernelBuild: "libggml-cpu-haswell.so", gpus: [] },
    builds: [
      {
        name: "linux-x64",
        variant: "cpu",
        state: "in use",
        note: "llama.cpp 0.5.0",
        kernels: [
          { file: "libggml-cpu-haswell.so", score: 64, inUse: true },
          { file: "libggml-cpu-sandybridge.so", score: 21, inUse: false },
          { file: "libggml-cpu-icelake.so", score: 0, inUse: false },
          { file: "libggml-cpu-zen4.so", score: 0, inUse: false },
        ],
      },
      { name: "linux-x64-cuda", variant: "cuda", state: "missing", note: "not installed", install: "install cuda", kernels: [] },
      { name: "linux-x64-vulkan", variant: "vulkan", state: "installed", note: "not chosen", kernels: [] },
    ],
  },
  graphicsCards: [],
  store: { path: "/models", writable: true, models: 2, sizeBytes: 5e9, freeDiskBytes: 1e11 },
  server: { address: "http://127.0.0.1:11434", version: "0.1.0", error: undefined },
};

test("a machine on which all is well", () => {
  expect(judge(well)).toEqual([]);
  expect(renderReport({ ...well, findings: [] }, { color: false })).toMatchInlineSnapshot(`
    "Puna 0.1.0

      Machine
        CPU        Some CPU, 8 usable CPUs
        threads    4 per model
        memory     8 GB free of 16 GB
        Node       20.19.0 on linux x64

      Kernels
        llama.cpp    0.5.0 (cpu)
        in use       libggml-cpu-haswell.so
        folder       /lib
        not used     sandybridge: slower here
        not used     icelake, zen4: not for this CPU

      GPU builds
        cuda      not installed; to add it: install cuda
        vulkan    installed (linux-x64-vulkan): not chosen

      Model store
        folder    /models
        models    2, 5 GB
        disk      100 GB free

      Server
        address    http://127.0.0.1:11434
        running    yes, version 0.1.0

    Nothing is wrong.
    "
  `);
});

test("what is broken, and what could merely be better", () => {
  const ill: Omit<Report, "findings"> = {
    ...well,
    node: "20.18.1",
    memory: { totalBytes: 1e9, freeBytes: 5e8 },
    graphicsCards: ["NVIDIA"],
    kernels: {
      error: "no llama.cpp build is installed",
      builds: well.kernels.builds.map((build) => ({ ...build, state: "missing" as const, install: `install ${build.variant}` })),
    },
    store: { ...well.store, writable: false, freeDiskBytes: 1e9 },
    server: {
      address: "http://127.0.0.1:11434",
      version: undefined,
      error: "something else answers at http://127.0.0.1:11434: no",
    },
  };
  const findings = judge(ill);
  expect(findings.map(({ level, remedy }) => [level, remedy])).toEqual([
    ["broken", "install Node 20.19 or newer"],
    ["broken", "run 'install cpu', or point PUNA_LLAMA_LIB at the folder of a build of your own"],
    ["broken", "make it writable, or set OLLAMA_MODELS to another folder"],
    ["advice", "delete models with 'puna rm', or set OLLAMA_MODELS to a folder on a larger disk"],
    ["advice", "close other programs, or use a small model"],
    ["advice", "run 'install cuda'"],
    ["broken", "set OLLAMA_HOST to another port, or stop the program that listens there"],
  ]);
  const text = renderReport({ ...ill, findings }, { color: false });
  expect(text).toContain("/models (cannot be written)");
  expect(text).toContain("Broken: Node 20.18.1 is too old\n         install Node 20.19 or newer\n");
  expect(text).not.toContain("\u001b");
});

test("a missing server is no fault", () => {
  expect(judge({ ...well, server: { ...well.server, version: undefined } })).toEqual([
    { level: "advice", what: "no server runs at http://127.0.0.1:11434", remedy: "run 'puna serve' to start it" },
  ]);
});
