// The waterfall: text rows are recycled DOM nodes (readable by screen readers, selectable), bars one canvas over
// the rows on show. Both lie on a stage that sticks to the top of the scroll box; scrolling only changes which
// rows the stage shows, so a million rows cost as much as fifty.
import { effect } from "@preact/signals";
import { theme } from "../../ui/theme";
import { cssColor, prepare } from "../../ui/canvas";
import { ScrollMap } from "../../model/scroll";
import { formatDuration } from "../../model/format";
import { drawAxis, drawBars, eventAt, nsOf, type Drawn, type Palette } from "./bars";
import type { TraceModel } from "./model";
import { Row, TextMeasure } from "./row";

export interface Elements {
  grid: HTMLElement;
  scroll: HTMLElement;
  spacer: HTMLElement;
  stage: HTMLElement;
  rows: HTMLElement;
  bars: HTMLCanvasElement;
  axis: HTMLCanvasElement;
  tip: HTMLElement;
}

const ROW = 24;
const ROW_COARSE = 34;

export class Waterfall {
  private readonly map = new ScrollMap();
  private readonly rowHeight = window.matchMedia("(pointer: coarse)").matches ? ROW_COARSE : ROW;
  private readonly pool: Row[] = [];
  private readonly measure: TextMeasure;
  private readonly stops: (() => void)[] = [];
  private top = 0; // px of the list above the stage
  private expected = 0; // scrollTop that we set ourselves
  private width = 0;
  private height = 0;
  private frame = 0;
  private filled = false; // rows show the current layout, width and theme
  private cursorX = NaN; // px from the left of the time column
  private drag: [number, number] | null = null;
  private focused = false;
  private palette!: Palette;
  /** What the last frame drew, for tests. */
  drawn: Drawn[] = [];

  constructor(
    private readonly el: Elements,
    private readonly model: TraceModel,
    private nameWidth: number,
  ) {
    this.measure = new TextMeasure(`13px ${cssColor("--font")}`);
    el.grid.style.setProperty("--row", `${this.rowHeight}px`);
    this.listen();
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(el.scroll);
    this.stops.push(() => observer.disconnect());
    this.stops.push(
      effect(() => {
        model.layout.value;
        theme.value;
        this.palette = readPalette();
        this.relayout();
      }),
      effect(() => {
        model.view.value;
        model.selected.value;
        model.matches.value;
        this.invalidate();
      }),
    );
    model.onReveal = (focus) => this.reveal(focus);
    this.resize();
    this.reveal(false);
  }

  dispose(): void {
    this.model.onReveal = () => {};
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
  }

  setNameWidth(px: number): void {
    this.nameWidth = px;
    this.filled = false;
    this.invalidate();
  }

  /** Whole rows that fit. */
  get pageRows(): number {
    return Math.max(1, Math.floor(this.height / this.rowHeight) - 1);
  }

  private listenTo<E extends Event>(target: EventTarget, type: string, handler: (e: E) => void, options?: AddEventListenerOptions): void {
    target.addEventListener(type, handler as EventListener, options);
    this.stops.push(() => target.removeEventListener(type, handler as EventListener, options));
  }

  private listen(): void {
    const { scroll, stage, axis, grid } = this.el;
    this.listenTo(scroll, "scroll", () => this.onScroll(), { passive: true });
    this.listenTo<WheelEvent>(grid, "wheel", (e) => this.onWheel(e), { passive: false });
    this.listenTo<PointerEvent>(stage, "pointermove", (e) => this.hover(e));
    this.listenTo<PointerEvent>(stage, "pointerdown", (e) => this.startPan(e));
    this.listenTo(stage, "pointerleave", () => this.setCursor(NaN));
    this.listenTo<MouseEvent>(stage, "click", (e) => this.click(e));
    this.listenTo<MouseEvent>(stage, "dblclick", (e) => this.doubleClick(e));
    this.listenTo<PointerEvent>(axis, "pointerdown", (e) => this.startAxisDrag(e));
    this.listenTo<PointerEvent>(axis, "pointermove", (e) => {
      if (!this.drag) this.setCursor(e.clientX - axis.getBoundingClientRect().left);
    });
    this.listenTo(axis, "pointerleave", () => this.setCursor(NaN));
    this.listenTo(axis, "dblclick", () => this.model.reset());
    this.listenTo(grid, "focusin", () => (this.focused = true));
    this.listenTo<FocusEvent>(grid, "focusout", (e) => {
      if (!grid.contains(e.relatedTarget as Node | null)) this.focused = false;
    });
  }

  // --- size and scrolling ---

  private resize(): void {
    this.width = this.el.scroll.clientWidth;
    this.height = this.el.scroll.clientHeight;
    this.relayout();
  }

  private relayout(): void {
    this.filled = false;
    this.map.set(this.model.rows.count * this.rowHeight, this.height);
    this.el.spacer.style.height = `${this.map.spacer}px`;
    this.el.stage.style.height = `${this.height}px`;
    this.el.grid.setAttribute("aria-rowcount", String(this.model.rows.count + 1));
    this.scrollTo(this.top);
    this.invalidate();
  }

  private scrollTo(top: number): void {
    this.top = this.map.clamp(top);
    this.expected = this.map.toScroll(this.top);
    this.el.scroll.scrollTop = this.expected;
    this.invalidate();
  }

  private onScroll(): void {
    const at = this.el.scroll.scrollTop;
    if (this.map.scale === 1) this.top = this.map.clamp(at);
    // while the list is scaled, what we set ourselves is more exact than what comes back
    else if (Math.abs(at - this.expected) > 1) {
      this.top = this.map.toList(at);
      this.expected = at;
    }
    this.invalidate();
  }

  private onWheel(e: WheelEvent): void {
    const unit = e.deltaMode === 1 ? this.rowHeight : e.deltaMode === 2 ? this.height : 1;
    if (e.ctrlKey || e.metaKey) {
      e.preventDefault();
      const anchor = (this.timeAt(e.clientX) - this.model.view.peek().from) / (this.model.view.peek().to - this.model.view.peek().from);
      this.model.zoom(Math.exp(e.deltaY * unit * 0.0022), Math.min(1, Math.max(0, anchor)));
    } else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
      e.preventDefault();
      this.model.pan(((e.deltaX || e.deltaY) * unit) / Math.max(1, this.timeWidth));
    } else if (this.map.scale !== 1) {
      e.preventDefault();
      this.scrollTo(this.top + e.deltaY * unit);
    }
  }

  private reveal(focus: boolean): void {
    const index = this.model.rows.indexOf(this.model.selected.peek());
    if (focus) {
      this.focused = true;
      // at once, so that the next key is not typed into the field that had the focus; the row follows when drawn
      if (!this.el.grid.contains(document.activeElement)) this.el.scroll.focus({ preventScroll: true });
    }
    if (index < 0) return;
    const y = index * this.rowHeight;
    const air = Math.min(this.rowHeight * 2, this.height / 4);
    const far = y < this.top - this.height || y > this.top + 2 * this.height;
    if (far) this.scrollTo(y - this.height / 3);
    else if (y < this.top + air) this.scrollTo(y - air);
    else if (y + this.rowHeight > this.top + this.height - air) this.scrollTo(y + this.rowHeight + air - this.height);
    this.invalidate();
  }

  // --- drawing ---

  private invalidate(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.render());
  }

  private get timeWidth(): number {
    return Math.max(20, this.width - this.nameWidth);
  }

  private render(): void {
    this.frame = 0;
    const { rows } = this.model;
    const first = Math.max(0, Math.floor(this.top / this.rowHeight));
    const last = Math.min(rows.count, Math.ceil((this.top + this.height) / this.rowHeight));
    this.renderRows(first, last);
    this.renderBars(first, last);
    this.renderAxis();
    this.moveFocus();
    if (last > first) this.model.setInView(rows.at(first), rows.at(last - 1));
  }

  private renderRows(first: number, last: number): void {
    const { model } = this;
    const size = Math.ceil(this.height / this.rowHeight) + 1;
    while (this.pool.length < size) this.pool.push(new Row(this.el.rows, `row-${this.pool.length}`));
    const selected = model.selected.peek();
    const matches = model.matches.peek();
    const place = model.rows.indexOf(selected);
    const stop = place >= first && place < last ? place : first;
    const used = new Set<Row>();
    for (let i = first; i < last; i++) {
      // a place keeps its node while it stays on show, so that scrolling refills only the rows that enter
      const node = this.pool[i % this.pool.length];
      used.add(node);
      const row = model.rows.at(i);
      if (!this.filled || node.index !== i || node.row !== row) node.fill(i, row, model, this.nameWidth, this.measure, this.palette.theme);
      const match = matches?.has(row) ?? false;
      node.mark(row === selected, match, matches !== null && !match, i === stop);
      node.place(i * this.rowHeight - this.top);
    }
    for (const node of this.pool) if (!used.has(node)) node.hide();
    this.filled = true;
  }

  private renderBars(first: number, last: number): void {
    const c = prepare(this.el.bars, this.timeWidth, this.height);
    if (!c) return;
    const { model } = this;
    this.drawn = drawBars(
      c,
      {
        k: model.k,
        tree: model.tree,
        view: model.view.peek(),
        width: this.timeWidth,
        height: this.height,
        rowHeight: this.rowHeight,
        rowAt: (i) => model.rows.at(i),
        first,
        last,
        top: first * this.rowHeight - this.top,
        matches: model.matches.peek(),
        cursor: this.cursorTime,
      },
      this.palette,
    );
  }

  private renderAxis(): void {
    const height = this.el.axis.clientHeight;
    const c = prepare(this.el.axis, this.timeWidth, height);
    if (c) drawAxis(c, { view: this.model.view.peek(), width: this.timeWidth, height, cursor: this.cursorTime, drag: this.drag }, this.palette);
  }

  /** Keyboard focus stays with the selected row; while that is out of sight, the scroll box holds it. */
  private moveFocus(): void {
    if (!this.focused) return;
    const selected = this.model.selected.peek();
    const node = this.pool.find((r) => r.row === selected)?.node ?? this.el.scroll;
    if (document.activeElement !== node) node.focus({ preventScroll: true });
  }

  // --- pointer ---

  private timeAt(clientX: number): number {
    const left = this.el.axis.getBoundingClientRect().left;
    return nsOf({ view: this.model.view.peek(), width: this.timeWidth }, clientX - left);
  }

  /** A place, not a time: zooming by keys moves the time under a resting pointer. */
  private setCursor(x: number): void {
    this.cursorX = x;
    if (Number.isNaN(x)) this.el.tip.hidden = true;
    this.invalidate();
  }

  private get cursorTime(): number {
    return nsOf({ view: this.model.view.peek(), width: this.timeWidth }, this.cursorX);
  }

  private rowAt(clientY: number): number {
    const y = clientY - this.el.stage.getBoundingClientRect().top + this.top;
    const index = Math.floor(y / this.rowHeight);
    return index >= 0 && index < this.model.rows.count ? this.model.rows.at(index) : -1;
  }

  private hover(e: PointerEvent): void {
    if (this.drag) return;
    const box = this.el.stage.getBoundingClientRect();
    const x = e.clientX - box.left - this.nameWidth;
    this.setCursor(x >= 0 && e.pointerType !== "touch" ? x : NaN);
    const row = x >= 0 ? this.rowAt(e.clientY) : -1;
    const event = row >= 0 ? eventAt({ k: this.model.k, view: this.model.view.peek(), width: this.timeWidth }, row, x) : null;
    const { tip } = this.el;
    tip.hidden = !event;
    if (event) {
      tip.textContent = `${event.name}  ${formatDuration(event.time)}`;
      tip.style.transform = `translate(${Math.min(e.clientX - box.left + 12, box.width - 180)}px, ${e.clientY - box.top + 14}px)`;
    }
  }

  private click(e: MouseEvent): void {
    const row = this.rowAt(e.clientY);
    if (row < 0) return;
    if ((e.target as Element).closest(".toggle:not(.leaf), .badge")) {
      this.model.toggle(row);
      return;
    }
    this.model.select(row, { details: true });
  }

  private doubleClick(e: MouseEvent): void {
    const row = this.rowAt(e.clientY);
    const onTime = e.clientX - this.el.stage.getBoundingClientRect().left >= this.nameWidth;
    if (row < 0 || (e.target as Element).closest(".toggle")) return;
    if (onTime) this.model.fit();
    else this.model.toggle(row);
  }

  /** Follows the pointer until it is released. */
  private track(e: PointerEvent, move: (x: number) => void, up: (x: number, moved: boolean) => void): void {
    const target = e.currentTarget as HTMLElement;
    let moved = false;
    const onMove = (m: PointerEvent): void => {
      if (!moved && Math.abs(m.clientX - e.clientX) > 4) {
        moved = true;
        target.setPointerCapture(e.pointerId);
      }
      if (moved) move(m.clientX);
    };
    const done = (m: PointerEvent): void => {
      target.removeEventListener("pointermove", onMove);
      target.removeEventListener("pointerup", done);
      target.removeEventListener("pointercancel", done);
      if (moved) swallowClick(target);
      up(m.clientX, moved && m.type === "pointerup");
    };
    target.addEventListener("pointermove", onMove);
    target.addEventListener("pointerup", done);
    target.addEventListener("pointercancel", done);
  }

  /** Dragging the bars sideways moves through time. */
  private startPan(e: PointerEvent): void {
    const box = this.el.stage.getBoundingClientRect();
    if (e.button !== 0 || e.pointerType === "touch" || e.clientX - box.left < this.nameWidth) return;
    let last = e.clientX;
    this.track(
      e,
      (x) => {
        this.model.pan((last - x) / this.timeWidth);
        last = x;
      },
      () => {},
    );
  }

  private startAxisDrag(e: PointerEvent): void {
    if (e.button !== 0) return;
    const from = this.timeAt(e.clientX);
    this.track(
      e,
      (x) => {
        this.drag = [from, this.timeAt(x)];
        this.invalidate();
      },
      (x, moved) => {
        this.drag = null;
        const to = this.timeAt(x);
        if (moved) this.model.setView({ from: Math.min(from, to), to: Math.max(from, to) });
        this.invalidate();
      },
    );
  }
}

/** A drag is no click: takes away the one that the browser sends behind it, if it does. */
function swallowClick(target: HTMLElement): void {
  const stop = (e: Event): void => e.stopImmediatePropagation();
  target.addEventListener("click", stop, { capture: true, once: true });
  window.setTimeout(() => target.removeEventListener("click", stop, { capture: true }), 0);
}

export function readPalette(): Palette {
  return { theme: theme.peek(), line: cssColor("--line"), text: cssColor("--text"), muted: cssColor("--muted"), surface: cssColor("--surface"), accent: cssColor("--accent") };
}
