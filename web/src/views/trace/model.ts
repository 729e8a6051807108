// State of one open trace, and everything that can be done to it. Views read the signals; keys, mouse and
// buttons call the methods; nothing here touches the DOM.
import { computed, signal } from "@preact/signals";
import * as api from "../../api/client";
import { isError, rowOfSpan, serviceOf, spanIdOf, type Skeleton } from "../../api/skeleton";
import { findLocal, Matches, nextError, unite } from "../../model/find";
import { Rows } from "../../model/rows";
import { clampView, fitSpan, isWhole, panView, showSpan, zoomView, type TimeView } from "../../model/timeview";
import { formatTrace, parseTrace, type TraceState } from "../../model/trace-url";
import { countServices, deriveTree, type ServiceCount, type Tree } from "../../model/tree";
import { go, leaving, location } from "../../router";

export class TraceModel {
  readonly tree: Tree;
  readonly rows: Rows;
  readonly services: ServiceCount[];
  /** ns the time axis covers; at least 1. */
  readonly total: number;

  readonly view = signal<TimeView>({ from: 0, to: 1 });
  readonly selected = signal(0);
  readonly detail = signal(false);
  /** Counts changes of the shown rows. */
  readonly layout = signal(0);
  /** First and last row of the trace on screen. */
  readonly inView = signal<{ first: number; last: number }>({ first: 0, last: 0 });
  readonly query = signal("");
  readonly matches = signal<Matches | null>(null);
  readonly findState = signal<"" | "busy" | "partial">("");
  readonly matchIndex = computed(() => {
    const m = this.matches.value;
    return m && this.selected.value >= 0 && m.has(this.selected.value) ? m.rank(this.selected.value) + 1 : 0;
  });
  /** Asks the waterfall to bring the selected row into view; focus tells whether the keyboard goes there too. */
  onReveal: (focus: boolean) => void = () => {};

  private finding: AbortController | null = null;
  private findTimer = 0;
  private urlTimer = 0;

  constructor(readonly k: Skeleton) {
    this.tree = deriveTree(k);
    this.rows = new Rows(k, this.tree);
    this.services = countServices(k);
    let end = Number(k.endNs - k.startNs);
    for (let r = 0; r < k.n; r++) end = Math.max(end, k.start[r] + k.duration[r]);
    this.total = Math.max(1, end);
    this.view.value = { from: 0, to: this.total };
    this.restore(parseTrace(location.peek().query));
    leaving.add(this.saveNow);
  }

  dispose(): void {
    this.finding?.abort();
    window.clearTimeout(this.findTimer);
    window.clearTimeout(this.urlTimer);
    leaving.delete(this.saveNow);
  }

  isError = (row: number): boolean => isError(this.k, row);

  // --- address ---

  /** Follows the address when it changes under the page (back, links within the trace). */
  restore(s: TraceState): void {
    const row = s.span ? rowOfSpan(this.k, s.span) : -1;
    if (row >= 0) this.select(row, { details: true, focus: false });
    else if (!s.span) this.detail.value = false;
    this.view.value = s.window ? clampView(s.window.from, s.window.to, this.total) : { from: 0, to: this.total };
    if (s.find !== this.query.peek()) this.find(s.find);
  }

  /** Like restore, unless the address says what is on show anyway. */
  followAddress(s: TraceState): void {
    if (this.urlTimer === 0 && formatTrace(s) !== formatTrace(this.state())) this.restore(s);
  }

  private state(): TraceState {
    const view = this.view.peek();
    return {
      span: this.detail.peek() && this.selected.peek() >= 0 ? spanIdOf(this.k, this.selected.peek()) : "",
      window: isWhole(view, this.total) ? null : view,
      find: this.query.peek(),
    };
  }

  /** Zooming changes the state on every frame; the address follows when it rests. */
  private saveSoon(): void {
    window.clearTimeout(this.urlTimer);
    this.urlTimer = window.setTimeout(this.saveNow, 200);
  }

  private readonly saveNow = (): void => {
    if (this.urlTimer === 0) return;
    window.clearTimeout(this.urlTimer);
    this.urlTimer = 0;
    go(window.location.pathname + formatTrace(this.state()), "replace");
  };

  // --- rows ---

  select(row: number, how: { details?: boolean; focus?: boolean; show?: boolean } = {}): void {
    if (row < 0 || row >= this.k.n) return;
    if (this.rows.reveal(row)) this.layout.value++;
    this.selected.value = row;
    if (how.details) this.detail.value = true;
    if (how.show) this.view.value = showSpan(this.view.peek(), this.k.start[row], this.k.start[row] + this.k.duration[row], this.total);
    this.onReveal(how.focus ?? true);
    this.saveSoon();
  }

  /** By so many shown rows. */
  move(by: number): void {
    const index = this.rows.indexOf(Math.max(0, this.selected.peek()));
    this.select(this.rows.at(Math.min(Math.max(index + by, 0), this.rows.count - 1)));
  }

  setInView(first: number, last: number): void {
    const was = this.inView.peek();
    if (was.first !== first || was.last !== last) this.inView.value = { first, last };
  }

  setDetail(open: boolean): void {
    this.detail.value = open;
    this.saveSoon();
  }

  toggle(row: number, collapsed = !this.rows.isCollapsed(row)): void {
    if (!this.rows.isParent(row)) return;
    this.rows.setCollapsed(row, collapsed);
    this.afterCollapse();
  }

  collapseAll(): void {
    // roots stay open: one row of a whole trace helps nobody
    this.rows.collapseAll(this.tree.roots > 1 ? 0 : 1);
    this.afterCollapse();
    this.onReveal(false);
  }

  expandAll(): void {
    this.rows.expandAll();
    this.afterCollapse();
    this.onReveal(false);
  }

  /** A selected row that vanished hands over to its nearest shown ancestor. */
  private afterCollapse(): void {
    const row = this.selected.peek();
    if (row >= 0) this.selected.value = this.rows.at(Math.max(0, this.rows.indexOf(row)));
    this.layout.value++;
  }

  /** Right arrow of a treegrid: open, or go to the first child. */
  openOrEnter(): void {
    const row = this.selected.peek();
    if (this.rows.isCollapsed(row)) this.toggle(row, false);
    else if (this.rows.isParent(row)) this.select(row + 1);
  }

  /** Left arrow: close, or go to the parent. */
  closeOrLeave(): void {
    const row = this.selected.peek();
    if (this.rows.isParent(row) && !this.rows.isCollapsed(row)) this.toggle(row, true);
    else if (this.k.parent[row] < this.k.n) this.select(this.k.parent[row]);
  }

  nextError(direction: 1 | -1): void {
    const row = nextError(this.isError, this.k.n, this.selected.peek(), direction);
    if (row >= 0) this.select(row, { show: true });
  }

  // --- time ---

  setView(view: TimeView): void {
    this.view.value = clampView(view.from, view.to, this.total);
    this.saveSoon();
  }

  zoom(factor: number, anchor = 0.5): void {
    this.setView(zoomView(this.view.peek(), factor, anchor, this.total));
  }

  pan(share: number): void {
    this.setView(panView(this.view.peek(), share, this.total));
  }

  reset(): void {
    this.setView({ from: 0, to: this.total });
  }

  /** The selected span; the whole trace when that is on show already. */
  fit(): void {
    const row = this.selected.peek();
    const wanted = fitSpan(this.k.start[row], this.k.start[row] + this.k.duration[row], this.total);
    const now = this.view.peek();
    const there = Math.abs(now.from - wanted.from) + Math.abs(now.to - wanted.to) < (wanted.to - wanted.from) * 1e-6;
    if (there) this.reset();
    else this.setView(wanted);
  }

  // --- find ---

  find(text: string): void {
    this.query.value = text;
    this.finding?.abort();
    window.clearTimeout(this.findTimer);
    this.saveSoon();
    const wanted = text.trim();
    if (wanted === "") {
      this.matches.value = null;
      this.findState.value = "";
      return;
    }
    const local = findLocal(this.k, wanted);
    this.matches.value = new Matches(local, this.k.n);
    this.findState.value = "busy";
    const controller = (this.finding = new AbortController());
    this.findTimer = window.setTimeout(() => void this.findOnServer(wanted, local, controller), 180);
  }

  private async findOnServer(text: string, local: Uint8Array, controller: AbortController): Promise<void> {
    try {
      const bits = await api.find(this.k.traceId, text, controller.signal);
      if (controller.signal.aborted) return;
      this.matches.value = new Matches(unite(local, bits), this.k.n);
      this.findState.value = "";
    } catch {
      if (!controller.signal.aborted) this.findState.value = "partial";
    }
  }

  nextMatch(direction: 1 | -1): void {
    const m = this.matches.peek();
    if (!m || m.rows.length === 0) return;
    const here = this.selected.peek();
    // the first "next" takes the first match at or behind the selection
    const i = direction === 1 && this.matchIndex.peek() === 0 ? m.next(here - 1, 1) : m.next(here, direction);
    this.select(m.rows[i], { show: true, focus: false });
  }

  findService(service: string): void {
    this.find(this.query.peek() === service ? "" : service);
  }

  serviceAt = (row: number): string => serviceOf(this.k, row);
}
