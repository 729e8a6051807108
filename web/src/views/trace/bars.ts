// Drawing of the timeline: bars, events, durations and grid of the rows on show, on one canvas.
import { firstEvent, isError, serviceOf, type Skeleton } from "../../api/skeleton";
import { colorIndex, ERROR, palette, type Theme } from "../../model/colors";
import type { Matches } from "../../model/find";
import { formatDuration } from "../../model/format";
import { tickLabel, ticks, tickStep } from "../../model/ticks";
import type { TimeView } from "../../model/timeview";
import type { Tree } from "../../model/tree";

export interface Palette {
  theme: Theme;
  line: string;
  text: string;
  muted: string;
  surface: string;
  accent: string;
}

export interface Scene {
  k: Skeleton;
  tree: Tree;
  view: TimeView;
  width: number;
  height: number;
  rowHeight: number;
  /** Row of the trace by place, for places first <= i < last; the first is drawn at y = top. */
  rowAt: (index: number) => number;
  first: number;
  last: number;
  top: number;
  matches: Matches | null;
  /** ns under the pointer, or NaN. */
  cursor: number;
}

const BAR = 11;
const PAD = 6;
/** Children considered when a bar is split into its own time and its children's. */
const CHILDREN_MAX = 400;
const EVENTS_MAX = 200;

/** A drawn bar, told to tests. */
export interface Drawn {
  row: number;
  x: number;
  y: number;
  width: number;
}

export const tickCount = (width: number): number => Math.max(1, Math.floor(width / (width < 400 ? 78 : 96)));

export function drawBars(c: CanvasRenderingContext2D, s: Scene, p: Palette): Drawn[] {
  const drawn: Drawn[] = [];
  drawGrid(c, s, p);
  for (let i = s.first; i < s.last; i++) {
    const row = s.rowAt(i);
    const y = s.top + (i - s.first) * s.rowHeight;
    c.globalAlpha = s.matches && !s.matches.has(row) ? 0.28 : 1;
    drawn.push(drawRow(c, s, p, row, y));
  }
  c.globalAlpha = 1;
  if (!Number.isNaN(s.cursor)) {
    const x = Math.round(xOf(s, s.cursor)) + 0.5;
    c.strokeStyle = p.accent;
    c.globalAlpha = 0.6;
    line(c, x, 0, x, s.height);
    c.globalAlpha = 1;
  }
  return drawn;
}

export const xOf = (s: { view: TimeView; width: number }, ns: number): number => ((ns - s.view.from) / (s.view.to - s.view.from)) * (s.width - 2 * PAD) + PAD;
export const nsOf = (s: { view: TimeView; width: number }, x: number): number => s.view.from + ((x - PAD) / (s.width - 2 * PAD)) * (s.view.to - s.view.from);

function line(c: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  c.beginPath();
  c.moveTo(x0, y0);
  c.lineTo(x1, y1);
  c.stroke();
}

function drawGrid(c: CanvasRenderingContext2D, s: Scene, p: Palette): void {
  c.lineWidth = 1;
  c.strokeStyle = p.line;
  for (const at of ticks(s.view.from, s.view.to, tickCount(s.width))) {
    const x = Math.round(xOf(s, at)) + 0.5;
    line(c, x, 0, x, s.height);
  }
}

function drawRow(c: CanvasRenderingContext2D, s: Scene, p: Palette, row: number, y: number): Drawn {
  const { k } = s;
  const failed = isError(k, row);
  const x0 = xOf(s, k.start[row]);
  const x1 = xOf(s, k.start[row] + k.duration[row]);
  const middle = y + s.rowHeight / 2;
  // too narrow for a red frame: red as a whole
  const color = failed && x1 - x0 < 5 ? ERROR[p.theme] : palette(p.theme)[colorIndex(serviceOf(k, row))];
  if (x1 < 0 || x0 > s.width) {
    drawArrow(c, x1 < 0 ? 3 : s.width - 3, middle, x1 < 0 ? -1 : 1, color);
    return { row, x: x0, y, width: 0 };
  }
  const width = Math.max(2, x1 - x0);
  const left = Math.max(x0, -8);
  const right = Math.min(x0 + width, s.width + 8);
  if (k.duration[row] === 0) {
    c.fillStyle = color;
    c.fillRect(Math.round(x0) - 1, middle - 8, 2, 16);
  } else drawBar(c, s, row, left, right, middle - BAR / 2, color);
  if (failed && width >= 5) {
    c.strokeStyle = ERROR[p.theme];
    c.lineWidth = 1.5;
    rounded(c, left - 1.5, middle - BAR / 2 - 1.5, right - left + 3, BAR + 3, 3.5);
    c.stroke();
  }
  drawEvents(c, s, p, row, middle, color);
  drawLabel(c, s, p, row, left, right, middle, failed);
  return { row, x: x0, y, width };
}

function rounded(c: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  c.beginPath();
  c.roundRect(x, y, w, h, Math.min(r, w / 2));
}

/** The span's own time is solid, what its children cover is lighter. */
function drawBar(c: CanvasRenderingContext2D, s: Scene, row: number, left: number, right: number, y: number, color: string): void {
  const { k, tree } = s;
  c.fillStyle = color;
  if (tree.children[row] === 0 || tree.children[row] > CHILDREN_MAX || right - left < 6) {
    rounded(c, left, y, right - left, BAR, 2);
    c.fill();
    return;
  }
  const alpha = c.globalAlpha;
  c.globalAlpha = alpha * 0.45;
  rounded(c, left, y, right - left, BAR, 2);
  c.fill();
  c.globalAlpha = alpha;
  c.save();
  rounded(c, left, y, right - left, BAR, 2);
  c.clip();
  // outline and floor keep the contrast where the bar is light
  c.fillRect(left, y + BAR - 2, right - left, 2);
  c.fillRect(left, y, right - left, 1);
  let last = left;
  for (let child = row + 1, end = row + tree.size[row]; child < end; child += tree.size[child]) {
    const a = Math.min(Math.max(xOf(s, k.start[child]), left), right);
    const b = Math.min(Math.max(xOf(s, k.start[child] + k.duration[child]), left), right);
    if (a > last) c.fillRect(last, y, a - last, BAR);
    last = Math.max(last, b);
  }
  if (right > last) c.fillRect(last, y, right - last, BAR);
  c.restore();
}

function drawArrow(c: CanvasRenderingContext2D, x: number, y: number, direction: 1 | -1, color: string): void {
  c.fillStyle = color;
  c.beginPath();
  c.moveTo(x + 3 * direction, y);
  c.lineTo(x - 3 * direction, y - 4);
  c.lineTo(x - 3 * direction, y + 4);
  c.fill();
}

function drawEvents(c: CanvasRenderingContext2D, s: Scene, p: Palette, row: number, y: number, color: string): void {
  const { k } = s;
  let last = -Infinity;
  const from = firstEvent(k, row);
  for (let i = from; i < k.eventRow.length && k.eventRow[i] === row && i < from + EVENTS_MAX; i++) {
    const x = xOf(s, k.eventTime[i]);
    const exception = k.strings.get(k.eventName[i]) === "exception";
    // marks closer than two pixels are one mark
    if (x < -6 || x > s.width + 6 || (!exception && x - last < 2)) continue;
    last = x;
    c.beginPath();
    c.moveTo(x, y - 5);
    c.lineTo(x + 5, y);
    c.lineTo(x, y + 5);
    c.lineTo(x - 5, y);
    c.closePath();
    c.fillStyle = exception ? ERROR[p.theme] : p.surface;
    c.fill();
    c.lineWidth = 1.3;
    c.strokeStyle = exception ? p.surface : p.theme === "light" ? p.text : color;
    c.stroke();
  }
}

/** The duration stands beside the bar: right of it, else left, else inside on a plate. */
function drawLabel(c: CanvasRenderingContext2D, s: Scene, p: Palette, row: number, left: number, right: number, y: number, failed: boolean): void {
  const text = formatDuration(s.k.duration[row]);
  const w = c.measureText(text).width;
  c.textBaseline = "middle";
  c.textAlign = "left";
  let x = right + 7;
  if (x + w > s.width - 2) x = left - 8 - w;
  if (x < 2) {
    x = Math.min(right, s.width) - w - 8;
    c.fillStyle = p.surface;
    const alpha = c.globalAlpha;
    c.globalAlpha = alpha * 0.9;
    rounded(c, x - 4, y - 7, w + 8, 14, 3);
    c.fill();
    c.globalAlpha = alpha;
  }
  c.fillStyle = failed ? ERROR[p.theme] : p.muted;
  c.fillText(text, x, y + 0.5);
}

/** Axis above the rows: labels at the grid's lines, the range being dragged, the time under the pointer. */
export function drawAxis(c: CanvasRenderingContext2D, s: { view: TimeView; width: number; height: number; cursor: number; drag: [number, number] | null }, p: Palette): void {
  const max = tickCount(s.width);
  const step = tickStep(s.view.to - s.view.from, max);
  c.textBaseline = "middle";
  c.textAlign = "left";
  const y = s.height / 2;
  c.strokeStyle = p.line;
  for (const at of ticks(s.view.from, s.view.to, max)) {
    const x = Math.round(xOf(s, at)) + 0.5;
    c.lineWidth = 1;
    line(c, x, s.height - 6, x, s.height);
    const label = tickLabel(at, step);
    const w = c.measureText(label).width;
    c.fillStyle = p.muted;
    if (x + 4 + w < s.width) c.fillText(label, x + 4, y);
  }
  if (s.drag) {
    const [a, b] = s.drag[0] < s.drag[1] ? s.drag : [s.drag[1], s.drag[0]];
    c.fillStyle = p.accent;
    c.globalAlpha = 0.22;
    c.fillRect(xOf(s, a), 0, xOf(s, b) - xOf(s, a), s.height);
    c.globalAlpha = 1;
    plate(c, formatDuration(b - a), (xOf(s, a) + xOf(s, b)) / 2, y, s.width, p);
  } else if (!Number.isNaN(s.cursor)) plate(c, formatDuration(Math.max(0, s.cursor)), xOf(s, s.cursor), y, s.width, p);
}

function plate(c: CanvasRenderingContext2D, text: string, x: number, y: number, width: number, p: Palette): void {
  const w = c.measureText(text).width + 10;
  const left = Math.min(Math.max(x - w / 2, 0), width - w);
  c.fillStyle = p.accent;
  rounded(c, left, y - 8, w, 16, 4);
  c.fill();
  c.fillStyle = p.surface;
  c.textAlign = "left";
  c.fillText(text, left + 5, y + 0.5);
}

/** Name of the event under a point of a row's bar, with its time; null when there is none. */
export function eventAt(s: { k: Skeleton; view: TimeView; width: number }, row: number, x: number): { name: string; time: number } | null {
  const { k } = s;
  const from = firstEvent(k, row);
  for (let i = from; i < k.eventRow.length && k.eventRow[i] === row && i < from + EVENTS_MAX; i++) {
    if (Math.abs(xOf(s, k.eventTime[i]) - x) <= 6) return { name: k.strings.get(k.eventName[i]), time: k.eventTime[i] };
  }
  return null;
}
