// The trace page's part of the address: selected span, window of time, text to find.
export interface TraceState {
  /** 16 hex digits, or "" when no details are open. */
  span: string;
  /** ns after the trace's start; null for the whole trace. */
  window: { from: number; to: number } | null;
  find: string;
}

export function parseTrace(query: string): TraceState {
  const p = new URLSearchParams(query);
  const span = (p.get("span") ?? "").toLowerCase();
  const [from, to] = (p.get("window") ?? "").split("-").map((x) => (x === "" ? NaN : Number(x)));
  return {
    span: /^[0-9a-f]{16}$/.test(span) ? span : "",
    window: from >= 0 && to > from && Number.isFinite(to) ? { from, to } : null,
    find: p.get("find") ?? "",
  };
}

export function formatTrace(s: TraceState): string {
  const p = new URLSearchParams();
  if (s.span) p.set("span", s.span);
  if (s.window) p.set("window", `${Math.round(s.window.from)}-${Math.round(s.window.to)}`);
  if (s.find) p.set("find", s.find);
  const text = p.toString();
  return text ? "?" + text : "";
}
