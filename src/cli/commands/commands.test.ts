import { expect, test } from "vitest";
import { startFakeServer } from "../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { readConfig } from "../../config.ts";
import { createClient } from "../client.ts";
import { clientVersion } from "../client-version.ts";
import type { Context } from "../context.ts";
import { signIn, signOut } from "./account.ts";
import { cp } from "./cp.ts";
import { list } from "./list.ts";
import { ps } from "./ps.ts";
import { pull } from "./pull.ts";
import { push } from "./push.ts";
import { rm } from "./rm.ts";
import { show } from "./show.ts";
import { stop } from "./stop.ts";
import { version } from "./version.ts";

const digest = "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72";

async function setUp(script: Parameters<typeof startFakeServer>[0]) {
  const server = await startFakeServer(script);
  const { terminal, written } = recordedTerminal();
  const context: Context = {
    client: createClient(server.host),
    terminal,
    config: readConfig({}),
    now: () => new Date("2026-11-20T12:00:00Z"),
  };
  return { server, context, written, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("list", async () => {
  await using at = await setUp({
    "GET /api/tags": {
      json: {
        models: [
          { name: "Mini:latest", digest, size: 9_437_184, modified_at: "2026-11-20T11:57:00.5Z" },
          { name: "llama3.2:1b", digest, size: 1_321_098_329, modified_at: "2026-10-01T00:00:00+02:00" },
          { name: "far:cloud", digest, size: 300, modified_at: "2024-01-01T00:00:00Z", remote_model: "far" },
        ],
      },
    },
  });
  await list(at.context);
  expect(at.written.out).toBe(
    [
      "NAME           ID              SIZE      MODIFIED      ",
      "Mini:latest    a80c4f17acd5    9.4 MB    2 minutes ago    ",
      "llama3.2:1b    a80c4f17acd5    1.3 GB    7 weeks ago      ",
      "far:cloud      a80c4f17acd5    -         2 years ago      ",
      "",
    ].join("\n"),
  );
  at.written.out = "";
  await list(at.context, "MINI");
  expect(at.written.out).toContain("Mini:latest");
  expect(at.written.out).not.toContain("llama");
});

test("list of an empty store, also as null", async () => {
  await using at = await setUp({ "GET /api/tags": { json: { models: null } } });
  await list(at.context);
  expect(at.written.out).toBe("NAME    ID    SIZE    MODIFIED \n");
});

test("ps", async () => {
  const loaded = { digest, size: 4_000_000_000, context_length: 4096, expires_at: "2026-11-20T12:04:30Z" };
  await using at = await setUp({
    "GET /api/ps": {
      json: {
        models: [
          { ...loaded, name: "cpu:latest", size_vram: 0 },
          { ...loaded, name: "gpu:latest", size_vram: 4_000_000_000, expires_at: "2318-01-01T00:00:00Z" },
          { ...loaded, name: "both:latest", size_vram: 1_000_000_000, expires_at: "2026-11-20T11:59:59Z" },
          { ...loaded, name: "odd:latest", size_vram: 5_000_000_000 },
        ],
      },
    },
  });
  await ps(at.context);
  expect(at.written.out).toBe(
    [
      "NAME           ID              SIZE    PROCESSOR          CONTEXT    UNTIL              ",
      "cpu:latest     a80c4f17acd5    4 GB    100% CPU           4096       4 minutes from now    ",
      "gpu:latest     a80c4f17acd5    4 GB    100% GPU           4096       Forever               ",
      "both:latest    a80c4f17acd5    4 GB    75%/25% CPU/GPU    4096       Stopping...           ",
      "odd:latest     a80c4f17acd5    4 GB    Unknown            4096       4 minutes from now    ",
      "",
    ].join("\n"),
  );
});

test("show prints single parts as they are", async () => {
  const reply = { system: "Be brief.", template: "{{ .Prompt }}", license: "MIT", parameters: 'stop "x"', modelfile: "FROM x" };
  await using at = await setUp({ "POST /api/show": { json: reply } });
  const part = async (flags: Parameters<typeof show>[2]) => {
    at.written.out = "";
    await show(at.context, "m", flags);
    return at.written.out;
  };
  expect(await part({ system: true })).toBe("Be brief.");
  expect(await part({ template: true })).toBe("{{ .Prompt }}");
  expect(await part({ license: true })).toBe("MIT\n");
  expect(await part({ parameters: true })).toBe('stop "x"\n');
  expect(await part({ modelfile: true })).toBe("FROM x\n");
  await expect(part({ system: true, license: true })).rejects.toThrow(
    "only one of '--license', '--modelfile', '--parameters', '--system', or '--template' can be specified",
  );
});

test("pull", async () => {
  const digest12 = "pulling aaaaaaaaaaaa";
  const bar = { status: digest12, digest: `sha256:${"a".repeat(64)}`, total: 100 };
  await using at = await setUp({
    "POST /api/pull": {
      lines: [{ status: "pulling manifest" }, bar, { ...bar, completed: 50 }, { ...bar, completed: 100 }, { status: "success" }],
    },
  });
  await pull(at.context, "m", {});
  expect(at.server.asked[0]?.body).toEqual({ model: "m", insecure: false });
  expect(at.written).toEqual({ out: "", err: `pulling manifest\n${digest12}\nsuccess\n` });
  await using gone = await setUp({ "POST /api/pull": { lines: [{ error: "pull model manifest: file does not exist" }] } });
  await expect(pull(gone.context, "m", { insecure: true })).rejects.toThrow(/^pull model manifest: file does not exist$/);
});

test.each([
  ["me/m", "https://ollama.com/me/m"],
  ["me/m:v1", "https://ollama.com/me/m:v1"],
  ["here.example:5000/me/m", "here.example:5000/me/m:latest"],
])("push %s says where it is", async (name, place) => {
  await using at = await setUp({ "POST /api/push": { lines: [{ status: "retrieving manifest" }, { status: "success" }] } });
  await push(at.context, name, { insecure: true });
  expect(at.server.asked[0]?.body).toEqual({ model: name, insecure: true });
  expect(at.written.out).toBe(`\nYou can find your model at:\n\n\t${place}\n`);
});

test("push to where one may not", async () => {
  const words = "you are not authorized to push to this namespace, create the model under a namespace you own";
  await using at = await setUp({ "POST /api/push": { lines: [{ error: "unauthorized: access denied" }] } });
  await expect(push(at.context, "me/m", {})).rejects.toThrow(new RegExp(`^${words}$`));
  const address = "https://ollama.com/connect?name=x&key=y";
  await using hinted = await setUp({ "POST /api/push": { lines: [{ error: `unauthorized: access denied; open ${address}` }] } });
  await expect(push(hinted.context, "me/m", {})).rejects.toThrow(
    `${words}\nTo let this server act for your account, open: ${address}`,
  );
});

test("cp", async () => {
  await using at = await setUp({ "POST /api/copy": { status: 200 } });
  await cp(at.context, "a", "b");
  expect(at.written.out).toBe("copied 'a' to 'b'\n");
  expect(at.server.asked[0]?.body).toEqual({ source: "a", destination: "b" });
});

test("rm unloads first, and goes on when the model was not in memory", async () => {
  await using at = await setUp({
    "POST /api/generate": ({ body }) => {
      const { model } = body as { model: string };
      if (model === "stuck") return { status: 500, json: { error: "no" } };
      return { status: 404, json: { error: "model not found" } };
    },
    "DELETE /api/delete": ({ body }) => {
      const { model } = body as { model: string };
      return model === "missing" ? { status: 404, json: { error: "model 'missing' not found" } } : { status: 200 };
    },
  });
  await expect(rm(at.context, ["a", "stuck", "missing", "never"])).rejects.toThrow("model 'missing' not found");
  expect(at.written).toEqual({ out: "deleted 'a'\ndeleted 'stuck'\n", err: "Warning: unable to stop model 'stuck'\n" });
  expect(at.server.asked.filter(({ method }) => method === "DELETE")).toHaveLength(3);
});

test("stop", async () => {
  await using at = await setUp({
    "POST /api/generate": ({ body }) => {
      const { model } = body as { model: string };
      return model === "here" ? { json: { done: true } } : { status: 404, json: { error: "model 'x' not found" } };
    },
  });
  await stop(at.context, "here");
  expect(at.written.out).toBe("");
  expect(at.server.asked[0]?.body).toEqual({ model: "here", keep_alive: 0, stream: false });
  await expect(stop(at.context, "gone")).rejects.toThrow('couldn\'t find model "gone" to stop');
});

test("version", async () => {
  await using at = await setUp({ "GET /api/version": { json: { version: "9.9.9" } } });
  await version(at.context);
  expect(at.written.out).toMatch(/^puna version is 9\.9\.9\nWarning: client version is \d+\.\d+\.\d+\n$/);
});

test("a Puna server's own version is what counts", async () => {
  await using at = await setUp({ "GET /api/version": { json: { version: `0.32.0+puna.${clientVersion}` } } });
  await version(at.context);
  expect(at.written.out).toBe(`puna version is ${clientVersion}\n`);
});

test("version without a server", async () => {
  const { terminal, written } = recordedTerminal();
  const client = createClient({ hostname: "127.0.0.1", port: 9, scheme: "http" });
  await version({ client, terminal });
  expect(written.out).toMatch(/^Warning: could not connect to a running Puna instance\nWarning: client version is /);
});

test("signin and signout at an Ollama server, and where there is no account", async () => {
  await using known = await setUp({ "POST /api/me": { json: { name: "ana" } }, "POST /api/signout": { status: 200 } });
  await signIn(known.context);
  await signOut(known.context);
  expect(known.written.out).toBe("You are already signed in as user 'ana'\nYou have signed out of ollama.com\n");
  const address = "https://ollama.com/connect?name=x&key=y";
  await using unknown = await setUp({
    "POST /api/me": { status: 401, json: { error: "unauthorized", signin_url: address } },
    "POST /api/signout": { status: 401, json: { error: "you are not currently signed in" } },
  });
  await signIn(unknown.context);
  await signOut(unknown.context);
  expect(unknown.written.out).toBe(
    `You need to be signed in to Ollama to run Cloud models.\n\nTo sign in, navigate to:\n    ${address}\nYou are not signed in to ollama.com\n`,
  );
  await using puna = await setUp({ "POST /api/me": { status: 401, json: { error: "unauthorized" } } });
  await expect(signIn(puna.context)).rejects.toThrow("this server has no account to sign in to");
});
