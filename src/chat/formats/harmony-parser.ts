/** Reads gpt-oss's harmony format: messages with a header, whose channel says whether they are thinking, calls or the answer. */
import type { OutputParser, Piece, Tool } from "../types.ts";
import { callNumberer, isRecord } from "./calls.ts";
import { parseLenient } from "./json.ts";
import { overlap } from "./overlap.ts";

const MESSAGE = "<|message|>";
const ENDS = ["<|end|>", "<|call|>", "<|return|>", "<|start|>"];
const CHANNEL = "<|channel|>";
/** All that may stand in an answer but must never show. */
export const HARMONY_TAGS = [MESSAGE, ...ENDS, CHANNEL, "<|constrain|>"];
/** A header is short; what goes on for longer is no header. */
const LONGEST_HEADER = 300;

export interface HarmonyOptions {
  /** Empty: nothing is a call. */
  tools: Tool[];
  /** False leaves thinking out. */
  think: boolean;
  /** What the prompt ends with from its last `<|start|>` on: the answer may begin inside a message. */
  opened: string;
}

export function harmonyParser({ tools, think, opened }: HarmonyOptions): OutputParser {
  const number = callNumberer();
  let held = "";
  /** Undefined while in a header. */
  let channel: "thinking" | "content" | { call: string } | undefined;
  let body = "";
  let pieces: Piece[] = [];
  feed(opened);
  pieces = [];

  function feed(text: string): void {
    held += text;
    while (channel === undefined ? header() : message());
  }

  function header(): boolean {
    const at = held.slice(0, LONGEST_HEADER).indexOf(MESSAGE);
    if (mayBeHeader(held) && at >= 0) {
      channel = channelOf(held.slice(0, at));
      held = held.slice(at + MESSAGE.length);
      return true;
    }
    const plain = held.length >= LONGEST_HEADER || !mayBeHeader(held);
    if (plain) channel = "content";
    return plain;
  }

  function message(): boolean {
    const found = HARMONY_TAGS.map((tag) => ({ tag, at: held.indexOf(tag) })).filter(({ at }) => at >= 0);
    const first = found.sort((a, b) => a.at - b.at)[0];
    const settled = first ? first.at : held.length - Math.max(...HARMONY_TAGS.map((tag) => overlap(held, tag)));
    give(held.slice(0, settled));
    held = held.slice(settled);
    if (!first) return false;
    // A message whose end was forgotten ends where the next names its channel.
    if (first.tag !== CHANNEL) held = held.slice(first.tag.length);
    if (first.tag === CHANNEL || ENDS.includes(first.tag)) close();
    return true;
  }

  function give(text: string): void {
    if (text === "") return;
    if (typeof channel === "object") body += text;
    else if (channel === "content") pieces.push({ type: "content", text });
    else if (think) pieces.push({ type: "thinking", text });
  }

  /** The end of a message. A call whose arguments cannot be read is given as text. */
  function close(): void {
    if (typeof channel === "object") {
      const given = body.trim() === "" ? {} : parseLenient(body.trim());
      if (tools.length > 0 && isRecord(given))
        pieces.push({ type: "tool", call: number({ name: channel.call, arguments: given }) });
      else if (body !== "") pieces.push({ type: "content", text: body });
    }
    body = "";
    channel = undefined;
  }

  function take(): Piece[] {
    const taken = pieces;
    pieces = [];
    return taken;
  }

  return {
    push(text) {
      feed(text);
      return take();
    },
    end() {
      if (channel === undefined) {
        // No message ever began: words without a header are the answer.
        const words = held.includes("<|") ? "" : held;
        if (words.trim() !== "" && !/^\s*(?:to=|assistant)/.test(words)) pieces.push({ type: "content", text: words });
      } else {
        give(withoutHalf(held));
        close();
      }
      held = "";
      return take();
    },
  };
}

/** `assistant<|channel|>commentary to=functions.name <|constrain|>json`, the recipient in either place. */
function channelOf(header: string): "thinking" | "content" | { call: string } {
  const recipient = /\bto=([^\s<]+)/.exec(header)?.[1];
  if (recipient !== undefined && recipient !== "user") return { call: recipient.replace(/^functions\./, "") };
  return /<\|channel\|>\s*analysis/.test(header) ? "thinking" : "content";
}

/** Headers begin with a tag, a role or a recipient. */
function mayBeHeader(text: string): boolean {
  const start = text.trimStart();
  return ["<|", "assistant", "to="].some((one) => start.startsWith(one) || one.startsWith(start));
}

function withoutHalf(text: string): string {
  const length = Math.max(...HARMONY_TAGS.map((tag) => overlap(text, tag)));
  return length > 1 ? text.slice(0, -length) : text;
}
