// The overview above the waterfall: every span of the trace, binned into pixels, with the window of time on it.
//
// The picture is drawn once per size and theme; zooming only redraws the window. In each cell the longest span
// wins, so that the frame of a trace stays visible among thousands of small spans. Few failed spans are marked in
// place; many would paint everything red, so they get a strip of their own at the bottom.
import { effect } from "@preact/signals";
import { isError, type Skeleton } from "../../api/skeleton";
import { colorIndex, ERROR, palette } from "../../model/colors";
import { isWhole, type TimeView } from "../../model/timeview";
import { cssColor, prepare } from "../../ui/canvas";
import { theme } from "../../ui/theme";
import type { TraceModel } from "./model";

const HANDLE = 7;
const PAD = 4;
const STRIP = 3;
const FAILED_IN_PLACE = 40;

interface Cells {
  columns: number;
  lanes: number;
  /** Colour index + 1 by lane and column; 0 is empty. */
  color: Uint8Array;
  /** 1 where a failed span starts. */
  failed: Uint8Array;
}

/** Bins all spans into columns × lanes cells; lane = place among all rows. O(n + cells covered). */
export function binSpans(k: Skeleton, total: number, columns: number, lanes: number): Cells {
  const longest = new Float64Array(columns * lanes);
  const color = new Uint8Array(columns * lanes);
  const failed = new Uint8Array(columns * lanes);
  const colors = new Uint8Array(k.strings.size);
  const scale = columns / total;
  for (let r = 0; r < k.n; r++) {
    const s = k.service[r];
    if (colors[s] === 0) colors[s] = colorIndex(k.strings.get(s)) + 1;
    const lane = Math.floor((r * lanes) / k.n) * columns;
    const a = Math.min(columns - 1, Math.floor(k.start[r] * scale));
    const b = Math.min(columns - 1, Math.floor((k.start[r] + k.duration[r]) * scale));
    const d = k.duration[r] + 1;
    for (let x = lane + a; x <= lane + b; x++) {
      if (d > longest[x]) {
        longest[x] = d;
        color[x] = colors[s];
      }
    }
    if (isError(k, r)) failed[lane + a] = 1;
  }
  return { columns, lanes, color, failed };
}

function paintSpans(c: CanvasRenderingContext2D, cells: Cells, top: number, laneHeight: number): void {
  const colors = palette(theme.peek());
  const height = Math.max(1, Math.floor(laneHeight - (laneHeight > 3 ? 1 : 0)));
  for (let lane = 0; lane < cells.lanes; lane++) {
    const y = Math.round(top + lane * laneHeight);
    for (let x = 0; x < cells.columns; ) {
      const color = cells.color[lane * cells.columns + x];
      let end = x + 1;
      while (end < cells.columns && cells.color[lane * cells.columns + end] === color) end++;
      if (color > 0) {
        c.fillStyle = colors[color - 1];
        c.fillRect(x, y, Math.max(end - x, 2), height);
      }
      x = end;
    }
  }
}

export class Minimap {
  private readonly picture = document.createElement("canvas");
  private pictureKey = "";
  private width = 0;
  private frame = 0;
  private brush: [number, number] | null = null;
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly model: TraceModel,
    private readonly height: number,
  ) {
    const observer = new ResizeObserver(([entry]) => {
      this.width = entry.contentRect.width;
      this.invalidate();
    });
    if (canvas.parentElement) observer.observe(canvas.parentElement);
    const down = (e: PointerEvent): void => this.down(e);
    const move = (e: PointerEvent): void => this.cursorAt(e);
    const reset = (): void => model.reset();
    canvas.addEventListener("pointerdown", down);
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("dblclick", reset);
    this.stops.push(
      () => observer.disconnect(),
      () => canvas.removeEventListener("pointerdown", down),
      () => canvas.removeEventListener("pointermove", move),
      () => canvas.removeEventListener("dblclick", reset),
      effect(() => {
        model.view.value;
        model.inView.value;
        theme.value;
        this.invalidate();
      }),
    );
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
  }

  private invalidate(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  private xOf(ns: number): number {
    return (ns / this.model.total) * this.width;
  }

  private nsAt(clientX: number): number {
    const x = clientX - this.canvas.getBoundingClientRect().left;
    return (Math.min(Math.max(x, 0), this.width) / this.width) * this.model.total;
  }

  // --- drawing ---

  private draw(): void {
    this.frame = 0;
    const c = prepare(this.canvas, this.width, this.height);
    if (!c) return;
    this.paint();
    c.drawImage(this.picture, 0, 0, this.width, this.height);
    this.drawInView(c);
    const view = this.shown();
    if (isWhole(view, this.model.total)) return;
    const [a, b] = [this.xOf(view.from), this.xOf(view.to)];
    c.fillStyle = cssColor("--page");
    c.globalAlpha = 0.72;
    c.fillRect(0, 0, a, this.height);
    c.fillRect(b, 0, this.width - b, this.height);
    c.globalAlpha = 1;
    c.fillStyle = cssColor("--accent");
    for (const x of [a, b]) {
      c.fillRect(Math.round(x) - 1, 0, 2, this.height);
      c.beginPath();
      c.roundRect(Math.min(Math.max(x - 4, 0), this.width - 8), this.height / 2 - 10, 8, 20, 3);
      c.fill();
    }
  }

  /** Mark at the left edge: which part of the rows the waterfall shows. */
  private drawInView(c: CanvasRenderingContext2D): void {
    const { first, last } = this.model.inView.peek();
    const { n } = this.model.k;
    if (last - first + 1 >= n) return;
    const inner = this.height - 2 * PAD;
    c.fillStyle = cssColor("--muted");
    c.fillRect(0, PAD + (first / n) * inner, 3, Math.max(3, ((last - first + 1) / n) * inner));
  }

  private shown(): TimeView {
    if (!this.brush) return this.model.view.peek();
    return { from: Math.min(...this.brush), to: Math.max(...this.brush) };
  }

  private paint(): void {
    const density = window.devicePixelRatio || 1;
    const key = `${this.width}x${this.height}x${density}${theme.peek()}`;
    if (key === this.pictureKey) return;
    this.pictureKey = key;
    const c = prepare(this.picture, this.width, this.height);
    if (!c) return;
    const inner = this.height - 2 * PAD;
    const lanes = Math.min(this.model.k.n, Math.floor(inner));
    const cells = binSpans(this.model.k, this.model.total, Math.max(1, Math.floor(this.width)), lanes);
    const laneHeight = Math.min(inner / lanes, 8);
    // few spans: bars of at most 8 px, together in the middle
    const top = PAD + (inner - laneHeight * lanes) / 2;
    paintSpans(c, cells, top, laneHeight);
    c.fillStyle = ERROR[theme.peek()];
    const inPlace = this.model.tree.errorCount <= FAILED_IN_PLACE;
    for (let i = 0; i < cells.failed.length; i++) {
      if (!cells.failed[i]) continue;
      if (inPlace) c.fillRect(i % cells.columns, Math.round(top + Math.floor(i / cells.columns) * laneHeight), 3, Math.max(2, Math.floor(laneHeight - 1)));
      else c.fillRect(i % cells.columns, this.height - STRIP, 1, STRIP);
    }
  }

  // --- pointer ---

  /** What is under the pointer: a scrubber, the inside of the window, or free area. */
  private part(e: PointerEvent): "from" | "to" | "inside" | "free" {
    const view = this.model.view.peek();
    if (isWhole(view, this.model.total)) return "free";
    const x = e.clientX - this.canvas.getBoundingClientRect().left;
    const [a, b] = [this.xOf(view.from), this.xOf(view.to)];
    if (Math.abs(x - a) <= HANDLE) return "from";
    if (Math.abs(x - b) <= HANDLE) return "to";
    return x > a && x < b && b - a > 4 * HANDLE ? "inside" : "free";
  }

  private cursorAt(e: PointerEvent): void {
    const part = this.part(e);
    this.canvas.style.cursor = part === "free" ? "crosshair" : part === "inside" ? "grab" : "ew-resize";
  }

  private down(e: PointerEvent): void {
    if (e.button !== 0) return;
    e.preventDefault();
    this.canvas.setPointerCapture(e.pointerId);
    const part = this.part(e);
    const start = this.nsAt(e.clientX);
    const was = this.model.view.peek();
    const move = (m: PointerEvent): void => {
      const at = this.nsAt(m.clientX);
      if (part === "from") this.model.setView({ from: Math.min(at, was.to), to: Math.max(at, was.to) });
      else if (part === "to") this.model.setView({ from: Math.min(was.from, at), to: Math.max(was.from, at) });
      else if (part === "inside") this.model.setView({ from: was.from + at - start, to: was.to + at - start });
      else if (Math.abs(m.clientX - e.clientX) > 3) this.brush = [start, at];
      this.invalidate();
    };
    const up = (m: PointerEvent): void => {
      this.canvas.removeEventListener("pointermove", move);
      this.canvas.removeEventListener("pointerup", up);
      this.canvas.removeEventListener("pointercancel", up);
      const brush = this.brush;
      this.brush = null;
      if (brush && m.type === "pointerup") this.model.setView({ from: Math.min(...brush), to: Math.max(...brush) });
      this.invalidate();
    };
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", up);
    this.canvas.addEventListener("pointercancel", up);
  }
}
