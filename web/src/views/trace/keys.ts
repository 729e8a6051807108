// Keyboard of the trace page. Keys are taken by meaning (what the key types), so every layout works.
import type { TraceModel } from "./model";

export interface Actions {
  model: TraceModel;
  pageRows: () => number;
  focusFind: () => void;
  toggleHelp: () => void;
}

const ZOOM = 1.5;
const PAN = 0.2;

/** Handles a key; true when it did something. */
export function handleKey(e: KeyboardEvent, a: Actions): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return false;
  if (typing(e.target)) return false;
  const { model: m } = a;
  const last = m.rows.count - 1;
  switch (e.key) {
    case "ArrowDown": case "j": m.move(1); break;
    case "ArrowUp": case "k": m.move(-1); break;
    case "PageDown": m.move(a.pageRows()); break;
    case "PageUp": m.move(-a.pageRows()); break;
    case "Home": m.move(-last); break;
    case "End": m.move(last); break;
    case "ArrowRight": case "l": m.openOrEnter(); break;
    case "ArrowLeft": case "h": m.closeOrLeave(); break;
    case "+": case "=": case "w": m.zoom(1 / ZOOM); break;
    case "-": case "s": m.zoom(ZOOM); break;
    case "a": m.pan(-PAN); break;
    case "d": m.pan(PAN); break;
    case "f": m.fit(); break;
    case "[": m.collapseAll(); break;
    case "]": m.expandAll(); break;
    case "n": m.nextMatch(1); break;
    case "N": m.nextMatch(-1); break;
    case "e": m.nextError(1); break;
    case "E": m.nextError(-1); break;
    case "/": a.focusFind(); break;
    case "?": a.toggleHelp(); break;
    case "Enter": return enter(e, m);
    case "Escape": return escape(m);
    default: return false;
  }
  return true;
}

/** Enter belongs to buttons and links where one has the focus. */
function enter(e: KeyboardEvent, m: TraceModel): boolean {
  if ((e.target as Element).closest("button, a, summary")) return false;
  m.setDetail(!m.detail.peek());
  return true;
}

/** Esc walks back: details, then find. */
function escape(m: TraceModel): boolean {
  if (m.detail.peek()) {
    m.setDetail(false);
    m.onReveal(true);
  } else if (m.query.peek()) m.find("");
  else return false;
  return true;
}

function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog, [contenteditable]") !== null;
}
