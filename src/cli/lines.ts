/** Cuts a byte stream into lines. A character that is split between two chunks comes out whole. */
import { Failed } from "../errors.ts";

const MAX_LINE_CHARACTERS = 8 * 1024 * 1024;

/** Lines without their ends, the last one also when nothing ends it. Throws Failed for a line above 8 Mi characters. */
export async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new Failed("the server sent a line longer than 8 MB: is this a Puna or Ollama server?");
    yield* parts.map((part) => part.replace(/\r$/, ""));
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
