/** What a model can be asked to do with documents, by what it is. */

export interface Ability {
  /** `quotes`: short numbered passages, of which it repeats a sentence. `sources`: instructions, fenced sources, an answer of its own. */
  style: "quotes" | "sources";
  /** How many passages it is given at most. Small models are led astray by more. */
  passages: number;
  /** Tokens that a passage is cut to; undefined leaves it whole. */
  passageTokens: number | undefined;
  /** Which share of the prompt a whole document may take. */
  wholeShare: number;
  /** Whether it is asked to rewrite follow-up questions. */
  rewrites: boolean;
}

/** The bundled model was trained on few and short passages. */
const QUOTES: Ability = { style: "quotes", passages: 3, passageTokens: 100, wholeShare: 0, rewrites: false };
const TINY: Ability = { style: "sources", passages: 4, passageTokens: undefined, wholeShare: 0.25, rewrites: false };
const SMALL: Ability = { style: "sources", passages: 6, passageTokens: undefined, wholeShare: 0.25, rewrites: true };
const LARGE: Ability = { style: "sources", passages: 12, passageTokens: undefined, wholeShare: 0.5, rewrites: true };

const MINI_PARAMETERS = 50e6;
const TINY_PARAMETERS = 0.4e9;
const SMALL_PARAMETERS = 5e9;

/** `name` is the one in the model's file; users may call it what they like. */
export function abilityOf({ name, parameters }: { name: string | undefined; parameters: number | undefined }): Ability {
  if (name === "mini" && (parameters ?? 0) < MINI_PARAMETERS) return QUOTES;
  if (parameters === undefined || parameters >= SMALL_PARAMETERS) return LARGE;
  return parameters < TINY_PARAMETERS ? TINY : SMALL;
}
