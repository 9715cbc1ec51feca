import { Bell, Inbox, NotificationsProvider, Preferences, UnsubscribePage } from "@suplatzigram/notifications";
import { HomeFeed, OnePost } from "./feed.js";
import { go, Link, usePath } from "./path.js";
import { useLiveCounts } from "./posts.js";
import { useProject } from "./project.js";
import { RankGrid } from "./rank.js";
import { SignIn } from "./sign-in.js";
import { useOwnPictures } from "./upload.js";

export function App() {
  const { client, person, t, vapidPublicKey } = useProject();
  const path = usePath();
  useLiveCounts();
  const push = vapidPublicKey ? { publicKey: vapidPublicKey } : undefined;
  return (
    <NotificationsProvider client={client} onOpen={({ url }) => url && go(url)}>
      <header className="top">
        <Link to="/">Suplatzigram</Link>
        <nav>
          {person && (
            <>
              <span className="me">{person.email}</span>
              <Bell push={push} heading="h2" />
              <button type="button" onClick={() => client.auth.signOut()}>{t.signOut}</button>
            </>
          )}
          {person === null && <Link to="/sign-in">{t.signIn}</Link>}
        </nav>
      </header>
      <main>
        <Page path={path} push={push} />
      </main>
    </NotificationsProvider>
  );
}

function Page({ path, push }: { path: string; push: { publicKey: string } | undefined }) {
  const { person, t } = useProject();
  useOwnPictures();
  const post = /^\/posts\/([0-9a-f-]{36})$/.exec(path)?.[1];
  if (post) return <OnePost id={post} />;
  if (path === "/unsubscribe") return <UnsubscribePage token={new URLSearchParams(location.search).get("token")} />;
  if (path === "/sign-in" && !person) return <SignIn />;
  if (path === "/notifications") return <Inbox heading="h1" push={push} />;
  if (path === "/settings") {
    return (
      <>
        <h1>{t.settings}</h1>
        <Preferences push={push} />
      </>
    );
  }
  return (
    <>
      <HomeFeed />
      <RankGrid />
    </>
  );
}
