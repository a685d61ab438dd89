import { expect, test } from "vitest";
import { bodyBytes, parseHead } from "./http-head.ts";

test("the head of a range", () => {
  const head = parseHead("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/10 \r\nContent-LENGTH:4\r\nX:");
  expect(head).toMatchObject({ status: 206, headers: { "content-range": "bytes 0-3/10", "content-length": "4", x: "" } });
  expect(head && bodyBytes(head)).toBe(4);
});

test.each([
  "",
  "HTTP/1.0 206 OK",
  "HTTP/1.1 100 Continue",
  "HTTP/1.1 2060 OK",
  "ICY 200 OK",
  "HTTP/1.1 206 OK\r\n folded: line",
  "HTTP/1.1 206 OK\r\nno colon",
  "HTTP/1.1 206 OK\r\nContent-Length : 4",
  "HTTP/1.1 206 OK\r\nContent-Length: 4\r\ncontent-length: 5",
])("%j is for node:http", (text) => {
  expect(parseHead(text)).toBeUndefined();
});

test.each([
  "Content-Length: -1",
  "Content-Length: 1e3",
  "Content-Length: 4\r\nTransfer-Encoding: chunked",
  "Content-Length: 4\r\nContent-Encoding: gzip",
  "X: y",
])("%j tells no length", (line) => {
  const head = parseHead(`HTTP/1.1 206 OK\r\n${line}`);
  expect(head && bodyBytes(head)).toBeUndefined();
});
