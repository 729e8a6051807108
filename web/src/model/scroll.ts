// Mapping of a scroll box to rows, for lists higher than a browser's scroll box can be (Chromium stops at
// 33.5 Mpx, Firefox near 17.9): the box gets at most MAX_PX, and its scroll range stands for the whole list.
const MAX_PX = 8_000_000;

export class ScrollMap {
  private content = 0;
  private viewport = 0;

  constructor(private readonly most = MAX_PX) {}

  set(content: number, viewport: number): void {
    this.content = content;
    this.viewport = viewport;
  }

  /** Height of what the box scrolls. */
  get spacer(): number {
    return Math.max(this.viewport, Math.min(this.content, this.most));
  }

  /** List pixels per scroll-bar pixel; 1 while the list fits. */
  get scale(): number {
    const range = this.spacer - this.viewport;
    return range > 0 ? this.topMax / range : 1;
  }

  get topMax(): number {
    return Math.max(0, this.content - this.viewport);
  }

  clamp(top: number): number {
    return Math.min(Math.max(top, 0), this.topMax);
  }

  toList(scrollTop: number): number {
    return this.clamp(scrollTop * this.scale);
  }

  toScroll(top: number): number {
    return this.clamp(top) / this.scale;
  }
}
