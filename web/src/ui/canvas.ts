// Canvas that follows its element's size and the screen's density.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Sizes the canvas in device pixels and returns a context in CSS pixels, cleared. null when it has no area. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const density = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * density), Math.round(height * density)];
  if (w < 1 || h < 1) return null;
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const c = canvas.getContext("2d");
  if (!c) return null;
  c.setTransform(density, 0, 0, density, 0, 0);
  c.clearRect(0, 0, width, height);
  c.font = canvasFont();
  return c;
}

export const canvasFont = (): string => `11px ${cssColor("--font")}`;

/** Value of a CSS variable of the page, for canvases. */
export const cssColor = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

type Draw = (c: CanvasRenderingContext2D, width: number, height: number) => void;

/** A canvas as wide as its parent, redrawn after every render and every change of size. */
export function useCanvas(draw: Draw, height: number): { canvas: RefObject<HTMLCanvasElement | null>; size: { width: number; height: number } } {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const parent = canvas.current?.parentElement;
    if (!parent) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    observer.observe(parent);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (!canvas.current || width === 0) return;
    const c = prepare(canvas.current, width, height);
    if (c) draw(c, width, height);
  });
  return { canvas, size: { width, height } };
}
