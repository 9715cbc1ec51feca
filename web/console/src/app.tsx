import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Failure, Loading } from "./parts/answer.js";
import { Dialog } from "./parts/dialog.js";
import { Notices } from "./parts/notices.js";
import { applyTheme, chooseLanguage, type Theme, themeOf, themes } from "./preferences.js";
import { usePage, useProject } from "./project.js";
import { Link, useRoute } from "./route.js";
import { SignIn } from "./session.js";

const pages = {
  overview: lazy(() => import("./pages/overview.js")),
  queues: lazy(() => import("./pages/queue.js")),
  search: lazy(() => import("./pages/search.js")),
  deliveries: lazy(() => import("./pages/deliveries.js")),
  moderation: lazy(() => import("./pages/moderation.js")),
  images: lazy(() => import("./pages/images.js")),
  analytics: lazy(() => import("./pages/analytics.js")),
  limits: lazy(() => import("./pages/limits.js")),
  alerts: lazy(() => import("./pages/alerts.js")),
  audit: lazy(() => import("./pages/audit.js")),
};

type Name = keyof typeof pages;

export function App() {
  const { person, t } = useProject();
  // Who was here before the session ended.
  const [last, setLast] = useState<string>();
  const [isLeaving, setLeaving] = useState(false);
  useEffect(() => {
    if (person) {
      setLast(person.email);
      setLeaving(false);
    }
  }, [person]);
  if (person === undefined) return <Loading />;
  if (person === null && (!last || isLeaving)) {
    return (
      <main className="gate">
        <h1>{t.title}</h1>
        <SignIn />
      </main>
    );
  }
  return (
    <>
      <Operators onLeave={() => setLeaving(true)} />
      {person === null && (
        <Dialog title={t.sessionEnded}>
          <p>{t.sessionKept}</p>
          <SignIn email={last} />
        </Dialog>
      )}
    </>
  );
}

/** The role is asked of the database: nothing is shown to others. */
function Operators({ onLeave }: { onLeave(): void }) {
  const { client, person, t } = useProject();
  const overview = usePage("overview");
  // Once seen, the pages stay while a session is renewed or a refresh fails.
  const isKnown = useRef(false);
  if (overview.data) isKnown.current = true;
  if (overview.error?.status === 403 || overview.error?.status === 401) isKnown.current &&= !person;
  const leave = async () => {
    onLeave();
    await client.auth.signOut();
  };
  if (!isKnown.current) {
    return (
      <main className="gate">
        <h1>{t.title}</h1>
        {overview.error?.status === 403
          ? (
            <div role="alert">
              <h2>{t.onlyOperators}</h2>
              <p>{t.notOperator(person?.email ?? "")}</p>
              <button type="button" onClick={leave}>{t.signOut}</button>
            </div>
          )
          : overview.error
          ? <Failure error={overview.error} retry={() => overview.refetch()} busy={overview.isFetching} />
          : <Loading />}
      </main>
    );
  }
  return <Shell leave={leave} />;
}

function Shell({ leave }: { leave(): Promise<void> }) {
  const { t } = useProject();
  const { path } = useRoute();
  const name = path[0] ?? "overview";
  const Page = name in pages ? pages[name as Name] : undefined;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const place = path.slice(0, 3).join("/");
  useEffect(() => {
    document.title = [path[1], path[2], t.title].filter(Boolean).join(" · ");
    document.getElementById("menu")?.hidePopover();
    // A new page is read from its beginning.
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [place]);
  return (
    <Notices>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t.skip}
      </a>
      <div className="shell">
        <header className="top">
          <Link to={[]} className="brand">{t.title}</Link>
          <button type="button" className="menu-button" popoverTarget="menu">{t.menu}</button>
        </header>
        <Menu current={name} leave={leave} />
        <main ref={main} id="main" tabIndex={-1}>
          <Suspense fallback={<Loading />}>
            {Page ? <Page key={place} /> : (
              <p>
                {t.notFound} <Link to={[]}>{t.backToOverview}</Link>
              </p>
            )}
          </Suspense>
        </main>
      </div>
    </Notices>
  );
}

function Menu({ current, leave }: { current: string; leave(): Promise<void> }) {
  const { person, language, t } = useProject();
  const [theme, setTheme] = useState<Theme>(themeOf);
  const names = (Object.keys(t.nav) as (keyof typeof t.nav)[]).filter((name) => name in pages);
  return (
    <nav id="menu" popover="auto" aria-label={t.menu} className="side">
      <Link to={[]} className="brand wide-only">{t.title}</Link>
      <ul>
        {names.map((name) => (
          <li key={name}>
            <Link
              to={name === "overview" ? [] : [name]}
              aria-current={name === current ? "page" : undefined}
            >
              {t.nav[name]}
            </Link>
          </li>
        ))}
      </ul>
      <div className="choices">
        <label>
          {t.theme}
          <select
            value={theme}
            onChange={(event) => {
              const chosen = event.target.value as Theme;
              setTheme(chosen);
              applyTheme(chosen);
            }}
          >
            {themes.map((name) => <option key={name} value={name}>{t.themes[name]}</option>)}
          </select>
        </label>
        <label>
          {t.language}
          <select value={language} onChange={(event) => chooseLanguage(event.target.value)}>
            <option value="en" lang="en">English</option>
            <option value="es" lang="es">Español</option>
          </select>
        </label>
        <p className="me faint">{person?.email}</p>
        <button type="button" onClick={leave}>{t.signOut}</button>
      </div>
    </nav>
  );
}
