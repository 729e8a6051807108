// A server that answers like `cairn serve`, from synthetic data: for tests and for working on the UI.
//
//   node test/mock.mjs [port] [dist]     serves dist (default ../dist) and the API on 127.0.0.1
//
// It sends the strict Content-Security-Policy that the real server is to send.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { bigTrace, checkoutTrace, deepTrace, encodeSkeleton, findBits, random, spanJson, summary } from "./synth.mjs";

const MIME = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
export const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export const IDS = {
  checkout: "c0ffee00000000000000000000000001",
  linked: "c0ffee00000000000000000000000002",
  huge: "c0ffee00000000000000000000100000",
  million: "c0ffee00000000000000000001000000",
  deep: "c0ffee0000000000000000000000deeb",
  cut: "c0ffee000000000000000000000000c7",
};

/** All traces of one mock server; big ones are made when first asked for. */
class Data {
  constructor(now) {
    this.now = now;
    this.made = new Map();
    this.makers = new Map();
    const at = (msAgo) => BigInt(Math.round(now - msAgo)) * 1000000n + 123456n;
    this.makers.set(IDS.checkout, () => checkoutTrace(IDS.checkout, at(42e3), IDS.linked));
    this.makers.set(IDS.linked, () => bigTrace(IDS.linked, at(95e3), 60, 11, { total: 180e6 }));
    this.makers.set(IDS.huge, () => bigTrace(IDS.huge, at(400e3), 100000, 5, { attributesEvery: 5000 }));
    this.makers.set(IDS.million, () => bigTrace(IDS.million, at(900e3), 1000000, 6));
    this.makers.set(IDS.deep, () => deepTrace(IDS.deep, at(1200e3), 1500));
    this.makers.set(IDS.cut, () => bigTrace(IDS.cut, at(1500e3), 4000, 4));
    this.listed = [IDS.checkout, IDS.linked, IDS.huge, IDS.deep, IDS.cut].map((id) => this.trace(id));
    const rnd = random(42);
    for (let i = 0; i < 240; i++) {
      const id = (0xabc0000 + i).toString(16).padStart(32, "1");
      const n = 1 + Math.floor(rnd() ** 4 * 300);
      this.makers.set(id, () => bigTrace(id, at(rnd() * 3600e3), n, i + 100, { total: 10 ** (5.4 + rnd() * 3.4) }));
      this.listed.push(this.trace(id));
    }
    this.summaries = this.listed.map(summary).sort((a, b) => (BigInt(a.minStartTimeUnixNano) < BigInt(b.minStartTimeUnixNano) ? 1 : -1));
    this.summaries.find((s) => s.traceId === this.listed[20].id).rootServiceName = undefined;
  }
  trace(id) {
    if (!this.made.has(id) && this.makers.has(id)) this.made.set(id, this.makers.get(id)());
    return this.made.get(id);
  }
}

function search(data, p) {
  const min = Date.parse(p.get("query.startTimeMin"));
  const max = Date.parse(p.get("query.startTimeMax"));
  if (!(min < max)) return { status: 400, body: { error: { httpCode: 400, message: "query.startTimeMin and query.startTimeMax are required" } } };
  if (p.get("query.operationName") === "fail") return { status: 500, body: { error: { httpCode: 500, message: "the mock was asked to fail" } } };
  const duration = (s) => Number(/^(\d+)ns$/.exec(s ?? "")?.[1] ?? NaN);
  const [dMin, dMax] = [duration(p.get("query.durationMin")), duration(p.get("query.durationMax"))];
  const wanted = Object.entries(JSON.parse(p.get("query.attributes") ?? "{}"));
  const found = data.summaries.filter((s) => {
    const start = Number(BigInt(s.minStartTimeUnixNano) / 1000000n);
    const ns = Number(BigInt(s.maxEndTimeUnixNano) - BigInt(s.minStartTimeUnixNano));
    const service = p.get("query.serviceName");
    const name = p.get("query.operationName");
    return start >= min && start <= max && !(ns < dMin) && !(ns > dMax) && (!service || s.services.some((v) => v.name === service)) && (!name || s.rootOperationName === name)
      && wanted.every(([k, v]) => (k === "error" ? (s.errorSpanCount > 0) === (v === "true") : k === "http.route" && s.traceId === IDS.checkout));
  });
  return { status: 200, body: { summaries: found.slice(0, Number(p.get("query.searchDepth") ?? 100)) } };
}

function rowsOf(text, n) {
  const rows = [];
  for (const part of text.split(",")) {
    const [a, b = a] = part.split("-").map(Number);
    for (let r = a; r <= b && r < n && rows.length < 1000; r++) rows.push(r);
  }
  return rows;
}

function api(data, url) {
  const p = url.searchParams;
  const path = decodeURIComponent(url.pathname);
  const ok = (body) => ({ status: 200, body });
  const services = [...new Set(data.summaries.flatMap((s) => s.services.map((v) => v.name)))].sort();
  if (path === "/health") return ok({ status: "ok", version: "0.1.0" });
  if (path === "/api/v3/services") return ok({ services });
  if (path === "/api/v3/operations") return ok({ operations: ["POST /checkout", "GET /api/items/{id}", "SELECT orders", "cache.get"].map((name) => ({ name, spanKind: "server" })) });
  if (path === "/api/v3/trace-summaries") return search(data, p);
  if (path === "/api/cairn/v1/tags") return ok({ tags: [["error", "span"], ["http.route", "span"], ["http.response.status_code", "span"], ["db.system.name", "span"], ["service.version", "resource"], ["host.name", "resource"], ["exception.type", "event"]].map(([key, scope]) => ({ key, scope })) });
  const values = /^\/api\/cairn\/v1\/tags\/(.+)\/values$/.exec(path);
  if (values) return ok({ values: { "http.route": ["/checkout", "/charge", "/products/{id}", "/a b"], error: ["true", "false"], name: ["POST /checkout", "cache.get"] }[values[1]] ?? ["one", "two"] });
  const trace = /^\/api\/(?:cairn\/v1|v3)\/traces\/([0-9a-f]{32})(?:\/(skeleton|spans|find))?$/.exec(path);
  const found = trace && data.trace(trace[1]);
  if (!found) return { status: 404, body: { error: { httpCode: 404, message: "trace not found" } } };
  if (trace[2] === "skeleton") return { status: 200, raw: encodeSkeleton(found, found.id === IDS.cut ? { cut: true, total: 9000 } : {}), type: "application/vnd.cairn.skeleton" };
  if (trace[2] === "spans") return ok({ spans: rowsOf(p.get("rows") ?? "", found.n).map((r) => spanJson(found, r)) });
  if (trace[2] === "find") return { status: 200, raw: findBits(found, p.get("q") ?? ""), type: "application/octet-stream" };
  return ok({ result: { resourceSpans: [{ scopeSpans: [{ spans: rowsOf(`0-${Math.min(999, found.n - 1)}`, found.n).map((r) => spanJson(found, r)) }] }] } });
}

async function file(dist, path) {
  const wanted = normalize(path).replace(/^(\.\.[/\\])+/, "");
  const known = extname(wanted) !== "";
  const name = known ? wanted : "/index.html";
  try {
    return { body: await readFile(join(dist, name)), type: MIME[extname(name)] ?? "application/octet-stream" };
  } catch {
    return null;
  }
}

/** Starts the mock; returns { url, close }. delayMs slows the API down, to see loading states. */
export async function startMock({ port = 0, dist, delayMs = 0 } = {}) {
  const data = new Data(Date.now());
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://mock");
    const headers = { "content-security-policy": CSP, "x-content-type-options": "nosniff", "cache-control": "no-store" };
    if (/^\/(api|health)/.test(url.pathname)) {
      if (delayMs) await new Promise((r) => setTimeout(r, delayMs));
      const { status, body, raw, type = "application/json" } = api(data, url);
      let bytes = raw ?? Buffer.from(JSON.stringify(body));
      headers["content-type"] = type;
      if (bytes.length > 2048 && bytes.length < 8e6 && /gzip/.test(request.headers["accept-encoding"] ?? "")) {
        bytes = gzipSync(bytes, { level: 1 });
        headers["content-encoding"] = "gzip";
      }
      response.writeHead(status, headers).end(bytes);
      return;
    }
    const found = await file(dist, url.pathname);
    if (!found) response.writeHead(404, headers).end("not found");
    else response.writeHead(200, { ...headers, "content-type": found.type }).end(found.body);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, data, close: () => new Promise((r) => (server.closeAllConnections?.(), server.close(r))) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const mock = await startMock({ port: Number(process.argv[2] ?? 21310), dist: process.argv[3] ?? join(here, "../dist"), delayMs: Number(process.env.DELAY_MS ?? 0) });
  console.log(mock.url);
}
