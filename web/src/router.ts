// Routing over the History API: the address is the state. A click on a plain link inside the app is taken over;
// everything else (new tab, download, other origin) stays the browser's.
import { signal } from "@preact/signals";

export interface Location {
  path: string;
  query: string;
}

export const location = signal<Location>(read());

function read(): Location {
  return { path: window.location.pathname, query: window.location.search };
}

/** Called before the address is left: what follows the state with a delay is put into it now. */
export const leaving = new Set<() => void>();

export function go(url: string, how: "push" | "replace" = "push"): void {
  if (url === window.location.pathname + window.location.search) return;
  if (how === "push") for (const save of leaving) save();
  if (how === "push") history.pushState({ inside: true }, "", url);
  else history.replaceState(history.state, "", url);
  location.value = read();
  if (how === "push") window.scrollTo(0, 0);
}

/** True when going back stays inside the app. */
export const cameFromHere = (): boolean => (history.state as { inside?: boolean } | null)?.inside === true;

export function start(): void {
  window.addEventListener("popstate", () => (location.value = read()));
  document.addEventListener("click", (e) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const a = (e.target as Element).closest("a");
    if (!a || a.origin !== window.location.origin || a.target || a.hasAttribute("download")) return;
    // the skip link is the browser's own business
    if (a.hash && a.pathname === window.location.pathname) return;
    if (/^\/(api|health|metrics)\b/.test(a.pathname)) return;
    e.preventDefault();
    go(a.pathname + a.search);
  });
}
