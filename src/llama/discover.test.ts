import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findBuild, installCommand, pickLibrary, platformPackages, readBuild } from "./discover.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "puna-discover-"));
afterAll(() => rmSync(root, { recursive: true }));

function folder(name: string, files: string[]): string {
  const directory = path.join(root, name);
  mkdirSync(directory);
  for (const file of files) writeFileSync(path.join(directory, file), "");
  return directory;
}

const linux = { platform: "linux", arch: "x64" };
const none = () => undefined;

describe("packages by platform", () => {
  it.each([
    ["linux", "x64", ["linux-x64", "linux-x64-cuda", "linux-x64-vulkan"]],
    ["linux", "arm64", ["linux-arm64"]],
    ["linux", "arm", ["linux-armv7l"]],
    ["darwin", "arm64", ["mac-arm64-metal"]],
    ["darwin", "x64", ["mac-x64"]],
    ["win32", "x64", ["win-x64", "win-x64-cuda", "win-x64-vulkan"]],
    ["win32", "arm64", ["win-arm64"]],
    ["freebsd", "x64", []],
  ])("%s %s", (platform, arch, names) => {
    expect(platformPackages({ platform, arch }).map(({ name }) => name)).toEqual(names.map((name) => `@node-llama-cpp/${name}`));
  });

  it("names the one command when none is installed", () => {
    expect(() => findBuild({}, linux, none)).toThrow(
      `(@node-llama-cpp/linux-x64): run npm install @node-llama-cpp/linux-x64@3.22.1`,
    );
    expect(() => findBuild({ variant: "cuda" }, linux, none)).toThrow(installCommand("@node-llama-cpp/linux-x64-cuda"));
    expect(() => findBuild({ variant: "metal" }, linux, none)).toThrow("no metal build of llama.cpp is published for linux x64");
    expect(() => findBuild({}, { platform: "sunos", arch: "x64" }, none)).toThrow(
      "point PUNA_LLAMA_LIB at the folder of a build of your own",
    );
  });
});

describe("the build to use", () => {
  const plain = folder("plain", [
    "libllama.v0.5.0.so",
    "libggml.v0.5.0.so",
    "libggml-base.so",
    "libllama-common.so",
    "libggml-cpu-x64.so",
  ]);
  const cuda = folder("cuda", ["libllama.cuda.v0.5.0.so", "libggml.cuda.v0.5.0.so", "libggml-base.so", "libggml-cuda.so"]);
  const installed = (name: string) => (name.endsWith("-cuda") ? cuda : name.endsWith("-x64") ? plain : undefined);

  it("is a GPU build where one is installed, unless another is asked for", () => {
    expect(findBuild({}, linux, installed)).toMatchObject({
      directory: cuda,
      variant: "cuda",
      package: "@node-llama-cpp/linux-x64-cuda",
    });
    expect(findBuild({ variant: "cpu" }, linux, installed)).toMatchObject({ directory: plain, variant: "cpu" });
    expect(findBuild({ path: plain }, linux, installed)).toMatchObject({ directory: plain, package: undefined, variant: "cpu" });
    expect(findBuild({ path: cuda }, linux, none)).toMatchObject({
      variant: "cuda",
      llama: path.join(cuda, "libllama.cuda.v0.5.0.so"),
    });
  });

  it("may have plain names, or those of another platform", () => {
    const files = (name: string) => folder(`windows-${name}`, [`${name}llama.dll`, `${name}ggml.dll`, `${name}ggml-base.dll`]);
    expect(readBuild(files("")).ggml).toMatch(/ggml\.dll$/);
    expect(readBuild(files("lib")).llama).toMatch(/libllama\.dll$/);
    expect(() => readBuild(folder("half", ["libllama.so", "libggml.so"]))).toThrow("libggml-base is missing");
    expect(() => readBuild(path.join(root, "absent"))).toThrow("is not a folder");
  });

  it("picks the library by its name alone", () => {
    const files = [
      "libllama-common.so",
      "libllama.so.0",
      "libllama.so",
      "libllama.0.5.0.dylib",
      "libllama.cuda.v0.5.0.so",
      "xlibllama.so",
      "libllama.so.txt",
    ];
    expect(pickLibrary(files, "llama")).toBe("libllama.so");
    expect(pickLibrary(files.slice(3), "llama")).toBe("libllama.0.5.0.dylib");
    expect(pickLibrary(files.slice(4), "llama")).toBe("libllama.cuda.v0.5.0.so");
    expect(pickLibrary(["libllama-common.so", "libllama.so.txt"], "llama")).toBeUndefined();
  });
});
