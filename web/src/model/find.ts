// Find in trace: which rows contain the text.
//
// Names and services are searched here at once, in the string table (few strings, many rows); attributes, events
// and ids are the server's, which answers one bit per row. Both are united.
import type { Skeleton } from "../api/skeleton";

/** Rows whose name or service contains the text, case ignored; one bit per row like the server's answer. */
export function findLocal(k: Skeleton, text: string): Uint8Array {
  const bits = new Uint8Array((k.n + 7) >> 3);
  const want = text.toLowerCase();
  if (want === "") return bits;
  const hit = new Uint8Array(k.strings.size);
  let any = false;
  for (let i = 0; i < hit.length; i++) {
    if (k.strings.get(i).toLowerCase().includes(want)) {
      hit[i] = 1;
      any = true;
    }
  }
  if (!any) return bits;
  for (let r = 0; r < k.n; r++) bits[r >> 3] |= (hit[k.name[r]] | hit[k.service[r]]) << (r & 7);
  return bits;
}

export class Matches {
  /** Rows in ascending order. */
  readonly rows: Uint32Array;

  constructor(
    readonly bits: Uint8Array,
    n: number,
  ) {
    let count = 0;
    for (let r = 0; r < n; r++) count += (bits[r >> 3] >> (r & 7)) & 1;
    this.rows = new Uint32Array(count);
    for (let r = 0, out = 0; r < n; r++) if ((bits[r >> 3] >> (r & 7)) & 1) this.rows[out++] = r;
  }

  has(row: number): boolean {
    return ((this.bits[row >> 3] >> (row & 7)) & 1) === 1;
  }

  /** Index of the first match behind (direction 1) or before (-1) the row, going round at the ends; -1 when empty. */
  next(row: number, direction: 1 | -1): number {
    if (this.rows.length === 0) return -1;
    const i = direction === 1 ? this.rank(row + 1) : this.rank(row) - 1;
    return (i + this.rows.length) % this.rows.length;
  }

  /** Matches before the row. */
  rank(row: number): number {
    let lo = 0;
    let hi = this.rows.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.rows[mid] < row) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }
}

export function unite(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a);
  for (let i = 0; i < Math.min(a.length, b.length); i++) out[i] |= b[i];
  return out;
}

/** The next failed span behind or before the row, going round; -1 when there is none. */
export function nextError(isError: (row: number) => boolean, n: number, row: number, direction: 1 | -1): number {
  for (let i = 1; i <= n; i++) {
    const r = (((row + direction * i) % n) + n) % n;
    if (isError(r)) return r;
  }
  return -1;
}
