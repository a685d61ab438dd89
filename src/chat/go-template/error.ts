/** The one error of the template engine, with Go's `template: name:line: text` wording. */
import { Failed } from "../../errors.ts";

/** A template that cannot be parsed or executed. Ollama answers 500 with the same text. */
export class TemplateError extends Failed {}

/** The error of a template that does not parse. */
export function syntaxError(line: number, problem: string): TemplateError {
  return new TemplateError(`template: :${line}: ${problem}`, { code: "template_syntax" });
}

/** The error of a node that cannot be executed; `column` counts UTF-8 bytes from 0, as in Go. */
export function executionError(source: string, offset: number, at: string, problem: string, name = ""): TemplateError {
  const before = source.slice(0, offset);
  const line = before.split("\n").length;
  const column = Buffer.byteLength(before.slice(before.lastIndexOf("\n") + 1));
  const shown = at.length > 20 ? `${at.slice(0, 20)}...` : at;
  return new TemplateError(`template: :${line}:${column}: executing ${JSON.stringify(name)} at <${shown}>: ${problem}`, {
    code: "template_execution",
  });
}
