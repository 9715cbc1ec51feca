//! Metrics of the queues in the OpenMetrics 1.0 text format, which Prometheus reads.

use std::{collections::BTreeMap, fmt::Write};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::base::{Code, Failure, json};

/// The answer of the SQL function `queue_metrics`.
#[derive(Deserialize)]
struct Metrics {
    queues: Vec<QueueMetrics>,
    /// Calls of limited actions, by action and answer. Missing before a database has limits.
    #[serde(default)]
    limits: BTreeMap<String, Numbers>,
    /// Gauges of features. Missing before a database has them.
    #[serde(default)]
    gauges: Vec<Gauge>,
}

/// A gauge of a feature, with a number for each value of its label.
#[derive(Deserialize)]
struct Gauge {
    name: String,
    label: String,
    help: String,
    values: Numbers,
}

/// The metrics of one queue.
#[derive(Deserialize)]
struct QueueMetrics {
    queue: String,
    /// Numbers, or null if the queue no longer exists.
    gauges: Numbers,
    /// Ended leases by outcome.
    counters: Numbers,
    /// Calls of workers by outcome.
    dispatches: Numbers,
    /// Runs by reason of their end.
    runs: Numbers,
}

/// Numbers by name. OpenMetrics writes numbers as JSON does.
type Numbers = BTreeMap<String, Box<RawValue>>;

/// A gauge of the database, the name of its metric, and the help text.
const GAUGES: [(&str, &str, &str); 7] = [
    ("dead_letters", "queue_dead_letters", "Dead letters."),
    (
        "oldest_age_secs",
        "queue_oldest_message_age_seconds",
        "How long the oldest visible message has waited.",
    ),
    ("workers_active", "queue_workers", "Workers at work."),
    (
        "failed_calls",
        "queue_failed_calls",
        "Calls in a row that no worker accepted.",
    ),
    ("paused", "queue_paused", "1 while the queue is paused."),
    ("late", "queue_late", "1 while messages wait too long."),
    ("failing", "queue_failing", "1 while work fails."),
];

/// Converts the answer of `queue_metrics` to OpenMetrics text.
///
/// # Errors
/// `invalid_metrics` if the bytes are not such an answer.
pub fn open_metrics(body: &[u8]) -> Result<String, Failure> {
    let Metrics {
        queues,
        limits,
        gauges,
    } = json::read(Code::InvalidMetrics, body)?;
    let mut text = Text(String::new());

    text.family(
        "queue_messages",
        "gauge",
        "Messages in the queue, by state.",
    );
    for queue in &queues {
        for state in ["visible", "in_flight", "delayed"] {
            let value = queue.gauges.get(state).map(AsRef::as_ref);
            let labels = [("queue", queue.queue.as_str()), ("state", state)];
            text.sample("queue_messages", &labels, value);
        }
    }
    for (gauge, name, help) in GAUGES {
        text.family(name, "gauge", help);
        for queue in &queues {
            let value = queue.gauges.get(gauge).map(AsRef::as_ref);
            text.sample(name, &[("queue", &queue.queue)], value);
        }
    }
    text.counter(
        &queues,
        ("queue_leases", "outcome"),
        "Leases that ended, by outcome.",
        |queue| &queue.counters,
    );
    text.counter(
        &queues,
        ("queue_dispatches", "outcome"),
        "Calls of workers, by outcome.",
        |queue| &queue.dispatches,
    );
    text.counter(
        &queues,
        ("queue_runs", "stopped_because"),
        "Runs of workers, by why they stopped.",
        |queue| &queue.runs,
    );
    text.family(
        "rate_limit_calls",
        "counter",
        "Calls of limited actions, by answer.",
    );
    for (action, answers) in &limits {
        for (answer, calls) in answers {
            let labels = [("action", action.as_str()), ("answer", answer)];
            text.sample("rate_limit_calls_total", &labels, Some(calls));
        }
    }
    for gauge in &gauges {
        text.family(&gauge.name, "gauge", &gauge.help);
        for (value, number) in &gauge.values {
            text.sample(&gauge.name, &[(&gauge.label, value)], Some(number));
        }
    }
    text.0.push_str("# EOF\n");
    Ok(text.0)
}

struct Text(String);

impl Text {
    fn counter(
        &mut self,
        queues: &[QueueMetrics],
        (name, label): (&str, &str),
        help: &str,
        values: impl Fn(&QueueMetrics) -> &Numbers,
    ) {
        self.family(name, "counter", help);
        let name = format!("{name}_total");
        for queue in queues {
            for (kind, value) in values(queue) {
                let labels = [("queue", queue.queue.as_str()), (label, kind)];
                self.sample(&name, &labels, Some(value));
            }
        }
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# TYPE {name} {kind}"));
        if name.ends_with("_seconds") {
            self.line(format_args!("# UNIT {name} seconds"));
        }
        self.line(format_args!("# HELP {name} {help}"));
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: Option<&RawValue>) {
        let Some(value) = value
            .map(|value| value.get())
            .filter(|text| *text != "null")
        else {
            return;
        };
        let labels: Vec<_> = labels
            .iter()
            .map(|(label, text)| format!("{label}=\"{}\"", escaped(text)))
            .collect();
        self.line(format_args!("{name}{{{}}} {value}", labels.join(",")));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _: std::fmt::Result = writeln!(self.0, "{line}");
    }
}

/// Escapes a label: backslash, quote and line feed.
fn escaped(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_each_family_once_and_ends_the_text() {
        let body = br#"{"queues":[{"queue":"a\"b","gauges":{"visible":3,"in_flight":0,"delayed":1.5,
            "dead_letters":null,"oldest_age_secs":2.25,"workers_active":1,"failed_calls":0,"paused":0,
            "late":1,"failing":0},"counters":{"processed":12},"dispatches":{},"runs":{"empty":4}}],
            "limits":{"like":{"allowed":7,"refused":2}},
            "gauges":[{"name":"comments_waiting","label":"why","help":"What waits.","values":{"flagged":5}}]}"#;
        let text = open_metrics(body).unwrap();
        assert!(text.contains("queue_messages{queue=\"a\\\"b\",state=\"visible\"} 3\n"));
        assert!(text.contains("queue_oldest_message_age_seconds{queue=\"a\\\"b\"} 2.25\n"));
        assert!(text.contains("queue_leases_total{queue=\"a\\\"b\",outcome=\"processed\"} 12\n"));
        assert!(text.contains("rate_limit_calls_total{action=\"like\",answer=\"refused\"} 2\n"));
        assert!(text.contains(
            "# HELP comments_waiting What waits.\ncomments_waiting{why=\"flagged\"} 5\n"
        ));
        assert!(!text.contains("queue_dead_letters{"));
        assert_eq!(text.matches("# TYPE queue_runs counter\n").count(), 1);
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn rejects_an_invalid_answer() {
        assert_eq!(open_metrics(b"{}").unwrap_err().code, Code::InvalidMetrics);
    }
}
