import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventHold } from "./event-hold.ts";
import type { Finish, SequenceEvent } from "./protocol.ts";

const text = (id: number, count: number): SequenceEvent => ({ id, text: "x", count });
const end = (id: number): SequenceEvent => ({ id, text: "", count: 9, finish: { reason: "stop" } as Finish });

describe("what steps bring", () => {
  test("first texts and ends go out at once", () => {
    const hold = new EventHold();
    hold.add([text(1, 1)]);
    expect(hold.take(0, 1)).toHaveLength(1);
    hold.add([text(1, 2)]);
    expect(hold.take(1, 1)).toEqual([]);
    hold.add([text(2, 1)]);
    expect(hold.take(2, 1)).toHaveLength(2);
    hold.add([text(1, 3)]);
    expect(hold.take(3, 1)).toEqual([]);
    hold.add([end(1)]);
    expect(hold.take(4, 1)).toHaveLength(2);
  });

  test("quick tokens come together, slow ones one by one", () => {
    const sizes = (stepMs: number) => {
      const hold = new EventHold();
      const sent: number[] = [];
      for (let i = 0; i < 12; i++) {
        hold.add([text(1, i + 1)]);
        const { length } = hold.take(i * stepMs, stepMs);
        if (length > 0) sent.push(length);
      }
      return sent;
    };
    expect(sizes(8)).toEqual([1, 4, 4]);
    expect(sizes(17)).toEqual(Array(12).fill(1));
  });

  test("many requests at once wait a little longer, until they end", () => {
    const hold = new EventHold();
    const step = (ids: number[], now: number) => {
      hold.add(ids.map((id) => text(id, now)));
      return hold.take(now, 28).length;
    };
    expect(step([1, 2, 3, 4], 0)).toBe(4);
    expect(step([1, 2, 3, 4], 28)).toBe(0);
    expect(step([1, 2, 3, 4], 56)).toBe(8);
    hold.add([end(1)]);
    expect(hold.take(60, 28)).toHaveLength(1);
    expect(step([2, 3, 4], 88)).toBe(3);
  });

  test("nothing waits for a step of unknown length", () => {
    const hold = new EventHold();
    hold.add([text(1, 1)]);
    hold.take(0, 1);
    hold.add([text(1, 2)]);
    expect(hold.take(1, Number.POSITIVE_INFINITY)).toHaveLength(1);
  });

  test("nothing is lost or reordered, and nothing waits longer than 33 ms in steps as long as expected", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ id: fc.nat(2), ms: fc.integer({ min: 1, max: 60 }) }), { maxLength: 60 }), (steps) => {
        const hold = new EventHold();
        // Too few to count as load.
        const given: SequenceEvent[] = [];
        const got: SequenceEvent[] = [];
        const since = new Map<SequenceEvent, number>();
        let now = 0;
        for (const [i, { id, ms }] of steps.entries()) {
          const event = text(id, i);
          since.set(event, now);
          given.push(event);
          hold.add([event]);
          for (const sent of hold.take(now, ms)) {
            expect(now - (since.get(sent) ?? 0)).toBeLessThanOrEqual(33);
            got.push(sent);
          }
          now += ms;
        }
        got.push(...hold.take(now, Number.POSITIVE_INFINITY));
        expect(got).toEqual(given);
      }),
    );
  });
});
