/** Objects whose keys stay as they were written. JavaScript puts keys that look like whole numbers first, whatever comes before. */

const WHOLE = /^(?:0|[1-9]\d*)$/;

/** An object of these members; the last of a name counts, at the place of the first. */
export function orderedObject(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = Object.fromEntries(entries);
  if (!entries.some(([key]) => WHOLE.test(key))) return object;
  const keys = [...new Set(entries.map(([key]) => key))];
  // Whoever lists the keys, JSON.stringify included, asks here.
  return new Proxy(object, { ownKeys: () => keys });
}
