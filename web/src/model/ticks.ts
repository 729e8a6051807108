// Round positions for axes.
import { formatDuration } from "./format";

/** Step of 1, 2 or 5 times a power of ten ns, in 60ths above a minute, giving at most `max` steps. */
export function tickStep(span: number, max: number): number {
  const least = span / Math.max(1, max);
  const minute = 60e9;
  if (least > 30e9) {
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];
    for (const m of steps) if (m * minute >= least) return m * minute;
    return Math.ceil(least / (1440 * minute)) * 1440 * minute;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  for (const m of [1, 2, 5, 10]) if (m * power >= least * 0.999999) return Math.min(m * power, 30e9);
  return 10 * power;
}

/** Tick positions in [from, to]. */
export function ticks(from: number, to: number, max: number): number[] {
  const step = tickStep(to - from, max);
  const at: number[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) at.push(i * step);
  return at;
}

/** Label with as many digits as the step needs, so that neighbours never read the same. */
export function tickLabel(at: number, step: number): string {
  if (at === 0) return formatDuration(0, "unit");
  const unit = at >= 60e9 ? 0 : at >= 1e9 ? 1e9 : at >= 1e6 ? 1e6 : at >= 1e3 ? 1e3 : 1;
  if (unit === 0) return formatDuration(at, "long");
  const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / unit) - 1e-9)));
  return formatDuration(at, "unit", digits);
}

/** Powers of ten within [from, to], for logarithmic axes; both ends > 0. */
export function logTicks(from: number, to: number): number[] {
  const at: number[] = [];
  for (let e = Math.ceil(Math.log10(from) - 1e-9); 10 ** e <= to * 1.000001; e++) at.push(10 ** e);
  return at;
}
