#!/usr/bin/env node
/** The `puna` command. */
import { CommanderError } from "commander";
import { readConfig } from "../config.ts";
import { Failed, messageOf, PunaError } from "../errors.ts";
import { createClient } from "./client.ts";
import type { Context } from "./context.ts";
import { credentialsOf } from "./credentials.ts";
import { createProgram } from "./program.ts";
import { processTerminal } from "./terminal/terminal.ts";
import { visible } from "./terminal/visible.ts";
import { connect } from "./transport.ts";
import { normalizeWords, usageError } from "./words.ts";

function context(): Context {
  const config = readConfig();
  const send = connect(config.host, { credentials: credentialsOf(config), tls: config });
  return { config, client: createClient(config.host, send), terminal: processTerminal(), now: () => new Date() };
}

/** A known error is one line; an unknown one is a fault of ours and shows where. */
function report(error: unknown, words: string[]): void {
  const text = error instanceof CommanderError ? usageError(error, words) : textOf(error);
  if (text === undefined) return;
  process.stderr.write(`Error: ${process.stderr.isTTY ? visible(text) : text}\n`);
  process.exitCode = 1;
}

function textOf(error: unknown): string {
  if (error instanceof PunaError || !(error instanceof Error) || !error.stack) return messageOf(error);
  return `${error.message}\n${error.stack.split("\n").slice(1).join("\n")}`;
}

/** The parsed command line, carried out. */
async function main(words: string[]): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // `puna list | head -1`: whoever reads has seen enough.
    if (error.code === "EPIPE") process.exit(0);
    report(new Failed(`cannot write to standard output: ${error.message}`, { cause: error }), words);
    process.exit(1);
  });
  // Work goes on when nobody hears of it: the server above all.
  process.stderr.on("error", () => {});
  try {
    await createProgram(context).parseAsync(normalizeWords(words), { from: "user" });
  } catch (error) {
    report(error, words);
  }
}

await main(process.argv.slice(2));
