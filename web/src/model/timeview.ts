// The part of the trace's time on show, in ns after its start, and what zooming and panning make of it.
export interface TimeView {
  readonly from: number;
  readonly to: number;
}

/** Smallest window: 10 ns. */
const LEAST = 10;

export function clampView(from: number, to: number, total: number): TimeView {
  const width = Math.min(Math.max(to - from, Math.min(LEAST, total)), total);
  const a = Math.min(Math.max(from, 0), total - width);
  return { from: a, to: a + width };
}

/** factor < 1 zooms in; the time at the anchor (0..1 of the window) stays where it is. */
export function zoomView(v: TimeView, factor: number, anchor: number, total: number): TimeView {
  const width = v.to - v.from;
  const next = Math.min(Math.max(width * factor, Math.min(LEAST, total)), total);
  const at = v.from + width * anchor;
  return clampView(at - next * anchor, at + next * (1 - anchor), total);
}

export function panView(v: TimeView, share: number, total: number): TimeView {
  const by = (v.to - v.from) * share;
  return clampView(v.from + by, v.to + by, total);
}

export const isWhole = (v: TimeView, total: number): boolean => v.from <= 0 && v.to >= total;

/** Brings [a, b] into view without changing the scale when it is not visible at all. */
export function showSpan(v: TimeView, a: number, b: number, total: number): TimeView {
  if (b >= v.from && a <= v.to) return v;
  const width = v.to - v.from;
  const from = b - a > width ? a - width * 0.05 : (a + b) / 2 - width / 2;
  return clampView(from, from + width, total);
}

/** The window that shows [a, b] with some air. */
export function fitSpan(a: number, b: number, total: number): TimeView {
  const air = Math.max((b - a) * 0.1, LEAST);
  return clampView(a - air, b + air, total);
}
