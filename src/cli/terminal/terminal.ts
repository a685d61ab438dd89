/** Where a command writes and what it may assume there. Commands get this instead of `process`, so that tests can watch them. */

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  outIsTty: boolean;
  /** Whether stderr can be drawn over: a terminal, and one that knows how. */
  errIsTty: boolean;
  inIsTty: boolean;
  /** Width of the window; 80 where there is none. */
  columns(): number;
  /** Whether what is on stdout can be taken back: on a terminal that knows how. */
  canRedraw: boolean;
  /** Grey and bold on stdout: on a terminal, unless NO_COLOR is set. */
  color: boolean;
}

/** The real one. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process;
  const canRedraw = env.TERM !== "dumb";
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTty: stdout.isTTY === true,
    errIsTty: stderr.isTTY === true && canRedraw,
    inIsTty: stdin.isTTY === true,
    columns: () => stdout.columns || stderr.columns || 80,
    canRedraw: stdout.isTTY === true && canRedraw,
    color: stdout.isTTY === true && canRedraw && !env.NO_COLOR,
  };
}

const ESC = "\u001b[";

/** Text in grey (`bold` as well), or as it is where colour is not wanted. */
export function grey(text: string, { color }: Pick<Terminal, "color">, options: { bold?: boolean } = {}): string {
  return color ? `${ESC}${options.bold ? "1;" : ""}90m${text}${ESC}0m` : text;
}

/** Text in bold, or as it is where that is not wanted. */
export function bold(text: string, { color }: Pick<Terminal, "color">): string {
  return color && text !== "" ? `${ESC}1m${text}${ESC}22m` : text;
}
