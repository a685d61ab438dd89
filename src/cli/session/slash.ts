/** The commands of a conversation, `/set` and its fellows: what each does to the session and what it says. */
import { Canceled, messageOf, PunaError } from "../../errors.ts";
import { list } from "../commands/list.ts";
import type { Context } from "../context.ts";
import type { History } from "../terminal/history.ts";
import { describeModel } from "./describe-model.ts";
import { type MultiLine, openMultiLine } from "./multi-line.ts";
import { openSession } from "./open-session.ts";
import { clearMessages, type Session, setSystem } from "./session.ts";
import { setParameter, setThink } from "./settings.ts";
import { help } from "./slash-help.ts";

export interface SlashContext extends Context {
  session: Session;
  history: History;
}

/** What the conversation does next. */
export type Outcome = "continue" | "leave" | { open: MultiLine };

/** Carries out a line that begins with `/`. Errors of the server are said, not thrown. */
export async function slash(line: string, context: SlashContext): Promise<Outcome> {
  const { terminal, session } = context;
  const [command = "", ...args] = line.trim().split(/\s+/);
  try {
    switch (command) {
      case "/bye":
      case "/exit":
        return "leave";
      case "/?":
      case "/help":
        terminal.out(help(args.at(-1)));
        return "continue";
      case "/clear":
        clearMessages(session);
        terminal.out("Cleared session context\n");
        return "continue";
      case "/list":
        await list(context, args[0]);
        return "continue";
      case "/set":
        return set(args, line, context);
      case "/show":
        await show(args, context);
        return "continue";
      case "/load":
        await load(args, context);
        return "continue";
      case "/save":
        await save(args, context);
        return "continue";
      default:
        terminal.out(`Unknown command '${command}'. Type /? for help\n`);
        return "continue";
    }
  } catch (error) {
    // Ctrl-C: the person knows.
    terminal.err(error instanceof Canceled ? "\n" : `Error: ${messageOf(error)}\n`);
    return "continue";
  }
}

function set(args: string[], line: string, { session, terminal, history }: SlashContext): Outcome {
  const say = (text: string): Outcome => {
    terminal.out(`${text}\n`);
    return "continue";
  };
  const [what, value] = args;
  switch (what) {
    case "parameter": {
      if (args.length === 1) return say(help("parameter").trimEnd());
      if (args.length < 3) return say("Usage:\n  /set parameter <name> <value>");
      return say(setParameter(session, args[1] ?? "", args.slice(2)));
    }
    case "system": {
      const text = line.replace(/^\s*\/set\s+system\s*/, "");
      if (text === "") return say("Usage:\n  /set system <message>");
      const multiLine = openMultiLine(text, "system");
      if (multiLine && "open" in multiLine) return multiLine;
      setSystem(session, multiLine?.text ?? unquoted(text));
      return say("Set system message.");
    }
    case "history":
    case "nohistory":
      history.enabled = what === "history";
      return "continue";
    case "wordwrap":
    case "nowordwrap":
      session.wordWrap = what === "wordwrap";
      return say(`Set '${what}' mode.`);
    case "verbose":
    case "quiet":
      session.verbose = what === "verbose";
      return say(`Set '${what}' mode.`);
    case "format":
      if (value !== "json") return say("Invalid or missing format. For 'json' mode use '/set format json'");
      session.format = "json";
      return say("Set format to 'json' mode.");
    case "noformat":
      session.format = undefined;
      return say("Disabled format.");
    case "think":
      return say(setThink(session, value));
    case "nothink":
      session.think = false;
      return say("Set 'nothink' mode.");
    case undefined:
      return say(help("set").trimEnd());
    default:
      return say(`Unknown command '/set ${what}'. Type /? for help`);
  }
}

async function show([what]: string[], { session, client, terminal }: SlashContext): Promise<void> {
  if (what === undefined) return terminal.out(help("show"));
  const reply = await client.show(session.model);
  const orNone = (text: string | undefined, name: string) =>
    terminal.out(`${text || `No ${name} was specified for this model.`}\n`);
  switch (what) {
    case "info":
      return terminal.out(describeModel(reply, { verbose: false }));
    case "license":
      return orNone(reply.license, "license");
    case "modelfile":
      return terminal.out(`${reply.modelfile ?? ""}\n`);
    case "template":
      return orNone(reply.template, "prompt template");
    case "system": {
      const system = session.system ?? reply.system;
      return orNone(system && `${system}\n`, "system message");
    }
    case "parameters": {
      const lines = (reply.parameters ?? "").split("\n").filter(Boolean);
      const own = lines.length > 0 ? lines : ["No additional parameters were specified for this model."];
      terminal.out(`Model defined parameters:\n${own.map((text) => `  ${text}\n`).join("")}\n`);
      const set = Object.entries(session.options).map(([key, value]) => `  ${key.padEnd(30)} ${JSON.stringify(value)}\n`);
      if (set.length > 0) terminal.out(`User defined parameters:\n${set.join("")}\n`);
      return;
    }
    default:
      terminal.out(`Unknown command '/show ${what}'. Type /? for help\n`);
  }
}

async function load([model]: string[], context: SlashContext): Promise<void> {
  const { terminal, session } = context;
  if (model === undefined) return terminal.out("Usage:\n  /load <modelname>\n");
  terminal.out(`Loading model '${model}'\n`);
  try {
    const { wordWrap, hideThinking, verbose, keepAlive } = session;
    Object.assign(session, await openSession(model, { wordWrap, hideThinking, verbose, keepAlive }, context));
  } catch (error) {
    if (!(error instanceof PunaError && error.status === 404)) throw error;
    terminal.out(`Couldn't find model '${model}'\n`);
  }
}

async function save([name]: string[], { terminal, session, client }: SlashContext): Promise<void> {
  if (name === undefined) return terminal.out("Usage:\n  /save <modelname>\n");
  const messages = [...session.loadedMessages, ...session.messages.filter(({ role }) => role !== "system")];
  const body = {
    model: name,
    from: session.parentModel || session.model,
    ...(session.system && { system: session.system }),
    ...(Object.keys(session.options).length > 0 && { parameters: session.options }),
    ...(messages.length > 0 && { messages }),
  };
  for await (const _ of client.create(body));
  terminal.out(`Created new model '${name}'\n`);
}

function unquoted(text: string): string {
  return /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
