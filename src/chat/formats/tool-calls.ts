/** Finds tool calls in a stream of text: in any family's form behind a tag, or as an answer that is nothing else. Rules: ollama-behaviour section 7.6. */
import type { OutputParser, Piece, Tool } from "../types.ts";
import { callNumberer, type FoundCall } from "./calls.ts";
import type { CallFormat, Read, Reader } from "./family.ts";
import { overlap } from "./overlap.ts";

/**
 * text: an answer. call: behind a tag. after: behind a call whose format has no close tag, where more may follow.
 * closed: behind a close tag, where space is dropped.
 * start: nothing but space yet. bare: a call that began the answer, perhaps. plain: nothing can be a call any more.
 */
type State = "start" | "bare" | "text" | "call" | "after" | "closed" | "plain";

/** What may stand between calls that no tags enclose. */
const SEPARATORS = /^[\s,;\]`]+/;

/** Never throws: what is no call after all is given as content, without the tags. */
export function toolCallParser(format: CallFormat, tools: Tool[]): OutputParser {
  const number = callNumberer();
  const rest: State = format.open === undefined ? "plain" : "text";
  const open = format.open ?? "";
  const tags = [open, format.close ?? "", ...(format.inner ?? [])].filter((tag) => tag !== "");
  /** Some models close what they never opened. */
  const stray = /^<[^\s<>]+>$/.test(format.close ?? "") ? format.close : undefined;
  let state: State = format.bare ? "start" : rest;
  let held = "";
  /** The group at hand held a call. */
  let fruitful = false;
  let readers: Reader[] = [];
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
    const bare = next === "bare";
    if (bare || next === "call") readers = format.readers.map((make) => make({ tools, bare, close: format.close }));
    return true;
  }

  function read(): Read {
    for (const reader of readers) {
      const found = reader(held);
      if (found !== "none") return found;
    }
    return "none";
  }

  /** One move of the machine; false when it needs more text. */
  function step(): boolean {
    if (held === "") return false;
    switch (state) {
      case "start":
        return /\S/.test(held) && enter("bare", 0);
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
    const found = read();
    if (found === "more") return false;
    if (found === "none") return enter(rest, 0);
    if (found.calls.length > 0 && found.calls.every((one) => tools.some((tool) => tool.function.name === one.name))) {
      emit(found.calls);
      return enter("after", found.end);
    }
    content(held.slice(0, found.end));
    return enter(rest, found.end);
  }

  function text(): boolean {
    const at = held.indexOf(open);
    const lost = stray === undefined ? -1 : held.indexOf(stray);
    if (stray !== undefined && lost >= 0 && (at < 0 || lost < at)) {
      content(held.slice(0, lost));
      return enter("closed", lost + stray.length);
    }
    if (at >= 0) {
      content(held.slice(0, at).trimEnd());
      fruitful = false;
      return enter("call", at + open.length);
    }
    // Space before a tag belongs to the tag, so it waits with the half tag.
    const settled = held.slice(0, held.length - Math.max(overlap(held, open), overlap(held, stray ?? ""))).trimEnd();
    content(settled);
    held = held.slice(settled.length);
    return false;
  }

  function call(): boolean {
    const found = read();
    if (found === "more") return false;
    if (found !== "none") {
      if (found.calls.length > 0) emit(found.calls);
      else content(withoutTags(held.slice(0, found.end)).trim());
      return enter(format.close === undefined ? "after" : "call", found.end);
    }
    const close = format.close === undefined ? -1 : held.indexOf(format.close);
    if (format.close === undefined || close < 0) return false;
    content(leftover(held.slice(0, close)));
    return enter(fruitful ? "closed" : rest, close + format.close.length);
  }

  /** What stands in a group besides its calls: separators and inner tags are dropped, words are not. */
  function leftover(body: string): string {
    const bare = withoutTags(body);
    const words = fruitful ? withoutTags(bare.replace(/<[|｜][^<>]{1,40}[|｜]>/g, "")) : bare;
    return fruitful ? words.replace(/^[\s,;[\]`]+$/, "").trim() : words.trim();
  }

  /** Removing a tag may put a new one together, so again until none is left. */
  function withoutTags(text: string): string {
    const bare = tags.reduce((words, tag) => words.replaceAll(tag, ""), text);
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
      // What is left may end with a tag that a limit cut off.
      if (state === "call") content(leftover(withoutHalf(held, tags)));
      else if (state === "text") content(withoutHalf(held, stray === undefined ? [open] : [open, stray]));
      else content(state === "after" ? "" : held);
      held = "";
      return merged();
    },
  };
}

/** The text without the beginning of a tag at its end; one character is more likely meant. */
function withoutHalf(text: string, tags: string[]): string {
  const length = Math.max(0, ...tags.map((tag) => overlap(text, tag)));
  return length > 1 ? text.slice(0, -length) : text;
}
