// Durations, counts and times as text, all through Intl; and durations back from text.
const locale = undefined; // the browser's own

const cache = new Map<string, Intl.NumberFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let f = cache.get(key);
  if (!f) cache.set(key, (f = new Intl.NumberFormat(locale, options)));
  return f;
}

const units: readonly (readonly [number, string])[] = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];

const NARROW = "\u202f"; // between number and unit; does not break

/** "short": three significant digits; "unit": so many fraction digits; "long": every digit. */
export function formatDuration(ns: number, style: "short" | "unit" | "long" = "short", digits = 0): string {
  if (ns < 0) return "−" + formatDuration(-ns, style, digits);
  if (ns >= 60e9) return formatMinutes(ns, style);
  if (ns === 0) return `0${NARROW}ns`;
  for (let i = 0; i < units.length; i++) {
    const [unit, symbol] = units[i];
    if (ns < unit && i < units.length - 1) continue;
    const value = ns / unit;
    const text = numbers(
      style === "unit"
        ? { minimumFractionDigits: digits, maximumFractionDigits: digits }
        : { maximumSignificantDigits: style === "short" ? 3 : 12 },
    ).format(value);
    // 999.9996 ms rounds to 1,000 ms: say 1 s
    if (style === "short" && i > 0 && Math.round(value) >= 1000) return formatDuration(units[i - 1][0], style);
    return text + NARROW + symbol;
  }
  return `0${NARROW}ns`;
}

function formatMinutes(ns: number, style: string): string {
  const total = style === "long" ? Math.round(ns / 1e6) / 1e3 : Math.round(ns / 1e9);
  const days = Math.floor(total / 86400);
  const hours = Math.floor((total % 86400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = total % 60;
  const parts: string[] = [];
  if (days) parts.push(`${formatCount(days)}${NARROW}d`);
  if (hours) parts.push(`${hours}${NARROW}h`);
  if (minutes) parts.push(`${minutes}${NARROW}min`);
  if (seconds && !days) parts.push(`${numbers({ maximumFractionDigits: 3 }).format(seconds)}${NARROW}s`);
  return parts.join(" ") || `0${NARROW}s`;
}

export const formatCount = (n: number): string => numbers({}).format(n);
export const formatCompact = (n: number): string => (n < 10000 ? formatCount(n) : numbers({ notation: "compact", maximumSignificantDigits: 3 }).format(n));
export const formatPercent = (x: number): string => numbers({ style: "percent", maximumSignificantDigits: 3 }).format(x);

export function formatBytes(n: number): string {
  if (n < 1e3) return `${formatCount(n)}${NARROW}B`;
  if (n < 1e6) return `${numbers({ maximumSignificantDigits: 3 }).format(n / 1e3)}${NARROW}kB`;
  return `${numbers({ maximumSignificantDigits: 3 }).format(n / 1e6)}${NARROW}MB`;
}

const dateTime = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dateTimeMs = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, timeZoneName: "short", hourCycle: "h23" });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const clockShort = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayTime = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });

export const formatDateTime = (ms: number): string => dateTime.format(ms);
export const formatDateTimeMs = (ms: number): string => dateTimeMs.format(ms);

/** Label of a time axis whose ticks are stepMs apart. */
export function formatTimeTick(ms: number, stepMs: number): string {
  if (stepMs >= 86400e3) return day.format(ms);
  if (stepMs >= 6 * 3600e3) return dayTime.format(ms);
  return (stepMs >= 60e3 ? clockShort : clock).format(ms);
}

/** "3 minutes ago", seen from now. */
export function formatAgo(ms: number, now: number): string {
  const s = (ms - now) / 1000;
  const a = Math.abs(s);
  if (a < 60) return relative.format(Math.round(s), "second");
  if (a < 3600) return relative.format(Math.round(s / 60), "minute");
  if (a < 86400) return relative.format(Math.round(s / 3600), "hour");
  return relative.format(Math.round(s / 86400), "day");
}

const unitNs: Record<string, number> = { ns: 1, us: 1e3, "µs": 1e3, "μs": 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

/** "1.5s", "200 ms", "1m30s" in ns; a bare number is ms. undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const s = text.replace(/\s+/g, "").toLowerCase();
  if (s === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(s)) return Number(s) * 1e6;
  let ns = 0;
  let at = 0;
  const part = /(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|min|s|m|h)/y;
  while (at < s.length) {
    part.lastIndex = at;
    const m = part.exec(s);
    if (!m) return undefined;
    ns += Number(m[1]) * unitNs[m[2]];
    at = part.lastIndex;
  }
  return ns;
}

/** Cuts in the middle, where names differ least: package and method both stay. */
export function middleCut(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 3) return text.slice(0, Math.max(0, max));
  const head = Math.ceil((max - 1) * 0.45);
  return text.slice(0, head) + "…" + text.slice(text.length - (max - 1 - head));
}
