// One recycled row of the waterfall: nodes are made once, then only their text and attributes change.
import { isError, nameOf, ORPHAN, serviceOf } from "../../api/skeleton";
import { colorIndex, palette, type Theme } from "../../model/colors";
import { formatCompact, formatCount, middleCut } from "../../model/format";
import { t } from "../../ui/text";
import type { TraceModel } from "./model";

const INDENT = 12;
/** Deeper levels are indented by one pixel each, up to a limit, and numbered. */
const INDENT_LEVELS = 12;
const INDENT_DEEP = 40;

const SVG = "http://www.w3.org/2000/svg";

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, parent: Element): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  e.className = className;
  parent.append(e);
  return e;
}

function svg(className: string, box: string, paths: [string, string][], parent: Element): SVGElement {
  const s = document.createElementNS(SVG, "svg");
  s.setAttribute("class", className);
  s.setAttribute("viewBox", box);
  s.setAttribute("aria-hidden", "true");
  for (const [name, d] of paths) {
    const p = document.createElementNS(SVG, "path");
    p.setAttribute("class", name);
    p.setAttribute("d", d);
    s.append(p);
  }
  parent.append(s);
  return s;
}

/** Measures text without touching the layout. */
export class TextMeasure {
  private readonly context = document.createElement("canvas").getContext("2d");
  private readonly widths = new Map<string, number>();

  constructor(font: string) {
    if (this.context) this.context.font = font;
  }

  width(text: string): number {
    let w = this.widths.get(text);
    if (w === undefined) {
      if (this.widths.size > 20000) this.widths.clear();
      w = this.context ? this.context.measureText(text).width : text.length * 7;
      this.widths.set(text, w);
    }
    return w;
  }

  /** The text, cut in its middle until it fits. Letters differ in width, so the first estimate may be too long. */
  cut(text: string, room: number): string {
    const w = this.width(text);
    if (w <= room) return text;
    let length = Math.floor((text.length * room) / w);
    let cut = middleCut(text, Math.max(4, length));
    while (length > 4 && this.width(cut) > room) cut = middleCut(text, --length);
    return cut;
  }
}

export class Row {
  readonly node: HTMLDivElement;
  /** Place among the shown rows, and row of the trace; -1 while unused. */
  index = -1;
  row = -1;

  private readonly indent: HTMLElement;
  private readonly level: HTMLElement;
  private readonly toggle: HTMLElement;
  private readonly dot: HTMLElement;
  private readonly service: HTMLElement;
  private readonly name: HTMLElement;
  private readonly error: SVGElement;
  private readonly orphan: SVGElement;
  private readonly badge: HTMLElement;

  constructor(parent: Element, id: string) {
    this.node = element("div", "row", parent);
    this.node.id = id;
    this.node.hidden = true;
    this.node.setAttribute("role", "row");
    const cell = element("div", "row-name", this.node);
    cell.setAttribute("role", "gridcell");
    this.indent = element("span", "indent", cell);
    this.level = element("span", "level", cell);
    this.toggle = element("span", "toggle", cell);
    svg("chevron", "0 0 16 16", [["", "M6 3.5 10.5 8 6 12.5"]], this.toggle);
    this.dot = element("span", "dot", cell);
    this.service = element("span", "row-service", cell);
    this.name = element("span", "row-op", cell);
    this.error = svg("error-icon", "0 0 14 14", [["shape", "M4.400 1h5.200L13 4.400v5.200L9.600 13H4.400L1 9.600V4.400Z"], ["sign", "M7 3.800v3.700M7 9.800v.3"]], cell);
    this.orphan = svg("orphan-icon", "0 0 16 16", [["", "M8 2.200 14.300 13.300H1.700ZM8 6.500v3.200M8 11.400v.2"]], cell);
    this.badge = element("span", "badge", cell);
    const time = element("div", "row-time", this.node);
    time.setAttribute("role", "gridcell");
  }

  hide(): void {
    if (this.index === -1) return;
    this.index = -1;
    this.row = -1;
    this.node.hidden = true;
    this.node.tabIndex = -1;
  }

  place(y: number): void {
    this.node.style.transform = `translateY(${y}px)`;
  }

  /** Fills the row. nameWidth is the width of its first column. */
  fill(index: number, row: number, m: TraceModel, nameWidth: number, measure: TextMeasure, theme: Theme): void {
    const { k, tree, rows } = m;
    this.index = index;
    this.row = row;
    this.node.hidden = false;
    const depth = tree.depth[row];
    const parent = rows.isParent(row);
    const collapsed = rows.isCollapsed(row);
    const failed = isError(k, row);
    const failedBelow = collapsed && tree.errors[row] - (failed ? 1 : 0) > 0;
    const orphan = k.parent[row] === ORPHAN;
    const service = serviceOf(k, row);
    const name = nameOf(k, row) || t.search.unnamed;
    // a service is named where it changes, the dot says it everywhere
    const named = depth === 0 || serviceOf(k, k.parent[row]) !== service;

    const indent = Math.min(indentOf(depth), Math.floor(nameWidth * 0.5));
    this.indent.style.width = `${indent}px`;
    this.level.textContent = depth > INDENT_LEVELS ? String(depth) : "";
    this.toggle.className = parent ? (collapsed ? "toggle" : "toggle open") : "toggle leaf";
    this.dot.style.background = palette(theme)[colorIndex(service)];
    const badge = collapsed ? formatCompact(tree.size[row] - 1) : "";
    this.badge.textContent = badge;
    this.badge.hidden = !collapsed;
    this.error.style.display = failed || failedBelow ? "" : "none";
    this.error.setAttribute("class", failed ? "error-icon" : "error-icon hollow");
    this.orphan.style.display = orphan ? "" : "none";

    const levelWidth = depth > INDENT_LEVELS ? 6 + 7 * String(depth).length : 0;
    let room = nameWidth - indent - levelWidth - 18 - 15 - 14 - (failed || failedBelow ? 18 : 0) - (orphan ? 18 : 0) - (collapsed ? 16 + measure.width(badge) : 0);
    this.service.hidden = !named;
    if (named) {
      const text = measure.cut(service, Math.max(40, room * 0.5));
      this.service.textContent = text;
      room -= measure.width(text) + 7;
    }
    this.name.textContent = measure.cut(name, Math.max(24, room));
    this.node.title = `${service}: ${name}`;
    this.describe(m, row, service, name, { parent, collapsed, failed, failedBelow, orphan });
  }

  private describe(m: TraceModel, row: number, service: string, name: string, is: { parent: boolean; collapsed: boolean; failed: boolean; failedBelow: boolean; orphan: boolean }): void {
    const { k, tree } = m;
    const notes: string[] = [];
    if (is.failed) notes.push(t.trace.error);
    if (is.failedBelow) notes.push(t.trace.errorBelow);
    if (is.orphan) notes.push(t.trace.orphan);
    if (is.collapsed) notes.push(t.trace.hidden(tree.size[row] - 1));
    const top = k.parent[row] >= ORPHAN;
    const n = this.node;
    n.setAttribute("aria-label", t.trace.rowLabel(service, name, k.duration[row], k.start[row], notes));
    n.setAttribute("aria-level", String(tree.depth[row] + 1));
    n.setAttribute("aria-posinset", String(tree.position[row]));
    n.setAttribute("aria-setsize", String(top ? tree.roots : tree.children[k.parent[row]]));
    n.setAttribute("aria-rowindex", String(this.index + 2));
    if (is.parent) n.setAttribute("aria-expanded", String(!is.collapsed));
    else n.removeAttribute("aria-expanded");
    n.dataset.row = String(row);
    if (is.failed) n.dataset.state = "error";
    else delete n.dataset.state;
    this.badge.title = is.collapsed ? `${formatCount(tree.size[row] - 1)}` : "";
  }

  mark(selected: boolean, match: boolean, dim: boolean, tabStop: boolean): void {
    const n = this.node;
    n.className = `row${selected ? " selected" : ""}${match ? " match" : ""}${dim ? " dim" : ""}`;
    n.setAttribute("aria-selected", String(selected));
    n.tabIndex = tabStop ? 0 : -1;
  }
}

function indentOf(depth: number): number {
  const deep = Math.max(0, depth - INDENT_LEVELS);
  return Math.min(depth, INDENT_LEVELS) * INDENT + Math.min(deep, INDENT_DEEP);
}
