// Synthetic traces for tests and the mock server: columns first, everything else (skeleton, span JSON, find,
// summaries) is derived from them, as the real server derives them from its store.
export const ROOT = 0xffffffff;
export const ORPHAN = 0xfffffffe;

/** Small seeded generator: the same seed gives the same trace everywhere. */
export function random(seed) {
  let a = seed >>> 0 || 1;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

class Strings {
  list = [];
  index = new Map();
  add(s) {
    let i = this.index.get(s);
    if (i === undefined) {
      i = this.list.push(s) - 1;
      this.index.set(s, i);
    }
    return i;
  }
}

/** Collects rows in pre-order. */
export class TraceBuilder {
  constructor(id, startNs) {
    this.id = id;
    this.startNs = BigInt(startNs);
    this.strings = new Strings();
    this.cols = { start: [], duration: [], parent: [], name: [], service: [], flags: [] };
    this.events = [];
    this.extra = new Map();
  }
  get n() {
    return this.cols.start.length;
  }
  /** Times in ns after the trace's start. Returns the row. */
  span({ parent = ROOT, service, name, start, duration, kind = 1, status = 0, events = [], links = [], attributes = [], message, endBeforeStart = false }) {
    const row = this.n;
    const c = this.cols;
    c.start.push(start);
    c.duration.push(duration);
    c.parent.push(parent);
    c.name.push(this.strings.add(name));
    c.service.push(this.strings.add(service));
    c.flags.push(kind | (status << 3) | (links.length ? 32 : 0) | (attributes.length ? 64 : 0) | (endBeforeStart ? 128 : 0));
    for (const e of events) this.events.push({ row, time: e.time, name: this.strings.add(e.name), attributes: e.attributes ?? [] });
    if (links.length || attributes.length || message) this.extra.set(row, { links, attributes, message });
    return row;
  }
  spanId(row) {
    const id = Buffer.alloc(8);
    id.writeUInt32BE((0x5ca1ab1e ^ (row * 2654435761)) >>> 0, 0);
    id.writeUInt32BE(row + 1, 4);
    return id;
  }
  get end() {
    let end = 0;
    const { start, duration } = this.cols;
    for (let r = 0; r < this.n; r++) end = Math.max(end, start[r] + duration[r]);
    return end;
  }
}

/** Bytes of GET /skeleton (docs/api-native.md). */
export function encodeSkeleton(trace, { cut = false, total = trace.n } = {}) {
  const { cols, events } = trace;
  const n = trace.n;
  const strings = trace.strings.list.map((s) => Buffer.from(s, "utf8"));
  const stringBytes = strings.reduce((a, s) => a + s.length, 0);
  const sections = [];
  let at = 64;
  const place = (bytes) => {
    at = Math.ceil(at / 8) * 8;
    sections.push([at, bytes]);
    at += bytes.length;
  };
  const raw = (typed) => Buffer.from(typed.buffer, typed.byteOffset, typed.byteLength);
  const offsets = new Uint32Array(strings.length + 1);
  strings.forEach((s, i) => (offsets[i + 1] = offsets[i] + s.length));
  const ids = Buffer.alloc(8 * n);
  for (let r = 0; r < n; r++) {
    ids.writeUInt32BE((0x5ca1ab1e ^ (r * 2654435761)) >>> 0, 8 * r);
    ids.writeUInt32BE(r + 1, 8 * r + 4);
  }
  for (const part of [
    raw(offsets), Buffer.concat(strings), raw(Float64Array.from(cols.start)), raw(Float64Array.from(cols.duration)), raw(Uint32Array.from(cols.parent)),
    raw(Uint32Array.from(cols.name)), raw(Uint32Array.from(cols.service)), raw(Uint16Array.from(cols.flags)), ids,
    raw(Uint32Array.from(events, (e) => e.row)), raw(Float64Array.from(events, (e) => e.time)), raw(Uint32Array.from(events, (e) => e.name)),
  ]) place(part);
  const out = Buffer.alloc(at);
  out.write("CRNS", 0, "latin1");
  out.writeUInt16LE(1, 4);
  out.writeUInt16LE(64, 6);
  out.writeUInt32LE(n, 8);
  out.writeUInt32LE(strings.length, 12);
  out.writeUInt32LE(stringBytes, 16);
  out.writeUInt32LE(events.length, 20);
  out.writeBigUInt64LE(trace.startNs, 24);
  out.writeBigUInt64LE(trace.startNs + BigInt(Math.round(trace.end)), 32);
  Buffer.from(trace.id, "hex").copy(out, 40);
  out.writeUInt32LE(cut ? 1 : 0, 56);
  out.writeUInt32LE(total, 60);
  for (const [where, bytes] of sections) bytes.copy(out, where);
  return out;
}

const attr = (key, value) => ({
  key,
  value:
    typeof value === "boolean" ? { boolValue: value }
    : typeof value === "number" ? (Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value })
    : Array.isArray(value) ? { arrayValue: { values: value.map((v) => attr("", v).value) } }
    : typeof value === "object" ? { kvlistValue: { values: Object.entries(value).map(([k, v]) => attr(k, v)) } }
    : { stringValue: value },
});

export const attrs = (o) => Object.entries(o).map(([k, v]) => attr(k, v));

/** OTLP/JSON of one row, with row, resource and scope. */
export function spanJson(trace, row) {
  const { cols, strings } = trace;
  const parent = cols.parent[row];
  const at = trace.startNs + BigInt(Math.round(cols.start[row]));
  const extra = trace.extra.get(row) ?? {};
  const service = strings.list[cols.service[row]];
  return {
    row,
    traceId: trace.id,
    spanId: trace.spanId(row).toString("hex"),
    ...(parent === ROOT ? {} : { parentSpanId: parent === ORPHAN ? "00000000deadbeef" : trace.spanId(parent).toString("hex") }),
    name: strings.list[cols.name[row]],
    kind: cols.flags[row] & 7,
    flags: 257,
    startTimeUnixNano: String(at),
    endTimeUnixNano: String(at + BigInt(Math.round(cols.duration[row]))),
    attributes: extra.attributes ?? [],
    events: trace.events.filter((e) => e.row === row).map((e) => ({ timeUnixNano: String(trace.startNs + BigInt(Math.round(e.time))), name: strings.list[e.name], attributes: e.attributes })),
    links: extra.links ?? [],
    status: { code: (cols.flags[row] >> 3) & 3, ...(extra.message ? { message: extra.message } : {}) },
    resource: { attributes: attrs({ "service.name": service, "service.version": "2.3.1", "host.name": `node-${(row % 4) + 1}`, "telemetry.sdk.language": "c" }) },
    scope: { name: `${service}.instrumentation`, version: "0.1.0" },
  };
}

/** Bits of GET /find. */
export function findBits(trace, text) {
  const want = text.toLowerCase();
  const bits = Buffer.alloc((trace.n + 7) >> 3);
  const hit = trace.strings.list.map((s) => s.toLowerCase().includes(want));
  const eventHit = new Set(trace.events.filter((e) => hit[e.name] || JSON.stringify(e.attributes).toLowerCase().includes(want)).map((e) => e.row));
  for (let r = 0; r < trace.n; r++) {
    const extra = trace.extra.get(r);
    const inExtra = extra && JSON.stringify(extra).toLowerCase().includes(want);
    if (hit[trace.cols.name[r]] || hit[trace.cols.service[r]] || inExtra || eventHit.has(r)) bits[r >> 3] |= 1 << (r & 7);
  }
  return bits;
}

/** One element of GET /api/v3/trace-summaries. */
export function summary(trace) {
  const { cols, strings } = trace;
  const services = new Map();
  let errors = 0;
  for (let r = 0; r < trace.n; r++) {
    const name = strings.list[cols.service[r]];
    const s = services.get(name) ?? { name, spanCount: 0, errorSpanCount: 0 };
    s.spanCount++;
    if (((cols.flags[r] >> 3) & 3) === 2) {
      s.errorSpanCount++;
      errors++;
    }
    services.set(name, s);
  }
  const root = cols.parent.indexOf(ROOT);
  return {
    traceId: trace.id,
    ...(root >= 0 ? { rootServiceName: strings.list[cols.service[root]], rootOperationName: strings.list[cols.name[root]] } : {}),
    minStartTimeUnixNano: String(trace.startNs),
    maxEndTimeUnixNano: String(trace.startNs + BigInt(Math.round(trace.end))),
    spanCount: trace.n,
    ...(errors ? { errorSpanCount: errors } : {}),
    orphanSpanCount: cols.parent.filter((p) => p === ORPHAN).length || undefined,
    services: [...services.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

const ms = 1e6;
const us = 1e3;

/** A shop's checkout that fails: errors, an exception, events, links, orphans, skew, a 0 ns span, odd names. */
export function checkoutTrace(id, startNs, linkTo) {
  const b = new TraceBuilder(id, startNs);
  const http = (method, route, status) => attrs({ "http.request.method": method, "http.route": route, "http.response.status_code": status, "url.path": route, "network.protocol.version": "1.1", "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)" });
  const root = b.span({ service: "frontend", name: "POST /checkout", start: 0, duration: 486 * ms, kind: 2, status: 2, message: "payment declined after 3 attempts", attributes: http("POST", "/checkout", 502),
    events: [{ time: 2.1 * ms, name: "session restored", attributes: attrs({ "session.id": "a81c5b", cart: { items: 3, total: 87.4 } }) }] });
  b.span({ parent: root, service: "frontend", name: "session.load", start: 0.9 * ms, duration: 3.4 * ms, attributes: attrs({ "db.system.name": "redis" }) });
  b.span({ parent: root, service: "frontend", name: "feature.flag", start: 4.4 * ms, duration: 0, attributes: attrs({ "feature_flag.key": "new-checkout", "feature_flag.result.value": true }) });
  const cart = b.span({ parent: root, service: "cart", name: "cart.v1.CartService/GetCart", start: 5.2 * ms, duration: 41 * ms, kind: 2, attributes: attrs({ "rpc.system": "grpc", "rpc.service": "cart.v1.CartService", "rpc.method": "GetCart" }) });
  b.span({ parent: cart, service: "cart", name: "SELECT cart_items", start: 7 * ms, duration: 12 * ms, kind: 3, attributes: attrs({ "db.system.name": "postgresql", "db.query.text": "SELECT id, sku, amount, price_cents, currency\n  FROM cart_items\n WHERE cart_id = $1 AND deleted_at IS NULL\n ORDER BY added_at", "db.response.returned_rows": 3 }) });
  for (let i = 0; i < 6; i++) b.span({ parent: cart, service: "catalog", name: "GET /products/{id}", start: (20 + i * 3.8) * ms, duration: 3.1 * ms, kind: 2, attributes: http("GET", `/products/${100 + i}`, 200) });
  const price = b.span({ parent: root, service: "pricing", name: "price.calculate", start: 48 * ms, duration: 88 * ms, kind: 2 });
  b.span({ parent: price, service: "pricing", name: "rules.evaluate", start: 50 * ms, duration: 30 * ms, events: [{ time: 61 * ms, name: "rule matched", attributes: attrs({ rule: "SPRING24", discount: 0.15 }) }] });
  b.span({ parent: price, service: "currency", name: "convert EUR→JPY 変換", start: 82 * ms, duration: 22 * ms, kind: 2 });
  b.span({ parent: price, service: "tax", name: "com.example.tax.internal.rules.EuropeanUnionValueAddedTaxRuleEngine.computeForShippingAddress", start: 105 * ms, duration: 29 * ms });
  const order = b.span({ parent: root, service: "orders", name: "orders.create", start: 138 * ms, duration: 338 * ms, kind: 2, status: 2, message: "payment failed" });
  b.span({ parent: order, service: "orders", name: "BEGIN", start: 139 * ms, duration: 400 * us, kind: 3 });
  b.span({ parent: order, service: "orders", name: "INSERT orders", start: 140 * ms, duration: 9 * ms, kind: 3, attributes: attrs({ "db.system.name": "postgresql" }) });
  for (let i = 0; i < 3; i++) {
    const at = 152 + i * 98;
    const pay = b.span({ parent: order, service: "payment", name: "POST /charge", start: at * ms, duration: 92 * ms, kind: 3, status: 2, attributes: http("POST", "/charge", 402), message: "card declined",
      events: [{ time: (at + 90) * ms, name: "exception", attributes: attrs({ "exception.type": "CardDeclined", "exception.message": "insufficient funds (code 51)", "exception.stacktrace": "CardDeclined: insufficient funds (code 51)\n  at charge_card (payment/charge.c:214)\n  at handle_charge (payment/http.c:88)\n  at router_dispatch (net/router.c:412)\n  at loop_run (net/loop.c:97)" }) }],
      links: i === 0 ? [{ traceId: linkTo, spanId: "5ca1ab1e00000001", attributes: attrs({ "link.reason": "risk score computed earlier" }) }] : [] });
    b.span({ parent: pay, service: "risk", name: "score", start: (at + 3) * ms, duration: 21 * ms, kind: 2 });
    b.span({ parent: pay, service: "bank-gateway", name: "ISO8583 0100", start: (at + 26) * ms, duration: 61 * ms, kind: 3, status: 2, attributes: attrs({ "peer.service": "acquirer", "iso.code": 51 }) });
  }
  b.span({ parent: order, service: "orders", name: "ROLLBACK", start: 452 * ms, duration: 2.2 * ms, kind: 3 });
  const mail = b.span({ parent: order, service: "notifications", name: "queue publish", start: 137.2 * ms, duration: 5 * ms, kind: 4, attributes: attrs({ "messaging.system": "nats", "messaging.destination.name": "order.failed" }) });
  b.span({ parent: mail, service: "notifications", name: "render mail", start: 138 * ms, duration: 3 * ms, endBeforeStart: false });
  b.span({ parent: ORPHAN, service: "warehouse", name: "reserve stock", start: 210 * ms, duration: 37 * ms, kind: 5 });
  b.span({ parent: ORPHAN, service: "warehouse", name: "release stock", start: 460 * ms, duration: 14 * ms, kind: 5 });
  return b;
}

const SERVICES = ["gateway", "auth", "users", "orders", "payment", "inventory", "search", "recommender", "billing", "mailer", "media", "ledger"];
const VERBS = ["GET /api/items/{id}", "SELECT orders", "cache.get", "validate", "rpc.Resolve/Batch", "serialize response", "INSERT events", "token.verify", "render", "publish"];

/** n spans of a random service tree; same seed, same trace. */
export function bigTrace(id, startNs, n, seed = 7, { depth = 24, total = n * 20 * us, attributesEvery = 0 } = {}) {
  const b = new TraceBuilder(id, startNs);
  const rnd = random(seed);
  // an explicit stack: n may be a million, depth thousands
  const stack = [{ parent: ROOT, start: 0, duration: total, budget: n, level: 0, service: 0 }];
  while (stack.length > 0) {
    const job = stack.pop();
    const failed = job.level > 1 && rnd() < 0.006;
    const row = b.span({ parent: job.parent, service: SERVICES[job.service], name: VERBS[Math.floor(rnd() * VERBS.length)], start: Math.round(job.start), duration: Math.round(job.duration), kind: 1 + Math.floor(rnd() * 3), status: failed ? 2 : 0,
      attributes: attributesEvery && b.n % attributesEvery === 0 ? attrs({ "batch.index": b.n, needle: `needle-${b.n}` }) : [],
      events: rnd() < 0.02 ? [{ time: job.start + job.duration * rnd(), name: failed ? "exception" : "checkpoint" }] : [] });
    let left = job.budget - 1;
    if (left <= 0) continue;
    const fan = job.level >= depth ? left : Math.min(left, 1 + Math.floor(rnd() * (job.level < 2 ? 9 : 5)));
    const children = [];
    let cursor = job.start + job.duration * 0.02;
    const room = job.duration * 0.94;
    for (let i = 0; i < fan; i++) {
      const budget = i === fan - 1 ? left : Math.max(1, Math.min(left - (fan - 1 - i), Math.floor((left / (fan - i)) * (0.3 + 1.4 * rnd()))));
      left -= budget;
      const slot = (room / fan) * (0.55 + 0.5 * rnd());
      children.push({ parent: row, start: cursor, duration: slot * (0.7 + 0.3 * rnd()), budget, level: job.level + 1, service: rnd() < 0.45 ? job.service : Math.floor(rnd() * SERVICES.length) });
      cursor += Math.min(slot, room / fan);
    }
    // the stack gives back the last first
    for (let i = children.length - 1; i >= 0; i--) stack.push(children[i]);
  }
  return b;
}

/** A chain: every span has one child. */
export function deepTrace(id, startNs, n) {
  const b = new TraceBuilder(id, startNs);
  for (let i = 0; i < n; i++) b.span({ parent: i ? i - 1 : ROOT, service: SERVICES[(i >> 3) % SERVICES.length], name: `${VERBS[i % VERBS.length]} level ${i}`, start: i * 1e5, duration: (2 * n - 2 * i) * 1e5 });
  return b;
}
