// Which rows are on show: collapsing hides a row's descendants, the rows behind it in pre-order.
//
// visible lists the shown rows in ascending order, so row -> index is a binary search, and rebuilding it after
// a toggle skips whole subtrees: O(shown rows).
import type { Skeleton } from "../api/skeleton";
import { ancestors, type Tree } from "./tree";

export class Rows {
  private readonly collapsed: Uint8Array;
  private readonly buffer: Uint32Array;
  private shown = 0;

  constructor(
    private readonly k: Skeleton,
    private readonly tree: Tree,
  ) {
    this.collapsed = new Uint8Array(k.n);
    this.buffer = new Uint32Array(k.n);
    this.rebuild();
  }

  get count(): number {
    return this.shown;
  }

  at(index: number): number {
    return this.buffer[index];
  }

  isCollapsed(row: number): boolean {
    return this.collapsed[row] === 1;
  }

  isParent(row: number): boolean {
    return this.tree.size[row] > 1;
  }

  /** Index of a shown row; of the nearest shown ancestor (or row before) for a hidden one; -1 when there is none. */
  indexOf(row: number): number {
    let lo = 0;
    let hi = this.shown;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.buffer[mid] <= row) lo = mid + 1;
      else hi = mid;
    }
    return lo - 1;
  }

  isShown(row: number): boolean {
    const i = this.indexOf(row);
    return i >= 0 && this.buffer[i] === row;
  }

  setCollapsed(row: number, collapsed: boolean): void {
    if (!this.isParent(row)) return;
    this.collapsed[row] = collapsed ? 1 : 0;
    this.rebuild();
  }

  /** Opens all ancestors of a row. True when something changed. */
  reveal(row: number): boolean {
    let changed = false;
    for (const a of ancestors(this.k, row)) {
      if (this.collapsed[a]) {
        this.collapsed[a] = 0;
        changed = true;
      }
    }
    if (changed) this.rebuild();
    return changed;
  }

  expandAll(): void {
    this.collapsed.fill(0);
    this.rebuild();
  }

  /** Collapses every parent of at least this depth. */
  collapseAll(fromDepth = 0): void {
    const { size, depth } = this.tree;
    for (let r = 0; r < this.k.n; r++) this.collapsed[r] = size[r] > 1 && depth[r] >= fromDepth ? 1 : 0;
    this.rebuild();
  }

  private rebuild(): void {
    const { size } = this.tree;
    let out = 0;
    for (let r = 0; r < this.k.n; r += this.collapsed[r] ? size[r] : 1) this.buffer[out++] = r;
    this.shown = out;
  }
}
