/** The ledger against a model that gives every cell a name. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CellLedger } from "./cells.ts";

type Step =
  | { do: "append"; sequence: number; count: number }
  | { do: "share"; from: number; to: number; part: number }
  | { do: "remove"; sequence: number; from: number; count: number };

const sequence = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("append" as const), sequence, count: fc.nat(6) }),
  fc.record({
    do: fc.constant("share" as const),
    from: sequence,
    to: sequence,
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ do: fc.constant("remove" as const), sequence, from: fc.nat(12), count: fc.integer({ min: 1, max: 20 }) }),
);

describe("CellLedger", () => {
  it("counts like a cache with named cells", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ledger = new CellLedger();
        const cells = new Map<number, number[]>([0, 1, 2, 3].map((id) => [id, []]));
        let name = 0;
        for (const one of steps) {
          if (one.do === "append") {
            ledger.append(one.sequence, one.count);
            for (let i = 0; i < one.count; i++) cells.get(one.sequence)!.push(name++);
          } else if (one.do === "share") {
            if (one.from === one.to || cells.get(one.to)!.length > 0) continue;
            const length = Math.floor(one.part * cells.get(one.from)!.length);
            ledger.share(one.from, one.to, length);
            cells.set(one.to, cells.get(one.from)!.slice(0, length));
          } else {
            ledger.remove(one.sequence, one.from, one.from + one.count);
            cells.get(one.sequence)!.splice(one.from, one.count);
          }
          const all = [...cells.values()].flat();
          expect(ledger.used).toBe(new Set(all).size);
          expect(ledger.heldBy([1, 2])).toBe(new Set([...cells.get(1)!, ...cells.get(2)!]).size);
          for (const [id, own] of cells) {
            expect(ledger.length(id)).toBe(own.length);
            const alone = (cell: number) => all.filter((other) => other === cell).length === 1;
            expect(ledger.isShared(id, 2)).toBe(own.slice(2).some((cell) => !alone(cell)));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
