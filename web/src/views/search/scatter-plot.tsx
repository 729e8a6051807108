// The scatter plot's element: events in, drawing out. Hover tells about a trace, click opens it, dragging a box
// filters the list. What it shows is in the list below too, which is its accessible twin.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { go } from "../../router";
import { cssColor, useCanvas } from "../../ui/canvas";
import { theme } from "../../ui/theme";
import { t } from "../../ui/text";
import { formatDateTime, formatDuration } from "../../model/format";
import { rangeMs, type SearchState } from "../../model/query";
import { boxOf, draw, frameOf, hit, xOf, yOf, type Frame } from "./scatter";
import { answer, question, refine, type Trace } from "./store";

interface Drag {
  x: number;
  y: number;
  x1: number;
  y1: number;
  moved: boolean;
}

const HEIGHT = 156;

export function ScatterPlot(): JSX.Element {
  const { traces, at, question: asked } = answer.value;
  const box = question.value.box;
  const [hover, setHover] = useState<Trace | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const frame = useRef<Frame | null>(null);
  const dark = theme.value;

  const { canvas, size } = useCanvas((c, width, height) => {
    const range = shownRange(asked, traces, at);
    const f = (frame.current = frameOf(traces, range, width, height));
    const colors = { line: cssColor("--line"), text: cssColor("--muted"), dot: cssColor("--accent"), page: cssColor("--surface") };
    const live = drag?.moved ? boxOf(f, drag.x, drag.y, drag.x1, drag.y1) : box;
    draw(c, f, traces, live, hover, colors, dark);
  }, HEIGHT);

  useEffect(() => setHover(null), [traces]);

  const place = (e: PointerEvent): [number, number] => {
    const r = (e.currentTarget as HTMLElement).getBoundingClientRect();
    return [e.clientX - r.left, e.clientY - r.top];
  };

  function onMove(e: PointerEvent): void {
    const [x, y] = place(e);
    if (drag) setDrag({ ...drag, x1: x, y1: y, moved: drag.moved || Math.hypot(x - drag.x, y - drag.y) > 4 });
    else if (frame.current) setHover(hit(frame.current, traces, x, y));
  }

  function onUp(e: PointerEvent): void {
    const f = frame.current;
    setDrag(null);
    if (!drag || !f) return;
    const [x, y] = place(e);
    if (drag.moved) refine({ box: boxOf(f, drag.x, drag.y, x, y) });
    else {
      const target = hit(f, traces, x, y);
      if (target) go(`/trace/${target.id}`);
      else if (box) refine({ box: null });
    }
  }

  return (
    <div class="plot card" title={hover ? undefined : t.search.plotHelp}>
      <canvas
        ref={canvas}
        class={hover ? "hot" : undefined}
        role="img"
        aria-label={`${t.search.plot}. ${t.search.plotHelp}`}
        onPointerDown={(e) => {
          if (e.button !== 0) return;
          const [x, y] = place(e);
          e.currentTarget.setPointerCapture(e.pointerId);
          setDrag({ x, y, x1: x, y1: y, moved: false });
          setHover(null);
        }}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setHover(null)}
      />
      {hover && frame.current && <Tip trace={hover} frame={frame.current} width={size.width} />}
    </div>
  );
}

/** The time asked about; when the limit cut the answer, only the time it covers, since older traces are unknown. */
function shownRange(asked: SearchState | null, traces: readonly Trace[], at: number): { from: number; to: number } {
  const to = asked?.range === "custom" ? Math.min(asked.to, at) : at;
  if (asked && traces.length >= asked.limit) return { from: traces.reduce((a, x) => Math.min(a, x.start), to), to };
  return { from: asked?.range === "custom" ? asked.from : at - rangeMs(asked?.range ?? "1h"), to };
}

function Tip({ trace, frame, width }: { trace: Trace; frame: Frame; width: number }): JSX.Element {
  const x = xOf(frame, trace.start);
  const right = x > width / 2;
  return (
    <div class="tip" style={{ top: `${Math.max(4, yOf(frame, trace.duration) - 30)}px`, ...(right ? { right: `${width - x + 14}px` } : { left: `${x + 14}px` }) }}>
      <strong>{trace.service || t.search.noRoot}</strong> {trace.name}
      <div class="tip-facts">
        <b>{formatDuration(trace.duration)}</b> · {t.search.spans(trace.spans)}
        {trace.errors > 0 && <span class="bad-text"> · {t.search.errors(trace.errors)}</span>}
      </div>
      <div class="muted">
        {formatDateTime(trace.start)} · {t.search.services(trace.services.length)}
      </div>
    </div>
  );
}
