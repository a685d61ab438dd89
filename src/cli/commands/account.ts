/** `puna signin` and `puna signout`: the account of a genuine Ollama server at ollama.com. A Puna server has none, and says so. */
import { Failed, PunaError } from "../../errors.ts";
import type { Context } from "../context.ts";

type AccountContext = Pick<Context, "client" | "terminal">;

/** Says who is signed in, or where to do it. Throws Failed where there is nothing to sign in to. */
export async function signIn({ client, terminal }: AccountContext): Promise<void> {
  const { name, signin_url: address } = await client.account();
  if (name) return terminal.out(`You are already signed in as user '${name}'\n`);
  if (!address) {
    throw new Failed(
      "this server has no account to sign in to: its models run on its own machine, and a registry asks when it needs a key",
    );
  }
  terminal.out(`You need to be signed in to Ollama to run Cloud models.\n\nTo sign in, navigate to:\n    ${address}\n`);
}

export async function signOut({ client, terminal }: AccountContext): Promise<void> {
  try {
    await client.signOut();
    terminal.out("You have signed out of ollama.com\n");
  } catch (error) {
    if (!(error instanceof PunaError && error.status === 401)) throw error;
    terminal.out("You are not signed in to ollama.com\n");
  }
}
