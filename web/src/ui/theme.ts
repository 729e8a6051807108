// Light, dark, or as the system says; the choice is stored. Canvases read `theme`, CSS reads data-theme.
import { computed, signal } from "@preact/signals";
import type { Theme } from "../model/colors";
import { load, store } from "./stored";

export type Choice = "auto" | Theme;

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const system = signal<Theme>(dark.matches ? "dark" : "light");
dark.addEventListener("change", () => (system.value = dark.matches ? "dark" : "light"));

const stored = load("theme");
export const choice = signal<Choice>(stored === "light" || stored === "dark" ? stored : "auto");
export const theme = computed<Theme>(() => (choice.value === "auto" ? system.value : choice.value));

apply();

function apply(): void {
  if (choice.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice.value;
}

export function nextTheme(): void {
  const order: Choice[] = ["auto", "light", "dark"];
  choice.value = order[(order.indexOf(choice.value) + 1) % 3];
  store("theme", choice.value);
  apply();
}
