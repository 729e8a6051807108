// The search page's state, and its URL: the URL is the whole state, and only what differs from the default is
// in it. Parsing accepts anything and falls back to defaults, so that an edited link never breaks the page.
import { parseTags } from "./tags";
import { parseDuration } from "./format";

export const RANGES = ["5m", "15m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d"] as const;
export const LIMITS = [20, 50, 100, 200, 500, 1000] as const;
export const SORTS = ["newest", "longest", "spans", "errors"] as const;
export type Sort = (typeof SORTS)[number];

/** A part of the scatter plot: Unix ms, ns. */
export interface Box {
  t0: number;
  t1: number;
  d0: number;
  d1: number;
}

export interface SearchState {
  service: string;
  operation: string;
  tags: string;
  min: string;
  max: string;
  /** One of RANGES, or "custom" with from and to (Unix ms). */
  range: string;
  from: number;
  to: number;
  limit: number;
  sort: Sort;
  box: Box | null;
}

export const DEFAULTS: SearchState = { service: "", operation: "", tags: "", min: "", max: "", range: "1h", from: 0, to: 0, limit: 20, sort: "newest", box: null };

export function rangeMs(range: string): number {
  const m = /^(\d+)([mhd])$/.exec(range);
  return m ? Number(m[1]) * { m: 60e3, h: 3600e3, d: 86400e3 }[m[2] as "m" | "h" | "d"] : 0;
}

export function parseSearch(query: string): SearchState {
  const p = new URLSearchParams(query);
  const s: SearchState = { ...DEFAULTS };
  s.service = p.get("service") ?? "";
  s.operation = p.get("op") ?? "";
  s.tags = p.get("tags") ?? "";
  s.min = p.get("min") ?? "";
  s.max = p.get("max") ?? "";
  const range = p.get("range") ?? DEFAULTS.range;
  const from = Date.parse(p.get("from") ?? "");
  const to = Date.parse(p.get("to") ?? "");
  if (from < to) Object.assign(s, { range: "custom", from, to });
  else if (rangeMs(range) > 0) s.range = range;
  const limit = Number(p.get("limit"));
  if (Number.isInteger(limit) && limit >= 1 && limit <= 10000) s.limit = limit;
  const sort = p.get("sort");
  if (SORTS.includes(sort as Sort)) s.sort = sort as Sort;
  const box = (p.get("box") ?? "").split(",").map(Number);
  if (box.length === 4 && box.every((x) => Number.isFinite(x) && x >= 0)) s.box = { t0: box[0], t1: box[1], d0: box[2], d1: box[3] };
  return s;
}

export function formatSearch(s: SearchState): string {
  const p = new URLSearchParams();
  if (s.service) p.set("service", s.service);
  if (s.operation) p.set("op", s.operation);
  if (s.tags.trim()) p.set("tags", s.tags.trim());
  if (s.min.trim()) p.set("min", s.min.trim());
  if (s.max.trim()) p.set("max", s.max.trim());
  if (s.range === "custom") {
    p.set("from", new Date(s.from).toISOString());
    p.set("to", new Date(s.to).toISOString());
  } else if (s.range !== DEFAULTS.range) p.set("range", s.range);
  if (s.limit !== DEFAULTS.limit) p.set("limit", String(s.limit));
  if (s.sort !== DEFAULTS.sort) p.set("sort", s.sort);
  if (s.box) p.set("box", [s.box.t0, s.box.t1, s.box.d0, s.box.d1].map(Math.round).join(","));
  const text = p.toString();
  return text ? "?" + text : "";
}

/** Same traces asked for: sort and box are done here, without asking the server again. */
export function sameQuestion(a: SearchState, b: SearchState): boolean {
  const strip = (s: SearchState): string => formatSearch({ ...s, sort: DEFAULTS.sort, box: null });
  return strip(a) === strip(b);
}

/** The form's problems, by field; empty when it can be sent. */
export function checkSearch(s: SearchState): Partial<Record<"tags" | "min" | "max" | "range", string>> {
  const bad: Partial<Record<"tags" | "min" | "max" | "range", string>> = {};
  const tags = parseTags(s.tags);
  if (tags.error) bad.tags = tags.error.code;
  const min = parseDuration(s.min);
  const max = parseDuration(s.max);
  if (s.min.trim() && min === undefined) bad.min = "duration";
  if (s.max.trim() && max === undefined) bad.max = "duration";
  if (min !== undefined && max !== undefined && min > max) bad.max = "order";
  if (s.range === "custom" && !(s.from < s.to)) bad.range = "order";
  return bad;
}

/** Parameters of GET /api/v3/trace-summaries. */
export function apiQuery(s: SearchState, now: number): URLSearchParams {
  const p = new URLSearchParams();
  if (s.service) p.set("query.serviceName", s.service);
  if (s.operation) p.set("query.operationName", s.operation);
  const from = s.range === "custom" ? s.from : now - rangeMs(s.range);
  p.set("query.startTimeMin", new Date(from).toISOString());
  p.set("query.startTimeMax", new Date(s.range === "custom" ? s.to : now).toISOString());
  const min = parseDuration(s.min);
  const max = parseDuration(s.max);
  if (min !== undefined) p.set("query.durationMin", `${Math.round(min)}ns`);
  if (max !== undefined) p.set("query.durationMax", `${Math.round(max)}ns`);
  const { tags } = parseTags(s.tags);
  if (tags.length > 0) p.set("query.attributes", JSON.stringify(Object.fromEntries(tags.map((t) => [t.key, t.value]))));
  p.set("query.searchDepth", String(s.limit));
  return p;
}

/** A trace id out of what people paste: 32 or 16 hex digits, a traceparent, or a link to a trace. null when none. */
export function traceIdFrom(text: string): { id: string; span?: string } | null {
  const s = text.trim().toLowerCase();
  const parent = /(?:^|[^0-9a-f])[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(s);
  if (parent) return { id: parent[1], span: parent[2] };
  const link = /\/trace\/([0-9a-f]{16,32})(?:\?.*\bspan=([0-9a-f]{16}))?/.exec(s);
  if (link) return { id: link[1].padStart(32, "0"), ...(link[2] ? { span: link[2] } : {}) };
  if (/^([0-9a-f]{32}|[0-9a-f]{16})$/.test(s) && /[1-9a-f]/.test(s)) return { id: s.padStart(32, "0") };
  return null;
}
