/** A base in the place of a model: `kb/notes` for every client, or `knowledge: {base: "notes"}` beside the name of a model. */
import { z } from "zod";
import { Invalid, NotFound } from "../../errors.ts";
import type { Mode } from "../../knowledge/prompt.ts";
import type { Base } from "../../knowledge/rows/bases.ts";
import type { DocumentFilter } from "../../knowledge/rows/documents.ts";
import { parseName } from "../../models/name.ts";
import type { Model } from "../../models/types.ts";
import { withFields } from "../body.ts";
import type { Deps } from "../deps.ts";
import { forbiddenText, outsideGrant } from "../guard/allowed-models.ts";
import { openModel, parseReference } from "../reference.ts";
import { defaultChatModel } from "./default-model.ts";
import { filterFields, filtersOf } from "./filters.ts";

/** The request's own wishes. The names on the wire are Puna's; no other server has them. */
const wishes = z.object({
  base: z.string().optional(),
  model: z.string().optional(),
  mode: z.enum(["chat", "query"]).optional(),
  limit: z.int().min(1).max(50).optional(),
  threshold: z.number().min(0).max(100).optional(),
  whole: z.boolean().default(true),
  footer: z.boolean().default(false),
  filters: filterFields.optional(),
});

export const knowledgeRequest = z.preprocess((value) => withFields(value, Object.keys(wishes.shape)), wishes.optional());

export type KnowledgeWishes = NonNullable<z.output<typeof knowledgeRequest>>;

export interface AskedBase {
  base: Base;
  mode: Mode;
  /** Passages at most; undefined: as many as the model can use. */
  limit: number | undefined;
  threshold: number | undefined;
  whole: boolean;
  footer: boolean;
  filters: DocumentFilter;
}

/** A model that answers from a base. */
export interface AskedModel extends Model {
  asked?: AskedBase;
}

const PREFIX = "kb/";

/** The name under which clients see a base. */
export function nameOfBase({ name }: Pick<Base, "name">): string {
  return `${PREFIX}${name}:latest`;
}

/**
 * The model that answers for the base that a request names; undefined for a request that names none. Throws NotFound, Invalid for a base
 * that no model here can answer for, and 403 for a key that is not for it.
 */
export async function modelOfBase(deps: Deps, text: string, wishes?: KnowledgeWishes): Promise<AskedModel | undefined> {
  const named = baseNameIn(text);
  const wanted = wishes?.base;
  const name = named ?? wanted;
  if (name === undefined) {
    if (wishes) throw new Invalid('knowledge.base is required: name a base, or ask the model "kb/NAME"', { param: "knowledge" });
    return undefined;
  }
  if (named !== undefined && wanted !== undefined && named.toLowerCase() !== wanted.toLowerCase())
    throw new Invalid(`the request names two knowledge bases, ${JSON.stringify(named)} and ${JSON.stringify(wanted)}`);
  const base = await allowedBase(deps, name, named === undefined ? undefined : text);
  if (!base) return undefined;
  const model = await answeringModel(deps, base, wishes?.model ?? (named === undefined ? text : undefined));
  return {
    ...model,
    // Nothing that a document says may lead to a call.
    capabilities: model.capabilities.filter((capability) => capability !== "tools"),
    asked: {
      base,
      mode: wishes?.mode ?? base.settings.mode ?? "query",
      limit: wishes?.limit,
      threshold: wishes?.threshold,
      whole: wishes?.whole ?? true,
      // A client that knows nothing of bases shows text alone.
      footer: wishes?.footer ?? true,
      filters: filtersOf(wishes?.filters),
    },
  };
}

/** The base that a model's name means; undefined for other names. Throws NotFound, and 403 for a key that is not for it. */
export async function baseOf(deps: Deps, text: string): Promise<Base | undefined> {
  const name = baseNameIn(text);
  return name === undefined ? undefined : await allowedBase(deps, name, text);
}

function baseNameIn(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.slice(0, PREFIX.length).toLowerCase() !== PREFIX) return undefined;
  return trimmed.slice(PREFIX.length).replace(/:latest$/i, "");
}

async function allowedBase(deps: Deps, name: string, text: string | undefined): Promise<Base | undefined> {
  const base = await findBase(deps, name, text);
  const refused = base && forbiddenText(nameOfBase(base));
  if (refused) throw refused;
  return base;
}

/** Undefined when `text` is a model of that name instead. */
async function findBase({ knowledge, store }: Deps, name: string, text: string | undefined): Promise<Base | undefined> {
  try {
    return knowledge.named(name.normalize("NFC"));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
  const model = text === undefined ? undefined : parseName(text.trim());
  if (model && (await store.find(model))) return undefined;
  throw new NotFound(`knowledge base ${JSON.stringify(name)} not found (see 'puna kb list')`);
}

/** The one that the request names, or else the base's own, or else the one that is there. */
async function answeringModel(deps: Deps, base: Base, wanted: string | undefined): Promise<Model> {
  if (wanted !== undefined) return await openModel(deps.store, parseReference(wanted));
  // Whoever may ask the base may have its answer, whichever model the base has chosen.
  return await outsideGrant(async () => {
    const own = base.settings.model;
    const model = own === undefined ? await defaultChatModel(deps) : await openModel(deps.store, parseReference(own));
    if (model) return model;
    throw new Invalid(
      `knowledge base ${JSON.stringify(base.name)} needs a model to answer with, and there is none that can chat: get one (puna pull MODEL), or create the bundled one (puna run mini)`,
    );
  });
}
