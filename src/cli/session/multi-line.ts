/** Lines that `"""` joins into one text. */

const QUOTES = '"""';

export interface MultiLine {
  /** What the text is for: a message to the model, or the system message. */
  purpose: "message" | "system";
  lines: string[];
}

/** Opens at a line that begins with three quotes: the whole text when it also closes there, otherwise what is open. */
export function openMultiLine(line: string, purpose: MultiLine["purpose"]): { text: string } | { open: MultiLine } | undefined {
  if (!line.startsWith(QUOTES)) return undefined;
  const rest = line.slice(QUOTES.length);
  const closed = closing(rest);
  return closed === undefined ? { open: { purpose, lines: [rest] } } : { text: closed };
}

/** One more line: the whole text when it closes. */
export function continueMultiLine(open: MultiLine, line: string): { text: string } | { open: MultiLine } {
  const closed = closing(line);
  if (closed === undefined) return { open: { ...open, lines: [...open.lines, line] } };
  return { text: [...open.lines, closed].join("\n") };
}

function closing(line: string): string | undefined {
  const trimmed = line.trimEnd();
  return trimmed.endsWith(QUOTES) ? trimmed.slice(0, -QUOTES.length) : undefined;
}
