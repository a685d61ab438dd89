/** The grammars in llama.cpp itself: it takes each one, and a model of random weights can only write valid JSON under it. */
import { existsSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomCase } from "../../../test/support/random-schema.ts";
import { faultOf } from "../../../test/support/schema-validator.ts";
import { Batch, Context, GrammarSampler, Model, Sampler } from "../../llama/index.ts";
import { checkGrammar } from "./check.ts";
import { grammarForFormat } from "./format.ts";

const random = path.resolve(import.meta.dirname, "../../../../shared/data/models/llama-2-tiny-random.gguf");

describe.skipIf(!existsSync(random))("llama-2-tiny-random (needs ../shared)", () => {
  let model: Model;
  let context: Context;
  const batch = new Batch(64, 1);
  /** Tokens that end what is open, tried in this order once the model has rambled on long enough. */
  let closing: number[] = [];

  beforeAll(() => {
    model = Model.load(random);
    context = new Context(model, { cells: 2048, batch: 64, sequences: 1, threads: 1 });
    // in a word-piece vocabulary a leading space is part of a token, so these come from the vocabulary itself
    const wanted = ['"', "}", "]", "0", "a", ":", ","];
    const byText = new Map<string, number>();
    for (let token = 3; token < model.vocabularySize; token++) byText.set(Buffer.from(model.piece(token)).toString(), token);
    closing = wanted.flatMap((text) => byText.get(text) ?? []);
    expect(closing).toHaveLength(wanted.length);
  });

  afterAll(() => {
    batch.close();
    context.close();
    model.close();
  });

  /** What the model writes under `grammar` until the grammar lets it only end. After `free` tokens it is pressed to finish. */
  function generate(grammar: string, seed: number, free: number): string {
    using rules = GrammarSampler.create(model, grammar);
    using chain = Sampler.chain(model, [
      { type: "temp", t: 1 },
      { type: "dist", seed },
    ]);
    context.memory.clear();
    const bytes: Uint8Array[] = [];
    let token = 1;
    for (let position = 0; position < 1500; position++) {
      batch.clear();
      batch.add(token, position, 0, true);
      expect(context.decode(batch)).toBe(0);
      const pressed = position >= free ? closing.find((one) => rules.allows(one)) : undefined;
      if (pressed !== undefined) rules.accept(pressed);
      token = pressed ?? rules.sample(context, -1, chain);
      if (model.isEog(token)) return Buffer.concat(bytes).toString();
      bytes.push(model.piece(token));
    }
    throw new Error(`never ended: ${Buffer.concat(bytes).toString().slice(0, 200)}`);
  }

  it("writes valid JSON for 60 random schemas", () => {
    const written: string[] = [];
    fc.assert(
      fc.property(randomCase(2), fc.nat(), ({ schema }, seed) => {
        const text = generate(grammarForFormat(schema) ?? "", seed, 40);
        written.push(text);
        expect(faultOf(JSON.parse(text), schema), text).toBeUndefined();
      }),
      { numRuns: 60 },
    );
    expect(new Set(written).size).toBeGreaterThan(20);
  });

  it("writes valid JSON where strings, arrays and objects may go on for ever", () => {
    const schemas = [
      {
        type: "object",
        properties: { text: { type: "string" }, list: { type: "array", items: { type: "string" } } },
        required: ["text", "list"],
      },
      { type: "object", additionalProperties: { type: "string" } },
      { type: "array", items: { type: "number" } },
      {},
    ];
    for (const schema of schemas) {
      const text = generate(grammarForFormat(schema) ?? "", 7, 30);
      expect(faultOf(JSON.parse(text), schema), text).toBeUndefined();
    }
    expect(typeof JSON.parse(generate(grammarForFormat("json") ?? "", 3, 40))).toBe("object");
  });

  it("takes every kind of grammar that we write", () => {
    const members = Array.from({ length: 1000 }, (_, index) => `p${index}`);
    const large = [
      { type: "string", maxLength: 500_000 },
      { type: "string", minLength: 4321, maxLength: 123_456 },
      { enum: Array.from({ length: 10_000 }, (_, index) => `value ${index * 7919}`) },
      { type: "object", properties: Object.fromEntries(members.map((name) => [name, { type: "integer" }])) },
      { type: "object", properties: Object.fromEntries(members.map((name) => [name, {}])), additionalProperties: true },
      { type: "array", items: { type: "array", items: { type: "string", maxLength: 1999 }, maxItems: 1999 }, maxItems: 5000 },
      { type: "string", pattern: '^(([ab]{0,30}){2,400}[^"]{1,2000}|x?){0,90}$' },
      { type: "string", format: "ipv6" },
    ];
    for (const schema of large) {
      const grammar = grammarForFormat(schema) ?? "";
      using rules = GrammarSampler.create(model, grammar);
      expect(rules.allows(2)).toBe(false);
    }
  });

  it("agrees with our own check about what is a grammar", () => {
    const texts = [
      'root ::= "a" | "b" # end\n',
      'root ::= [a-z]{2,5} ("," word)*\nword ::= "\\x41\\u0042" .',
      'root ::= "a"{1999}',
      "root ::= <[5]> !<[6]>",
      'root ::= (\n "a" |\n "b"\n)',
      'root ::= ("a" ("b"){3} ("c" | "d")){10}',
      // faults
      'rot ::= "a"',
      "root ::= other",
      'root ::= "a',
      'root ::= ("a"',
      'root ::= "a")',
      "root ::= [a-",
      'root ::= root "a"',
      'root = "a"',
      'root ::= "\\q"',
      'root ::= "a"{2001}',
      'root ::= "a"{5000,}',
      'root ::= (("a"){50}){50}',
      'root ::= ("a" ("b" "c"?){0,60} "d"?){33}',
      "root ::= *",
      'root ::= "a"\n| "b"',
      "",
    ];
    for (const text of texts) {
      const ours = attempt(() => checkGrammar(text));
      const theirs = attempt(() => GrammarSampler.create(model, text).close());
      expect(`${ours}: ${text}`).toBe(`${theirs}: ${text}`);
    }
  });
});

function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
