// Search page: form, plot, list.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { effect } from "@preact/signals";
import { Notice, useTitle } from "../../ui/pages";
import { t } from "../../ui/text";
import { SearchForm } from "./form";
import { Empty, Results } from "./results";
import { ScatterPlot } from "./scatter-plot";
import { answer, ask, question } from "./store";

export function SearchPage(): JSX.Element {
  useTitle(question.value.service || t.nav.search);
  useEffect(() => {
    const stop = effect(() => {
      const q = question.value;
      // ask reads the answer at hand; that must not make the answer a cause of asking
      queueMicrotask(() => void ask(q));
    });
    requestAnimationFrame(() => window.scrollTo(0, answer.peek().scrollY));
    const onScroll = (): void => void (answer.peek().scrollY = window.scrollY);
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      stop();
      window.removeEventListener("scroll", onScroll);
    };
  }, []);
  const { state, traces, error } = answer.value;
  return (
    <main id="content" class="page search">
      <h1 class="off-screen">{t.search.title}</h1>
      <SearchForm />
      {state === "loading" && <div class="progress" role="progressbar" aria-label={t.search.busy} />}
      {state === "failed" && <Notice title={t.search.failed} text={error} action={t.error.retry} onAction={() => void ask(question.value, true)} bad />}
      {state !== "failed" && traces.length > 0 && (
        <div class={state === "loading" ? "stale" : undefined}>
          <ScatterPlot />
          <Results />
        </div>
      )}
      {state === "done" && traces.length === 0 && <Empty />}
      {state === "loading" && traces.length === 0 && <Skeletons />}
    </main>
  );
}

function Skeletons(): JSX.Element {
  return (
    <div class="skeletons" aria-hidden="true">
      <div class="card ghost tall" />
      {[0, 1, 2, 3, 4].map((i) => (
        <div key={i} class="card ghost" />
      ))}
    </div>
  );
}
