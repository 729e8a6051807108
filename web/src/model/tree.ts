// What the waterfall needs to know about a trace's shape, derived from the parents of pre-ordered rows in O(n).
//
// A row's descendants are the size[row] - 1 rows directly behind it, so a tree needs no pointers. One stack of
// open ancestors gives depth, position among siblings and (by leaving the stack) subtree sizes; one pass from the
// end sums errors upwards. Only typed arrays: a million spans cost 24 bytes each and no objects.
import { isError, ORPHAN, SkeletonError, SpanFlag, type Skeleton } from "../api/skeleton";

export interface Tree {
  /** 0 for roots and orphans. */
  readonly depth: Uint32Array;
  /** Rows of the subtree, itself included. */
  readonly size: Uint32Array;
  /** Failed spans in the subtree, itself included. */
  readonly errors: Uint32Array;
  /** Position among its siblings from 1, and number of children. */
  readonly position: Uint32Array;
  readonly children: Uint32Array;
  readonly roots: number;
  readonly orphans: number;
  readonly depthMax: number;
  readonly errorCount: number;
  /** Spans that start before their parent: the clocks of two machines differ. */
  readonly skewed: number;
  readonly endBeforeStart: number;
}

export function deriveTree(k: Skeleton): Tree {
  const { n, parent, start, flags } = k;
  const depth = new Uint32Array(n);
  const size = new Uint32Array(n);
  const errors = new Uint32Array(n);
  const position = new Uint32Array(n);
  const children = new Uint32Array(n);
  const stack = new Uint32Array(n + 1);
  let top = 0; // open ancestors are stack[0..top)
  let tops = 0;
  let orphans = 0;
  let depthMax = 0;
  let skewed = 0;
  let endBeforeStart = 0;

  for (let r = 0; r < n; r++) {
    const p = parent[r];
    if (p >= ORPHAN) {
      while (top > 0) close(stack[--top], r);
      position[r] = ++tops;
      if (p === ORPHAN) orphans++;
    } else {
      while (top > 0 && stack[top - 1] !== p) close(stack[--top], r);
      if (top === 0) throw new SkeletonError("rows are not in pre-order");
      position[r] = ++children[p];
      if (start[r] < start[p]) skewed++;
    }
    depth[r] = top;
    if (top > depthMax) depthMax = top;
    stack[top++] = r;
    if (flags[r] & SpanFlag.EndBeforeStart) endBeforeStart++;
  }
  while (top > 0) close(stack[--top], n);

  function close(row: number, end: number): void {
    size[row] = end - row;
  }

  let errorCount = 0;
  for (let r = n - 1; r >= 0; r--) {
    if (isError(k, r)) {
      errors[r]++;
      errorCount++;
    }
    const p = parent[r];
    if (p < ORPHAN) errors[p] += errors[r];
  }
  return { depth, size, errors, position, children, roots: tops, orphans, depthMax, errorCount, skewed, endBeforeStart };
}

/** ns of the row not covered by its children (their union, clipped to the row). O(children). */
export function selfTime(k: Skeleton, tree: Tree, row: number): number {
  const from = k.start[row];
  const to = from + k.duration[row];
  let covered = 0;
  let last = from;
  // children are in start order, so one sweep makes their union
  for (let c = row + 1, end = row + tree.size[row]; c < end; c += tree.size[c]) {
    const a = Math.max(k.start[c], last);
    const b = Math.min(k.start[c] + k.duration[c], to);
    if (b > a) {
      covered += b - a;
      last = b;
    }
  }
  return k.duration[row] - covered;
}

export function ancestors(k: Skeleton, row: number): number[] {
  const up: number[] = [];
  for (let p = k.parent[row]; p < ORPHAN; p = k.parent[p]) up.push(p);
  return up.reverse();
}

export interface ServiceCount {
  service: string;
  spans: number;
  errors: number;
}

/** Services by number of spans. */
export function countServices(k: Skeleton): ServiceCount[] {
  const spans = new Uint32Array(k.strings.size);
  const errors = new Uint32Array(k.strings.size);
  for (let r = 0; r < k.n; r++) {
    spans[k.service[r]]++;
    if (isError(k, r)) errors[k.service[r]]++;
  }
  const counts: ServiceCount[] = [];
  for (let i = 0; i < spans.length; i++) if (spans[i] > 0) counts.push({ service: k.strings.get(i), spans: spans[i], errors: errors[i] });
  return counts.sort((a, b) => b.spans - a.spans || a.service.localeCompare(b.service));
}
