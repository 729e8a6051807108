// Text in and out: tags, durations, ticks, addresses, ids, values.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, middleCut, parseDuration } from "../src/model/format";
import { valuePlain, valueText } from "../src/model/otlp";
import { apiQuery, checkSearch, DEFAULTS, formatSearch, parseSearch, sameQuestion, traceIdFrom, type SearchState } from "../src/model/query";
import { completionAt, formatTags, parseTags } from "../src/model/tags";
import { logTicks, tickLabel, ticks, tickStep } from "../src/model/ticks";
import { clampView, fitSpan, isWhole, panView, showSpan, zoomView } from "../src/model/timeview";
import { formatTrace, parseTrace } from "../src/model/trace-url";

const plain = (s: string): string => s.replace(/[\u00a0\u202f]/g, " ");

test("tags", () => {
  const cases: [string, Record<string, string> | { code: string; at: number }][] = [
    ["", {}],
    ["  ", {}],
    ["a=b", { a: "b" }],
    ["a=b  c=d\te=f", { a: "b", c: "d", e: "f" }],
    ['http.route="/a b" x="say \\"hi\\" \\\\"', { "http.route": "/a b", x: 'say "hi" \\' }],
    ["error", { error: "true" }],
    ["a= b=1", { a: "", b: "1" }],
    ['a=""', { a: "" }],
    ["url=http://h/?x=1", { url: "http://h/?x=1" }],
    ["ключ=значение", { ключ: "значение" }],
    ["=b", { code: "no-key", at: 0 }],
    ['"a"=b', { code: "no-key", at: 0 }],
    ['a="b', { code: "open-quote", at: 2 }],
    ['a="b"c', { code: "after-quote", at: 5 }],
    ["a=1 a=2", { code: "twice", at: 4 }],
  ];
  for (const [text, want] of cases) {
    const got = parseTags(text);
    if ("code" in want) assert.deepEqual(got.error, want, text);
    else {
      assert.equal(got.error, undefined, text);
      assert.deepEqual(Object.fromEntries(got.tags.map((t) => [t.key, t.value])), want, text);
    }
  }
});

test("tags: what is written is read back", () => {
  for (const value of ["", "a", "a b", '"', "\\", 'a"b\\c', "\t", "=", "true"]) {
    const tags = [{ key: "k", value }, { key: "l", value: "x" }];
    assert.deepEqual(parseTags(formatTags(tags)).tags, tags);
  }
});

test("tags: completion at the cursor", () => {
  const at = (text: string, cursor = text.length): unknown => completionAt(text, cursor);
  assert.deepEqual(at("http"), { kind: "key", key: "", typed: "http", from: 0, to: 4 });
  assert.deepEqual(at("a=1 ht"), { kind: "key", key: "", typed: "ht", from: 4, to: 6 });
  assert.deepEqual(at("a=1 ht=x", 6), { kind: "key", key: "", typed: "ht", from: 4, to: 6 });
  assert.deepEqual(at("a=1 b=v"), { kind: "value", key: "b", typed: "v", from: 6, to: 7 });
  assert.deepEqual(at('a="x y'), { kind: "value", key: "a", typed: "x y", from: 2, to: 6 });
  assert.deepEqual(at('a="x y" b'), { kind: "key", key: "", typed: "b", from: 8, to: 9 });
});

test("durations to text", () => {
  const cases: [number, string][] = [
    [0, "0 ns"], [1, "1 ns"], [999, "999 ns"], [1000, "1 µs"], [1234, "1.23 µs"], [12345, "12.3 µs"], [999999, "1 ms"], [1e6, "1 ms"], [486e6, "486 ms"],
    [999.6e6, "1 s"], [1.5e9, "1.5 s"], [59.9e9, "59.9 s"], [60e9, "1 min"], [61e9, "1 min 1 s"], [3600e9, "1 h"], [3661e9, "1 h 1 min 1 s"], [90000e9, "1 d 1 h"], [-1500, "−1.5 µs"],
  ];
  for (const [ns, want] of cases) assert.equal(plain(formatDuration(ns)), want);
});

test("durations from text", () => {
  const cases: [string, number | undefined][] = [
    ["5", 5e6], ["20ms", 20e6], ["1.5s", 1.5e9], ["1m30s", 90e9], [" 2 h ", 7200e9], ["30us", 30e3], ["30µs", 30e3], ["7ns", 7], ["1min", 60e9],
    ["", undefined], ["x", undefined], ["5 parsecs", undefined], ["-5ms", undefined], ["1.5.2s", undefined], ["ms", undefined], ["1s2", undefined],
  ];
  for (const [text, want] of cases) assert.equal(parseDuration(text), want, text);
});

test("names are cut in the middle", () => {
  assert.equal(middleCut("short", 10), "short");
  for (let max = 3; max < 30; max++) {
    const cut = middleCut("com.example.shop.CartService/GetCart", max);
    assert.ok(cut.length <= max && cut.includes("…"));
    if (max > 8) assert.ok(cut.startsWith("com") && cut.endsWith("art"));
  }
});

test("ticks: round, inside, few, never two alike", () => {
  for (const span of [1, 7, 10, 99, 1234, 5e4, 8.8e6, 486e6, 3.7e9, 59e9, 61e9, 1000e9, 86400e9 * 3]) {
    for (const from of [0, span * 0.37, span * 1000.123]) {
      for (const max of [1, 3, 7, 12]) {
        const step = tickStep(span, max);
        const at = ticks(from, from + span, max);
        assert.ok(at.length <= max + 1, `${span} ${max}: ${at.length}`);
        assert.ok(at.every((t) => t >= from && t <= from + span));
        assert.ok(step * max >= span * 0.99);
        const labels = at.map((t) => tickLabel(t, step));
        if (span >= 10) assert.equal(new Set(labels).size, labels.length, `${span} from ${from}: ${labels.join(" | ")}`);
      }
    }
  }
  assert.deepEqual(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
  assert.equal(plain(tickLabel(1.25e9, 0.05e9)), "1.25 s");
  assert.deepEqual(logTicks(900, 2e6), [1e3, 1e4, 1e5, 1e6]);
});

test("search state survives its address", () => {
  const full: SearchState = { service: "a&b=c", operation: "GET /x?y#z", tags: 'k="v w" l=é', min: "20ms", max: "1.5s", range: "6h", from: 0, to: 0, limit: 100, sort: "longest", box: { t0: 1700000000000, t1: 1700000001000, d0: 5, d1: 7e9 } };
  const custom: SearchState = { ...full, range: "custom", from: 1700000000000, to: 1700000360000, box: null };
  for (const s of [DEFAULTS, full, custom]) assert.deepEqual(parseSearch(formatSearch(s)), s);
  assert.equal(formatSearch(DEFAULTS), "");
  assert.ok(sameQuestion(full, { ...full, sort: "errors", box: null }));
  assert.ok(!sameQuestion(full, { ...full, limit: 50 }));
});

test("search state: nonsense in the address falls back", () => {
  for (const q of ["?limit=-1&sort=x&range=zz&box=1,2", "?limit=1e99&from=x&to=y", "?from=2024-02-02T00:00:00Z&to=2024-01-01T00:00:00Z", "?box=a,b,c,d"]) assert.deepEqual(parseSearch(q), DEFAULTS);
});

test("search state: problems are told by field", () => {
  assert.deepEqual(checkSearch(DEFAULTS), {});
  assert.deepEqual(checkSearch({ ...DEFAULTS, tags: "=", min: "x", max: "y" }), { tags: "no-key", min: "duration", max: "duration" });
  assert.deepEqual(checkSearch({ ...DEFAULTS, min: "2s", max: "1s" }), { max: "order" });
  assert.deepEqual(checkSearch({ ...DEFAULTS, range: "custom", from: 2, to: 1 }), { range: "order" });
});

test("search state to API parameters", () => {
  const now = Date.UTC(2024, 0, 2);
  const p = apiQuery({ ...DEFAULTS, service: "s", tags: 'a=1 b="x y"', min: "1.5ms", max: "2s", range: "24h", limit: 50 }, now);
  assert.deepEqual(Object.fromEntries(p), {
    "query.serviceName": "s",
    "query.startTimeMin": "2024-01-01T00:00:00.000Z",
    "query.startTimeMax": "2024-01-02T00:00:00.000Z",
    "query.durationMin": "1500000ns",
    "query.durationMax": "2000000000ns",
    "query.attributes": '{"a":"1","b":"x y"}',
    "query.searchDepth": "50",
  });
});

test("trace ids as people paste them", () => {
  const id = "0af7651916cd43dd8448eb211c80319c";
  const cases: [string, ReturnType<typeof traceIdFrom>][] = [
    [id, { id }],
    [` ${id.toUpperCase()}\n`, { id }],
    ["b7ad6b7169203331", { id: "0000000000000000b7ad6b7169203331" }],
    [`00-${id}-b7ad6b7169203331-01`, { id, span: "b7ad6b7169203331" }],
    [`traceparent: 00-${id}-b7ad6b7169203331-01`, { id, span: "b7ad6b7169203331" }],
    [`http://host:16686/trace/${id}?span=b7ad6b7169203331`, { id, span: "b7ad6b7169203331" }],
    [`http://host/trace/${id}`, { id }],
    ["00000000000000000000000000000000", null],
    ["hello", null],
    ["", null],
    [id.slice(1), null],
  ];
  for (const [text, want] of cases) assert.deepEqual(traceIdFrom(text), want, text);
});

test("trace state survives its address", () => {
  for (const s of [{ span: "", window: null, find: "" }, { span: "b7ad6b7169203331", window: { from: 0, to: 12345 }, find: "a & b" }]) assert.deepEqual(parseTrace(formatTrace(s)), s);
  assert.deepEqual(parseTrace("?span=zz&window=9-2"), { span: "", window: null, find: "" });
});

test("zooming keeps the anchor's time and stays inside", () => {
  const total = 1e9;
  let v = { from: 0, to: total };
  for (let i = 0; i < 200; i++) {
    const before = v.from + (v.to - v.from) * 0.3;
    v = zoomView(v, 0.8, 0.3, total);
    assert.ok(Math.abs(v.from + (v.to - v.from) * 0.3 - before) < 1e-3 || v.from === 0);
    assert.ok(v.from >= 0 && v.to <= total && v.to - v.from >= 9.99);
  }
  for (let i = 0; i < 200; i++) v = zoomView(v, 1.7, 0.9, total);
  assert.ok(isWhole(v, total));
  assert.deepEqual(panView({ from: 0, to: 100 }, -1, total), { from: 0, to: 100 });
  assert.deepEqual(panView({ from: 0, to: 100 }, 0.5, total), { from: 50, to: 150 });
  assert.deepEqual(clampView(5, 3, 4), { from: 0, to: 4 });
  assert.deepEqual(showSpan({ from: 0, to: 100 }, 50, 60, total), { from: 0, to: 100 });
  const moved = showSpan({ from: 0, to: 100 }, 500, 510, total);
  assert.ok(moved.from < 500 && moved.to > 510 && moved.to - moved.from === 100);
  assert.ok(isWhole(fitSpan(0, total, total), total));
});

test("OTLP values", () => {
  assert.equal(valueText({ stringValue: "x" }), "x");
  assert.equal(valueText({ intValue: "9223372036854775807" }), "9223372036854775807");
  assert.equal(valuePlain({ intValue: "42" }), 42);
  assert.equal(valueText({ boolValue: false }), "false");
  assert.equal(valueText({ doubleValue: 0.5 }), "0.5");
  assert.equal(valueText({ doubleValue: "NaN" }), "NaN");
  assert.deepEqual(valuePlain({ arrayValue: { values: [{ stringValue: "a" }, { kvlistValue: { values: [{ key: "k", value: { intValue: 1 } }] } }] } }), ["a", { k: 1 }]);
  assert.equal(valueText({}), "");
  assert.equal(valueText(undefined), "");
});
