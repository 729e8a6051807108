// Copy button: says that it copied, or that it could not.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";
import { t } from "./text";

/** The clipboard needs a secure page; a server reached by plain HTTP on another host has none, so fall back. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "off-screen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

interface CopyProps {
  text: () => string | Promise<string>;
  label: string;
  /** Show the label beside the icon. */
  wide?: boolean;
  icon?: IconName;
}

export function CopyButton({ text, label, wide = false, icon = "copy" }: CopyProps): JSX.Element {
  const [state, setState] = useState<"" | "copied" | "failed">("");
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const says = state ? t.copy[state] : label;
  return (
    <button
      class={wide ? "button" : "icon-button small"}
      type="button"
      title={says}
      aria-label={says}
      onClick={async () => {
        setState((await copyText(await text())) ? "copied" : "failed");
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => setState(""), 1500);
      }}
    >
      <Icon name={state === "copied" ? "check" : icon} size={14} />
      {wide && <span>{says}</span>}
    </button>
  );
}
