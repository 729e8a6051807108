// Trace page: loads the skeleton, tells how far it is, and says what to do when there is none.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import "../../ui/css/trace.css";
import { ApiError, skeleton } from "../../api/client";
import { nameOf, serviceOf, SkeletonError } from "../../api/skeleton";
import { formatBytes } from "../../model/format";
import { go } from "../../router";
import { Notice, useTitle } from "../../ui/pages";
import { t } from "../../ui/text";
import { TraceModel } from "./model";
import { TraceView } from "./view";

type State = { phase: "loading"; got: number; total: number } | { phase: "failed"; missing: boolean; text: string } | { phase: "ready"; model: TraceModel };

/** Smaller answers come too fast for a progress bar to be anything but a flash. */
const BIG = 500_000;

export function TracePage({ id }: { id: string }): JSX.Element {
  const [state, setState] = useState<State>({ phase: "loading", got: 0, total: 0 });
  const [attempt, setAttempt] = useState(0);
  const model = state.phase === "ready" ? state.model : null;
  useTitle(model ? `${serviceOf(model.k, 0)}: ${nameOf(model.k, 0)}` : t.trace.title);

  useEffect(() => {
    const controller = new AbortController();
    setState({ phase: "loading", got: 0, total: 0 });
    performance.mark("trace-start");
    load(id, controller.signal, (got, total) => total > BIG && setState({ phase: "loading", got, total })).then(
      (next) => controller.signal.aborted || setState(next),
    );
    return () => controller.abort();
  }, [id, attempt]);

  if (model) return <TraceView model={model} />;
  if (state.phase === "failed") {
    const { missing, text } = state;
    return (
      <main id="content" class="page">
        {missing ? (
          <Notice title={t.trace.notFound} text={t.trace.notFoundText} action={t.notFound.home} onAction={() => go("/")} />
        ) : (
          <Notice title={t.trace.failed} text={text} action={t.error.retry} onAction={() => setAttempt(attempt + 1)} bad />
        )}
      </main>
    );
  }
  return <Loading got={state.phase === "loading" ? state.got : 0} total={state.phase === "loading" ? state.total : 0} />;
}

async function load(id: string, signal: AbortSignal, progress: (got: number, total: number) => void): Promise<State> {
  try {
    const k = await skeleton(id, signal, progress);
    if (k.n === 0) return { phase: "failed", missing: true, text: t.trace.empty };
    performance.mark("trace-bytes");
    return { phase: "ready", model: new TraceModel(k) };
  } catch (e) {
    if (!(e instanceof ApiError || e instanceof SkeletonError) && !signal.aborted) console.error(e);
    return { phase: "failed", missing: e instanceof ApiError && e.status === 404, text: e instanceof Error ? e.message : String(e) };
  }
}

function Loading({ got, total }: { got: number; total: number }): JSX.Element {
  return (
    <main id="content" class="page" aria-busy="true">
      <div class="loading" role="status">
        <p>{t.trace.loading}</p>
        {total > 0 ? (
          <>
            <progress value={got} max={total} />
            <p class="muted">{t.trace.loadingBytes(formatBytes(got), formatBytes(total))}</p>
          </>
        ) : (
          <div class="progress" />
        )}
      </div>
    </main>
  );
}
