import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkFunctions, generateLayouts } from "./abi-generate.ts";
import { parseHeaders, resolveType } from "./abi-header.ts";

const example = `
#define MOST 512 // a comment
#define API_MACRO(x) \\
    struct not_real { int a; };
extern "C" {
  struct opaque;
  typedef struct opaque * opaque_t;
  typedef int32_t token; /* not
  int32_t hidden; */
  typedef bool (*callback)(float progress, void * user, int (*inner)(int));
  enum colour { RED, GREEN = 5, BLUE, SHIFTED = 1 << 4, SAME = GREEN, LAST = -1, };
  struct params {
    const char * name; // why
    token first;
    enum colour colour;
    struct opaque ** many;
    bool mask[MOST];
    callback on_progress;
    size_t (*direct)(void);
    opaque_t handle;
  };
  typedef struct pair { float a; int b; } pair;
  struct with_union { union { int a; float b; }; };
  LLAMA_API struct params params_default(void);
  LLAMA_API const char * name_of(const struct opaque * o, enum colour c, token t[], size_t n);
  DEPRECATED(LLAMA_API int old(int a), "use (something) else");
  GGML_BACKEND_API void run(
      opaque_t handle,
      struct params p,
      callback cb);
}`;

describe("header parser", () => {
  const header = parseHeaders([example]);
  const fields = (name: string) =>
    Object.fromEntries([...header.structs.get(name)!].map(([field, type]) => [field, resolveType(header, type)]));

  it("reads constants and enums", () => {
    expect(header.constants.get("MOST")).toBe(512);
    expect(Object.fromEntries(header.enums.get("colour")!)).toEqual({
      RED: 0,
      GREEN: 5,
      BLUE: 6,
      SHIFTED: 16,
      SAME: 5,
      LAST: -1,
    });
  });

  it("reads structs through typedefs, pointers, arrays and function pointers", () => {
    expect(fields("params")).toEqual({
      name: { base: "char", stars: 1 },
      first: { base: "int32_t", stars: 0 },
      colour: { base: "colour", stars: 0 },
      many: { base: "opaque", stars: 2 },
      mask: { base: "bool", stars: 0, length: 512 },
      on_progress: { base: "void", stars: 1 },
      direct: { base: "void", stars: 1 },
      handle: { base: "opaque", stars: 1 },
    });
    expect(fields("pair")).toEqual({ a: { base: "float", stars: 0 }, b: { base: "int", stars: 0 } });
    expect(header.structs.get("with_union")).toBeUndefined();
    expect(header.structs.has("not_real")).toBe(false);
  });

  it("reads exported functions, without deprecated ones", () => {
    expect([...header.functions.keys()]).toEqual(["params_default", "name_of", "run"]);
    expect(checkFunctions(header, { params_default: ["void *"] })).toEqual(["params_default: result is not void *"]);
    expect(
      checkFunctions(header, {
        name_of: ["str", "void *", "int32_t", "void *", "size_t"],
        run: ["void", "void *", "void *", "void *"],
      }),
    ).toEqual(["run: argument 2 is not void *"]);
    expect(checkFunctions(header, { name_of: ["str", "void *", "int32_t", "void *", "uint32_t"] })).toEqual([
      "name_of: argument 4 is not uint32_t",
    ]);
    expect(checkFunctions(header, { name_of: ["str"], gone: ["void"] })).toEqual([
      "name_of takes 4 arguments, not 0",
      "gone is not in the headers",
    ]);
  });

  it("says what a release lacks", () => {
    expect(() => generateLayouts({ version: "1.2.3", header, sources: "" })).toThrow("struct llama_token_data was not found");
  });

  it("gets back any struct that it is shown", () => {
    const types = ["int32_t", "uint32_t", "float", "bool", "size_t", "char *", "struct opaque *"];
    const names = fc.stringMatching(/^[a-z]\w{0,8}$/).filter((name) => !["const", "struct", "enum", "extern"].includes(name));
    const field = fc.tuple(names, fc.constantFrom(...types), fc.constantFrom("", " // x; y", " /* { */"));
    fc.assert(
      fc.property(fc.uniqueArray(field, { selector: ([name]) => name, minLength: 1 }), (declared) => {
        const text = `struct made {\n${declared.map(([name, type, comment]) => `  ${type} ${name};${comment}\n`).join("")}};`;
        const parsed = parseHeaders([text]).structs.get("made")!;
        expect([...parsed.keys()]).toEqual(declared.map(([name]) => name));
        expect([...parsed.values()].map(({ base, stars }) => `${base}${stars ? " *" : ""}`)).toEqual(
          declared.map(([, type]) => type.replace("struct ", "")),
        );
      }),
    );
  });
});
