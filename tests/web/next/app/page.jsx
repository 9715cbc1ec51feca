import { PageInbox } from "./inbox.jsx";

// Rendered for each request.
export const dynamic = "force-dynamic";

export default function Page() {
  return (
    <main>
      <h1>Rendered on the server</h1>
      <PageInbox />
    </main>
  );
}
