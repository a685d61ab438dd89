/** Log lines in logfmt on stderr: `time=… level=INFO area=server msg="…" key=value`. */

export type Level = "debug" | "info" | "warn" | "error";
export type Fields = Record<string, string | number | boolean | undefined>;

const ORDER: Level[] = ["debug", "info", "warn", "error"];
let threshold = ORDER.indexOf("info");
let write = (line: string): void => {
  process.stderr.write(line);
};

/** Sets the lowest level that is written, and optionally where lines go. */
export function configureLog(options: { level?: Level; write?: (line: string) => void }): void {
  if (options.level) threshold = ORDER.indexOf(options.level);
  if (options.write) write = options.write;
}

/** A logger for one area of the house, such as `server` or `runtime`. */
export function logger(area: string) {
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      if (ORDER.indexOf(level) < threshold) return;
      const head = `time=${new Date().toISOString()} level=${level.toUpperCase()} area=${area} msg=${quote(message)}`;
      write(`${head}${Object.entries(fields).map(pair).join("")}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function pair([key, value]: [string, Fields[string]]): string {
  return value === undefined ? "" : ` ${key}=${quote(String(value))}`;
}

function quote(text: string): string {
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
