// Trace page: loads the skeleton and says what happens meanwhile.
import type { JSX } from "preact";
import { t } from "../../ui/text";

export function TracePage({ id }: { id: string }): JSX.Element {
  return (
    <main id="content" class="page">
      <h1>{t.trace.title}</h1>
      <p class="mono">{id}</p>
    </main>
  );
}
