/**
 * An action of operators: a button, and a dialog that says what it will do, by a dry run, and to how many; only then it is
 * done. The database decides all of it, writes the audit, and refuses with a reason that is shown.
 */
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { queries, refresh, useProject } from "../project.js";
import { CallError, type Done, operate } from "../rpc.js";
import { Failure, Loading } from "./answer.js";
import { Dialog } from "./dialog.js";
import { useNotify } from "./notices.js";
import { useFormats } from "./values.js";

export interface ActionProps {
  action: string;
  args: object;
  /** The queue or provider, for the texts. */
  of: string;
  /** Asks how many and how fast, for actions that take `limit` and `rate_per_sec`. */
  bulk?: { rate: boolean };
  children?: ReactNode;
  onDone?: (done: Done) => void;
  /** Takes the action back, with what it answered. */
  undo?: (done: Done) => Promise<void>;
}

export function ActionButton({ label, tone, disabled, ...props }: ActionProps & {
  label: string;
  tone?: "main" | "danger";
  disabled?: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={tone} disabled={disabled} onClick={() => setOpen(true)}>{label}</button>
      {isOpen && <ActionDialog {...props} tone={tone} onClose={() => setOpen(false)} />}
    </>
  );
}

const BULK_LIMIT = 1_000;
const BULK_RATE = 100;

export function ActionDialog({ action, args, of, bulk, children, tone, onClose, onDone, undo }: ActionProps & {
  tone?: "main" | "danger";
  onClose(): void;
}) {
  const { client, t, say } = useProject();
  const { time } = useFormats();
  const notify = useNotify();
  const texts = t.actions[action]!;
  const [limit, setLimit] = useState(BULK_LIMIT);
  const [rate, setRate] = useState(BULK_RATE);
  const [untilNone, setUntilNone] = useState(false);
  const [soFar, setSoFar] = useState<number>();
  const isStopping = useRef(false);

  const all = { ...args, ...(bulk ? { limit } : {}), ...(bulk?.rate ? { rate_per_sec: rate } : {}) };
  const trial = useQuery<Done, CallError>({
    queryKey: ["trial", action, all],
    queryFn: () => operate(client, action, all, true),
    gcTime: 0,
    staleTime: 0,
    retry: false,
  });

  const doing = useMutation<Done, CallError>({
    mutationFn: async () => {
      let done = await operate(client, action, all, false);
      // Each call is a transaction and an entry of the audit of its own.
      for (let sum = done.affected; untilNone && (done.left ?? 0) > 0 && done.affected > 0 && !isStopping.current;) {
        setSoFar(sum);
        done = await operate(client, action, all, false);
        sum += done.affected;
        done = { ...done, affected: sum };
        if (done.affected === 0) break;
      }
      return done;
    },
    onSuccess: (done) => {
      const until = done.visible_until && action.startsWith("redrive") && done.affected > 1
        ? ` ${t.visibleUntil(time(done.visible_until))}`
        : "";
      notify({
        text: texts.done(done.affected, of) + until,
        action: undo && {
          label: t.undo,
          run: () => {
            undo(done).then(refresh, (error: CallError) => notify({ text: say(error.message) }));
          },
        },
      });
      onClose();
      onDone?.(done);
    },
    onSettled: async () => {
      queries.removeQueries({ queryKey: ["trial"] });
      await refresh();
    },
  });

  const n = trial.data?.affected;
  const error = doing.error ?? trial.error;
  return (
    <Dialog title={texts.title} onClose={doing.isPending ? undefined : onClose}>
      <form
        className="action"
        onSubmit={(event) => {
          event.preventDefault();
          if (n && !trial.isFetching) doing.mutate();
        }}
      >
        {children}
        {bulk && (
          <div className="fields">
            <label>
              {t.howMany}
              <input
                type="number"
                min={1}
                max={10_000}
                required
                value={limit}
                onChange={(e) => setLimit(e.target.valueAsNumber || 1)}
              />
            </label>
            {bulk.rate && (
              <label>
                {t.rate}
                <input
                  type="number"
                  min={0.001}
                  max={10_000}
                  step="any"
                  required
                  value={rate}
                  onChange={(e) => setRate(e.target.valueAsNumber || 1)}
                />
              </label>
            )}
          </div>
        )}
        {trial.isPending && !error ? <Loading /> : null}
        {n !== undefined && (
          <div className="says" role="status">
            <p>
              <strong>{n === 0 ? texts.none(of) : texts.says(n, of)}</strong>
            </p>
            {trial.data?.left ? <p>{t.leftOver(trial.data.left)}</p> : null}
            {trial.data?.in_flight ? <p>{t.inFlightStay(trial.data.in_flight)}</p> : null}
            {n > 0 && <p className="faint">{t.dryRun}</p>}
          </div>
        )}
        {bulk && (trial.data?.left ?? 0) > 0 && (
          <label className="check">
            <input type="checkbox" checked={untilNone} onChange={(e) => setUntilNone(e.target.checked)} />
            {t.untilNone}
          </label>
        )}
        {error && <Failure error={error} />}
        {doing.isPending && soFar !== undefined && <p role="status">{t.progress(soFar)}</p>}
        <div className="buttons">
          {doing.isPending && untilNone
            ? <button type="button" onClick={() => isStopping.current = true}>{t.stop}</button>
            : (
              <button type="button" onClick={onClose}>
                {error?.detail === "letter_gone" ? t.lookAgain : t.cancel}
              </button>
            )}
          <button type="submit" className={tone ?? "main"} disabled={!n || trial.isFetching || doing.isPending}>
            {doing.isPending ? t.working : texts.does(n ?? 0)}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
