// What the search page holds: the question (from the URL), its answer, and the lists behind the suggestions.
//
// The last answer is kept when the page is left, so that coming back from a trace shows the same list at the
// same place without asking again.
import { computed, signal } from "@preact/signals";
import { ApiError, operations, searchTraces, services, tagKeys, tagValues } from "../../api/client";
import type { TagKey, TraceSummary } from "../../api/types";
import { apiQuery, checkSearch, formatSearch, parseSearch, sameQuestion, type SearchState, type Sort } from "../../model/query";
import { go, location } from "../../router";

export interface Trace {
  id: string;
  service: string;
  name: string;
  /** Unix ms with a fraction. */
  start: number;
  /** ns. */
  duration: number;
  spans: number;
  errors: number;
  orphans: number;
  services: { name: string; spans: number; errors: number }[];
}

export interface Answer {
  state: "loading" | "done" | "failed";
  question: SearchState | null;
  traces: Trace[];
  error: string;
  /** When it was asked, Unix ms. */
  at: number;
  scrollY: number;
}

export const question = computed<SearchState>(() => parseSearch(location.value.path === "/" || location.value.path === "/search" ? location.value.query : ""));
export const answer = signal<Answer>({ state: "loading", question: null, traces: [], error: "", at: 0, scrollY: 0 });

const msOf = (ns: string): number => Number(BigInt(ns) / 1000n) / 1000;

export function traceOf(s: TraceSummary): Trace {
  const start = BigInt(s.minStartTimeUnixNano);
  const end = BigInt(s.maxEndTimeUnixNano);
  return {
    id: s.traceId,
    service: s.rootServiceName ?? "",
    name: s.rootOperationName ?? "",
    start: msOf(s.minStartTimeUnixNano),
    duration: Math.max(0, Number(end - start)),
    spans: s.spanCount ?? 0,
    errors: s.errorSpanCount ?? 0,
    orphans: s.orphanSpanCount ?? 0,
    services: (s.services ?? []).map((v) => ({ name: v.name, spans: v.spanCount ?? 0, errors: v.errorSpanCount ?? 0 })),
  };
}

const FRESH_MS = 5 * 60e3;
let running: AbortController | null = null;

/** Asks unless the answer at hand is to this question and fresh. */
export async function ask(s: SearchState, force = false): Promise<void> {
  const now = Date.now();
  const had = answer.value;
  if (!force && had.question && had.state !== "failed" && sameQuestion(had.question, s) && now - had.at < FRESH_MS) return;
  if (Object.keys(checkSearch(s)).length > 0) return;
  running?.abort();
  const controller = (running = new AbortController());
  answer.value = { ...had, state: "loading", question: s, at: now, scrollY: 0 };
  try {
    const summaries = await searchTraces(apiQuery(s, now), controller.signal);
    answer.value = { state: "done", question: s, traces: summaries.map(traceOf), error: "", at: now, scrollY: 0 };
  } catch (e) {
    if (controller.signal.aborted) return;
    answer.value = { state: "failed", question: s, traces: [], error: e instanceof ApiError ? e.message : String(e), at: now, scrollY: 0 };
  }
}

/** Makes the state the page's address and asks. */
export function submit(s: SearchState): void {
  const next = { ...s, box: null };
  const same = formatSearch(next) === formatSearch(question.value);
  go("/" + formatSearch(next));
  if (same) void ask(next, true);
}

/** Changes that need no new answer replace the address. */
export function refine(change: Partial<Pick<SearchState, "sort" | "box">>): void {
  go("/" + formatSearch({ ...question.value, ...change }), "replace");
}

const orders: Record<Sort, (a: Trace, b: Trace) => number> = {
  newest: (a, b) => b.start - a.start,
  longest: (a, b) => b.duration - a.duration,
  spans: (a, b) => b.spans - a.spans,
  errors: (a, b) => b.errors - a.errors,
};

export const selected = computed<Trace[]>(() => {
  const { box } = question.value;
  const { traces } = answer.value;
  return box ? traces.filter((x) => x.start >= box.t0 && x.start <= box.t1 && x.duration >= box.d0 && x.duration <= box.d1) : traces;
});

export const sorted = computed<Trace[]>(() => {
  const order = orders[question.value.sort];
  return [...selected.value].sort((a, b) => order(a, b) || b.start - a.start || (a.id < b.id ? -1 : 1));
});

// --- lists behind the suggestions; loaded when first needed, and again when older than a minute ---

class Lists<T> {
  private readonly lists = new Map<string, { at: number; value: ReturnType<typeof signal<readonly T[]>> }>();

  constructor(private readonly fetch: (key: string) => Promise<T[]>) {}

  get(key: string): readonly T[] {
    let entry = this.lists.get(key);
    if (!entry) this.lists.set(key, (entry = { at: 0, value: signal<readonly T[]>([]) }));
    if (Date.now() - entry.at > 60e3) {
      const loading = entry;
      loading.at = Date.now();
      // a failure leaves the list empty: suggestions are a convenience, free text still works
      this.fetch(key).then(
        (list) => (loading.value.value = list),
        () => (loading.at = Date.now() - 50e3),
      );
    }
    return entry.value.value ?? [];
  }
}

const serviceLists = new Lists<string>(() => services());
const operationLists = new Lists<string>(operations);
const tagKeyLists = new Lists<TagKey>(() => tagKeys());
const tagValueLists = new Lists<string>(tagValues);

export const serviceList = (): readonly string[] => serviceLists.get("");
export const operationList = (service: string): readonly string[] => operationLists.get(service);
export const tagKeyList = (): readonly TagKey[] => tagKeyLists.get("");
export const tagValueList = (key: string): readonly string[] => tagValueLists.get(key);
