// Small pages: about, not found, failure.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "./text";
import { Icon, Logo } from "./icons";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ${t.app}` : t.app;
  }, [title]);
}

export function About({ version }: { version: string | null }): JSX.Element {
  useTitle(t.nav.about);
  return (
    <main id="content" class="page narrow">
      <h1 class="about-title">
        <Logo /> {t.about.title}
      </h1>
      <p>{t.about.text}</p>
      <p class="muted">{version ? t.about.version(version) : t.about.unknown}</p>
      <h2>{t.about.endpoints}</h2>
      <dl class="pairs">
        {t.about.rows.map(([what, where]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd class="mono">{where}</dd>
          </div>
        ))}
      </dl>
    </main>
  );
}

export function NotFound(): JSX.Element {
  useTitle(t.notFound.title);
  return (
    <main id="content" class="page">
      <div class="notice">
        <h1>{t.notFound.title}</h1>
        <p>{t.notFound.text}</p>
        <a class="button primary" href="/">
          {t.notFound.home}
        </a>
      </div>
    </main>
  );
}

interface FailureProps {
  title: string;
  text: string;
  action: string;
  onAction: () => void;
}

export function Failure({ title, text, action, onAction }: FailureProps): JSX.Element {
  return (
    <main id="content" class="page">
      <Notice title={title} text={text} action={action} onAction={onAction} bad />
    </main>
  );
}

export function Notice({ title, text, action, onAction, bad = false }: FailureProps & { bad?: boolean }): JSX.Element {
  return (
    <div class={bad ? "notice bad" : "notice"} role={bad ? "alert" : "status"}>
      <h2>
        {bad && <Icon name="warn" size={18} />} {title}
      </h2>
      <p>{text}</p>
      <button class="button primary" type="button" onClick={onAction}>
        {action}
      </button>
    </div>
  );
}
