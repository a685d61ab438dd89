/** docs/cli.md and its Chinese twin are the help of the commands; `npx vitest run test/docs -u` writes them anew. */
import type { Argument, Command, Option } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { chinese } from "./cli-chinese.ts";

interface Words {
  title: string;
  introduction: string;
  aliases: string;
  option: string;
  meaning: string;
  variables: string;
  stop: string;
  notes: Record<string, string>;
  say(english: string): string;
}

const english: Words = {
  title: "Command line",
  introduction: `\`puna\` speaks HTTP to a server at \`OLLAMA_HOST\` (default \`127.0.0.1:11434\`): one of its own, started with \`puna serve\`, or a genuine
Ollama. Any error is one line, \`Error: …\`, on standard error, with exit code 1. Progress goes to standard error, answers to standard
output; redirected output holds no control characters. \`NO_COLOR\` turns colours off.

\`puna -v\` shows the version of the server, \`puna <command> --help\` the help of a command.`,
  aliases: "Also as",
  option: "option",
  meaning: "meaning",
  variables: "Environment:",
  stop: ".",
  notes: {
    run: `Words after the model are the question; what is piped in goes before them. Without a question, on a terminal, a conversation begins:
\`/?\` lists its commands, \`"""\` begins a message of several lines, Ctrl-C stops an answer, Ctrl-D leaves. The model \`mini\`, which comes with
Puna, is made on first use; any other that is not here is pulled first.

\`\`\`sh
puna run mini
puna run mini "Who are you?"
cat report.txt | puna run qwen3 "Who wrote this?"
\`\`\`

mini reads a question before the passages it is about. What is piped comes first, so put the question into the pipe too:

\`\`\`sh
(echo "Question: who wrote this?"; echo; cat report.txt) | puna run mini
\`\`\``,
    pull: `The name says where the model is: \`qwen3\` in Ollama's library, \`hf.co/org/repository:Q4_K_M\` on the Hugging Face hub, \`host/namespace/model\`
on any other registry. A pull that was interrupted goes on where it stopped. Plain HTTP is spoken only to this machine, or with \`--insecure\`. See
[Models](models.md).`,
    update: `Without names: every model that this server pulled and that is still what was pulled. A model that was made here, or pulled by another program,
is left out unless it is named: a registry may have another model of the same name. Against a genuine Ollama server, name the models.`,
    push: `The name says where the model goes: \`host/namespace/model\`. Give it such a name with \`puna cp\` first. What the registry has already is not sent.`,
    create: `The Modelfile's grammar is Ollama's. Files that FROM and ADAPTER name are brought to the server; what it has already is not sent again.`,
    prune: `In a store that Puna made this happens at every start; one that another program made is pruned only when asked. What is younger than an hour
stays, and so do unfinished downloads.`,
    key: `\`create\` writes the key, and nothing else, to standard output; it is not shown again. It takes a key with the scope admin, or none on the
server's own machine for the same user with the same PUNA_HOME.

\`\`\`sh
puna key create laptop --expires 90d
puna key create kiosk --model qwen3,mini
puna key revoke laptop
\`\`\``,
    kb: `A knowledge base is a set of documents that models answer from, with the places the answers come from. See [Knowledge bases](knowledge.md).
Every client finds it as the model \`kb/NAME\`, and so does \`puna run kb/NAME\`, for a conversation.

\`\`\`sh
puna kb create notes
puna kb add notes ~/notes report.pdf
puna kb ask notes "When does the night ferry leave?"
\`\`\``,
    "kb create": `The name may have letters of any language, digits, dots, dashes and spaces. Without an embedder a base is searched by its words, which works at
once; one can be added later with \`puna kb index\`.`,
    "kb set": `The keys are \`model\`, \`mode\` (query or chat), \`embedder\`, \`reranker\` (orders the best passages once more), \`refusal\` (the sentence for what the documents do not say), \`threshold\` (0 to 100),
\`passage-tokens\` and \`most-passage-tokens\` (how long passages are; \`puna kb index NAME reset\` cuts them anew).

\`\`\`sh
puna kb set notes model=qwen3 threshold=50
puna kb set notes refusal="Ask the front desk." model=
\`\`\``,
    "kb add": `A folder is added with everything below it but hidden files, pictures, archives and programs, and what a file \`.gitignore\` or \`.punaignore\` names.
Links inside folders are not followed. What is there already is not read again. When some files cannot be read, each is named with its reason, the others are in, and the exit
code is 1.

\`\`\`sh
puna kb add notes ~/notes report.pdf https://example.com/guide
pbpaste | puna kb add notes - --name "from the phone"
\`\`\``,
    "kb search": `The words that were found are bold on a terminal. Scores go from 0 to 100; below the base's threshold a question is taken for one that the documents do
not answer.`,
    "kb ask": `The answer comes first, then each place that it comes from. \`--json\` gives the answer, its citations with exact character ranges, and how it came
about.`,
    "kb index": `\`build\` makes the vectors of another embedding model beside those that are searched; \`live\` swaps them at once, \`rollback\` swaps back. \`reset\` makes
the index anew from the stored texts. Nothing is wiped unless \`drop\` names it.`,
    "kb questions": `See [Evaluation](knowledge-evaluation.md). A file may be JSON lines, SQuAD's form or CSV.

\`\`\`sh
puna kb questions notes add "When does the night ferry leave?" --quote "the night ferry leaves at a quarter past ten"
puna kb questions notes add "Who is the headmaster?" --refusal
puna kb questions notes make --count 40
puna kb questions notes export questions.jsonl
\`\`\``,
    "kb watch": `A path is a folder of the server's machine, an address a web page; with \`--site\`, or any flag of sites, the pages that it links to as well; what ends in
\`.git\` a repository. The look waits for its import, says what was added (+), changed (~), removed (-) and could not be read (!), and is done again when a folder changes
or the time has come. See [Folders, sites and repositories](knowledge-sources.md).

\`\`\`sh
puna kb watch notes ~/notes
puna kb watch notes https://example.com/docs/ --depth 2 --selector article --every 1d
puna kb watch notes https://github.com/me/handbook.git --folder docs --every 6h
puna kb watch notes
\`\`\``,
    "kb eval": `The figures come first, then the questions that went wrong: what was expected, and what came first instead. Exit code 1 when a gate that was
asked for is not passed. See [Evaluation](knowledge-evaluation.md).

\`\`\`sh
puna kb eval notes --questions questions.jsonl --min-recall 0.95 --min-refusal 0.8
\`\`\``,
    "kb compare":
      "Searched by the words alone, by the vectors of each, and by both together, with a recommendation. Nothing is changed by it: `puna kb index` swaps.",
    mcp: `For programs that give tools to models, such as editors and assistants: list, search and read, and nothing that changes anything. With names of bases, only
those are seen. See [Knowledge bases](knowledge.md#other-programs).`,
    completion: `Commands, flags, files and, through the server, the names of models.

\`\`\`sh
echo 'source <(puna completion bash)' >> ~/.bashrc
echo 'source <(puna completion zsh)' >> ~/.zshrc     # behind compinit
puna completion fish > ~/.config/fish/completions/puna.fish
\`\`\``,
    doctor: "Exit code 1 when something keeps Puna from working.",
  },
  say: (text) => text,
};

/** The commands in the order of the help, hidden ones left out. */
function render(words: Words): string {
  const program = createProgram(() => {
    throw new Error("the help needs no context");
  });
  return `# ${words.title}\n\n${words.introduction}\n\n${sections(program, "", words).join("\n")}`;
}

/** Behind a group of commands, its own. */
function sections(group: Command, before: string, words: Words): string[] {
  const shown = group.createHelp().visibleCommands(group);
  return shown
    .filter((command) => command.name() !== "help")
    .flatMap((command) => [
      section(command, before, words),
      ...(command.commands.length > 0 ? sections(command, `${before}${command.name()} `, words) : []),
    ]);
}

function section(command: Command, before: string, words: Words): string {
  const name = `${before}${command.name()}`;
  const isGroup = command.commands.length > 0;
  const usage = ["puna", name, ...(isGroup ? ["<command>"] : command.registeredArguments.map(usageOf))].join(" ");
  const aliases = command.aliases().map((alias) => `\`puna ${before}${alias}\``);
  const also = aliases.length > 0 ? ` ${words.aliases} ${aliases.join(", ")}${words.stop}` : "";
  const options = command.options.filter(({ hidden }) => !hidden);
  const parts = [
    `${before === "" ? "##" : "###"} puna ${name}\n`,
    `\`${usage}\`\n`,
    `${words.say(command.description())}${words.stop}${also}\n`,
    ...(options.length > 0 ? [table(options, words)] : []),
    ...(words.notes[name] ? [`${words.notes[name]}\n`] : []),
    // Those of a group are those of its commands.
    ...(before === "" && variables(command) ? [`${words.variables} ${variables(command)}\n`] : []),
  ];
  return parts.join("\n");
}

function usageOf(argument: Argument): string {
  const text = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${text}>` : `[${text}]`;
}

function table(options: readonly Option[], words: Words): string {
  const line = (left: string, right: string) => `| ${left} | ${right} |\n`;
  const rows = options.map(({ flags, description }) => line(`\`${flags}\``, words.say(description).replaceAll("|", "\\|")));
  return line(words.option, words.meaning) + line("---", "---") + rows.join("");
}

/** Read from the help as it is shown, so that the page cannot name others. */
function variables(command: Command): string {
  let shown = "";
  command.configureOutput({
    writeOut: (text) => {
      shown += text;
    },
  });
  command.outputHelp();
  const [, block = ""] = shown.split("Environment Variables:\n");
  return [...block.matchAll(/^ +([A-Z_]+)/gm)].map(([, name]) => `\`${name}\``).join(", ");
}

test("docs/cli.md is the help of the commands", async () => {
  await expect(render(english)).toMatchFileSnapshot("../../docs/cli.md");
});

test("docs/zh/cli.md says the same in Chinese", async () => {
  await expect(render(chinese)).toMatchFileSnapshot("../../docs/zh/cli.md");
});

test("the help itself", () => {
  const program = createProgram(() => {
    throw new Error("the help needs no context");
  });
  expect(program.helpInformation()).toMatchInlineSnapshot(`
    "Usage: puna [command] [flags]

    Language models on your own machine

    Options:
      -v, --version                      Show the version
      -h, --help                         Show help

    Commands:
      serve|start [options]              Start the server
      create [options] <model>           Create a model from a Modelfile
      show [options] <model>             Show what a model is
      run [options] <model> [prompt...]  Ask a model, or talk with it
      pull [options] <model>             Fetch a model from a registry
      update [options] [models...]       Pull models again whose registry has
                                         another version
      push [options] <model>             Send a model to a registry
      stop <model>                       Take a model out of memory
      list|ls [prefix]                   List the models on this machine
      ps [prefix]                        List the models in memory
      cp <source> <destination>          Copy a model
      rm <models...>                     Delete models
      kb                                 Knowledge bases: documents that models
                                         answer from
      mcp [bases...]                     Give models in other programs the knowledge
                                         bases as tools (MCP over standard input and
                                         output)
      fit [options] <model>              Say which quantizations of a model, or of a
                                         size such as 7B, fit the memory, and with
                                         which context
      split [options] <file>             Split a GGUF file into parts that any
                                         server joins again
      prune                              Remove what no model uses from the model
                                         store
      key [options] <action> [name]      API keys of the server: create, list or
                                         revoke
      doctor [options]                   Say what Puna finds on this machine, what
                                         is wrong and how to mend it
      completion <shell>                 Write a script that completes the words of
                                         puna in a shell
      help [command]                     Show help for a command
    "
  `);
});
