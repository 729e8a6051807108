// Top bar: name, omnibox (paste a trace id to go there), theme.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { go, location } from "../router";
import { traceIdFrom } from "../model/query";
import { Icon, Logo } from "./icons";
import { choice, nextTheme } from "./theme";
import { t } from "./text";

export function TopBar(): JSX.Element {
  return (
    <header class="topbar">
      <a class="brand" href="/" aria-label={t.nav.home}>
        <Logo />
        <span>{t.app}</span>
      </a>
      <Omnibox />
      <ThemeButton />
    </header>
  );
}

function Omnibox(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [bad, setBad] = useState(false);

  // Ctrl-K everywhere; "/" where the page has no find of its own
  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      const slash = e.key === "/" && !location.peek().path.startsWith("/trace/") && !(e.target as Element).closest("input, textarea, select");
      if (!slash && !((e.ctrlKey || e.metaKey) && e.key === "k")) return;
      e.preventDefault();
      input.current?.select();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  function open(text: string): boolean {
    const found = traceIdFrom(text);
    if (!found || !input.current) return false;
    input.current.value = "";
    input.current.blur();
    setBad(false);
    go(`/trace/${found.id}${found.span ? `?span=${found.span}` : ""}`);
    return true;
  }

  return (
    <form
      class="omnibox"
      role="search"
      onSubmit={(e) => {
        e.preventDefault();
        const text = input.current?.value ?? "";
        if (text.trim() && !open(text)) setBad(true);
      }}
    >
      <Icon name="search" size={14} />
      <input
        ref={input}
        id="omnibox"
        type="text"
        spellcheck={false}
        autocomplete="off"
        aria-label={t.omnibox.label}
        placeholder={t.omnibox.placeholder}
        aria-invalid={bad}
        aria-describedby={bad ? "omnibox-bad" : undefined}
        onInput={() => setBad(false)}
        onPaste={(e) => {
          if (open(e.clipboardData?.getData("text") ?? "")) e.preventDefault();
        }}
      />
      {bad && (
        <span id="omnibox-bad" class="field-error floating" role="alert">
          {t.omnibox.bad}
        </span>
      )}
    </form>
  );
}

function ThemeButton(): JSX.Element {
  const now = choice.value;
  return (
    <button class="icon-button" type="button" onClick={nextTheme} title={t.theme.button(t.theme[now])} aria-label={t.theme.button(t.theme[now])}>
      <Icon name={now === "auto" ? "auto" : now === "light" ? "sun" : "moon"} />
    </button>
  );
}
