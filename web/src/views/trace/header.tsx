// Head of the trace page: what this trace is, its numbers, what is odd about it, and its services.
import type { JSX, RefObject } from "preact";
import { isError, nameOf, ROOT, serviceOf } from "../../api/skeleton";
import { traceJsonUrl } from "../../api/client";
import { cameFromHere } from "../../router";
import { serviceColor } from "../../model/colors";
import { formatCompact, formatCount, formatDateTimeMs, formatDuration } from "../../model/format";
import { CopyButton } from "../../ui/copy";
import { ErrorIcon, Icon } from "../../ui/icons";
import { theme } from "../../ui/theme";
import { t } from "../../ui/text";
import { FindBar } from "./find";
import type { TraceModel } from "./model";

const tt = t.trace;
const CHIPS = 24;

interface HeaderProps {
  model: TraceModel;
  find: RefObject<HTMLInputElement | null>;
  onHelp: () => void;
}

export function Header({ model, find, onHelp }: HeaderProps): JSX.Element {
  const { k } = model;
  const rooted = k.parent[0] === ROOT;
  const service = serviceOf(k, 0);
  return (
    <header class="trace-head">
      <div class="trace-line">
        <a
          class="icon-button"
          href="/"
          title={tt.back}
          aria-label={tt.back}
          onClick={(e) => {
            if (!cameFromHere()) return;
            e.preventDefault();
            history.back();
          }}
        >
          <Icon name="back" />
        </a>
        <h1>
          <span class="dot" style={{ background: serviceColor(service, theme.value) }} />
          <span class="head-service">{service}</span>
          <span class="head-name">{rooted ? nameOf(k, 0) || t.search.unnamed : tt.rootMissing}</span>
          {isError(k, 0) && <ErrorIcon title={tt.error} />}
        </h1>
        <div class="trace-actions">
          <FindBar model={model} input={find} />
          <CopyButton icon="link" text={() => window.location.href} label={tt.copyLink} />
          <a class="icon-button" href={traceJsonUrl(k.traceId)} download={`trace-${k.traceId}.json`} title={tt.download} aria-label={tt.download}>
            <Icon name="download" />
          </a>
          <button class="icon-button wide-only" type="button" onClick={onHelp} title={`${tt.help} (?)`} aria-label={tt.help}>
            <Icon name="keyboard" size={18} />
          </button>
        </div>
      </div>
      <div class="trace-facts">
        <Facts model={model} />
      </div>
      <Warnings model={model} />
      <Services model={model} />
    </header>
  );
}

function Facts({ model }: { model: TraceModel }): JSX.Element {
  const { k, tree } = model;
  const facts: [string, JSX.Element | string][] = [
    [tt.duration, <b>{formatDuration(model.total)}</b>],
    [tt.started, formatDateTimeMs(Number(k.startNs / 1000000n))],
    [tt.spans, formatCount(k.n)],
    [tt.services, formatCount(model.services.length)],
    [tt.errors, tree.errorCount > 0 ? <b class="bad-text">{formatCount(tree.errorCount)}</b> : "0"],
    [tt.depth, formatCount(tree.depthMax + 1)],
  ];
  return (
    <>
      {facts.map(([name, value]) => (
        <span key={name} class="fact">
          <span class="muted">{name}</span> {value}
        </span>
      ))}
      <span class="fact id">
        <code>{k.traceId}</code>
        <CopyButton text={() => k.traceId} label={tt.id} />
      </span>
    </>
  );
}

function Warnings({ model }: { model: TraceModel }): JSX.Element | null {
  const { k, tree } = model;
  const all: string[] = [];
  if (k.cut || k.spansTotal > k.n) all.push(tt.warnCut(k.n, k.spansTotal));
  if (tree.orphans > 0) all.push(tt.warnOrphans(tree.orphans));
  if (tree.skewed > 0) all.push(tt.warnSkew(tree.skewed));
  if (tree.endBeforeStart > 0) all.push(tt.warnEnd(tree.endBeforeStart));
  if (tree.roots - tree.orphans > 1) all.push(tt.warnRoots(tree.roots - tree.orphans));
  if (all.length === 0) return null;
  return (
    <ul class="warnings">
      {all.map((w) => (
        <li key={w}>
          <Icon name="warn" size={13} /> {w}
        </li>
      ))}
    </ul>
  );
}

function Services({ model }: { model: TraceModel }): JSX.Element {
  return (
    <div class="legend">
      {model.services.slice(0, CHIPS).map((s) => (
        <button key={s.service} type="button" class="chip legend-chip" aria-pressed={model.query.value === s.service} onClick={() => model.findService(s.service)}>
          <span class="dot" style={{ background: serviceColor(s.service, theme.value) }} />
          {s.service} <b>{formatCompact(s.spans)}</b>
          {s.errors > 0 && <ErrorIcon title={t.search.errors(s.errors)} />}
        </button>
      ))}
      {model.services.length > CHIPS && <span class="chip">{t.search.moreServices(model.services.length - CHIPS)}</span>}
    </div>
  );
}
