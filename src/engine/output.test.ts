/** Text, stop strings and logprobs of one answer. */
import { describe, expect, it } from "vitest";
import { Output } from "./output.ts";
import { StopSet } from "./stop.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const logprob = (token: string) => ({ token, logprob: -1, bytes: [...bytes(token)] });
const names = (shown: { logprobs: { token: string }[] }) => shown.logprobs.map((one) => one.token);

describe("Output", () => {
  it("shows logprobs together with their text", () => {
    const output = new Output(new StopSet(["END"]));
    expect(names(output.push(bytes("a"), logprob("a")))).toEqual(["a"]);
    expect(output.push(bytes("E"), logprob("E"))).toEqual({ text: "", logprobs: [] });
    const both = output.push(bytes("x"), logprob("x"));
    expect(both.text).toBe("Ex");
    expect(names(both)).toEqual(["E", "x"]);
  });

  it("never shows logprobs of a stop string", () => {
    const output = new Output(new StopSet(["END"]));
    expect(output.push(bytes("ok E"), logprob("ok E")).text).toBe("ok ");
    expect(output.push(bytes("ND"), logprob("ND"))).toEqual({ text: "", logprobs: [] });
    expect(output.stopText).toBe("END");
    const end = output.end();
    expect(end.text).toBe("");
    expect(names(end)).toEqual(["ok E"]);
  });

  it("lets go of what was held back when the answer ends without a stop string", () => {
    const output = new Output(new StopSet(["END"]));
    expect(output.push(bytes("EN"), logprob("EN")).text).toBe("");
    const end = output.end();
    expect(end.text).toBe("EN");
    expect(names(end)).toEqual(["EN"]);
  });

  it("drops half a character at the very end", () => {
    const output = new Output(new StopSet([]));
    expect(output.push(Uint8Array.of(0x61, 0xe4, 0xbd)).text).toBe("a");
    expect(output.end().text).toBe("");
  });
});
