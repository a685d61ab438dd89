import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { Invalid, messageOf, PunaError } from "../errors.ts";
import { DONE, type ServerSentEvent, sse } from "./sse.ts";

function request(events: AsyncIterable<ServerSentEvent>) {
  const app = new Hono();
  app.onError((error, c) => c.text(error.message, error instanceof PunaError ? 400 : 500));
  app.get("/", (c) => sse(c, events, (error) => ({ event: "error", data: { message: messageOf(error) } })));
  return app.request("/");
}

describe("server-sent events", () => {
  test("carry a name where there is one, and end with OpenAI's word", async () => {
    const response = await request(
      (async function* () {
        yield { event: "start", data: { text: "<a>\n" } };
        yield { data: { text: "\u0085\u2028" } };
        yield DONE;
      })(),
    );
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await response.text()).toBe(
      'event: start\ndata: {"text":"\\u003ca\\u003e\\n"}\n\ndata: {"text":"\\u0085\\u2028"}\n\ndata: [DONE]\n\n',
    );
  });

  test("what fails at once keeps its own status", async () => {
    const response = await request(failing(0));
    expect(response.status).toBe(400);
    expect(await response.text()).toBe("too bad");
  });

  test("what fails later becomes the last event", async () => {
    const response = await request(failing(1));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('data: {"n":0}\n\nevent: error\ndata: {"message":"too bad"}\n\n');
  });

  test("a reader that leaves ends the events", async () => {
    let ended = false;
    const response = await request(
      (async function* () {
        try {
          for (;;) yield { data: 1 };
        } finally {
          ended = true;
        }
      })(),
    );
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(ended).toBe(true);
  });
});

async function* failing(after: number): AsyncGenerator<ServerSentEvent> {
  for (let n = 0; n < after; n++) yield { data: { n } };
  throw new Invalid("too bad");
}
