// A vertical line to drag, or to move with the arrow keys; the width is kept for the next visit.
import type { JSX } from "preact";

interface ResizerProps {
  label: string;
  value: number;
  min: number;
  max: number;
  /** 1 when dragging right makes it wider, -1 when dragging left does. */
  direction: 1 | -1;
  onChange: (px: number) => void;
  class: string;
  style?: Record<string, string>;
}

export function Resizer({ label, value, min, max, direction, onChange, class: className, style }: ResizerProps): JSX.Element {
  const clamp = (px: number): number => Math.round(Math.min(Math.max(px, min), Math.max(min, max)));
  return (
    <div
      class={`resizer ${className}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={Math.round(max)}
      tabIndex={0}
      {...(style ? { style } : {})}
      onKeyDown={(e) => {
        const step = e.key === "ArrowLeft" ? -16 : e.key === "ArrowRight" ? 16 : 0;
        if (step === 0) return;
        e.preventDefault();
        e.stopPropagation();
        onChange(clamp(value + step * direction));
      }}
      onPointerDown={(e) => {
        e.preventDefault();
        const target = e.currentTarget;
        const from = e.clientX;
        target.setPointerCapture(e.pointerId);
        target.onpointermove = (m) => onChange(clamp(value + (m.clientX - from) * direction));
        target.onpointerup = target.onpointercancel = () => (target.onpointermove = null);
      }}
    />
  );
}
