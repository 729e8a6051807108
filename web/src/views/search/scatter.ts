// Geometry and drawing of the scatter plot: time across, logarithm of the duration up, one mark per trace.
//
// Pure of the DOM but for the 2D context, so that the page's component only carries events.
import { ERROR, type Theme } from "../../model/colors";
import { formatDuration, formatTimeTick } from "../../model/format";
import { logTicks } from "../../model/ticks";
import type { Box } from "../../model/query";
import type { Trace } from "./store";

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  t0: number;
  t1: number;
  /** log10 of ns. */
  e0: number;
  e1: number;
}

export interface Colors {
  line: string;
  text: string;
  dot: string;
  page: string;
}

const LEFT = 54;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 22;
const logOf = (ns: number): number => Math.log10(Math.max(ns, 1));

export function frameOf(traces: readonly Trace[], range: { from: number; to: number }, width: number, height: number): Frame {
  let e0 = Infinity;
  let e1 = -Infinity;
  for (const x of traces) {
    e0 = Math.min(e0, logOf(x.duration));
    e1 = Math.max(e1, logOf(x.duration));
  }
  if (!(e0 <= e1)) [e0, e1] = [6, 7];
  const air = Math.max((e1 - e0) * 0.08, 0.15);
  // traces that started before the range but are in the answer still get their place
  const t0 = traces.reduce((a, x) => Math.min(a, x.start), range.from);
  const t1 = traces.reduce((a, x) => Math.max(a, x.start), range.to);
  return { left: LEFT, top: TOP, width: Math.max(10, width - LEFT - RIGHT), height: Math.max(10, height - TOP - BOTTOM), t0, t1: Math.max(t1, t0 + 1), e0: e0 - air, e1: e1 + air };
}

export const xOf = (f: Frame, t: number): number => f.left + ((t - f.t0) / (f.t1 - f.t0)) * f.width;
export const yOf = (f: Frame, ns: number): number => f.top + (1 - (logOf(ns) - f.e0) / (f.e1 - f.e0)) * f.height;
export const radiusOf = (spans: number): number => Math.min(9, 2.6 + Math.log2(Math.max(spans, 1)) * 0.42);

export function boxOf(f: Frame, x0: number, y0: number, x1: number, y1: number): Box {
  const t = (x: number): number => f.t0 + ((x - f.left) / f.width) * (f.t1 - f.t0);
  const d = (y: number): number => 10 ** (f.e0 + (1 - (y - f.top) / f.height) * (f.e1 - f.e0));
  return { t0: t(Math.min(x0, x1)), t1: t(Math.max(x0, x1)), d0: Math.floor(d(Math.max(y0, y1))), d1: Math.ceil(d(Math.min(y0, y1))) };
}

/** The nearest mark within reach of a point. */
export function hit(f: Frame, traces: readonly Trace[], x: number, y: number): Trace | null {
  let best: Trace | null = null;
  let least = Infinity;
  for (const trace of traces) {
    const d = Math.hypot(xOf(f, trace.start) - x, yOf(f, trace.duration) - y) - radiusOf(trace.spans);
    if (d < least && d < 6) [best, least] = [trace, d];
  }
  return best;
}

export function draw(c: CanvasRenderingContext2D, f: Frame, traces: readonly Trace[], box: Box | null, hover: Trace | null, colors: Colors, theme: Theme): void {
  drawAxes(c, f, colors);
  const inside = (x: Trace): boolean => !box || (x.start >= box.t0 && x.start <= box.t1 && x.duration >= box.d0 && x.duration <= box.d1);
  // failed traces last, on top
  for (const pass of [false, true]) {
    for (const x of traces) if (x.errors > 0 === pass) drawMark(c, f, x, inside(x) ? 0.72 : 0.15, x === hover, pass ? ERROR[theme] : colors.dot, colors.page);
  }
  if (box) {
    const [x0, y0, x1, y1] = [xOf(f, box.t0), yOf(f, box.d1), xOf(f, box.t1), yOf(f, box.d0)];
    c.fillStyle = colors.dot;
    c.globalAlpha = 0.08;
    c.fillRect(x0, y0, x1 - x0, y1 - y0);
    c.globalAlpha = 0.7;
    c.strokeStyle = colors.dot;
    c.strokeRect(Math.round(x0) + 0.5, Math.round(y0) + 0.5, Math.round(x1 - x0), Math.round(y1 - y0));
    c.globalAlpha = 1;
  }
}

/** Circles for traces that went well, diamonds for those with errors: told apart without colour. */
function drawMark(c: CanvasRenderingContext2D, f: Frame, x: Trace, alpha: number, hover: boolean, color: string, page: string): void {
  const r = radiusOf(x.spans) + (hover ? 1.5 : 0);
  const [px, py] = [xOf(f, x.start), yOf(f, x.duration)];
  c.globalAlpha = hover ? 1 : alpha;
  c.fillStyle = color;
  c.beginPath();
  if (x.errors > 0) {
    const q = r * 1.2;
    c.moveTo(px, py - q);
    c.lineTo(px + q, py);
    c.lineTo(px, py + q);
    c.lineTo(px - q, py);
    c.closePath();
  } else c.arc(px, py, r, 0, 2 * Math.PI);
  c.fill();
  c.globalAlpha = hover ? 1 : alpha * 0.9;
  c.lineWidth = 1;
  c.strokeStyle = page;
  c.stroke();
  c.globalAlpha = 1;
}

function drawAxes(c: CanvasRenderingContext2D, f: Frame, colors: Colors): void {
  c.lineWidth = 1;
  c.strokeStyle = colors.line;
  c.fillStyle = colors.text;
  c.textBaseline = "middle";
  c.textAlign = "right";
  const durations = durationTicks(f);
  for (const ns of durations) {
    const y = Math.round(yOf(f, ns)) + 0.5;
    c.beginPath();
    c.moveTo(f.left, y);
    c.lineTo(f.left + f.width, y);
    c.stroke();
    c.fillText(formatDuration(ns), f.left - 8, y);
  }
  c.textBaseline = "alphabetic";
  const step = timeStep((f.t1 - f.t0) / Math.max(2, Math.floor(f.width / 110)));
  // whole local hours and days: shift by the zone before rounding
  const zone = new Date(f.t0).getTimezoneOffset() * 60e3;
  for (let at = Math.ceil((f.t0 - zone) / step) * step + zone; at <= f.t1; at += step) {
    const x = Math.round(xOf(f, at)) + 0.5;
    c.beginPath();
    c.moveTo(x, f.top + f.height);
    c.lineTo(x, f.top + f.height + 4);
    c.stroke();
    const label = formatTimeTick(at, step);
    const half = c.measureText(label).width / 2;
    c.textAlign = "center";
    if (x - half > 0 && x + half < f.left + f.width + RIGHT) c.fillText(label, x, f.top + f.height + 17);
  }
  c.beginPath();
  c.moveTo(f.left, f.top + f.height + 0.5);
  c.lineTo(f.left + f.width, f.top + f.height + 0.5);
  c.stroke();
}

function durationTicks(f: Frame): number[] {
  const at = logTicks(10 ** f.e0, 10 ** f.e1);
  const most = Math.max(2, Math.floor(f.height / 22));
  if (at.length >= 2) return at.filter((_, i) => i % Math.ceil(at.length / most) === 0);
  // less than two decades: thirds of a decade
  const fine: number[] = [];
  for (let e = Math.floor(f.e0); e <= f.e1; e++) for (const m of [1, 2, 5]) if (Math.log10(m) + e >= f.e0 && Math.log10(m) + e <= f.e1) fine.push(m * 10 ** e);
  return fine;
}

function timeStep(least: number): number {
  const s = 1000;
  const m = 60 * s;
  const h = 60 * m;
  const steps = [s, 2 * s, 5 * s, 10 * s, 15 * s, 30 * s, m, 2 * m, 5 * m, 10 * m, 15 * m, 30 * m, h, 2 * h, 3 * h, 6 * h, 12 * h, 24 * h, 48 * h, 168 * h];
  return steps.find((x) => x >= least) ?? Math.ceil(least / (168 * h)) * 168 * h;
}
