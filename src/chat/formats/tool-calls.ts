/** Finds tool calls in a stream of text: JSON or XML behind a tag, or an answer that is JSON from its first character. Rules: ollama-behaviour section 7.6. */
import type { OutputParser, Piece, Tool } from "../types.ts";
import { callNumberer, type FoundCall, findCalls } from "./calls.ts";
import { type BracketScanner, bracketScanner, parseLenient } from "./json.ts";
import { overlap } from "./overlap.ts";
import { isXmlCall, readXmlCall } from "./xml-calls.ts";

export interface ToolFormat {
  /** Begins a call. Absent: only bare JSON counts. */
  open?: string;
  /** Ends a call, or a group of them. */
  close?: string;
  /** The answer's first character may begin a call without a tag; then only declared tools count. */
  bare?: boolean;
}

/**
 * text: an answer. call: behind a tag. after: behind a call whose format has no close tag, where more may follow.
 * closed: behind a close tag, where space is dropped.
 * start: nothing but space yet. bare: inside JSON that began the answer. plain: nothing can be a call any more.
 */
type State = "start" | "bare" | "text" | "call" | "after" | "closed" | "plain";

/** What may stand between calls that no tags enclose. */
const SEPARATORS = /^[\s,;\]`]+/;

/** Never throws: what is no call after all is given as content, without the tags. */
export function toolCallParser(format: ToolFormat, tools: Tool[]): OutputParser {
  const number = callNumberer();
  const rest: State = format.open === undefined ? "plain" : "text";
  const open = format.open ?? "";
  let state: State = format.bare ? "start" : rest;
  let held = "";
  let start: number | undefined;
  /** The group at hand held a call. */
  let fruitful = false;
  let scanner: BracketScanner | undefined;
  let pieces: Piece[] = [];

  function content(text: string): void {
    if (text !== "") pieces.push({ type: "content", text });
  }

  function emit(calls: FoundCall[]): void {
    for (const call of calls) pieces.push({ type: "tool", call: number(call) });
    fruitful = true;
  }

  function enter(next: State, from: number): true {
    state = next;
    held = held.slice(from);
    start = undefined;
    scanner = undefined;
    return true;
  }

  /** One move of the machine; false when it needs more text. */
  function step(): boolean {
    if (held === "") return false;
    switch (state) {
      case "start": {
        const first = held.trimStart()[0];
        if (first === undefined) return false;
        return enter(first === "{" || first === "[" ? "bare" : rest, 0);
      }
      case "bare":
        return bare();
      case "text":
        return text();
      case "call":
        return call();
      case "after": {
        const skipped = SEPARATORS.exec(held)?.[0].length ?? 0;
        if (skipped > 0) return enter("after", skipped);
        if (held.startsWith("{")) return enter(format.open === undefined ? "bare" : "call", 0);
        return enter(rest, 0);
      }
      case "closed":
        held = held.trimStart();
        return held !== "" && enter(rest, 0);
      case "plain":
        content(held);
        held = "";
        return false;
    }
  }

  function bare(): boolean {
    const from = held.length - held.trimStart().length;
    scanner ??= bracketScanner(from);
    const end = scanner.end(held);
    if (end === undefined) return false;
    const calls = findCalls(parseLenient(held.slice(from, end)), "", tools);
    if (calls.length > 0 && calls.every((one) => tools.some((tool) => tool.function.name === one.name))) {
      emit(calls);
      return enter("after", end);
    }
    content(held.slice(0, end));
    return enter(rest, end);
  }

  function text(): boolean {
    const at = held.indexOf(open);
    if (at >= 0) {
      content(held.slice(0, at).trimEnd());
      fruitful = false;
      return enter("call", at + open.length);
    }
    // Space before a tag belongs to the tag, so it waits with the half tag.
    const settled = held.slice(0, held.length - overlap(held, open)).trimEnd();
    content(settled);
    held = held.slice(settled.length);
    return false;
  }

  function call(): boolean {
    const xml = isXmlCall(held);
    if (xml === undefined) return false;
    if (xml) {
      const read = readXmlCall(held, tools);
      if (!read) return false;
      emit([read.call]);
      return enter("call", read.end);
    }
    start ??= jsonStart(held);
    const close = format.close === undefined ? -1 : held.slice(0, start).indexOf(format.close);
    if (format.close !== undefined && close >= 0) {
      content(leftover(held.slice(0, close)));
      return enter(fruitful ? "closed" : rest, close + format.close.length);
    }
    if (start === undefined) return false;
    scanner ??= bracketScanner(start);
    const end = scanner.end(held);
    if (end === undefined) return false;
    const calls = findCalls(parseLenient(held.slice(start, end)), held.slice(0, start), tools);
    if (calls.length > 0) emit(calls);
    else content(withoutTags(held.slice(0, end)).trim());
    return enter(format.close === undefined ? "after" : "call", end);
  }

  /** What stands in a group besides its calls: separators and inner tags are dropped, words are not. */
  function leftover(body: string): string {
    const words = fruitful ? withoutTags(body).replace(/<[|｜][^<>]{1,40}[|｜]>/g, "") : withoutTags(body);
    return fruitful ? words.replace(/^[\s,;[\]`]+$/, "").trim() : words.trim();
  }

  /** Removing a tag may put a new one together, so again until none is left. */
  function withoutTags(text: string): string {
    const bare = text.replaceAll(open, "").replaceAll(format.close ?? open, "");
    return bare === text ? text : withoutTags(bare);
  }

  function merged(): Piece[] {
    const result: Piece[] = [];
    for (const piece of pieces) {
      const last = result.at(-1);
      if (piece.type === "content" && last?.type === "content") last.text += piece.text;
      else result.push(piece);
    }
    pieces = [];
    return result;
  }

  return {
    push(more) {
      held += more;
      while (step());
      return merged();
    },
    end() {
      while (step());
      if (state === "call") content(leftover(held));
      else if (state === "text") content(held.slice(0, held.length - halfTag(held, open)));
      else content(state === "after" ? "" : held);
      held = "";
      return merged();
    },
  };
}

/** Where the first object begins, or the first list of objects. Undefined also while a `[` may be either. */
function jsonStart(text: string): number | undefined {
  return /\{|\[\s*(?:[{\]])/.exec(text)?.index;
}

/** At the end of a text one character is more likely meant than the beginning of a tag. */
function halfTag(text: string, open: string): number {
  const length = overlap(text, open);
  return length > 1 ? length : 0;
}
