// Attributes as a table: every value can be copied, and searched for in other traces. Long values are cut until
// asked for: a megabyte of JSON must not freeze the panel.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { KeyValue } from "../../api/types";
import { valueText, valueType } from "../../model/otlp";
import { CopyButton } from "../../ui/copy";
import { Icon } from "../../ui/icons";
import { t } from "../../ui/text";

const d = t.detail;
const LONG = 1500;
const MANY = 150;

interface AttributesProps {
  list: readonly KeyValue[];
  dropped?: number | undefined;
  /** Address of a search for key = value; none where a value cannot be searched. */
  searchFor?: ((key: string, value: string) => string) | undefined;
  skip?: readonly string[];
}

export function Attributes({ list, dropped = 0, searchFor, skip = [] }: AttributesProps): JSX.Element {
  const [all, setAll] = useState(false);
  const wanted = skip.length > 0 ? list.filter((a) => !skip.includes(a.key)) : list;
  const shown = all ? wanted : wanted.slice(0, MANY);
  return (
    <>
      {shown.length > 0 && (
        <table class="attributes">
          <tbody>
            {shown.map((a, i) => (
              <Attribute key={`${a.key} ${i}`} item={a} searchFor={searchFor} />
            ))}
          </tbody>
        </table>
      )}
      {wanted.length > shown.length && (
        <button class="button" type="button" onClick={() => setAll(true)}>
          {t.search.more(wanted.length - shown.length)}
        </button>
      )}
      {dropped > 0 && <p class="dropped">{d.dropped(dropped, d.attributes.toLowerCase())}</p>}
    </>
  );
}

function Attribute({ item, searchFor }: { item: KeyValue; searchFor: AttributesProps["searchFor"] }): JSX.Element {
  const text = valueText(item.value);
  const type = valueType(item.value);
  const searchable = searchFor && type !== "json" && type !== "bytes" && type !== "empty" && text.length < 500;
  return (
    <tr>
      <th scope="row">{breakable(item.key)}</th>
      <td class={`value ${type}`}>
        <LongText text={text} />
      </td>
      <td class="value-actions">
        <span>
          {searchable && (
            <a class="icon-button small" href={searchFor(item.key, text)} title={d.filter(item.key)} aria-label={d.filter(item.key)}>
              <Icon name="filter" size={13} />
            </a>
          )}
          <CopyButton text={() => text} label={d.copyValue(item.key)} />
        </span>
      </td>
    </tr>
  );
}

/** Long keys break behind their dots and underscores. */
function breakable(key: string): (string | JSX.Element)[] {
  return key.split(/(?<=[._])/).flatMap((part, i) => (i > 0 ? [<wbr key={i} />, part] : [part]));
}

export function LongText({ text }: { text: string }): JSX.Element {
  const [all, setAll] = useState(false);
  if (all || text.length <= LONG) return <>{text}</>;
  return (
    <>
      {text.slice(0, LONG)}…{" "}
      <button class="link-button" type="button" onClick={() => setAll(true)}>
        {d.showAll(text.length)}
      </button>
    </>
  );
}
