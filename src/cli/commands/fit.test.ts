import { expect, test } from "vitest";
import { startFakeServer } from "../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { createClient } from "../client.ts";
import { type FitFlags, whatFits } from "./fit.ts";

async function run(reply: object, model: string, flags: FitFlags = {}) {
  await using server = await startFakeServer({ "POST /api/fit": { json: reply } });
  const { terminal, written } = recordedTerminal();
  await whatFits({ client: createClient(server.host), terminal }, model, flags);
  return { out: written.out, body: server.asked.at(-1)?.body };
}

test("a model: what each context takes, and the largest that fits", async () => {
  const quantizations = [
    { quantization: "F16", current: true, weights: 15e9, needed: [15.6e9, 32e9], fits: true, largest_context: 6144 },
    { quantization: "Q4_K_M", weights: 4.7e9, needed: [5.3e9, 21e9], fits: true, largest_context: 92_416 },
    { quantization: "F32", weights: 30e9, needed: [30.6e9, 47e9], fits: false, largest_context: 0 },
  ];
  const reply = {
    model: "m",
    exact: true,
    parameter_count: 7.6e9,
    memory: 16e9,
    context_length: 131_072,
    contexts: [4096, 65_536],
    quantizations,
  };
  const { out, body } = await run(reply, "m", { memory: "16 GB" });
  expect(body).toEqual({ model: "m", memory: 16e9 });
  expect(out).toBe(
    [
      "m: 7.6B parameters, trained for 131072 tokens. 16 GB of memory can be used.",
      "",
      "QUANTIZATION    WEIGHTS    4K         64K        LARGEST CONTEXT ",
      "F16 *           15 GB      15 GB      (32 GB)    6144               ",
      "Q4_K_M          4.7 GB     5.3 GB     (21 GB)    92416              ",
      "F32             30 GB      (30 GB)    (47 GB)    does not fit       ",
      "",
      "* as it is here. The middle columns say what a context of so many tokens takes; in parentheses: does not fit.",
      "",
    ].join("\n"),
  );
});

test("a size: the rule of thumb, and as JSON", async () => {
  const quantizations = [{ quantization: "Q4_K_M", needed: [4.2e9], fits: true }];
  const reply = { model: "7B", exact: false, parameter_count: 7e9, memory: 6e9, contexts: [], quantizations };
  expect((await run(reply, "7B")).out).toContain("Q4_K_M          4.2 GB    yes     \n\nA rule of thumb");
  expect(JSON.parse((await run(reply, "7B", { json: true })).out)).toEqual(reply);
});

test("memory that is none", async () => {
  await expect(run({}, "7B", { memory: "much" })).rejects.toThrow('invalid size of memory "much": write it as 16GB or 512MB');
});
