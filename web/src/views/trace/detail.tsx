// The details of the selected span. What the skeleton knows is there at once, the rest when it arrives.
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { isError, kindOf, nameOf, ORPHAN, rowOfSpan, serviceOf, spanIdOf, STATUS_ERROR } from "../../api/skeleton";
import type { SpanDetail, SpanEvent, SpanLink } from "../../api/types";
import { serviceColor } from "../../model/colors";
import { formatCount, formatDateTimeMs, formatDuration, formatPercent } from "../../model/format";
import { attribute } from "../../model/otlp";
import { DEFAULTS, formatSearch, RANGES, rangeMs } from "../../model/query";
import { formatTag } from "../../model/tags";
import { selfTime } from "../../model/tree";
import { CopyButton } from "../../ui/copy";
import { ErrorIcon, Icon } from "../../ui/icons";
import { theme } from "../../ui/theme";
import { t } from "../../ui/text";
import type { DetailData } from "./detail-data";
import type { TraceModel } from "./model";
import { Attributes, LongText } from "./values";

const d = t.detail;

interface DetailProps {
  model: TraceModel;
  data: DetailData;
}

export function Detail({ model, data }: DetailProps): JSX.Element {
  const row = model.selected.value;
  useEffect(() => data.show(row), [row]);
  const loaded = data.current.value;
  const span = loaded.row === row ? loaded.span : null;
  const { k } = model;
  const service = serviceOf(k, row);
  return (
    <aside class="detail" aria-label={d.label}>
      <div class="detail-head">
        <div class="detail-title">
          <span class="dot" style={{ background: serviceColor(service, theme.value) }} />
          <span class="muted">{service}</span>
          <span class="detail-tools">
            {span && <CopyButton text={() => JSON.stringify(withoutRow(span), null, 2)} label={d.copyJson} wide />}
            <button class="icon-button" type="button" title={d.close} aria-label={d.close} onClick={() => model.setDetail(false)}>
              <Icon name="close" />
            </button>
          </span>
        </div>
        <h2>
          {isError(k, row) && <ErrorIcon title={t.trace.error} />} {nameOf(k, row) || t.search.unnamed}
        </h2>
      </div>
      <div class="detail-body" key={row}>
        <Facts model={model} row={row} span={span} />
        {!span && !loaded.error && <div class="progress" role="progressbar" aria-label={d.loading} />}
        {loaded.error && (
          <p class="detail-error" role="alert">
            {d.failed}: {loaded.error}{" "}
            <button class="link-button" type="button" onClick={() => data.show(row, true)}>
              {t.error.retry}
            </button>
          </p>
        )}
        {span && <Sections model={model} row={row} span={span} />}
      </div>
    </aside>
  );
}

function withoutRow(span: SpanDetail): Partial<SpanDetail> {
  const { row: _, ...rest } = span;
  return rest;
}

function Facts({ model, row, span }: { model: TraceModel; row: number; span: SpanDetail | null }): JSX.Element {
  const { k, tree } = model;
  const duration = k.duration[row];
  const self = selfTime(k, tree, row);
  const code = (k.flags[row] >> 3) & 3;
  const message = span?.status?.message;
  return (
    <dl class="detail-facts">
      <Fact name={d.duration}>
        <b>{formatDuration(duration)}</b> <span class="muted">{d.share(formatPercent(duration / model.total))}</span>
      </Fact>
      {tree.children[row] > 0 && (
        <Fact name={d.self}>
          {formatDuration(self)} <span class="muted">{duration > 0 ? d.selfOf(formatPercent(self / duration)) : ""}</span>
        </Fact>
      )}
      <Fact name={d.start}>
        {d.eventAt(formatDuration(k.start[row]))} <span class="muted">{formatDateTimeMs(Number(k.startNs / 1000n + BigInt(Math.round(k.start[row] / 1e3))) / 1e3)}</span>
      </Fact>
      <Fact name={d.kind}>{t.trace.kinds[kindOf(k, row)] ?? String(kindOf(k, row))}</Fact>
      <Fact name={d.status}>
        <span class={code === STATUS_ERROR ? "bad-text" : undefined}>
          {d.statuses[code] ?? String(code)}
          {message ? `: ${message}` : ""}
        </span>
      </Fact>
      {tree.children[row] > 0 && (
        <Fact name={d.children}>
          {formatCount(tree.children[row])} {tree.size[row] - 1 > tree.children[row] && <span class="muted">{t.trace.hidden(tree.size[row] - 1)}</span>}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Sections({ model, row, span }: { model: TraceModel; row: number; span: SpanDetail }): JSX.Element {
  const searchFor = searchOf(model);
  const scope = span.scope ?? {};
  const events = span.events ?? [];
  const links = span.links ?? [];
  return (
    <>
      <Section title={d.attributes} count={span.attributes?.length ?? 0} dropped={span.droppedAttributesCount}>
        <Attributes list={span.attributes ?? []} dropped={span.droppedAttributesCount} searchFor={searchFor} />
      </Section>
      <Section title={d.events} count={events.length} dropped={span.droppedEventsCount}>
        {events.map((e, i) => (
          <Event key={i} event={e} span={span} searchFor={searchFor} />
        ))}
        {(span.droppedEventsCount ?? 0) > 0 && <p class="dropped">{d.dropped(span.droppedEventsCount ?? 0, d.events.toLowerCase())}</p>}
      </Section>
      <Section title={d.links} count={links.length} dropped={span.droppedLinksCount}>
        {links.map((l, i) => (
          <Link key={i} link={l} model={model} />
        ))}
        {(span.droppedLinksCount ?? 0) > 0 && <p class="dropped">{d.dropped(span.droppedLinksCount ?? 0, d.links.toLowerCase())}</p>}
      </Section>
      <Section title={d.resource} count={span.resource?.attributes?.length ?? 0}>
        <Attributes list={span.resource?.attributes ?? []} dropped={span.resource?.droppedAttributesCount} searchFor={searchFor} />
      </Section>
      <Section title={d.scope} count={scope.name ? 1 : 0}>
        <Attributes
          list={[...(scope.name ? [{ key: d.name.toLowerCase(), value: { stringValue: scope.name } }] : []), ...(scope.version ? [{ key: d.version.toLowerCase(), value: { stringValue: scope.version } }] : []), ...(scope.attributes ?? [])]}
          dropped={scope.droppedAttributesCount}
        />
      </Section>
      <Ids model={model} row={row} span={span} />
    </>
  );
}

function Section({ title, count, dropped = 0, children }: { title: string; count?: number; dropped?: number | undefined; children: ComponentChildren }): JSX.Element | null {
  if (count === 0 && dropped === 0) return null;
  return (
    <details class="section" open>
      <summary>
        <Icon name="chevron" size={12} /> {title} {count !== undefined && <span class="muted">{formatCount(count)}</span>}
      </summary>
      {children}
    </details>
  );
}

/** Search for a value among the traces of the time around this one. */
function searchOf(model: TraceModel): (key: string, value: string) => string {
  const age = Date.now() - Number(model.k.startNs / 1000000n);
  const range = RANGES.find((r) => rangeMs(r) >= Math.max(age, 3600e3)) ?? "30d";
  return (key, value) => {
    if (key === "service.name") return "/" + formatSearch({ ...DEFAULTS, service: value, range });
    return "/" + formatSearch({ ...DEFAULTS, tags: formatTag({ key, value }), range });
  };
}

function Event({ event, span, searchFor }: { event: SpanEvent; span: SpanDetail; searchFor: (key: string, value: string) => string }): JSX.Element {
  const exception = event.name === "exception";
  const stack = attribute(event.attributes, "exception.stacktrace");
  const type = attribute(event.attributes, "exception.type");
  const at = Number(BigInt(event.timeUnixNano ?? 0) - BigInt(span.startTimeUnixNano ?? 0));
  return (
    <div class={exception ? "event exception" : "event"}>
      <div class="event-head">
        <span class="event-mark" aria-hidden="true" />
        <b>{exception && type ? type : event.name || t.search.unnamed}</b>
        <span class="muted">{d.eventAt(formatDuration(at))}</span>
      </div>
      <Attributes list={event.attributes ?? []} dropped={event.droppedAttributesCount} searchFor={searchFor} skip={["exception.stacktrace", ...(exception && type ? ["exception.type"] : [])]} />
      {stack && (
        <div class="stack">
          <CopyButton text={() => stack} label={d.copyValue("exception.stacktrace")} />
          <pre tabIndex={0}>
            <LongText text={stack} />
          </pre>
        </div>
      )}
    </div>
  );
}

function Link({ link, model }: { link: SpanLink; model: TraceModel }): JSX.Element {
  const trace = (link.traceId ?? "").toLowerCase();
  const same = trace === model.k.traceId;
  return (
    <div class="span-link">
      <a class="mono" href={`/trace/${trace}?span=${link.spanId ?? ""}`} title={d.openLink}>
        <Icon name={same ? "up" : "out"} size={12} /> {same ? d.sameTrace : trace} · {link.spanId}
      </a>
      <Attributes list={link.attributes ?? []} dropped={link.droppedAttributesCount} />
    </div>
  );
}

function Ids({ model, row, span }: { model: TraceModel; row: number; span: SpanDetail }): JSX.Element {
  const { k } = model;
  const flags = span.flags ?? 0;
  const parent = span.parentSpanId ?? "";
  const parentRow = parent ? rowOfSpan(k, parent) : -1;
  return (
    <Section title={d.ids}>
      <table class="attributes">
        <tbody>
          <Id name={d.spanId} value={spanIdOf(k, row)} />
          {parent && (
            <Id name={d.parentId} value={parent}>
              {parentRow >= 0 ? (
                <button class="icon-button small" type="button" title={d.toParent} aria-label={d.toParent} onClick={() => model.select(parentRow, { show: true, focus: false })}>
                  <Icon name="up" size={13} />
                </button>
              ) : (
                k.parent[row] === ORPHAN && <span class="chip warn">{t.trace.orphan}</span>
              )}
            </Id>
          )}
          <Id name={d.traceId} value={k.traceId} />
          {span.traceState && <Id name={d.traceState} value={span.traceState} />}
          <Id name={d.flags} value={`0x${flags.toString(16).padStart(2, "0")} ${flags & 1 ? d.sampled : d.notSampled}`} />
        </tbody>
      </table>
    </Section>
  );
}

function Id({ name, value, children }: { name: string; value: string; children?: ComponentChildren }): JSX.Element {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="value">{value}</td>
      <td class="value-actions">
        <span>
          {children}
          <CopyButton text={() => value} label={d.copyValue(name)} />
        </span>
      </td>
    </tr>
  );
}
