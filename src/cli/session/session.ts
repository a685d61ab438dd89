/** One conversation on the command line: its model, its settings and what was said. */
import type { WireFormat, WireMessage, WireThink } from "../wire.ts";

export interface Session {
  model: string;
  /** What the model was made from; `/save` builds on it. */
  parentModel: string;
  capabilities: string[];
  /** The model's own MESSAGEs: the server adds them to every request, `/save` keeps them. */
  loadedMessages: WireMessage[];
  messages: WireMessage[];
  /** Set by `/set system`; the model's own is the server's to add. */
  system: string | undefined;
  options: Record<string, unknown>;
  format: WireFormat | undefined;
  think: WireThink | undefined;
  keepAlive: string | number | undefined;
  wordWrap: boolean;
  hideThinking: boolean;
  verbose: boolean;
}

/** Forgets what was said, keeps the settings. */
export function clearMessages(session: Session): void {
  session.messages = session.system ? [{ role: "system", content: session.system }] : [];
}

/** Replaces the system message; what was said before it stays. */
export function setSystem(session: Session, content: string): void {
  session.system = content;
  const message = { role: "system", content };
  if (session.messages.at(-1)?.role === "system") session.messages.pop();
  session.messages.push(message);
}

/** The fields that every request of the session carries. */
export function requestFields({ model, format, options, think, keepAlive }: Session) {
  return {
    model,
    ...(format !== undefined && { format }),
    ...(Object.keys(options).length > 0 && { options }),
    ...(think !== undefined && { think }),
    ...(keepAlive !== undefined && { keep_alive: keepAlive }),
  };
}
