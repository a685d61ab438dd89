/** What scenarios ask of a server, whoever's it is. */

export interface Question {
  /** Goes on for all its tokens, whatever the model says. */
  endless?: boolean;
  prompt: string;
  tokens: number;
  /** A JSON Schema that the answer must fit. */
  schema?: unknown;
  signal?: AbortSignal;
}

/** One answer, by the client's clock. */
export interface Answer {
  promptTokens: number;
  cachedTokens?: number;
  tokens: number;
  firstMs: number;
  totalMs: number;
  text: string;
}

export interface Contestant {
  readonly name: string;
  /** The process at the top; its descendants count too. */
  readonly pid: number;
  generate(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

/** Tokens a second after the first, and what is wrong with the answer if it is shorter than asked. */
export function decodeRate(answer: Answer, wanted: number): { figure: number; tokens: number; fault?: string } {
  const seconds = (answer.totalMs - answer.firstMs) / 1000;
  const figure = (answer.tokens - 1) / seconds;
  return answer.tokens === wanted
    ? { figure, tokens: answer.tokens }
    : { figure, tokens: answer.tokens, fault: `${answer.tokens} of ${wanted} tokens` };
}
