"use client";
import { useState } from "react";
import { usePreferences } from "./hooks.js";
import { languageOf } from "./i18n/index.js";
import { useShared } from "./provider.js";
import { type PushOptions, usePush } from "./push.js";
import type { Preferences as Values } from "./results.js";

export function Preferences({ push }: { push?: PushOptions }) {
  const { t, slots: { Button, Empty, Failure, Field, Loading, Select, Switch } } = useShared();
  const { preferences, state, retry, save, saveError } = usePreferences();
  if (state === "signed_out") return <Empty>{t.signedOut}</Empty>;
  if (state === "failed") return <Failure action={<Button onClick={retry}>{t.tryAgain}</Button>}>{t.failed}</Failure>;
  if (!preferences) return <Loading label={t.loading} />;
  return (
    <form className="sn-preferences" onSubmit={(event) => event.preventDefault()}>
      {saveError && <p className="sn-failure" role="alert">{t.notSaved}</p>}
      <fieldset>
        <legend>{t.channels}</legend>
        <Switch
          checked={preferences.push_notifications}
          onChange={(push_notifications) => save({ push_notifications })}
        >
          {t.channelPush}
        </Switch>
        <Switch
          checked={preferences.email_notifications}
          onChange={(email_notifications) => save({ email_notifications })}
        >
          {t.channelEmail}
        </Switch>
        {push && <PushToggle {...push} />}
      </fieldset>
      <QuietHours key={`${preferences.quiet_from} ${preferences.quiet_until}`} preferences={preferences} save={save} />
      <Field label={t.language}>
        <Select value={languageOf(preferences.language)} onChange={(event) => save({ language: event.target.value })}>
          <option value="en" lang="en">English</option>
          <option value="es" lang="es">Español</option>
        </Select>
      </Field>
      <Field label={t.timeZone}>
        <Select
          value={preferences.time_zone ?? ""}
          onChange={(event) => save({ time_zone: event.target.value || null })}
        >
          <option value="">{t.utc}</option>
          {zones(preferences.time_zone).map((zone) => <option key={zone}>{zone}</option>)}
        </Select>
      </Field>
    </form>
  );
}

/** Saved once both ends are known; cleared together. */
function QuietHours({ preferences, save }: { preferences: Values; save(changes: Partial<Values>): void }) {
  const { t, slots: { Field } } = useShared();
  const [from, setFrom] = useState(preferences.quiet_from?.slice(0, 5) ?? "");
  const [until, setUntil] = useState(preferences.quiet_until?.slice(0, 5) ?? "");
  const keep = (quiet_from: string, quiet_until: string) => {
    setFrom(quiet_from);
    setUntil(quiet_until);
    if (quiet_from && quiet_until) save({ quiet_from: `${quiet_from}:00`, quiet_until: `${quiet_until}:00` });
    else if (!quiet_from && !quiet_until) save({ quiet_from: null, quiet_until: null });
  };
  return (
    <fieldset>
      <legend>{t.quietHours}</legend>
      <p>{t.quietHint}</p>
      <Field label={t.quietFrom}>
        <input type="time" className="sn-select" value={from} onChange={(event) => keep(event.target.value, until)} />
      </Field>
      <Field label={t.quietUntil}>
        <input type="time" className="sn-select" value={until} onChange={(event) => keep(from, event.target.value)} />
      </Field>
    </fieldset>
  );
}

/** With the chosen one, which an older browser may not know. */
function zones(chosen: string | null): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return chosen && !known.includes(chosen) ? [chosen, ...known] : known;
}

export function PushToggle(options: PushOptions) {
  const { t, slots: { Switch } } = useShared();
  const { state, isBusy, error, turn } = usePush(options);
  return (
    <>
      <Switch
        checked={state === "on"}
        disabled={isBusy || state === "unsupported" || state === "denied" || state === "loading"}
        onChange={turn}
      >
        {t.push}
      </Switch>
      {state === "unsupported" && <p>{t.pushUnsupported}</p>}
      {state === "denied" && <p>{t.pushDenied}</p>}
      {error && <p role="alert">{t.notSaved}</p>}
    </>
  );
}
