// The skeleton reader: what comes out is what was put in, and damaged bytes are refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstEvent, isError, kindOf, nameOf, ORPHAN, readSkeleton, ROOT, rowOfSpan, serviceOf, skeletonBytes, SkeletonError, spanIdOf } from "../src/api/skeleton";
import * as client from "../src/api/client";
import { checkoutTrace, encodeSkeleton, TraceBuilder } from "./synth.mjs";

const ID = "00112233445566778899aabbccddeeff";

export function bufferOf(b: Buffer): ArrayBuffer {
  const out = new ArrayBuffer(b.length);
  new Uint8Array(out).set(b);
  return out;
}

function small(): TraceBuilder {
  const b = new TraceBuilder(ID, 1700000000123456789n);
  const root = b.span({ service: "a", name: "root ü 変換", start: 0, duration: 100, kind: 2, status: 2, events: [{ time: 7, name: "exception" }] });
  b.span({ parent: root, service: "b", name: "child", start: 10, duration: 20, kind: 3 });
  b.span({ parent: root, service: "b", name: "", start: 40, duration: 0, status: 1, events: [{ time: 41, name: "x" }, { time: 42, name: "y" }] });
  b.span({ parent: ORPHAN, service: "c", name: "lost", start: 50, duration: 60, endBeforeStart: true });
  return b;
}

test("columns come out as they went in", () => {
  const trace = small();
  const k = readSkeleton(bufferOf(encodeSkeleton(trace, { cut: true, total: 9 })));
  assert.equal(k.n, 4);
  assert.equal(k.traceId, ID);
  assert.equal(k.startNs, 1700000000123456789n);
  assert.equal(k.endNs, 1700000000123456789n + 110n);
  assert.equal(k.cut, true);
  assert.equal(k.spansTotal, 9);
  assert.deepEqual([...k.start], trace.cols.start);
  assert.deepEqual([...k.duration], trace.cols.duration);
  assert.deepEqual([...k.parent], [ROOT, 0, 0, ORPHAN]);
  assert.equal(nameOf(k, 0), "root ü 変換");
  assert.equal(nameOf(k, 2), "");
  assert.equal(serviceOf(k, 3), "c");
  assert.deepEqual([0, 1, 2, 3].map((r) => kindOf(k, r)), [2, 3, 1, 1]);
  assert.deepEqual([0, 1, 2, 3].map((r) => isError(k, r)), [true, false, false, false]);
  assert.equal(k.flags[3] >> 7, 1);
  assert.deepEqual([...k.eventRow], [0, 2, 2]);
  assert.deepEqual([0, 1, 2, 3].map((r) => firstEvent(k, r)), [0, 1, 1, 3]);
  for (let r = 0; r < 4; r++) {
    assert.equal(spanIdOf(k, r), trace.spanId(r).toString("hex"));
    assert.equal(rowOfSpan(k, spanIdOf(k, r)), r);
  }
  assert.equal(rowOfSpan(k, "ffffffffffffffff"), -1);
  assert.equal(rowOfSpan(k, "not an id"), -1);
});

test("an empty trace is a skeleton of no rows", () => {
  const k = readSkeleton(bufferOf(encodeSkeleton(new TraceBuilder(ID, 5n))));
  assert.equal(k.n, 0);
});

test("size is known from the header", () => {
  const bytes = encodeSkeleton(checkoutTrace(ID, 1n, ID));
  assert.equal(skeletonBytes(bufferOf(bytes.subarray(0, 64))), bytes.length);
});

test("every cut is refused", () => {
  const bytes = encodeSkeleton(small());
  for (let n = 0; n < bytes.length; n++) assert.throws(() => readSkeleton(bufferOf(bytes.subarray(0, n))), SkeletonError, `cut at ${n}`);
});

/** Where the sections start, computed here a second time. */
function sections(bytes: Buffer): number[] {
  const [n, s, sb, e] = [8, 12, 16, 20].map((at) => bytes.readUInt32LE(at));
  const at: number[] = [];
  let end = 64;
  for (const size of [4 * (s + 1), sb, 8 * n, 8 * n, 4 * n, 4 * n, 4 * n, 2 * n, 8 * n, 4 * e, 8 * e, 4 * e]) {
    end = Math.ceil(end / 8) * 8;
    at.push(end);
    end += size;
  }
  return at;
}

test("columns that would mislead an index are refused", () => {
  const good = encodeSkeleton(small());
  const at = sections(good);
  const cases: [string, (b: Buffer) => void][] = [
    ["magic", (b) => b.writeUInt8(0x58, 0)],
    ["version", (b) => b.writeUInt16LE(2, 4)],
    ["header size", (b) => b.writeUInt16LE(60, 6)],
    ["more rows than bytes", (b) => b.writeUInt32LE(0xffffffff, 8)],
    ["more strings than bytes", (b) => b.writeUInt32LE(0x7fffffff, 12)],
    ["string offsets go down", (b) => b.writeUInt32LE(0xffff, at[0] + 4)],
    ["last string behind the table", (b) => b.writeUInt32LE(0xffff, at[1] - 4)],
    ["negative start", (b) => b.writeDoubleLE(-1, at[2])],
    ["duration is NaN", (b) => b.writeDoubleLE(NaN, at[3] + 8)],
    ["duration is infinite", (b) => b.writeDoubleLE(Infinity, at[3] + 8)],
    ["own parent", (b) => b.writeUInt32LE(1, at[4] + 4)],
    ["parent behind", (b) => b.writeUInt32LE(3, at[4] + 4)],
    ["name", (b) => b.writeUInt32LE(1000, at[5])],
    ["service", (b) => b.writeUInt32LE(1000, at[6] + 4)],
    ["event of no row", (b) => b.writeUInt32LE(4, at[9] + 8)],
    ["events out of order", (b) => b.writeUInt32LE(3, at[9])],
    ["event name", (b) => b.writeUInt32LE(99, at[11])],
    ["event time", (b) => b.writeDoubleLE(NaN, at[10])],
  ];
  readSkeleton(bufferOf(good));
  for (const [what, damage] of cases) {
    const bad = Buffer.from(good);
    damage(bad);
    // last string offset sits before padding when the count of strings is even
    if (what === "last string behind the table") bad.writeUInt32LE(0xffff, at[0] + 4 * bad.readUInt32LE(12));
    assert.throws(() => readSkeleton(bufferOf(bad)), SkeletonError, what);
  }
});

function answering(chunks: Uint8Array[], status = 200): void {
  const body = new ReadableStream<Uint8Array>({
    start(c) {
      for (const chunk of chunks) c.enqueue(chunk);
      c.close();
    },
  });
  globalThis.fetch = async () => new Response(body, { status });
}

test("streaming: any split gives the same trace, and progress ends at the total", async () => {
  const bytes = encodeSkeleton(checkoutTrace(ID, 1n, ID));
  for (const size of [1, 7, 63, 64, 65, 1000, bytes.length]) {
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < bytes.length; i += size) chunks.push(new Uint8Array(bytes.subarray(i, i + size)));
    answering(chunks);
    let last = [0, 0];
    const k = await client.skeleton(ID, new AbortController().signal, (got, total) => (last = [got, total]));
    assert.equal(k.n, 32, `chunks of ${size}`);
    assert.deepEqual(last, [bytes.length, bytes.length]);
  }
});

test("streaming: an answer that breaks off is an error, not a short trace", async () => {
  const bytes = encodeSkeleton(checkoutTrace(ID, 1n, ID));
  for (const n of [0, 10, 64, 100, bytes.length - 1]) {
    answering([new Uint8Array(bytes.subarray(0, n))]);
    await assert.rejects(client.skeleton(ID, new AbortController().signal, () => {}), `${n} bytes`);
  }
});

test("the server's own words are passed on", async () => {
  answering([new TextEncoder().encode('{"error":{"httpCode":404,"message":"trace not found"}}')], 404);
  await assert.rejects(client.skeleton(ID, new AbortController().signal, () => {}), { status: 404, message: "trace not found" });
  answering([new TextEncoder().encode('{"data":null,"errors":[{"code":400,"msg":"bad id"}]}')], 400);
  await assert.rejects(client.spans(ID, "0"), { status: 400, message: "bad id" });
});
