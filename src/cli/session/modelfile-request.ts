/** A Modelfile's commands as the body of `/api/create`, files left out. */
import { Invalid } from "../../errors.ts";
import type { Command } from "../../models/modelfile.ts";
import { parseParameters } from "../../models/parameters.ts";
import type { CreateBody } from "../wire.ts";

const SEMVER = /^v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
const NOT_PARAMETERS = [
  "model",
  "adapter",
  "draft",
  "template",
  "system",
  "license",
  "message",
  "renderer",
  "parser",
  "requires",
];

/** Of instructions that may stand once, the last counts. `warnings` are lines for the user. */
export function requestOf(model: string, commands: Command[]): { body: CreateBody; warnings: string[] } {
  const all = (name: string) => commands.filter((command) => command.name === name).map(({ value }) => value);
  const last = (name: string) => all(name).at(-1);
  if (last("draft") !== undefined) throw new Invalid("DRAFT is not supported yet: leave the line out of the Modelfile");
  const { parameters, warnings } = parseParameters(commands.filter(({ name }) => !NOT_PARAMETERS.includes(name)));
  const requires = last("requires");
  if (requires !== undefined && !SEMVER.test(requires)) throw new Invalid("requires must be a valid semver (e.g. 0.14.0)");
  const fields = {
    template: last("template"),
    system: last("system"),
    license: some(all("license")),
    parameters: Object.keys(parameters).length > 0 ? parameters : undefined,
    messages: some(all("message").map(messageOf)),
    renderer: last("renderer"),
    parser: last("parser"),
    requires,
  };
  return { body: { model, ...defined(fields) }, warnings };
}

function messageOf(value: string): { role: string; content: string } {
  const colon = value.indexOf(": ");
  return { role: value.slice(0, colon), content: value.slice(colon + 2) };
}

function some<Item>(items: Item[]): Item[] | undefined {
  return items.length > 0 ? items : undefined;
}

function defined<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
