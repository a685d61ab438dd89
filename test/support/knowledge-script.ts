/** Answers of a knowledge base called `notes`, for tests of the command line. */
export const notesBase = {
  id: 1,
  name: "notes",
  model_name: "kb/notes",
  documents: 2,
  passages: 9,
  embedder: null,
  model: "mini:latest",
  mode: "query",
  refusal: null,
  threshold: null,
  passage_tokens: 200,
  most_passage_tokens: 320,
  live_index: null,
  previous_index: null,
  created_at: "2026-11-20T11:00:00.000Z",
};

const counts = { total: 0, waiting: 0, done: 0, unchanged: 0, failed: 0, canceled: 0 };

export function job(id: number, state: string, some: Partial<typeof counts> = {}, reason: string | null = null) {
  const times = { created_at: "2026-11-20T11:59:00.000Z", finished_at: null };
  return { id, state, reason, counts: { ...counts, ...some }, ...times };
}

export function item(id: number, place: string, state: string, reason: string | null = null) {
  return { id, place, state, reason, code: reason === null ? null : "unreadable", tries: 1, document_id: null };
}

export function documentReply(id: number, name: string, more: object = {}) {
  return {
    ...{ id, name, title: name, places: [name], bytes: 1234, sha256: "00", language: "en", pages: null, passages: 4, notes: [] },
    ...{ modified_at: null, added_at: "2026-11-20T11:55:00.000Z" },
    ...more,
  };
}
