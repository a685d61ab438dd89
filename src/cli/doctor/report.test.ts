import { expect, test } from "vitest";
import { judge, type Report } from "./examine.ts";
import { whyNot } from "./kernels.ts";
import { renderReport } from "./report.ts";

const well: Omit<Report, "findings"> = {
  puna: "0.1.0",
  node: "20.19.0",
  platform: "linux x64",
  cpu: { model: "Some CPU", threads: 4, usableCpus: 8, flags: ["avx", "f16c", "fma", "avx2", "bmi2", "sse4_2"] },
  memory: { totalBytes: 16e9, freeBytes: 8e9 },
  kernels: {
    packages: [
      { name: "@node-llama-cpp/linux-x64", variant: "cpu", installed: true, install: "install cpu" },
      { name: "@node-llama-cpp/linux-x64-cuda", variant: "cuda", installed: false, install: "install cuda" },
      { name: "@node-llama-cpp/linux-x64-vulkan", variant: "vulkan", installed: false, install: "install vulkan" },
    ],
    library: {
      version: "0.5.0",
      directory: "/lib",
      variant: "cpu",
      kernelBuild: "libggml-cpu-haswell.so",
      gpus: [],
      cpuBuilds: ["libggml-cpu-haswell.so", "libggml-cpu-icelake.so", "libggml-cpu-sandybridge.so", "libggml-cpu-alderlake.so"],
    },
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
        not used     icelake: this CPU lacks avx512f, avx512cd, avx512vl, avx512dq, avx512bw, avx512vbmi, avx512_vnni
        not used     sandybridge: the one in use is faster here
        not used     alderlake: this CPU lacks avx_vnni

      GPU builds
        cuda      not installed; to add it: install cuda
        vulkan    not installed; to add it: install vulkan

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
    kernels: { packages: well.kernels.packages, error: "no llama.cpp build is installed" },
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
    ["broken", "run 'install cpu', or set PUNA_LLAMA_LIB"],
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

test("why a kernel build is not in use", () => {
  const flags = new Set(well.cpu.flags);
  expect(whyNot("libggml-cpu-alderlake.so", flags)).toBe("this CPU lacks avx_vnni");
  expect(whyNot("libggml-cpu-sandybridge.so", flags)).toBe("the one in use is faster here");
  expect(whyNot("libggml-cpu-unheard-of.so", flags)).toBeUndefined();
});
