import { expect, test } from "vitest";
import { describeModel } from "./describe-model.ts";

const details = { family: "llama", parameter_size: "7B", quantization_level: "Q4_K_M" };

test("details alone", () => {
  expect(describeModel({ details }, { verbose: false })).toBe(
    [
      "  Model",
      "    architecture    llama     ",
      "    parameters      7B        ",
      "    quantization    Q4_K_M    ",
      "",
      "",
    ].join("\n"),
  );
});

test("every section", () => {
  const reply = {
    details,
    requires: "0.19.0",
    capabilities: ["completion", "tools"],
    model_info: {
      "general.architecture": "llama",
      "general.parameter_count": 7e9,
      "llama.context_length": 131_072,
      "llama.embedding_length": 4096,
      "tokenizer.ggml.tokens": ["<s>", "</s>", "hello"],
      "tokenizer.ggml.scores": [0, 1, 2, 3, 4, 5, 6],
      "llama.rope.freq_base": 1_000_000,
      "llama.flag": true,
    },
    projector_info: { "general.architecture": "clip", "general.parameter_count": 133_700_000, "clip.vision.projection_dim": 768 },
    parameters: 'stop                           "<|end|>"\ntemperature                    0.5',
    tensors: [{ name: "token_embd.weight", type: "Q4_K", shape: [64, 512] }],
    system: "\nYou are calm.\n\nAnd brief.\nAnd kind.\n",
    license: "MIT\nCopyright",
  };
  expect(describeModel(reply, { verbose: true })).toMatchInlineSnapshot(`
    "  Model
        architecture        llama     
        parameters          7B        
        context length      131072    
        embedding length    4096      
        quantization        Q4_K_M    
        requires            0.19.0    

      Capabilities
        completion    
        tools         

      Projector
        architecture    clip       
        parameters      133.70M    
        dimensions      768        

      Parameters
        stop           "<|end|>"    
        temperature    0.5          

      Metadata
        general.architecture       llama                      
        general.parameter_count    7e+09                      
        llama.context_length       131072                     
        llama.embedding_length     4096                       
        llama.flag                 true                       
        llama.rope.freq_base       1e+06                      
        tokenizer.ggml.scores      [0, 1, 2, ...+4 more]      
        tokenizer.ggml.tokens      [<s>, </s>, ...+1 more]    

      Tensors
        token_embd.weight    Q4_K    [64 512]    

      System
        You are calm.    
        And brief.       
        ...              

      License
        MIT          
        Copyright    

    "
  `);
});

test("a remote model says where it is", () => {
  const text = describeModel({ details, remote_model: "big", remote_host: "https://example.org" }, { verbose: false });
  expect(text).toContain("    Remote model    big                    \n    Remote URL      https://example.org    \n");
});

test("a long line of a license is broken between words", () => {
  const text = describeModel({ license: `${"word ".repeat(30)}` }, { verbose: false });
  expect(text.split("\n").slice(-4)).toEqual([
    `    ${"word ".repeat(20).trim()}    `,
    `    ${"word ".repeat(10).trim()}${" ".repeat(54)}`,
    "",
    "",
  ]);
});
