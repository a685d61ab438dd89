/** Where the largest numbers of a list are, without putting the list in order: by counting how many lie in each of some ranges. */

const RANGE_BITS = 12;

/** The places of `most` of the largest, in no order. Of the last range that still fits in part, the first ones are taken. */
export function largest(numbers: Int32Array, most: number): Uint32Array {
  if (numbers.length <= most) return Uint32Array.from(numbers.keys());
  let [low, high] = [numbers[0] ?? 0, numbers[0] ?? 0];
  for (const number of numbers) {
    if (number < low) low = number;
    if (number > high) high = number;
  }
  const shift = Math.max(0, 32 - Math.clz32(high - low) - RANGE_BITS);
  const counts = new Uint32Array(1 << RANGE_BITS);
  for (const number of numbers) {
    const range = ((number - low) >>> 0) >>> shift;
    counts[range] = (counts[range] ?? 0) + 1;
  }
  let last = counts.length - 1;
  let above = 0;
  while (above + (counts[last] ?? 0) < most) above += counts[last--] ?? 0;
  let left = most - above;
  const places = new Uint32Array(most);
  let count = 0;
  for (let place = 0; place < numbers.length; place++) {
    const range = (((numbers[place] ?? 0) - low) >>> 0) >>> shift;
    if (range > last || (range === last && left-- > 0)) places[count++] = place;
  }
  return places;
}
