/** A terminal for tests that keeps what is written to it. */
import type { Terminal } from "../../src/cli/terminal/terminal.ts";

export function recordedTerminal(options: Partial<Omit<Terminal, "out" | "err">> = {}) {
  const written = { out: "", err: "" };
  const terminal: Terminal = {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    outIsTty: false,
    errIsTty: false,
    inIsTty: true,
    canRedraw: options.outIsTty ?? false,
    columns: () => 80,
    color: false,
    ...options,
  };
  return { terminal, written };
}
