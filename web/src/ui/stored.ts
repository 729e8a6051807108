// What the reader's own browser remembers (theme, column widths). Storage may be forbidden: then nothing is kept.
export function load(key: string): string | null {
  try {
    return localStorage.getItem(`cairn.${key}`);
  } catch {
    return null;
  }
}

export function store(key: string, value: string): void {
  try {
    localStorage.setItem(`cairn.${key}`, value);
  } catch {
    // private windows and full disks: the setting holds until the page is left
  }
}

export function loadNumber(key: string, fallback: number): number {
  const n = Number(load(key) ?? NaN);
  return Number.isFinite(n) ? n : fallback;
}
