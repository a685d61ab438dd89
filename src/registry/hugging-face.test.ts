import { describe, expect, test } from "vitest";
import { chooseFiles, type HubFile, hubCredentials } from "./hugging-face.ts";

const digest = `sha256:${"a".repeat(64)}`;
const files = (...paths: string[]): HubFile[] => paths.map((path) => ({ path, sizeBytes: 1, digest }));
const chosen = (tag: string, ...paths: string[]) => chooseFiles(files(...paths), tag, "hf.co/o/r").map(({ path }) => path);

describe("which files a tag means", () => {
  const repository = [
    "README.md",
    "imatrix.gguf",
    "mmproj-F16.gguf",
    "M-Q8_0.gguf",
    "M-Q4_K_M.gguf",
    "BF16/M-BF16-00002-of-00002.gguf",
    "BF16/M-BF16-00001-of-00002.gguf",
    "UD-IQ1_S/M-UD-IQ1_S-00001-of-00001.gguf",
  ];
  test.each([
    ["latest", ["M-Q4_K_M.gguf"]],
    ["Q8_0", ["M-Q8_0.gguf"]],
    ["q8_0", ["M-Q8_0.gguf"]],
    ["M-Q8_0", ["M-Q8_0.gguf"]],
    ["m-q8_0.gguf", ["M-Q8_0.gguf"]],
    ["bf16", ["BF16/M-BF16-00001-of-00002.gguf", "BF16/M-BF16-00002-of-00002.gguf"]],
    ["UD-IQ1_S", ["UD-IQ1_S/M-UD-IQ1_S-00001-of-00001.gguf"]],
  ])("%s", (tag, expected) => expect(chosen(tag, ...repository)).toEqual(expected));

  test("what comes next to Q4_K_M, or whatever there is", () => {
    expect(chosen("latest", "m.Q8_0.gguf", "m.Q5_K_M.gguf")).toEqual(["m.Q5_K_M.gguf"]);
    expect(chosen("latest", "model.gguf")).toEqual(["model.gguf"]);
    expect(chosen("latest", "Q4_K_M/part-00001-of-00001.gguf", "Q8_0/part-00001-of-00001.gguf")).toEqual([
      "Q4_K_M/part-00001-of-00001.gguf",
    ]);
  });

  test.each([
    ["Q9", ["a-Q4_0.gguf", "a-Q8_0.gguf"], 'hf.co/o/r has nothing that is called "Q9"; it has Q4_0, Q8_0'],
    ["latest", ["a-Q4_0-00001-of-00003.gguf", "a-Q4_0-00003-of-00003.gguf"], "hf.co/o/r has only 2 of the 3 parts of a-Q4_0"],
    [
      "latest",
      ["model.safetensors", "config.json"],
      "hf.co/o/r holds its weights as safetensors, and only GGUF files can be pulled",
    ],
    ["latest", ["README.md"], "hf.co/o/r holds no GGUF file"],
  ])("%s of %j", (tag, paths, message) => expect(() => chosen(tag, ...paths)).toThrow(message));
});

test("the token goes to the hub, and to the endpoint that its user chose", () => {
  const give = hubCredentials({ token: "t", endpoint: "https://mirror.example/hub" });
  const given = (url: string) => give(new URL(url));
  expect(given("https://hf.co/v2/x")).toBe("Bearer t");
  expect(given("https://huggingface.co/x")).toBe("Bearer t");
  expect(given("https://mirror.example/x")).toBe("Bearer t");
  for (const url of ["http://hf.co/x", "https://cdn.hf.co/x", "https://hf.co.evil.example/x", "https://hf.co:8443/x"]) {
    expect(given(url)).toBeUndefined();
  }
  expect(hubCredentials({ token: "", endpoint: "" })(new URL("https://hf.co"))).toBeUndefined();
  expect(hubCredentials({ token: "t", endpoint: "http://open.example" })(new URL("http://open.example"))).toBeUndefined();
});
