// The open trace: header, overview, waterfall, details. Preact lays the frame, the hot parts are driven by
// Waterfall and Minimap directly.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { effect } from "@preact/signals";
import { location } from "../../router";
import { tickLabel } from "../../model/ticks";
import { isWhole } from "../../model/timeview";
import { parseTrace } from "../../model/trace-url";
import { Icon } from "../../ui/icons";
import { Resizer } from "../../ui/resizer";
import { loadNumber, store } from "../../ui/stored";
import { t } from "../../ui/text";
import { Detail } from "./detail";
import { DetailData } from "./detail-data";
import { Header } from "./header";
import { Help } from "./help";
import { handleKey } from "./keys";
import { Minimap } from "./minimap";
import type { TraceModel } from "./model";
import { Waterfall } from "./waterfall";

const tt = t.trace;
const MINIMAP = 64;

export function TraceView({ model }: { model: TraceModel }): JSX.Element {
  const find = useRef<HTMLInputElement>(null);
  const waterfall = useRef<Waterfall | null>(null);
  const data = useRef<DetailData>(new DetailData(model.k.traceId));
  const [help, setHelp] = useState(false);
  const [panel, setPanel] = useState(() => loadNumber("panel", 420));

  useEffect(() => {
    const actions = { model, pageRows: () => waterfall.current?.pageRows ?? 10, focusFind: () => find.current?.select(), toggleHelp: () => setHelp(true) };
    const onKey = (e: KeyboardEvent): void => {
      if (handleKey(e, actions)) e.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    const stop = effect(() => {
      const { path, query } = location.value;
      if (path.startsWith("/trace/")) queueMicrotask(() => follow(model, query));
    });
    return () => {
      window.removeEventListener("keydown", onKey);
      stop();
      data.current.dispose();
      model.dispose();
    };
  }, []);

  return (
    <main id="content" class={model.detail.value ? "trace with-detail" : "trace"}>
      <Header model={model} find={find} onHelp={() => setHelp(true)} />
      <div class="trace-body">
        <Timeline model={model} hold={waterfall} />
        {model.detail.value && (
          <>
            <Resizer
              class="panel-resizer"
              label={t.detail.resize}
              value={panel}
              min={300}
              max={window.innerWidth * 0.7}
              direction={-1}
              onChange={(px) => {
                setPanel(px);
                store("panel", String(px));
              }}
            />
            <div class="panel" style={{ width: `${panel}px` }}>
              <Detail model={model} data={data.current} />
            </div>
          </>
        )}
      </div>
      {help && <Help onClose={() => setHelp(false)} />}
    </main>
  );
}

/** Back and links within the trace change the address; our own changes are what the model says already. */
function follow(model: TraceModel, query: string): void {
  if (query !== window.location.search) return;
  model.followAddress(parseTrace(query));
}

function Timeline({ model, hold }: { model: TraceModel; hold: { current: Waterfall | null } }): JSX.Element {
  const grid = useRef<HTMLDivElement>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const bars = useRef<HTMLCanvasElement>(null);
  const axis = useRef<HTMLCanvasElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const minimap = useRef<HTMLCanvasElement>(null);
  const [nameWidth, setNameWidth] = useState(() => Math.min(loadNumber("names", 380), Math.max(150, window.innerWidth * 0.52)));

  useEffect(() => {
    const all = { grid: grid.current, scroll: scroll.current, spacer: spacer.current, stage: stage.current, rows: rows.current, bars: bars.current, axis: axis.current, tip: tip.current };
    if (!Object.values(all).every(Boolean) || !minimap.current) return;
    const w = (hold.current = new Waterfall(all as never, model, nameWidth));
    const m = new Minimap(minimap.current, model, MINIMAP);
    // a hook for tests: what the canvas shows cannot be read from the DOM
    Object.assign(grid.current as object, { cairn: { drawn: () => w.drawn, model } });
    return () => {
      w.dispose();
      m.dispose();
      hold.current = null;
    };
  }, []);

  function resize(px: number): void {
    setNameWidth(px);
    store("names", String(px));
    hold.current?.setNameWidth(px);
  }

  return (
    <div class="timeline" ref={(e) => e?.style.setProperty("--names", `${nameWidth}px`)}>
      <div class="minimap">
        <canvas ref={minimap} role="img" aria-label={tt.minimap} title={tt.minimap} />
      </div>
      <div class="grid" ref={grid} role="treegrid" aria-label={tt.tree} aria-colcount={2}>
        <div class="grid-head" role="row" aria-rowindex={1}>
          <div class="grid-names" role="columnheader">
            <RowCount model={model} />
            <Window model={model} />
            <button class="icon-button small" type="button" title={`${tt.collapseAll} ([)`} aria-label={tt.collapseAll} onClick={() => model.collapseAll()}>
              <Icon name="fold" size={14} />
            </button>
            <button class="icon-button small" type="button" title={`${tt.expandAll} (])`} aria-label={tt.expandAll} onClick={() => model.expandAll()}>
              <Icon name="expand" size={14} />
            </button>
          </div>
          <div class="grid-axis" role="columnheader" aria-label={tt.axis}>
            <canvas ref={axis} title={tt.axis} />
          </div>
        </div>
        <div class="grid-scroll" ref={scroll} tabIndex={-1} role="rowgroup">
          <div class="spacer" ref={spacer} role="presentation">
            <div class="stage" ref={stage} role="presentation">
              <div class="rows" ref={rows} role="presentation" />
              <canvas class="bars" ref={bars} aria-hidden="true" />
              <div class="tip event-tip" ref={tip} hidden aria-hidden="true" />
            </div>
          </div>
        </div>
      </div>
      <Resizer class="name-resizer" label={tt.resize} value={nameWidth} min={120} max={window.innerWidth * 0.7} direction={1} onChange={resize} />
    </div>
  );
}

function RowCount({ model }: { model: TraceModel }): JSX.Element {
  model.layout.value;
  return <span class="row-count muted">{tt.shown(model.rows.count, model.k.n)}</span>;
}

/** The zoomed window and the way out of it. */
function Window({ model }: { model: TraceModel }): JSX.Element | null {
  const view = model.view.value;
  if (isWhole(view, model.total)) return null;
  const step = (view.to - view.from) / 10;
  return (
    <button class="chip button-chip window-chip" type="button" onClick={() => model.reset()} title={tt.reset}>
      {tt.window(tickLabel(view.from, step), tickLabel(view.to, step))} <Icon name="close" size={11} />
    </button>
  );
}
