"use client";
/** The page that links in emails lead to: `/unsubscribe?token=…`. Signed in or not. */
import { useMutation } from "@tanstack/react-query";
import { call } from "./client.js";
import { retry, useShared } from "./provider.js";

export interface UnsubscribePageProps {
  /** The parameter `token` of the address. */
  token: string | null | undefined;
}

/** Mail scanners open links: nothing happens before the button. */
export function UnsubscribePage({ token }: UnsubscribePageProps) {
  const { client, queries, t, slots: { Button } } = useShared();
  const unsubscribing = useMutation({
    retry,
    mutationFn: (token: string) => call(client, "unsubscribe", { p_token: token }),
  }, queries);
  const { data, isPending, isError } = unsubscribing;
  const isInvalid = !token || data?.success === false;
  return (
    <section className="sn-unsubscribe">
      <h1>{t.unsubscribe}</h1>
      {isInvalid ? <p role="alert">{t.invalidLink}</p> : data ? <p role="status">{t.unsubscribed}</p> : (
        <>
          <p>{t.unsubscribeQuestion}</p>
          {isError && <p role="alert">{t.notSaved}</p>}
          <Button look="main" disabled={isPending} onClick={() => unsubscribing.mutate(token)}>{t.unsubscribe}</Button>
        </>
      )}
    </section>
  );
}
