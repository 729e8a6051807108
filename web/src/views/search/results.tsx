// The list of traces: one link per trace, its duration as a bar against the longest of the list.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatAgo, formatCompact, formatDateTime, formatDuration } from "../../model/format";
import { serviceColor } from "../../model/colors";
import { DEFAULTS, SORTS } from "../../model/query";
import { ErrorIcon, Icon } from "../../ui/icons";
import { theme } from "../../ui/theme";
import { t } from "../../ui/text";
import { answer, question, refine, selected, sorted, submit, type Trace } from "./store";

const s = t.search;
const STEP = 100;
const CHIPS = 8;

export function Results(): JSX.Element {
  const { traces, at, question: asked, state } = answer.value;
  const [shown, setShown] = useState(STEP);
  useEffect(() => setShown(STEP), [traces]);
  const list = sorted.value;
  const longest = selected.value.reduce((a, x) => Math.max(a, x.duration), 1);
  return (
    <section class="results" aria-label={s.results} aria-busy={state === "loading"}>
      <ListHead limit={asked?.limit ?? DEFAULTS.limit} />
      {list.length === 0 && <p class="muted pad">{s.emptyBox}</p>}
      <ol class="trace-list card">
        {list.slice(0, shown).map((x) => (
          <Row key={x.id} trace={x} longest={longest} now={at} />
        ))}
      </ol>
      {list.length > shown && (
        <button class="button more" type="button" onClick={() => setShown(shown + STEP)}>
          {s.more(Math.min(STEP, list.length - shown))}
        </button>
      )}
    </section>
  );
}

function ListHead({ limit }: { limit: number }): JSX.Element {
  const { box, sort } = question.value;
  return (
    <div class="list-head">
      <div class="total" role="status">
        {s.total(answer.value.traces.length, limit)}
      </div>
      {box && (
        <button class="chip button-chip" type="button" onClick={() => refine({ box: null })} title={s.clear}>
          {s.selected(selected.value.length)} <Icon name="close" size={11} />
        </button>
      )}
      <div class="segments" role="radiogroup" aria-label={s.sort}>
        {SORTS.map((o) => (
          <button key={o} type="button" role="radio" aria-checked={o === sort} onClick={() => refine({ sort: o })}>
            {s.sorts[o]}
          </button>
        ))}
      </div>
    </div>
  );
}

function Row({ trace, longest, now }: { trace: Trace; longest: number; now: number }): JSX.Element {
  const color = trace.service ? serviceColor(trace.service, theme.value) : "var(--muted)";
  return (
    <li class={trace.errors > 0 ? "trace-row failed" : "trace-row"}>
      <a href={`/trace/${trace.id}`}>
        <span class="trace-title">
          <span class="dot" style={{ background: color }} />
          <span class="trace-service">{trace.service || s.noRoot}</span>
          <span class="trace-name">{trace.name || (trace.service ? s.unnamed : "")}</span>
        </span>
        <span class="trace-duration">
          <span class="trace-bar" style={{ width: `${Math.max(0.4, (trace.duration / longest) * 100)}%`, background: color }} />
          <span class="trace-ms">{formatDuration(trace.duration)}</span>
        </span>
        <span class="trace-spans">{s.spans(trace.spans)}</span>
        <span class="trace-errors">
          {trace.errors > 0 && (
            <>
              <ErrorIcon /> {s.errors(trace.errors)}
            </>
          )}
        </span>
        <time class="trace-time" dateTime={new Date(trace.start).toISOString()}>
          <span class="ago">{formatAgo(trace.start, now)}</span>
          <span class="muted">{formatDateTime(trace.start)}</span>
        </time>
        <span class="trace-services">
          {trace.services
            .slice()
            .sort((a, b) => b.spans - a.spans)
            .slice(0, CHIPS)
            .map((v) => (
              <span key={v.name} class={v.errors > 0 ? "chip service failed" : "chip service"}>
                <span class="dot" style={{ background: serviceColor(v.name, theme.value) }} />
                {v.name} <b>{formatCompact(v.spans)}</b>
                {v.errors > 0 && <ErrorIcon title={s.errors(v.errors)} />}
              </span>
            ))}
          {trace.services.length > CHIPS && <span class="chip">{s.moreServices(trace.services.length - CHIPS)}</span>}
          {trace.orphans > 0 && (
            <span class="chip warn">
              <Icon name="warn" size={11} /> {s.orphans(trace.orphans)}
            </span>
          )}
        </span>
      </a>
    </li>
  );
}

export function Empty(): JSX.Element {
  const q = question.value;
  const range = s.ranges[q.range];
  const bare = !q.service && !q.operation && !q.tags && !q.min && !q.max;
  return (
    <div class="notice" role="status">
      <h2>{bare ? s.emptyAny : s.empty}</h2>
      <p>{bare ? s.emptyAnyText(range) : s.emptyText(range)}</p>
      <div class="actions">
        {q.range !== "7d" && q.range !== "30d" && (
          <button class="button primary" type="button" onClick={() => submit({ ...q, range: "7d" })}>
            {s.widen}
          </button>
        )}
        {!bare && (
          <button class="button" type="button" onClick={() => submit({ ...DEFAULTS, range: q.range, from: q.from, to: q.to })}>
            {s.reset}
          </button>
        )}
      </div>
    </div>
  );
}
