/**
 * llama.cpp's log. It is one per process and its callback may be called from any thread, while koffi would send a call from a foreign thread
 * to the event loop of the thread that registered it and block until it answers. So the log is silent by default (a native function that does
 * nothing) and only listened to while one call runs on this thread.
 */
import koffi from "koffi";
import type { Pointer } from "./abi.ts";
import { enums } from "./abi-layouts.ts";
import { systemFunction } from "./system.ts";

const { GGML_LOG_LEVEL_WARN, GGML_LOG_LEVEL_ERROR, GGML_LOG_LEVEL_CONT } = enums.ggml_log_level;
const KEPT = 40;

export interface LogLine {
  level: "info" | "warn" | "error";
  text: string;
}

const logCallback = koffi.pointer(koffi.proto("void", ["int", "void *", "void *"]));
// abs(level) has no effect, and ignoring the other arguments is safe in every C calling convention in use.
export const silent: Pointer = systemFunction("abs");

/** Runs `work` with the log heard; calls `set` with a callback before and with silence after it. Gives back what was said. */
export function capture<T>(set: (callback: Pointer) => void, work: () => T): { result: T; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const listen = (level: number, text: Pointer): void => {
    const fragment = koffi.decode.string(text);
    const last = lines.at(-1);
    if (level === GGML_LOG_LEVEL_CONT && last) last.text += fragment;
    else
      lines.push({
        level: level >= GGML_LOG_LEVEL_ERROR ? "error" : level >= GGML_LOG_LEVEL_WARN ? "warn" : "info",
        text: fragment,
      });
    // Errors come last and are few; what goes is the chatter before them.
    if (lines.length > KEPT) lines.splice(0, lines.length - KEPT);
  };
  const callback = koffi.register(listen, logCallback);
  set(callback);
  try {
    return { result: work(), lines };
  } finally {
    set(silent);
    koffi.unregister(callback);
  }
}

/** What llama.cpp gave as the reason of a failure: its error lines without function names and repetitions, or its warnings, or nothing. */
export function reasonIn(lines: readonly LogLine[]): string {
  const said = (level: LogLine["level"]) => [
    ...new Set(lines.filter((line) => line.level === level).map((line) => plain(line.text))),
  ];
  const errors = said("error").filter(Boolean);
  // Callers up the stack repeat that something failed; the lines below them know why.
  const specific = errors.filter((text) => !/^failed to (load|create|initialize|read) [^:]*$/.test(text));
  const chosen = specific.length > 0 ? specific : errors.length > 0 ? errors : said("warn").filter(Boolean);
  return chosen.slice(0, 3).join("; ");
}

/** Without the names of functions and what every failed load begins with. */
function plain(text: string): string {
  return text
    .trim()
    .replace(/^(?:[\w:~]+: +)+/, "")
    .replace(/^error loading model: /, "")
    .replace(/^(?:[\w:~]+: +)+/, "");
}
