/** What the pages answer. docs/operate.md has their arguments. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Verdict = "ok" | "late" | "failing";
export type Box = "queue" | "archive" | "dead_letters" | "discarded";

export interface Series {
  step_secs: number;
  at: number[];
  verdict: Verdict[];
  visible: (number | null)[];
  in_flight: (number | null)[];
  delayed: (number | null)[];
  dead_letters: (number | null)[];
  oldest_age_secs: (number | null)[];
  workers_active: (number | null)[];
  processed: (number | null)[];
  retried: (number | null)[];
  dead_lettered: (number | null)[];
  expired: (number | null)[];
  latency_p50_secs: (number | null)[];
  latency_p95_secs: (number | null)[];
}

export interface Health {
  queue: string;
  verdict: Verdict;
  reason: string | null;
  remedy: string | null;
  paused: boolean;
  visible: number | null;
  in_flight: number | null;
  delayed: number | null;
  dead_letters: number | null;
  is_estimate: boolean | null;
  oldest_age_secs: number | null;
  workers_active: number | null;
  processed_60_min: number | null;
  failed_60_min: number | null;
  failure_rate_60_min: number | null;
  run_p50_secs: number | null;
  run_p95_secs: number | null;
}

export interface Alert {
  id: string;
  queue: string;
  verdict: Verdict;
  reason: string | null;
  remedy: string | null;
  raised_at: string;
  over_at: string | null;
}

interface Trouble {
  problem: string | null;
  remedy: string | null;
}

export interface Provider {
  provider: string;
  service: string | null;
  state: "closed" | "open" | "half_open";
  reason: string | null;
  remedy: string | null;
  open_until: string | null;
  sent_60_min: number;
  failed_60_min: number;
  skipped_60_min: number;
  uncertain_24_h: number;
}

export interface Overview {
  queues: (Health & { function_name: string | null; max_workers: number; last_hour: Series })[];
  providers: Provider[];
  alerts: Alert[];
  comments: (Record<string, Json> & { status: Verdict; reason: string | null; remedy: string | null }) | null;
  jobs: (Trouble & { name: string; schedule: string; purpose: string })[];
  last_tick: { status: string | null; message: string | null; started_at: string | null } | null;
  calls: Trouble | null;
  now: string;
}

export interface Bound {
  type: "boolean" | "integer";
  default: number | boolean | null;
  nullable: boolean;
  min: number | null;
  max: number | null;
  means: string | null;
}

export type Settings = Record<string, number | boolean | string | null>;

export interface QueuePage {
  health: Health;
  settings: Settings;
  bounds: Record<string, Bound>;
  series: Series;
  redrives: { rate_per_sec: number; until: string }[];
  orphaned_leases?: {
    expired: number;
    runs: { run_id: string; started_at: string; last_seen_at: string; held: number; ends_at: string }[];
  };
  now: string;
}

export interface Listed<Item, Next = string> {
  items: Item[];
  next: Next | null;
  now: string;
}

export interface Run {
  id: string;
  started_at: string;
  last_seen_at: string;
  finished_at: string | null;
  claimed: number;
  processed: number;
  retried: number;
  deferred: number;
  dead_lettered: number;
  released: number;
  lost: number;
  batches: number;
  outcome: string;
  error_code: string | null;
  error: string | null;
}

export interface Dispatch {
  id: number;
  requested_at: string;
  outcome: string | null;
  status_code: number | null;
  error: string | null;
}

export interface Message {
  msg_id: number;
  state: string;
  enqueued_at: string;
  visible_at: string;
  archived_at?: string;
  read_ct: number;
  failures: number;
  last_error: string | null;
  headers: Json;
  size_bytes: number;
  body: string;
}

export interface Found extends Pick<Message, "msg_id" | "enqueued_at" | "read_ct" | "headers" | "size_bytes" | "body"> {
  queue: string;
  box: Box;
  at: string;
}

export interface OneMessage {
  queue: string;
  box: Box;
  message: {
    msg_id: number;
    enqueued_at: string;
    visible_at: string;
    read_ct: number;
    headers: Json;
    size_bytes: number;
    at: string | null;
    message: Json;
  };
  failures: Json;
  history: { at: string; event: string; code?: string; error?: string; run_id?: string }[];
  now: string;
}

export interface Letter {
  msg_id: number;
  dead_lettered_at: string;
  reason: string | null;
  error: string | null;
  field: string | null;
  size_bytes: number | null;
  message: Json;
  details: Record<string, Json>;
}

export interface Groups {
  by: string;
  groups: { value: string | null; letters: number; oldest: string; newest: string }[];
  different: number;
  read: number;
  is_complete: boolean;
  now: string;
}

export interface Delivery {
  id: string;
  created_at: string;
  settled_at: string | null;
  channel: string;
  status: string;
  reason: string | null;
  provider: string | null;
  tries: number;
  uncertain_tries: number;
  recipient_id: string;
  username: string | null;
  type: string | null;
  title: string | null;
  correlation_id: string | null;
}

export interface Entry {
  id: number;
  at: string;
  operator: string | null;
  operator_id: string;
  action: string;
  queue: string | null;
  arguments: Record<string, Json>;
  affected: number;
  result: Record<string, Json>;
}

export interface Limit {
  action: string;
  allowed_60_min: number;
  refused_60_min: number;
  deferred_60_min: number;
  reason: string | null;
  remedy: string | null;
  enabled: boolean;
  [setting: string]: Json;
}

export interface Picture {
  id: string;
  post_id: string;
  owner_id: string;
  username: string | null;
  reason: string;
  error: string;
  created_at: string;
  processed_at: string;
  size_bytes: number | null;
  format: string | null;
  bucket: string;
  path: string;
  upload_removed_at: string | null;
}

export interface Pages {
  overview: Overview;
  queue: QueuePage;
  runs: Listed<Run>;
  dispatches: Listed<Dispatch>;
  messages: Listed<Message, number>;
  message: OneMessage;
  search: { items: Found[]; incomplete: { queue: string; box: Box; read: number }[]; now: string };
  dead_letters: Listed<Letter, number> & { matching: number };
  letter_groups: Groups;
  trial_claim: { claim: Json; now: string };
  deliveries: Listed<Delivery> & { read: number };
  images: Listed<Picture> & { health: Record<string, Json> };
  alerts: {
    items: Alert[];
    settings: { webhook_url: string | null; failing_secs: number; late_secs: number } & Record<string, Json>;
    webhook: Trouble;
    now: string;
  };
  analytics: {
    reports: ({ day: string } & Record<string, Json>)[];
    today: Record<string, number>;
    trending: ({ post_id: string; score: number } & Record<string, Json>)[];
    now: string;
  };
  limits: {
    limits: Limit[];
    most_limited: {
      action: string;
      kind: string;
      who: string;
      refused: number;
      deferred: number;
      percent: number;
      last_minute: string;
    }[];
    now: string;
  };
  audit: Listed<Entry>;
}
