/** Finds where the answers of questions are in a base. Nothing is guessed: what is not found, or found twice, says so. */
import { messageOf } from "../../errors.ts";
import type { Database } from "../../store/db.ts";
import type { Index } from "../index/types.ts";
import { readPassages } from "../rows/passages.ts";
import { weigh } from "../search/weigh.ts";
import { queryTermsOf } from "../words/analyse.ts";
import { AROUND, around, Quotable, type Quote, type QuotePlace, STRICTNESSES } from "./find-quote.ts";
import type { GoldenPlace, Misplaced, PlacedQuestion, WantedQuestion } from "./types.ts";

const MOST_CHARACTERS = 4000;
/** Passages in whose documents a quote is sought. */
const CANDIDATES = 40;
/** A text this long that stands twice says the same at both places. */
const TELLING = 40;
/** Texts at hand at the same time. */
const MOST_TEXTS = 48;

export interface Placed {
  placed: { at: number; question: PlacedQuestion }[];
  misplaced: Misplaced[];
}

export async function placeQuestions(
  database: Database,
  index: Index,
  base: number,
  wanted: readonly WantedQuestion[],
): Promise<Placed> {
  const finder = new Finder(database, index, base);
  const result: Placed = { placed: [], misplaced: [] };
  for (const [i, one] of wanted.entries()) {
    const at = i + 1;
    try {
      result.placed.push({ at, question: await finder.place(one) });
    } catch (error) {
      if (!(error instanceof Unplaced)) throw error;
      result.misplaced.push({ at, question: one.question, reason: messageOf(error) });
    }
  }
  return result;
}

/** A sentence about a question whose place is not found. */
class Unplaced extends Error {}

interface Named extends Quotable {
  id: number;
  name: string;
}

interface Found extends QuotePlace {
  text: Named;
}

class Finder {
  readonly #database: Database;
  readonly #index: Index;
  readonly #base: number;
  readonly #texts = new Map<number, Named>();

  constructor(database: Database, index: Index, base: number) {
    this.#database = database;
    this.#index = index;
    this.#base = base;
  }

  async place(wanted: WantedQuestion): Promise<PlacedQuestion> {
    const question = wanted.question.trim();
    if (question === "") throw new Unplaced("the question is empty");
    if (question.length > MOST_CHARACTERS) throw new Unplaced(`the question is longer than ${MOST_CHARACTERS} characters`);
    const answer = wanted.answer?.trim() || undefined;
    if (wanted.expectsRefusal) return { question, place: undefined };
    return { question, place: await this.#find(wanted), answer };
  }

  async #find(wanted: WantedQuestion): Promise<GoldenPlace> {
    const { document, start, end } = wanted;
    const named = document === undefined ? [] : this.#named(document);
    const quote = wanted.quote?.trim() ? { ...wanted, quote: wanted.quote } : undefined;
    if (start !== undefined && end !== undefined && (named.length === 1 || !quote)) {
      const [only] = named;
      if (only === undefined || named.length > 1) {
        throw new Unplaced(
          document === undefined
            ? "start and end need the document that they count in"
            : `${only === undefined ? "there is no document" : "there are several documents"} ${JSON.stringify(document)}`,
        );
      }
      const text = this.#text(only);
      const isInside = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= text.text.length;
      if (isInside && (!quote || text.text.slice(start, end) === quote.quote)) return placeIn(text, { start, end });
      if (!quote) throw new Unplaced(`${start} to ${end} is no place in ${text.name}, which has ${text.text.length} characters`);
    }
    if (!quote) {
      throw new Unplaced(
        "it has no place: give words of the answer as they stand in the document (quote), or document, start and end; or say that a refusal is expected",
      );
    }
    const places = this.#places(named, quote);
    return this.#only(places.length > 0 ? places : this.#places(await this.#candidates(quote), quote), quote);
  }

  /** All that agree as well as any does. */
  #places(documents: readonly number[], quote: Quote): Found[] {
    for (const strictness of STRICTNESSES) {
      const places = documents.flatMap((id) => {
        const text = this.#text(id);
        return text.find(quote, strictness).map((place) => ({ ...place, text }));
      });
      if (places.length > 0) return places;
    }
    return [];
  }

  #only([first, ...others]: Found[], { quote }: Quote): GoldenPlace {
    const shown = JSON.stringify(quote.length > 60 ? `${quote.slice(0, 60)}…` : quote);
    if (!first) throw new Unplaced(`no document says ${shown}: quote it as it stands there`);
    if (others.length > 0 && first.agreeing < TELLING) {
      throw new Unplaced(`${shown} stands at several places: quote more of the sentence, or name the document`);
    }
    return placeIn(first.text, first);
  }

  #named(document: string | number): number[] {
    const rows =
      typeof document === "number"
        ? this.#database.statement("SELECT id FROM kb_documents WHERE base = ? AND id = ?").all(this.#base, document)
        : this.#database
            .statement(
              `SELECT d.id FROM kb_documents d WHERE d.base = ?1 AND (d.name = ?2 OR d.id IN
               (SELECT document FROM kb_places WHERE base = ?1 AND place = ?2)) ORDER BY d.id`,
            )
            .all(this.#base, document);
    return rows.map(({ id }) => Number(id));
  }

  /** Documents whose passages have the most of the quote's words. */
  async #candidates({ quote, before = "", after = "" }: Quote): Promise<number[]> {
    const about = before.slice(-AROUND) + quote.slice(0, MOST_CHARACTERS) + after.slice(0, AROUND);
    const { searched } = await weigh(this.#index, this.#base, queryTermsOf(about));
    const found = await this.#index.byWords(this.#base, searched, { limit: CANDIDATES });
    const passages = readPassages(
      this.#database,
      found.map(({ passage }) => passage),
    );
    return [...new Set(passages.map(({ document }) => document))];
  }

  #text(id: number): Named {
    const known = this.#texts.get(id);
    if (known) return known;
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    const row = this.#database.statement("SELECT name, text FROM kb_documents WHERE id = ?").get(id);
    const text = Object.assign(new Quotable(String(row?.text ?? "")), { id, name: String(row?.name ?? "") });
    this.#texts.set(id, text);
    return text;
  }
}

function placeIn({ id, name, text }: Named, { start, end }: { start: number; end: number }): GoldenPlace {
  return {
    document: name,
    documentId: id,
    start,
    end,
    quote: text.slice(start, end),
    ...around(text, { start, end }),
  };
}
