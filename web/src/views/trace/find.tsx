// Find in trace: field, counter, next and previous.
import type { JSX, RefObject } from "preact";
import { Icon } from "../../ui/icons";
import { t } from "../../ui/text";
import type { TraceModel } from "./model";

export function FindBar({ model, input }: { model: TraceModel; input: RefObject<HTMLInputElement | null> }): JSX.Element {
  const matches = model.matches.value;
  const count = matches?.rows.length ?? 0;
  const state = model.findState.value;
  const none = matches !== null && count === 0 && state !== "busy";

  function onKeyDown(e: KeyboardEvent): void {
    if (e.key === "Enter") {
      e.preventDefault();
      model.nextMatch(e.shiftKey ? -1 : 1);
    } else if (e.key === "Escape") {
      e.preventDefault();
      e.stopPropagation();
      if (model.query.peek()) model.find("");
      input.current?.blur();
      model.onReveal(true);
    } else if (e.key === "ArrowDown") {
      e.preventDefault();
      model.onReveal(true);
    }
  }

  return (
    <div class="find" role="search">
      <Icon name="search" size={14} />
      <input ref={input} type="text" id="find" class={none ? "none" : undefined} spellcheck={false} autocomplete="off" aria-label={t.find.label} placeholder={t.find.placeholder} value={model.query.value} onInput={(e) => model.find(e.currentTarget.value)} onKeyDown={onKeyDown} />
      {matches && (
        <span class={none ? "find-count bad-text" : "find-count"} role="status" title={state === "busy" ? t.find.busy : state === "partial" ? t.find.partial : undefined}>
          {none ? t.find.none : t.find.counter(model.matchIndex.value, count)}
          {state === "busy" ? " …" : state === "partial" ? " (!)" : ""}
        </span>
      )}
      {matches && (
        <>
          <button class="icon-button small" type="button" title={t.find.previous} aria-label={t.find.previous} disabled={count === 0} onClick={() => model.nextMatch(-1)}>
            <span class="turn-up"><Icon name="down" size={13} /></span>
          </button>
          <button class="icon-button small" type="button" title={t.find.next} aria-label={t.find.next} disabled={count === 0} onClick={() => model.nextMatch(1)}>
            <Icon name="down" size={13} />
          </button>
          <button class="icon-button small" type="button" title={t.find.clear} aria-label={t.find.clear} onClick={() => model.find("")}>
            <Icon name="close" size={13} />
          </button>
        </>
      )}
    </div>
  );
}
