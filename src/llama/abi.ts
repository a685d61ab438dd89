/** How llama.cpp's structs and functions look to koffi: types by name, structs by value, one declaration per function. */
import koffi, { type LibraryHandle, type TypeObject } from "koffi";
import { structs } from "./abi-layouts.ts";

/** An address in native memory. */
export type Pointer = bigint;

type Structs = typeof structs;
type StructName = keyof Structs;
/** A struct as a plain object, field by field. */
export type Struct<N extends StructName> = { -readonly [F in keyof Structs[N]]: FieldOf<Structs[N][F]> };
type FieldOf<T> = T extends "void *"
  ? Pointer | null
  : T extends "bool"
    ? boolean
    : T extends `${string}[${number}]`
      ? boolean[]
      : number;

/** Memory that a C function may read or write while it runs. */
type Memory = Pointer | NodeJS.TypedArray | null;
/** `const char **`: strings that the function copies. */
type Strings = readonly string[] | null;
/** C type names as they appear in the signature tables. Sizes are numbers: none comes near 2^53. */
type CType =
  | "void"
  | "void *"
  | "str"
  | "str *"
  | "bool"
  | "float"
  | "int32_t"
  | "uint32_t"
  | "uint64_t"
  | "size_t"
  | StructName
  | `${StructName} *`;
type In<T> = T extends "void *"
  ? Memory
  : T extends "str"
    ? string | null
    : T extends "str *"
      ? Strings
      : T extends "bool"
        ? boolean
        : T extends `${infer N extends StructName} *`
          ? Struct<N>
          : T extends StructName
            ? Struct<T>
            : number;
type Out<T> = T extends "void"
  ? undefined
  : T extends "void *"
    ? Pointer | null
    : T extends "str"
      ? string | null
      : T extends "bool"
        ? boolean
        : T extends StructName
          ? Struct<T>
          : number;
/** Result type, then argument types. */
export type Signature = readonly [CType, ...CType[]];
type ArgumentsOf<A extends readonly CType[]> = { [I in keyof A]: In<A[I]> };
type FunctionOf<S extends Signature> = S extends readonly [infer R, ...infer A extends readonly CType[]]
  ? (...args: ArgumentsOf<A>) => Out<R>
  : never;
/** A table of signatures as callable functions. */
export type Functions<T extends Record<string, Signature>> = { readonly [N in keyof T]: FunctionOf<T[N]> };

// Koffi keeps types per thread, and so does the module system: each thread builds its own.
const types = new Map<string, TypeObject>();
for (const [name, fields] of Object.entries(structs)) {
  const members = Object.entries(fields).map(([field, type]) => [field, fieldType(type)]);
  const struct = koffi.struct(Object.fromEntries(members));
  types.set(name, struct).set(`${name} *`, koffi.pointer(struct));
}
types.set("str *", koffi.pointer("str"));

/** The koffi type of a C type name. */
function typeOf(name: string): TypeObject {
  return types.get(name) ?? koffi.type(name);
}

/** Declares every function of the table. Throws when the library lacks one. */
export function bind<const T extends Record<string, Signature>>(library: LibraryHandle, table: T): Functions<T> {
  const functions = Object.entries(table).map(([name, [result, ...args]]) => [
    name,
    library.func(name, typeOf(result), args.map(typeOf)),
  ]);
  // Koffi's functions are untyped; the table is what gives them their types.
  return Object.fromEntries(functions) as Functions<T>;
}

/** The same for functions behind addresses, as `ggml_backend_reg_get_proc_address` hands them out. Types made here are never freed: do it once. */
export function bindAddresses<const T extends Record<string, Signature>>(
  addressOf: (name: string) => Pointer,
  table: T,
): Functions<T> {
  const functions = Object.entries(table).map(([name, [result, ...args]]) => {
    return [name, koffi.decode(addressOf(name), koffi.proto(typeOf(result), args.map(typeOf)))];
  });
  return Object.fromEntries(functions) as Functions<T>;
}

function fieldType(type: string): TypeObject {
  const array = /^(\w+)\[(\d+)\]$/.exec(type);
  return array ? koffi.array(array[1] ?? "", Number(array[2])) : koffi.type(type);
}

/** Size of a struct in bytes, padding included. */
export function sizeOf(name: StructName): number {
  return koffi.sizeof(typeOf(name));
}
