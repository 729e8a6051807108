// Entry: frame (top bar, page, footer) and the choice of page. The trace page is its own chunk.
import { Component, render, type ComponentChildren, type JSX } from "preact";
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import "./ui/css/base.css";
import "./ui/css/search.css";
import { location, start } from "./router";
import { health } from "./api/client";
import { t } from "./ui/text";
import { TopBar } from "./ui/topbar";
import { About, Failure, NotFound } from "./ui/pages";
import { SearchPage } from "./views/search/page";

type TracePage = (props: { id: string }) => JSX.Element;

const tracePage = signal<TracePage | null>(null);
const tracePageFailed = signal(false);
export const version = signal<string | null>(null);

function loadTracePage(): void {
  tracePageFailed.value = false;
  import("./views/trace/page").then(
    (m) => (tracePage.value = m.TracePage),
    () => (tracePageFailed.value = true),
  );
}

function LazyTrace({ id }: { id: string }): JSX.Element {
  useEffect(() => {
    if (!tracePage.value) loadTracePage();
  }, []);
  if (tracePageFailed.value) return <Failure title={t.trace.failed} text={t.error.unreachable} action={t.error.retry} onAction={loadTracePage} />;
  const Page = tracePage.value;
  return Page ? <Page key={id} id={id} /> : <main id="content" class="page" aria-busy="true" />;
}

function Page(): JSX.Element {
  const { path } = location.value;
  if (path === "/" || path === "/search") return <SearchPage />;
  const trace = /^\/trace\/([0-9a-fA-F]{1,32})\/?$/.exec(path);
  if (trace) return <LazyTrace id={trace[1].toLowerCase().padStart(32, "0")} />;
  if (path === "/about") return <About version={version.value} />;
  return <NotFound />;
}

/** An error while rendering must not leave a blank page. */
class Boundary extends Component<{ children: ComponentChildren }, { failed: string | null }> {
  override state: { failed: string | null } = { failed: null };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failed: error instanceof Error ? error.message : String(error) });
  }

  override render(): ComponentChildren {
    if (this.state.failed === null) return this.props.children;
    return <Failure title={t.error.title} text={`${t.error.page} ${this.state.failed}`} action={t.error.reload} onAction={() => window.location.reload()} />;
  }
}

function App(): JSX.Element {
  const onTrace = location.value.path.startsWith("/trace/");
  return (
    <>
      <a class="skip" href="#content">
        {t.skip}
      </a>
      <TopBar />
      <Boundary key={location.value.path}>
        <Page />
      </Boundary>
      {!onTrace && (
        <footer class="footer">
          <span>
            {t.app} {version.value && t.about.version(version.value)}
          </span>
          <a href="/about">{t.nav.about}</a>
        </footer>
      )}
    </>
  );
}

start();
health().then(
  (h) => (version.value = h.version),
  () => (version.value = null),
);
const root = document.getElementById("app");
if (root) render(<App />, root);
