/** `puna show MODEL`: what a model is. */
import { Invalid } from "../../errors.ts";
import type { Context } from "../context.ts";
import { describeModel } from "../session/describe-model.ts";
import { visible } from "../terminal/visible.ts";

export interface ShowFlags {
  license?: boolean;
  modelfile?: boolean;
  parameters?: boolean;
  system?: boolean;
  template?: boolean;
  verbose?: boolean;
}

const PARTS = ["license", "modelfile", "parameters", "system", "template"] as const;

/** Prints one part as it is, or an overview. */
export async function show({ client, terminal }: Context, model: string, flags: ShowFlags): Promise<void> {
  const wanted = PARTS.filter((part) => flags[part]);
  if (wanted.length > 1) {
    throw new Invalid("only one of '--license', '--modelfile', '--parameters', '--system', or '--template' can be specified");
  }
  const reply = await client.show(model, { verbose: flags.verbose ?? false });
  const [part] = wanted;
  const text =
    part === undefined
      ? describeModel(reply, { verbose: flags.verbose ?? false })
      : // Ollama ends these two without a line end, so that they can be piped back as they are.
        `${reply[part] ?? ""}${part === "system" || part === "template" ? "" : "\n"}`;
  terminal.out(terminal.outIsTty ? visible(text) : text);
}
