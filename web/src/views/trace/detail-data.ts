// Details of spans, fetched when a row is looked at, and kept for the last few hundred.
import { signal, type Signal } from "@preact/signals";
import { ApiError, spans } from "../../api/client";
import type { SpanDetail } from "../../api/types";

export interface Loaded {
  row: number;
  span: SpanDetail | null;
  error: string;
}

const KEPT = 300;
/** While an arrow key is held, only the row where it rests is fetched. */
const REST_MS = 60;

export class DetailData {
  readonly current: Signal<Loaded> = signal<Loaded>({ row: -1, span: null, error: "" });
  private readonly kept = new Map<number, SpanDetail>();
  private running: AbortController | null = null;
  private timer = 0;

  constructor(private readonly traceId: string) {}

  show(row: number, again = false): void {
    if (row === this.current.peek().row && !again) return;
    this.dispose();
    const had = this.kept.get(row);
    this.current.value = { row, span: had ?? null, error: "" };
    if (!had) this.timer = window.setTimeout(() => void this.fetch(row), REST_MS);
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    this.running?.abort();
  }

  private async fetch(row: number): Promise<void> {
    const controller = (this.running = new AbortController());
    try {
      const span = (await spans(this.traceId, String(row), controller.signal)).find((s) => s.row === row);
      if (controller.signal.aborted) return;
      if (span) this.keep(row, span);
      this.current.value = { row, span: span ?? null, error: span ? "" : "404" };
    } catch (e) {
      if (!controller.signal.aborted) this.current.value = { row, span: null, error: e instanceof ApiError ? e.message : String(e) };
    }
  }

  private keep(row: number, span: SpanDetail): void {
    this.kept.set(row, span);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value as number);
  }
}
