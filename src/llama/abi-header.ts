/** Reads what a C header of llama.cpp declares: constants, enums, structs, typedefs and exported functions. For the maintainer's script only. */

/** A C type, as far as calling conventions care. */
export interface CTypeText {
  /** Base type without const, struct and enum, such as "int32_t" or "llama_model_params". */
  base: string;
  /** Levels of indirection; arrays in arguments and function pointers count as one. */
  stars: number;
  /** Elements of an array field. */
  length?: number;
}

export interface Header {
  constants: Map<string, number>;
  enums: Map<string, Map<string, number>>;
  /** Fields in order; undefined for structs that hold more than plain fields, which are not read. */
  structs: Map<string, Map<string, CTypeText> | undefined>;
  typedefs: Map<string, CTypeText>;
  functions: Map<string, { result: CTypeText; args: CTypeText[] }>;
}

/** Parses several headers as one. Later ones may use what earlier ones declare. */
export function parseHeaders(texts: readonly string[]): Header {
  const header: Header = {
    constants: new Map(),
    enums: new Map(),
    structs: new Map(),
    typedefs: new Map(),
    functions: new Map(),
  };
  for (const text of texts) {
    const code = withoutComments(text);
    readConstants(code, header);
    const plain = withoutMacros(code);
    readEnums(plain, header);
    readTypedefs(plain, header);
    readStructs(plain, header);
    readFunctions(plain, header);
  }
  return header;
}

/** Follows typedefs down to a base type. */
export function resolveType(header: Header, type: CTypeText): CTypeText {
  const alias = type.stars === 0 ? header.typedefs.get(type.base) : undefined;
  if (!alias || alias.base === type.base) return type;
  const { base, stars } = resolveType(header, alias);
  return type.length === undefined ? { base, stars } : { base, stars, length: type.length };
}

export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, " ");
}

function readConstants(code: string, header: Header): void {
  for (const [, name = "", value = ""] of code.matchAll(
    /^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+\(?(-?(?:0x[\da-fA-F]+|\d+))[uUlL]*\)?[ \t]*$/gm,
  )) {
    header.constants.set(name, Number(value));
  }
}

/** Drops preprocessor lines, deprecated declarations and `extern "C" {`. */
function withoutMacros(code: string): string {
  const plain = code.replace(/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$/gm, "").replace(/extern\s+"C"\s*\{/g, " ");
  let out = "";
  let at = 0;
  for (const found of plain.matchAll(/\b(?:LLAMA_API\s+)?DEPRECATED\s*\(/g)) {
    if (found.index < at) continue;
    out += plain.slice(at, found.index);
    at = closing(plain, found.index + found[0].length, "(", ")");
  }
  return out + plain.slice(at);
}

/** Index after the bracket that closes one opened before `from`. */
function closing(text: string, from: number, opens: string, closes: string): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === opens) depth++;
    else if (text[i] === closes && --depth === 0) return i + 1;
  }
  return text.length;
}

function readEnums(code: string, header: Header): void {
  for (const [, name = "", body = ""] of code.matchAll(/\benum\s+(\w+)\s*(?::[^{]*)?\{([^}]*)\}/g)) {
    const values = new Map<string, number>();
    let next = 0;
    for (const entry of body.split(",")) {
      const [, key, value] = /^\s*(\w+)\s*(?:=\s*([^,]+?))?\s*$/.exec(entry) ?? [];
      if (!key) continue;
      next = value === undefined ? next : constant(value, header, values);
      values.set(key, next++);
    }
    header.enums.set(name, values);
  }
}

/** The value of an integer expression: a number, a name, or a shift. NaN when it is more than that. */
function constant(text: string, header: Header, own: ReadonlyMap<string, number>): number {
  const shift = /^(\w+)\s*<<\s*(\w+)$/.exec(text.trim());
  if (shift) return constant(shift[1] ?? "", header, own) << constant(shift[2] ?? "", header, own);
  const word = text.trim();
  const elsewhere = () => [...header.enums.values()].map((values) => values.get(word)).find((value) => value !== undefined);
  return (
    own.get(word) ?? header.constants.get(word) ?? elsewhere() ?? (/^-?(0x)?[\da-fA-F]+$/.test(word) ? Number(word) : Number.NaN)
  );
}

function readTypedefs(code: string, header: Header): void {
  // Function pointers first: their argument lists hold commas and names of their own.
  for (const [, name = ""] of code.matchAll(/\btypedef\s+[^;{}()]+\(\s*\*\s*(\w+)\s*\)\s*\([^;{}]*\)\s*;/g)) {
    header.typedefs.set(name, { base: "void", stars: 1 });
  }
  for (const [, type = "", name = ""] of code.matchAll(/\btypedef\s+([^;{}()]+?[\s*])(\w+)\s*;/g)) {
    header.typedefs.set(name, typeOf(type));
  }
}

function readStructs(code: string, header: Header): void {
  for (const found of code.matchAll(/\bstruct\s+(\w+)\s*\{/g)) {
    const name = found[1] ?? "";
    const end = closing(code, found.index + found[0].length, "{", "}");
    const body = code.slice(found.index + found[0].length, end - 1);
    header.structs.set(name, /[{}]|\w\s*:\s*\d/.test(body) ? undefined : readFields(body, header));
  }
}

function readFields(body: string, header: Header): Map<string, CTypeText> | undefined {
  const fields = new Map<string, CTypeText>();
  for (const declaration of body.split(";").map((part) => part.trim())) {
    if (declaration === "") continue;
    const pointer = /\(\s*\*\s*(\w+)\s*\)\s*\(/.exec(declaration);
    if (pointer) {
      fields.set(pointer[1] ?? "", { base: "void", stars: 1 });
      continue;
    }
    const [, type = "", name = "", length] = /^([\s\S]+?[\s*])(\w+)\s*(?:\[\s*(\w+)\s*\])?$/.exec(declaration) ?? [];
    if (!name) return undefined;
    fields.set(name, length === undefined ? typeOf(type) : { ...typeOf(type), length: constant(length, header, new Map()) });
  }
  return fields;
}

function readFunctions(code: string, header: Header): void {
  for (const [, result = "", name = "", list = ""] of code.matchAll(
    /\b(?:LLAMA_API|GGML_API|GGML_BACKEND_API)\s+([^;{}()]+?[\s*])(\w+)\s*\(([^;{}]*)\)\s*(?:GGML_ATTRIBUTE_FORMAT\([^)]*\))?\s*;/g,
  )) {
    const args = topLevelParts(list).filter((part) => part !== "" && part !== "void");
    header.functions.set(name, { result: typeOf(result), args: args.map(argumentType) });
  }
}

function topLevelParts(list: string): string[] {
  const parts: string[] = [""];
  let depth = 0;
  for (const character of list) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) parts.push("");
    else parts.push(`${parts.pop() ?? ""}${character}`);
  }
  return parts.map((part) => part.trim());
}

function argumentType(text: string): CTypeText {
  if (/\(\s*\*/.test(text)) return { base: "void", stars: 1 };
  const array = /\[[^\]]*\]\s*$/.test(text);
  const plain = text.replace(/\[[^\]]*\]\s*$/, "");
  const type = typeOf(plain, true);
  return array ? { ...type, stars: type.stars + 1 } : type;
}

/** A type as written; with `named` its last word is the name of an argument. */
function typeOf(text: string, named = false): CTypeText {
  const stars = text.split("*").length - 1;
  const words = (text.match(/\w+/g) ?? []).filter((word) => !["const", "struct", "enum", "extern"].includes(word));
  const base = words[0] ?? "void";
  const multiword = ["unsigned", "long", "short"].includes(base) && words.length > (named ? 2 : 1);
  return { base: multiword ? words.slice(0, named ? -1 : undefined).join(" ") : base, stars };
}
