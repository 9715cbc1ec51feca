/** Lists that go on: the place of the next page is in the address. */
import { useProject } from "../project.js";
import { Link, useRoute } from "../route.js";

/** The argument `before`, if the list is not at its beginning. */
export function usePlace(): { before?: string } {
  const before = useRoute().query.get("before");
  return before ? { before } : {};
}

export function More({ next, name = "before" }: { next: string | number | null; name?: string }) {
  const { t } = useProject();
  const { path, query } = useRoute();
  if (next === null) return null;
  return <Link className="button" to={path} query={{ ...Object.fromEntries(query), [name]: next }}>{t.more}</Link>;
}
