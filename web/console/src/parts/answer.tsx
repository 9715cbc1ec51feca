/** What is shown while a page is loaded, and when it cannot be. */
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useProject } from "../project.js";
import type { CallError } from "../rpc.js";

const SLOW_MS = 3_000;

export function Answer<Data>(
  { of, children }: { of: UseQueryResult<Data, CallError>; children: (data: Data) => ReactNode },
) {
  const { t } = useProject();
  if (of.data === undefined) {
    return of.isError ? <Failure error={of.error} retry={() => of.refetch()} busy={of.isFetching} /> : <Loading />;
  }
  return (
    <>
      {of.isError && (
        <p role="status" className="notice late">
          {t.stale} <button type="button" className="small" onClick={() => of.refetch()}>{t.tryAgain}</button>
        </p>
      )}
      {children(of.data)}
    </>
  );
}

export function Loading() {
  const { t } = useProject();
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="loading" role="status">
      <span className="bar" /> {isSlow ? t.slow : t.loading}
    </div>
  );
}

export function Failure({ error, retry, busy }: { error: CallError; retry?: () => void; busy?: boolean }) {
  const { t, say } = useProject();
  return (
    <div role="alert" className="notice failing">
      <p>{error.status === 0 ? t.unreachable : error.message ? say(error.message) : t.failed}</p>
      {error.hint && <p className="faint">{say(error.hint)}</p>}
      {retry && <button type="button" disabled={busy} onClick={retry}>{t.tryAgain}</button>}
    </div>
  );
}
