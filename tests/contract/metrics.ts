/** The metrics of the endpoint, with a value for everything, so that every family has a sample. */
import { openMetrics } from "../../pkg/core/queues.js";

const one = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 1]));
const numbers = {
  queues: [{
    queue: "like_events",
    gauges: one(
      ...["visible", "in_flight", "delayed", "dead_letters", "oldest_age_secs"],
      ...["workers_active", "failed_calls", "paused", "late", "failing"],
    ),
    counters: one("processed"),
    dispatches: one("accepted"),
    runs: one("empty"),
  }],
  limits: { like: one("allowed") },
  gauges: ["comments_waiting", "comments_oldest_wait_seconds"].map((name) => ({
    name,
    label: "why",
    help: "What waits.",
    values: one("flagged"),
  })),
};

export interface Metric {
  name: string;
  labels: string[];
}

/** The samples that the endpoint answers with, and the names of their families. */
export function metricFamilies(): { samples: Metric[]; families: string[] } {
  const reply = { status: 200, body: new TextEncoder().encode(JSON.stringify(numbers)) };
  const text: string = JSON.parse(openMetrics(reply)).body;
  return {
    samples: [...text.matchAll(/^(\w+)\{(.*)\} /gm)].map(([, name, labels]) => ({
      name: name!,
      labels: [...labels!.matchAll(/(\w+)="/g)].map(([, label]) => label!),
    })),
    families: [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!),
  };
}
