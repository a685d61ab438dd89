#!/usr/bin/env node
/** The `puna` command. */
import { CommanderError } from "commander";
import { readConfig } from "../config.ts";
import { messageOf, PunaError } from "../errors.ts";
import { createClient } from "./client.ts";
import type { Context } from "./context.ts";
import { credentialsOf } from "./credentials.ts";
import { createProgram, normalizeWords, usageError } from "./program.ts";
import { processTerminal } from "./terminal/terminal.ts";
import { connect } from "./transport.ts";

function context(): Context {
  const config = readConfig();
  const send = connect(config.host, { credentials: credentialsOf(config), tls: config });
  return { config, client: createClient(config.host, send), terminal: processTerminal(), now: () => new Date() };
}

/** A known error is one line; an unknown one is a fault of ours and shows where. */
function report(error: unknown, words: string[]): void {
  if (error instanceof CommanderError) {
    const text = usageError(error, words);
    if (text === undefined) return;
    process.stderr.write(`Error: ${text}\n`);
  } else if (error instanceof PunaError) {
    process.stderr.write(`Error: ${error.message}\n`);
  } else {
    const where = error instanceof Error && error.stack ? `\n${error.stack.split("\n").slice(1).join("\n")}` : "";
    process.stderr.write(`Error: ${messageOf(error)}${where}\n`);
  }
  process.exitCode = 1;
}

/** The parsed command line, carried out. */
async function main(words: string[]): Promise<void> {
  // `puna list | head -1`: whoever reads has seen enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    await createProgram(context).parseAsync(normalizeWords(words), { from: "user" });
  } catch (error) {
    report(error, words);
  }
}

await main(process.argv.slice(2));
