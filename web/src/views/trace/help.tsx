// Overlay with the keyboard shortcuts.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../ui/icons";
import { t } from "../../ui/text";

export function Help({ onClose }: { onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-label={t.help.title}
      onClose={onClose}
      onClick={(e) => e.target === dialog.current && onClose()}
      onKeyDown={(e) => {
        if (e.key === "?") onClose();
      }}
    >
      <div class="help-inner">
        <div class="help-head">
          <h2>{t.help.title}</h2>
          <button class="icon-button" type="button" aria-label={t.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        <div class="help-groups">
          {t.help.groups.map((g) => (
            <section key={g.title}>
              <h3>{g.title}</h3>
              <dl>
                {g.keys.map(([keys, what]) => (
                  <div key={keys}>
                    <dt>
                      {keys.split(" ").map((key, i) => (/^(or|\+)$/.test(key) && i > 0 && keys.length > 3 ? ` ${key} ` : key && <kbd key={i}>{key}</kbd>))}
                    </dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </dialog>
  );
}
