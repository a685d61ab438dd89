/** Where the largest numbers of a list are, without putting the list in order: by counting how many lie in each of some ranges. */

const RANGES = 4096;

/** The places of `most` of the largest, in no order. Among equals of the last range the first ones are taken. */
export function largest(numbers: Int32Array, most: number): Uint32Array {
  if (numbers.length <= most) return Uint32Array.from(numbers.keys());
  let [low, high] = [Infinity, -Infinity];
  for (const number of numbers) {
    if (number < low) low = number;
    if (number > high) high = number;
  }
  const scale = high > low ? (RANGES - 1) / (high - low) : 0;
  const counts = new Uint32Array(RANGES);
  for (const number of numbers) {
    const range = Math.floor((number - low) * scale);
    counts[range] = (counts[range] ?? 0) + 1;
  }
  let last = RANGES - 1;
  let above = 0;
  while (above + (counts[last] ?? 0) < most) above += counts[last--] ?? 0;
  // Of the last range only so many still fit.
  let left = most - above;
  const places = new Uint32Array(most);
  let count = 0;
  for (let place = 0; place < numbers.length; place++) {
    const range = Math.floor(((numbers[place] ?? 0) - low) * scale);
    if (range > last || (range === last && left-- > 0)) places[count++] = place;
  }
  return places;
}
