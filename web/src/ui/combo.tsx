// Text input with a list of suggestions (ARIA combobox, list autocomplete). Free text stays allowed.
//
// The owner says what text is being completed and what the list holds, so the same popup serves whole values
// (service, operation) and parts of a text (tags).
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Option {
  value: string;
  label?: string;
  note?: string;
  color?: string;
}

interface ComboProps {
  id: string;
  label: string;
  value: string;
  placeholder: string;
  /** Options for the text as typed; called when the list is open. */
  options: (text: string, cursor: number) => Option[];
  onInput: (text: string) => void;
  /** Text and cursor after picking; default: the option's value. */
  onPick?: (option: Option, text: string, cursor: number) => { text: string; cursor: number; again: boolean };
  onFocus?: () => void;
  invalid?: boolean;
  describedBy?: string;
  mono?: boolean;
}

const SHOWN = 100;

export function Combo(props: ComboProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [cursor, setCursor] = useState(0);
  const options = open ? props.options(props.value, cursor).slice(0, SHOWN) : [];
  const shown = open && options.length > 0;

  useEffect(() => {
    if (active >= 0) list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);

  function follow(): void {
    setCursor(input.current?.selectionStart ?? 0);
  }

  function pick(option: Option): void {
    const at = input.current?.selectionStart ?? props.value.length;
    const next = props.onPick?.(option, props.value, at) ?? { text: option.value, cursor: option.value.length, again: false };
    props.onInput(next.text);
    setActive(-1);
    setOpen(next.again);
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(next.cursor, next.cursor);
      follow();
    });
  }

  function onKeyDown(e: KeyboardEvent): void {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (!open) {
        follow();
        setOpen(true);
      } else if (options.length > 0) {
        const step = e.key === "ArrowDown" ? 1 : -1;
        setActive((active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length);
      }
    } else if (e.key === "Enter" && shown && active >= 0) {
      e.preventDefault();
      pick(options[active]);
    } else if (e.key === "Tab" && shown && active >= 0) {
      pick(options[active]);
    } else if (e.key === "Escape" && open) {
      e.stopPropagation();
      setOpen(false);
      setActive(-1);
    }
  }

  return (
    <div class="combo">
      <input
        ref={input}
        id={props.id}
        class={props.mono ? "mono" : undefined}
        type="text"
        role="combobox"
        spellcheck={false}
        autocomplete="off"
        aria-expanded={shown}
        aria-controls={`${props.id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${props.id}-${active}` : undefined}
        aria-invalid={props.invalid}
        aria-describedby={props.describedBy}
        placeholder={props.placeholder}
        value={props.value}
        onFocus={() => props.onFocus?.()}
        onClick={() => {
          follow();
          setOpen(true);
        }}
        onInput={(e) => {
          props.onInput(e.currentTarget.value);
          follow();
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        onKeyUp={follow}
        onBlur={() => {
          setOpen(false);
          setActive(-1);
        }}
      />
      {shown && (
        <ul ref={list} class="popup" role="listbox" id={`${props.id}-list`} aria-label={props.label}>
          {options.map((o, i) => (
            <li
              key={o.value}
              id={`${props.id}-${i}`}
              role="option"
              aria-selected={i === active}
              class={i === active ? "active" : undefined}
              // pointerdown would take the focus away and close the list before the click
              onMouseDown={(e) => {
                e.preventDefault();
                pick(o);
              }}
            >
              {o.color && <span class="dot" style={{ background: o.color }} />}
              <span class="option-label">{o.label ?? o.value}</span>
              {o.note && <span class="option-note">{o.note}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Options that contain the text, those that start with it first. */
export function matching(values: readonly string[], text: string): string[] {
  const want = text.toLowerCase();
  if (!want) return [...values];
  const starts: string[] = [];
  const holds: string[] = [];
  for (const v of values) {
    const low = v.toLowerCase();
    if (low.startsWith(want)) starts.push(v);
    else if (low.includes(want)) holds.push(v);
  }
  return starts.concat(holds);
}
