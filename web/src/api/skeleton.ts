// Reader of the skeleton, the whole trace as columns (docs/api-native.md).
//
// Nothing is parsed: typed arrays are laid over the answer's bytes, and strings are decoded when first asked
// for. Because everything behind trusts these columns blindly (and indexes with them), all of them are checked
// here once: sizes, string indices, and that rows really are in pre-order with parents before children.

export const ROOT = 0xffffffff;
export const ORPHAN = 0xfffffffe;

export const HEADER_BYTES = 64;
const MAGIC = 0x534e5243; // "CRNS", little-endian
const FLAG_CUT = 1;

export const enum SpanFlag {
  KindMask = 7,
  StatusShift = 3,
  StatusMask = 3,
  Links = 1 << 5,
  Attributes = 1 << 6,
  EndBeforeStart = 1 << 7,
}

export const STATUS_ERROR = 2;

export interface Skeleton {
  readonly n: number;
  readonly traceId: string;
  /** Unix ns of the earliest start and the latest end. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly cut: boolean;
  /** Spans the trace has; more than n only when it was cut. */
  readonly spansTotal: number;
  /** ns after the trace's start. */
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly parent: Uint32Array;
  readonly name: Uint32Array;
  readonly service: Uint32Array;
  readonly flags: Uint16Array;
  readonly spanIds: Uint8Array;
  readonly eventRow: Uint32Array;
  readonly eventTime: Float64Array;
  readonly eventName: Uint32Array;
  readonly strings: StringTable;
}

export class SkeletonError extends Error {}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new SkeletonError(what);
}

/** Strings by index, decoded once each. */
export class StringTable {
  private readonly decoded: (string | undefined)[];
  private static readonly decoder = new TextDecoder("utf-8");

  constructor(
    private readonly offsets: Uint32Array,
    private readonly bytes: Uint8Array,
  ) {
    this.decoded = new Array<string | undefined>(offsets.length - 1);
  }

  get size(): number {
    return this.decoded.length;
  }

  get(i: number): string {
    let s = this.decoded[i];
    if (s === undefined) {
      s = StringTable.decoder.decode(this.bytes.subarray(this.offsets[i], this.offsets[i + 1]));
      this.decoded[i] = s;
    }
    return s;
  }
}

const align8 = (x: number): number => Math.ceil(x / 8) * 8;

interface Header {
  n: number;
  s: number;
  stringBytes: number;
  e: number;
  headerBytes: number;
}

function readHeader(view: DataView): Header {
  check(view.byteLength >= HEADER_BYTES, "shorter than its header");
  check(view.getUint32(0, true) === MAGIC, "not a skeleton");
  const version = view.getUint16(4, true);
  check(version === 1, `version ${version} is unknown`);
  const headerBytes = view.getUint16(6, true);
  check(headerBytes >= HEADER_BYTES && headerBytes % 8 === 0, "bad header size");
  return {
    n: view.getUint32(8, true),
    s: view.getUint32(12, true),
    stringBytes: view.getUint32(16, true),
    e: view.getUint32(20, true),
    headerBytes,
  };
}

/** Bytes of every section in order, with its start; the last start is the total. */
function layout(h: Header): number[] {
  const sizes = [4 * (h.s + 1), h.stringBytes, 8 * h.n, 8 * h.n, 4 * h.n, 4 * h.n, 4 * h.n, 2 * h.n, 8 * h.n, 4 * h.e, 8 * h.e, 4 * h.e];
  const starts: number[] = [];
  let at = h.headerBytes;
  let end = at;
  for (const size of sizes) {
    at = align8(end);
    starts.push(at);
    end = at + size;
  }
  starts.push(end);
  return starts;
}

/** Size of the whole answer, known from its first 64 bytes; for the progress bar. */
export function skeletonBytes(head: ArrayBuffer): number {
  const starts = layout(readHeader(new DataView(head)));
  return starts[starts.length - 1];
}

export function readSkeleton(buffer: ArrayBuffer): Skeleton {
  const view = new DataView(buffer);
  const h = readHeader(view);
  const at = layout(h);
  check(buffer.byteLength >= at[at.length - 1], "cut off");
  const { n, s, e } = h;
  const offsets = new Uint32Array(buffer, at[0], s + 1);
  const skeleton: Skeleton = {
    n,
    traceId: hex(new Uint8Array(buffer, 40, 16)),
    startNs: view.getBigUint64(24, true),
    endNs: view.getBigUint64(32, true),
    cut: (view.getUint32(56, true) & FLAG_CUT) !== 0,
    spansTotal: view.getUint32(60, true),
    start: new Float64Array(buffer, at[2], n),
    duration: new Float64Array(buffer, at[3], n),
    parent: new Uint32Array(buffer, at[4], n),
    name: new Uint32Array(buffer, at[5], n),
    service: new Uint32Array(buffer, at[6], n),
    flags: new Uint16Array(buffer, at[7], n),
    spanIds: new Uint8Array(buffer, at[8], 8 * n),
    eventRow: new Uint32Array(buffer, at[9], e),
    eventTime: new Float64Array(buffer, at[10], e),
    eventName: new Uint32Array(buffer, at[11], e),
    strings: new StringTable(offsets, new Uint8Array(buffer, at[1], h.stringBytes)),
  };
  checkStrings(offsets, h.stringBytes);
  checkRows(skeleton, s);
  checkEvents(skeleton, s);
  return skeleton;
}

function checkStrings(offsets: Uint32Array, bytes: number): void {
  check(offsets[0] === 0, "string table does not start at 0");
  for (let i = 1; i < offsets.length; i++) check(offsets[i] >= offsets[i - 1], "string offsets go down");
  check(offsets[offsets.length - 1] <= bytes, "string behind the table");
}

function checkRows(k: Skeleton, s: number): void {
  const { parent, name, service, start, duration } = k;
  let bad = 0;
  for (let r = 0; r < k.n; r++) {
    if (name[r] >= s || service[r] >= s) bad |= 1;
    if (parent[r] >= r && parent[r] < ORPHAN) bad |= 2;
    // false for NaN as well
    if (!(start[r] >= 0 && duration[r] >= 0 && start[r] < Infinity && duration[r] < Infinity)) bad |= 4;
  }
  check((bad & 1) === 0, "string index out of range");
  check((bad & 2) === 0, "parent behind its child");
  check((bad & 4) === 0, "time is not a number of ns");
}

function checkEvents(k: Skeleton, s: number): void {
  const { eventRow, eventName, eventTime } = k;
  for (let i = 0; i < eventRow.length; i++) {
    check(eventRow[i] < k.n && (i === 0 || eventRow[i] >= eventRow[i - 1]), "event rows out of order");
    check(eventName[i] < s && Number.isFinite(eventTime[i]), "bad event");
  }
}

export function hex(bytes: Uint8Array): string {
  let s = "";
  for (const b of bytes) s += b.toString(16).padStart(2, "0");
  return s;
}

export const kindOf = (k: Skeleton, row: number): number => k.flags[row] & SpanFlag.KindMask;
export const isError = (k: Skeleton, row: number): boolean =>
  ((k.flags[row] >> SpanFlag.StatusShift) & SpanFlag.StatusMask) === STATUS_ERROR;
export const nameOf = (k: Skeleton, row: number): string => k.strings.get(k.name[row]);
export const serviceOf = (k: Skeleton, row: number): string => k.strings.get(k.service[row]);
export const spanIdOf = (k: Skeleton, row: number): string => hex(k.spanIds.subarray(8 * row, 8 * row + 8));

/** Row of a span id in hex, -1 when the trace has no such span. */
export function rowOfSpan(k: Skeleton, spanId: string): number {
  if (!/^[0-9a-f]{16}$/i.test(spanId)) return -1;
  const want = new Uint8Array(8);
  for (let i = 0; i < 8; i++) want[i] = parseInt(spanId.slice(2 * i, 2 * i + 2), 16);
  const ids = new Uint32Array(k.spanIds.buffer, k.spanIds.byteOffset, 2 * k.n);
  const w = new Uint32Array(want.buffer);
  for (let r = 0; r < k.n; r++) if (ids[2 * r] === w[0] && ids[2 * r + 1] === w[1]) return r;
  return -1;
}

/** Index of the first event whose row is >= row. */
export function firstEvent(k: Skeleton, row: number): number {
  let lo = 0;
  let hi = k.eventRow.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (k.eventRow[mid] < row) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
