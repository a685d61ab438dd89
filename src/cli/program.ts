/** The commands, their arguments and their help. What a command does is loaded when it is called. */
import { Argument, Command, Option } from "commander";
import { settings } from "../config.ts";
import { Invalid } from "../errors.ts";
import { addCommand, type CommandOptions, KEYLESS_SETTINGS, type SettingName } from "./add-command.ts";
import type { Shell } from "./commands/completion.ts";
import type { Context } from "./context.ts";
import { addKnowledgeCommands } from "./kb-program.ts";
import { booleanFlag } from "./words.ts";

const DOCTOR_SETTINGS: SettingName[] = ["OLLAMA_HOST", "OLLAMA_MODELS", "PUNA_HOME", "PUNA_LLAMA_LIB", "PUNA_THREADS"];
const RUN_SETTINGS: SettingName[] = [
  "OLLAMA_HOST",
  "OLLAMA_NOHISTORY",
  "OLLAMA_EDITOR",
  "PUNA_API_KEY",
  "PUNA_HOME",
  "PUNA_TLS_CA",
];
const NOT_FOR_SERVE = ["OLLAMA_NOHISTORY", "OLLAMA_EDITOR", "PUNA_API_KEY", "OLLAMA_API_KEY", "PUNA_TLS_CA"];
const SERVE_SETTINGS: SettingName[] = settings.map(({ name }) => name).filter((name) => !NOT_FOR_SERVE.includes(name));

/** `context` is made when a command runs, so that help needs neither configuration nor server. */
export function createProgram(context: () => Context): Command {
  const program = new Command("puna")
    .description("Language models on your own machine")
    .usage("[command] [flags]")
    .helpOption("-h, --help", "Show help")
    .addOption(new Option("-v, --version", "Show the version"))
    .helpCommand("help [command]", "Show help for a command")
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  program.action(async (flags: { version?: boolean }, command: Command) => {
    const unknown = command.args.find((word) => !word.startsWith("-"));
    if (unknown !== undefined) throw new Invalid(`unknown command ${JSON.stringify(unknown)} for "puna"`);
    if (command.args[0] !== undefined) throw new Invalid(`unknown flag: ${command.args[0]} (see 'puna --help')`);
    if (!flags.version) return program.outputHelp();
    const { version } = await import("./commands/version.ts");
    await version(context());
  });
  // Both reach the action above, which names the command rather than its flags.
  program.allowExcessArguments().allowUnknownOption();

  const command = (usage: string, description: string, options: CommandOptions = {}) =>
    addCommand(program, usage, description, options);
  /** A context for commands that need a server: the missing server is the first thing said. */
  const withServer = async () => {
    const made = context();
    await made.client.heartbeat();
    return made;
  };

  command("serve", "Start the server", { variables: SERVE_SETTINGS })
    .alias("start")
    .option("--registry", "Let other machines pull this one's models, as PUNA_REGISTRY=1 does")
    .action(async (flags: { registry?: boolean }) => {
      const { serve } = await import("./commands/serve.ts");
      const { config } = context();
      await serve({ ...config, registry: flags.registry ?? config.registry });
    });
  command("create <model>", "Create a model from a Modelfile")
    .option("-f, --file <path>", "The Modelfile, or a GGUF file or folder (default: Modelfile)")
    .option("-q, --quantize <type>", "Quantize the model to this type, such as q4_K_M")
    .option("--in-place", "Use GGUF files where they lie, without a copy (server on this machine)")
    .action(async (model: string, flags) => {
      const { create } = await import("./commands/create.ts");
      await create(await withServer(), model, flags);
    });
  command("show <model>", "Show what a model is")
    .option("--license", "Show the license")
    .option("--modelfile", "Show the Modelfile")
    .option("--parameters", "Show the parameters")
    .option("--template", "Show the prompt template")
    .option("--system", "Show the system message")
    .option("-v, --verbose", "Show metadata and tensors as well")
    .action(async (model: string, flags) => {
      const { show } = await import("./commands/show.ts");
      await show(await withServer(), model, flags);
    });
  command("run <model> [prompt...]", "Ask a model, or talk with it", { variables: RUN_SETTINGS })
    .option("--keepalive <duration>", "How long the model stays in memory afterwards, such as 5m")
    .option("--verbose", "Show figures after each answer")
    .option("--nowordwrap", "Do not break lines between words")
    .option("--format <format>", "Form of the answer: json, or a JSON Schema")
    .option("--think [level]", "Let the model think first: true, false, high, medium, low or max")
    .option("--hidethinking", "Do not show what the model thinks")
    .option("--truncate [boolean]", "Embedding models: cut input that is too long (--truncate=false: refuse it)")
    .option("--dimensions <number>", "Embedding models: length of the vector")
    .addOption(new Option("--insecure").hideHelp())
    .action(async (model: string, prompt: string[], flags) => {
      const { run } = await import("./commands/run.ts");
      await run(
        model,
        prompt,
        { ...flags, truncate: booleanFlag("truncate", flags.truncate) },
        { ...(await withServer()), input: process.stdin },
      );
    });
  command("pull <model>", "Fetch a model from a registry")
    .option("--insecure", "Speak to the registry without encryption")
    .action(async (model: string, flags) => {
      const { pull } = await import("./commands/pull.ts");
      await pull(await withServer(), model, flags);
    });
  command("update [models...]", "Pull models again whose registry has another version")
    .option("--check", "Only say which are outdated")
    .option("--insecure", "Speak to the registry without encryption")
    .action(async (models: string[], flags) => {
      const { update } = await import("./commands/update.ts");
      await update(await withServer(), models, flags);
    });
  command("push <model>", "Send a model to a registry")
    .option("--insecure", "Speak to the registry without encryption")
    .action(async (model: string, flags) => {
      const { push } = await import("./commands/push.ts");
      await push(await withServer(), model, flags);
    });
  command("stop <model>", "Take a model out of memory").action(async (model: string) => {
    const { stop } = await import("./commands/stop.ts");
    await stop(await withServer(), model);
  });
  command("signin", "Say who is signed in at ollama.com, for an Ollama server", { hidden: true })
    .alias("login")
    .action(async () => {
      const { signIn } = await import("./commands/account.ts");
      await signIn(await withServer());
    });
  command("signout", "Sign out of ollama.com, for an Ollama server", { hidden: true })
    .alias("logout")
    .action(async () => {
      const { signOut } = await import("./commands/account.ts");
      await signOut(await withServer());
    });
  command("list [prefix]", "List the models on this machine")
    .alias("ls")
    .action(async (prefix?: string) => {
      const { list } = await import("./commands/list.ts");
      await list(await withServer(), prefix);
    });
  command("ps [prefix]", "List the models in memory").action(async (prefix?: string) => {
    const { ps } = await import("./commands/ps.ts");
    await ps(await withServer(), prefix);
  });
  command("cp <source> <destination>", "Copy a model").action(async (source: string, destination: string) => {
    const { cp } = await import("./commands/cp.ts");
    await cp(await withServer(), source, destination);
  });
  command("rm <models...>", "Delete models").action(async (models: string[]) => {
    const { rm } = await import("./commands/rm.ts");
    await rm(await withServer(), models);
  });
  addKnowledgeCommands(program, withServer);
  command("mcp [bases...]", "Give models in other programs the knowledge bases as tools (MCP over standard input and output)", {
    variables: KEYLESS_SETTINGS,
  }).action(async (bases: string[]) => {
    const { mcp } = await import("./commands/mcp.ts");
    await mcp(context(), bases, process.stdin);
  });
  command("fit <model>", "Say which quantizations of a model, or of a size such as 7B, fit the memory, and with which context")
    .option("--memory <size>", "As if this much memory were free, such as 16GB")
    .option("--json", "As JSON")
    .action(async (model: string, flags) => {
      const { whatFits } = await import("./commands/fit.ts");
      await whatFits(await withServer(), model, flags);
    });
  command("split <file>", "Split a GGUF file into parts that any server joins again", { variables: [] })
    .requiredOption("--max-size <size>", "Most that one part may hold, such as 4GB")
    .action(async (file: string, flags) => {
      const { split } = await import("./commands/split.ts");
      await split(context(), file, flags);
    });
  command("prune", "Remove what no model uses from the model store", { variables: KEYLESS_SETTINGS }).action(async () => {
    const { prune } = await import("./commands/prune.ts");
    await prune(await withServer());
  });
  command("key <action> [name]", "API keys of the server: create, list or revoke", { variables: KEYLESS_SETTINGS })
    .option(
      "--scope <scopes>",
      "create: what the key is for: inference (the default), models, knowledge, registry, admin; several with commas",
    )
    .option("--model <models>", "create: the only models the key is for, such as qwen3 or 'me/*'; several with commas")
    .option("--expires <time>", "create: how long the key lasts, such as 90d or 12h (default: until revoked)")
    .option("--client <key>", "create: public key, or its file, of an Ollama or Puna that may pull from this registry")
    .option("--all", "list: revoked keys as well")
    .option("--json", "As JSON")
    .action(async (action: string, name: string | undefined, flags) => {
      const { key } = await import("./commands/key.ts");
      await key(await withServer(), action, name, flags);
    });
  command("doctor", "Say what Puna finds on this machine, what is wrong and how to mend it", { variables: DOCTOR_SETTINGS })
    .option("--json", "As JSON")
    .action(async (flags: { json?: boolean }) => {
      const { doctor } = await import("./commands/doctor.ts");
      await doctor(context(), flags);
    });
  command("completion", "Write a script that completes the words of puna in a shell", { variables: [] })
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => {
      const { completion } = await import("./commands/completion.ts");
      completion(context(), shell, program);
    });
  command("__names <kind>", "Names for those scripts", { hidden: true }).action(async (kind: string) => {
    const { names } = await import("./commands/completion.ts");
    await names(context(), kind);
  });
  return program;
}
