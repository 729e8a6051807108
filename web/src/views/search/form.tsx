// The search form. It edits a draft; submitting makes the draft the page's address.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { checkSearch, formatSearch, LIMITS, RANGES, rangeMs, type SearchState } from "../../model/query";
import { completionAt, quoteValue } from "../../model/tags";
import { serviceColor } from "../../model/colors";
import { Combo, matching, type Option } from "../../ui/combo";
import { theme } from "../../ui/theme";
import { t } from "../../ui/text";
import { Icon } from "../../ui/icons";
import { answer, operationList, question, serviceList, submit, tagKeyList, tagValueList } from "./store";

const s = t.search;

export function SearchForm(): JSX.Element {
  const asked = question.value;
  const [draft, setDraft] = useState<SearchState>(asked);
  const [touched, setTouched] = useState(false);
  const key = formatSearch(asked);
  useEffect(() => {
    setDraft(asked);
    setTouched(false);
  }, [key]);
  const bad = checkSearch(draft);
  const set = (change: Partial<SearchState>): void => setDraft({ ...draft, ...change });
  const show = (field: keyof typeof bad): string | undefined => (touched ? bad[field] : undefined);

  return (
    <form
      class="search-form"
      aria-label={s.title}
      onSubmit={(e) => {
        e.preventDefault();
        setTouched(true);
        if (Object.keys(bad).length === 0) submit(draft);
      }}
    >
      <Field id="service" label={s.service} area="service">
        <Combo
          id="service"
          label={s.service}
          value={draft.service}
          placeholder={s.allServices}
          onFocus={serviceList}
          onInput={(service) => set({ service })}
          options={(text) => [
            ...(text ? [] : [{ value: "", label: s.allServices }]),
            ...matching(serviceList(), text).map((v) => ({ value: v, color: serviceColor(v, theme.value) })),
          ]}
        />
      </Field>
      <Field id="operation" label={s.operation} area="operation">
        <Combo
          id="operation"
          label={s.operation}
          value={draft.operation}
          placeholder={s.anyOperation}
          onFocus={() => operationList(draft.service)}
          onInput={(operation) => set({ operation })}
          options={(text) => [...(text ? [] : [{ value: "", label: s.anyOperation }]), ...matching(operationList(draft.service), text).map((v) => ({ value: v }))]}
        />
      </Field>
      <Field id="tags" label={s.tags} area="tags" error={show("tags") && s.tagsBad[bad.tags ?? ""]}>
        <TagInput value={draft.tags} invalid={show("tags") !== undefined} onInput={(tags) => set({ tags })} />
      </Field>
      <Field id="min" label={s.min} area="min" error={show("min") && s.durationBad}>
        <Duration id="min" label={s.minLong} value={draft.min} invalid={show("min") !== undefined} onInput={(min) => set({ min })} />
      </Field>
      <Field id="max" label={s.max} area="max" error={show("max") && (bad.max === "order" ? s.orderBad : s.durationBad)}>
        <Duration id="max" label={s.maxLong} value={draft.max} invalid={show("max") !== undefined} onInput={(max) => set({ max })} />
      </Field>
      <Field id="range" label={s.range} area="range">
        <select id="range" value={draft.range} onChange={(e) => set(rangeChange(draft, e.currentTarget.value))}>
          {[...RANGES, "custom"].map((r) => (
            <option key={r} value={r}>
              {s.ranges[r]}
            </option>
          ))}
        </select>
      </Field>
      <Field id="limit" label={s.limit} area="limit">
        <select id="limit" value={String(draft.limit)} onChange={(e) => set({ limit: Number(e.currentTarget.value) })}>
          {[...new Set([...LIMITS, draft.limit])]
            .sort((a, b) => a - b)
            .map((n) => (
              <option key={n} value={String(n)}>
                {n}
              </option>
            ))}
        </select>
      </Field>
      <button class="button primary submit" type="submit" aria-busy={answer.value.state === "loading"}>
        <Icon name="search" size={14} /> {s.submit}
      </button>
      {draft.range === "custom" && (
        <div class="custom-range">
          <TimeField id="from" label={s.from} value={draft.from} onChange={(from) => set({ from })} />
          <TimeField id="to" label={s.to} value={draft.to} onChange={(to) => set({ to })} />
          {bad.range && (
            <span class="field-error" role="alert">
              {s.rangeBad}
            </span>
          )}
        </div>
      )}
    </form>
  );
}

/** Choosing "custom" starts from the preset that was chosen. */
function rangeChange(draft: SearchState, range: string): Partial<SearchState> {
  if (range !== "custom") return { range };
  const now = Math.floor(Date.now() / 1000) * 1000;
  return { range, from: now - (rangeMs(draft.range) || 3600e3), to: now };
}

interface FieldProps {
  id: string;
  label: string;
  area: string;
  error?: string | undefined;
  children: JSX.Element;
}

function Field({ id, label, area, error, children }: FieldProps): JSX.Element {
  return (
    <div class={`field field-${area}`}>
      <label for={id}>{label}</label>
      {children}
      {error && (
        <span class="field-error" id={`${id}-bad`} role="alert">
          {error}
        </span>
      )}
    </div>
  );
}

interface InputProps {
  value: string;
  invalid: boolean;
  onInput: (text: string) => void;
}

function Duration({ id, label, value, invalid, onInput }: InputProps & { id: string; label: string }): JSX.Element {
  return (
    <input
      id={id}
      type="text"
      spellcheck={false}
      autocomplete="off"
      title={label}
      placeholder={s.durationHint}
      value={value}
      aria-invalid={invalid}
      aria-describedby={invalid ? `${id}-bad` : undefined}
      onInput={(e) => onInput(e.currentTarget.value)}
    />
  );
}

function TimeField({ id, label, value, onChange }: { id: string; label: string; value: number; onChange: (ms: number) => void }): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        step="1"
        value={localInput(value)}
        onChange={(e) => {
          const ms = new Date(e.currentTarget.value).getTime();
          if (Number.isFinite(ms)) onChange(ms);
        }}
      />
    </div>
  );
}

/** Unix ms as datetime-local wants it: local time, no zone. */
function localInput(ms: number): string {
  const d = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

function TagInput({ value, invalid, onInput }: InputProps): JSX.Element {
  function options(text: string, cursor: number): Option[] {
    const c = completionAt(text, cursor);
    if (c.kind === "value") return matching(tagValueList(c.key), c.typed).map((v) => ({ value: v }));
    const scopes = new Map<string, string>();
    for (const k of tagKeyList()) scopes.set(k.key, scopes.has(k.key) ? `${scopes.get(k.key)}, ${k.scope}` : k.scope);
    return matching([...scopes.keys()], c.typed).map((v) => ({ value: v, note: scopes.get(v) ?? "" }));
  }
  return (
    <Combo
      id="tags"
      label={s.tags}
      mono
      value={value}
      invalid={invalid}
      {...(invalid ? { describedBy: "tags-bad" } : {})}
      placeholder={s.tagsHint}
      onFocus={tagKeyList}
      onInput={onInput}
      options={options}
      onPick={(o, text, cursor) => {
        const c = completionAt(text, cursor);
        const piece = c.kind === "key" ? `${o.value}=` : `${quoteValue(o.value)} `;
        const rest = text.slice(c.to);
        const tail = c.kind === "key" ? rest.replace(/^=/, "") : rest.replace(/^\s/, "");
        return { text: text.slice(0, c.from) + piece + tail, cursor: c.from + piece.length, again: c.kind === "key" };
      }}
    />
  );
}
