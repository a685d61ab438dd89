/** The few functions of the C library that serve as native callbacks, so that hot paths and foreign threads never enter JavaScript. */
import koffi, { type LibraryHandle } from "koffi";
import type { Pointer } from "./abi.ts";

let opened: LibraryHandle | undefined;

function system(): LibraryHandle {
  // On Linux and macOS the process itself exports its C library.
  opened ??= koffi.load(process.platform === "win32" ? "ucrtbase.dll" : null);
  return opened;
}

/** Address of a C library function, to be called by native code. */
export function systemFunction(name: "abs" | "strlen"): Pointer {
  return system().symbol(name) as Pointer;
}

let trim: ((pad: number) => number) | undefined;

/**
 * Gives freed memory back to the system. A model's buffers leave holes between small blocks that glibc keeps, and the next model
 * seldom fits them: without this each load and unload costs up to some hundred kilobytes for good.
 */
export function releaseFreedMemory(): void {
  if (process.platform !== "linux") return;
  trim ??= glibcTrim() ?? (() => 0);
  trim(0);
}

/** malloc_trim, which only glibc has. */
function glibcTrim(): ((pad: number) => number) | undefined {
  try {
    return system().func("malloc_trim", "int", ["size_t"]);
  } catch {
    return undefined;
  }
}

/** Path of the library that holds this address, or undefined where the platform cannot say (Windows). */
export function libraryOf(address: Pointer): string | undefined {
  if (process.platform === "win32") return undefined;
  const dladdr = system().func("dladdr", "int", ["void *", "void *"]);
  const info = new BigUint64Array(4); // Dl_info: file name, base, symbol name, symbol address
  if (dladdr(address, info) === 0 || !info[0]) return undefined;
  return koffi.decode.string(info[0]);
}
