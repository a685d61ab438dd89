/** As much of a terminal as Puna writes for: a grid, a cursor, and the escapes that move and erase. Any other escape is an error. */
import { characters, characterWidth } from "../../src/cli/terminal/width.ts";

/** A screen of so many columns; rows grow for ever, so that what scrolled away can be looked at as well. */
export function createScreen(columns: number) {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  let held = "";

  const line = (): string[] => {
    while (rows.length <= row) rows.push([]);
    return rows[row] ?? [];
  };
  const put = (character: string) => {
    const width = characterWidth(character);
    if (column + width > columns) [row, column] = [row + 1, 0];
    const cells = line();
    while (cells.length < column) cells.push(" ");
    cells[column] = character;
    // The second half of a wide character.
    if (width === 2) cells[column + 1] = "";
    column += width;
  };
  const control = (parameters: string, final: string) => {
    const count = Number(parameters) || 1;
    if (final === "A") row = Math.max(0, row - count);
    else if (final === "C") column = Math.min(columns - 1, column + count);
    else if (final === "D") column = Math.max(0, Math.min(column, columns - 1) - count);
    else if (final === "K") line().length = Math.min(line().length, column);
    else if (final === "J" && parameters === "") {
      line().length = Math.min(line().length, column);
      rows.length = row + 1;
    } else if (final === "J") rows.splice(0, rows.length, []);
    else if (final === "H") [row, column] = [0, 0];
    else if (!["m", "h", "l"].includes(final)) throw new Error(`the screen does not know ESC[${parameters}${final}`);
  };

  return {
    write(text: string): void {
      let rest = held + text;
      held = "";
      while (rest !== "") {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a terminal reads
        const [found = "", parameters = "", final = ""] = /^\x1b\[([?0-9;]*)([A-Za-z])/.exec(rest) ?? [];
        if (found) {
          control(parameters, final);
          rest = rest.slice(found.length);
        } else if (rest.startsWith("\u001b")) {
          held = rest;
          return;
        } else if (rest.startsWith("\r")) {
          column = 0;
          rest = rest.slice(1);
        } else if (rest.startsWith("\n")) {
          row += 1;
          line();
          rest = rest.slice(1);
        } else {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a terminal reads
          const plain = /^[^\x1b\r\n]+/.exec(rest)?.[0] ?? "";
          for (const character of characters(plain)) put(character);
          rest = rest.slice(plain.length);
        }
      }
    },
    rows: (): string[] => rows.map((cells) => cells.join("").trimEnd()),
  };
}
