/** What every command is given. */
import type { Config } from "../config.ts";
import type { Client } from "./client.ts";
import type { Terminal } from "./terminal/terminal.ts";

export interface Context {
  client: Client;
  terminal: Terminal;
  config: Config;
  now(): Date;
}
