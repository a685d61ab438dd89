/**
 * Wraps streamed text at a width. Text appears at once: when a word turns out to be too long for its line, the part that is
 * already on the screen is taken back and the whole word moves to the next line. For terminals only.
 */
import { characters, characterWidth, textWidth } from "./width.ts";

const ESC = "\u001b[";
/** What must not begin a line: it hangs over the edge instead, for which the margin has room. */
const CLOSING = /^[,.;:!?)\]}'"%，。；：！？、）】》」』”’…·％]$/u;

/** `push` gives what to write for the next piece of text. `width` is where a line ends, in columns. */
export function createWrap(width: number): { push(text: string): string } {
  let column = 0;
  let word = "";
  let inCode = false;
  let lineStart = "";

  const take = (character: string): string => {
    if (character === "\n" || character === "\r\n") {
      if (lineStart.trimStart().startsWith("```")) inCode = !inCode;
      column = 0;
      word = "";
      lineStart = "";
      return "\n";
    }
    if (lineStart.length < 16) lineStart += character;
    const columns = character === "\t" ? 8 - (column % 8) : characterWidth(character);
    // Code is not prose: moving its words would change it.
    if (inCode) return character;
    const wide = columns === 2;
    if (character === " " || character === "\t") {
      word = "";
      if (column + columns > width && column > 0) return breakLine("");
      column += columns;
      return character;
    }
    const fits = column + columns <= width || CLOSING.test(character);
    if (fits) {
      word = wide ? "" : word + character;
      column += columns;
      return character;
    }
    if (wide || word === "" || textWidth(word) >= width) return breakLine(character);
    const back = textWidth(word);
    const moved = word + character;
    column = textWidth(moved);
    word = moved;
    return `${ESC}${back}D${ESC}K\n${moved}`;
  };

  const breakLine = (character: string): string => {
    word = characterWidth(character) === 2 ? "" : character;
    column = textWidth(character);
    return `\n${character}`;
  };

  return { push: (text) => (width < 10 ? text : characters(text).map(take).join("")) };
}
