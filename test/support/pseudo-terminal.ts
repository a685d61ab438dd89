/** A command on a terminal of its own, by way of python3's pty: what a person at a keyboard does and sees. */
import { spawn, spawnSync } from "node:child_process";
import { createScreen } from "./screen.ts";

export const hasTerminals = spawnSync("python3", ["-c", "import pty, termios"]).status === 0;

/** Relays between its own input and output and the terminal; ends as the command does. */
const RELAY = `
import fcntl, os, pty, select, struct, sys, termios
rows, columns = int(sys.argv[1]), int(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.execvp(sys.argv[3], sys.argv[3:])
sources = [0, terminal]
while True:
    ready = select.select(sources, [], [])[0]
    if terminal in ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            data = b""
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        if data:
            os.write(terminal, data)
        else:
            sources.remove(0)
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

export interface TerminalOptions {
  env: NodeJS.ProcessEnv;
  columns?: number;
  rows?: number;
  cwd?: string;
}

/** Starts the command. The terminal knows the escapes of xterm. */
export function startTerminal(command: string[], { env, columns = 80, rows = 24, cwd }: TerminalOptions) {
  const child = spawn("python3", ["-c", RELAY, String(rows), String(columns), ...command], {
    env: { ...env, TERM: "xterm-256color" },
    ...(cwd !== undefined && { cwd }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const screen = createScreen(columns);
  let raw = "";
  let seen = 0;
  let hasEnded = false;
  const waiting = new Set<() => void>();
  const look = () => {
    for (const one of waiting) one();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    raw += text;
    screen.write(text);
    look();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      hasEnded = true;
      look();
      resolve(code);
    });
  });
  return {
    /** Everything that was ever written, escapes and all. */
    raw: () => raw,
    /** The rows as they stand now, without spaces at their ends. */
    screen: () => screen.rows(),
    type: (text: string) => void child.stdin.write(text),
    /** Resolves when the text appears behind what was waited for before; rejects when the command ends without it. */
    waitFor(text: string): Promise<void> {
      return new Promise((resolve, reject) => {
        const check = () => {
          const at = raw.indexOf(text, seen);
          if (at < 0 && !hasEnded) return;
          waiting.delete(check);
          if (at < 0)
            return reject(new Error(`${JSON.stringify(text)} did not come; on the screen:\n${screen.rows().join("\n")}`));
          seen = at + text.length;
          resolve();
        };
        waiting.add(check);
        check();
      });
    },
    /** The exit code; 128 and the signal's number where a signal ended it. */
    ended,
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill("SIGKILL");
      await ended;
    },
  };
}
