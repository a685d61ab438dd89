/** Numbers as Go prints them. */

const single = new Float32Array(1);

/** The shortest decimal that reads back as the same float32: 0.1 instead of 0.10000000149011612. */
export function shortest(value: number): number {
  for (let digits = 7; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    single[0] = short;
    if (single[0] === value) return short;
  }
  return value;
}
