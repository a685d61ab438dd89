/** A command of `puna` in the form that all of them have: its help names the settings it reads, and it takes no more than it asks for. */
import type { Command } from "commander";
import { settings } from "../config.ts";

export type SettingName = (typeof settings)[number]["name"];

/** What every command reads that speaks to a server. */
const CLIENT_SETTINGS: SettingName[] = ["OLLAMA_HOST", "PUNA_API_KEY", "PUNA_TLS_CA"];
/** The proof of being the same user on the same machine lies in PUNA_HOME. */
export const KEYLESS_SETTINGS: SettingName[] = [...CLIENT_SETTINGS, "PUNA_HOME"];

export interface CommandOptions {
  /** The settings that its help names. */
  variables?: SettingName[];
  /** Left out of the list of commands. */
  hidden?: boolean;
}

/** `usage` is a name and its arguments, as commander writes them. */
export function addCommand(
  parent: Command,
  usage: string,
  description: string,
  { variables = CLIENT_SETTINGS, hidden = false }: CommandOptions = {},
): Command {
  return parent
    .command(usage, { hidden })
    .description(description)
    .allowExcessArguments(false)
    .helpOption("-h, --help", "Show help")
    .addHelpText("after", () => environmentHelp(variables));
}

function environmentHelp(names: SettingName[]): string {
  if (names.length === 0) return "";
  const chosen = settings.filter(({ name }) => names.includes(name));
  return `\nEnvironment Variables:\n${chosen.map(({ name, meaning }) => `      ${name.padEnd(26)} ${meaning}`).join("\n")}`;
}
