//! How much a run may still do before the platform would kill it.

use crate::base::Variables;

/// Batches after which a run ends whatever the clock says; a limit for a clock that stands still.
const MAX_BATCHES: u32 = 100_000;

/// Between two polls of an empty queue.
const POLL_EVERY_MS: u32 = 200;
/// Polls after which an idle run ends; a limit for a clock that stands still.
const MAX_POLLS: u32 = 100;

/// What a run may use. The platform's own limits are 150 s of wall time (free plan) and 2 s of CPU
/// time a request; a run stays below them by the time that its last batch needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the run's start on.
    pub wall_ms: u32,
    /// Spent by the core's own work; what the host spends on I/O comes on top and is not seen from here.
    pub cpu_ms: u32,
    /// For how long from its start the run polls an empty queue. The dispatcher calls a worker at most once
    /// a second: a message that arrives within that second finds this one. 0 for a run whose caller waits
    /// for it.
    pub idle_wait_ms: u32,
}

impl Limits {
    /// A little more than the second in which no other worker is called: the run began after its call.
    pub const IDLE_WAIT_MS: u32 = 1_100;

    /// The limits of a run, by default those of the free plan. One whose caller does not wait for it also
    /// polls an empty queue.
    #[must_use]
    pub fn read(variables: &dyn Variables, is_awaited: bool) -> Self {
        let limit = |name| {
            let value: u32 = variables.setting(name)?.parse().ok()?;
            (value > 0).then_some(value)
        };
        let defaults = Self::default();
        Self {
            wall_ms: limit("QUEUES_WALL_MS").unwrap_or(defaults.wall_ms),
            cpu_ms: limit("QUEUES_CPU_MS").unwrap_or(defaults.cpu_ms),
            idle_wait_ms: if is_awaited { 0 } else { Self::IDLE_WAIT_MS },
        }
    }
}

impl Default for Limits {
    /// For the free plan, with room for the last batch and for the host's own work.
    fn default() -> Self {
        Self {
            wall_ms: 120_000,
            cpu_ms: 1_000,
            idle_wait_ms: 0,
        }
    }
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// No message was visible any more.
    Empty,
    /// Another batch might not end in time.
    WallBudget,
    /// Another batch might use more CPU time than is left.
    CpuBudget,
    /// The host is about to be shut down.
    Interrupted,
    /// The database did not answer a claim, or refused it.
    ClaimFailed,
    /// The database did not answer a settlement, or refused all of them.
    SettleFailed,
}

impl StopReason {
    /// Its name in summaries and in the record of runs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::WallBudget => "wall_budget",
            Self::CpuBudget => "cpu_budget",
            Self::Interrupted => "interrupted",
            Self::ClaimFailed => "claim_failed",
            Self::SettleFailed => "settle_failed",
        }
    }
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Claim at most so many messages; `None` leaves it to the queue's batch size.
    Claim(Option<u32>),
    /// End the run.
    Stop(StopReason),
}

/// The account of one run. Times are in microseconds of the host's monotonic clock.
#[derive(Debug, Clone)]
pub struct Budget {
    started_us: u64,
    wall_us: u64,
    cpu_us: u64,
    idle_wait_us: u64,
    cpu_spent_us: u64,
    batches: u32,
    polls: u32,
    /// The most expensive batch so far, per message: the estimate for the next one.
    wall_per_message_us: u64,
    cpu_per_message_us: u64,
}

impl Budget {
    /// A fresh account.
    #[must_use]
    pub fn new(limits: Limits, now_us: u64) -> Self {
        Self {
            started_us: now_us,
            wall_us: u64::from(limits.wall_ms) * 1_000,
            cpu_us: u64::from(limits.cpu_ms) * 1_000,
            idle_wait_us: u64::from(limits.idle_wait_ms) * 1_000,
            cpu_spent_us: 0,
            batches: 0,
            polls: 0,
            wall_per_message_us: 0,
            cpu_per_message_us: 0,
        }
    }

    /// Whether there is time for another batch, and for how large a one.
    ///
    /// The next batch is expected to cost as much per message as the dearest so far; twice that must
    /// fit into what is left.
    #[must_use]
    pub fn grant(&self, now_us: u64, batch_size: Option<u32>) -> Grant {
        let wall_left_us = self.wall_left_us(now_us);
        let cpu_left_us = self.cpu_us.saturating_sub(self.cpu_spent_us);
        // Without a batch so far nothing is known of the cost.
        let affordable = |left_us: u64, per_message_us: u64| match per_message_us {
            0 if left_us > 0 => None,
            0 => Some(0),
            cost => Some(left_us / (2 * cost)),
        };
        let by_wall = affordable(wall_left_us, self.wall_per_message_us);
        let by_cpu = affordable(cpu_left_us, self.cpu_per_message_us);
        if by_wall == Some(0) || self.batches >= MAX_BATCHES {
            return Grant::Stop(StopReason::WallBudget);
        }
        if by_cpu == Some(0) {
            return Grant::Stop(StopReason::CpuBudget);
        }
        let affordable = [by_wall, by_cpu].into_iter().flatten().min();
        let affordable = affordable.map(|messages| u32::try_from(messages).unwrap_or(u32::MAX));
        Grant::Claim([batch_size, affordable].into_iter().flatten().min())
    }

    /// How long to wait before an empty queue is polled again; `None` ends the run.
    pub fn idle_wait(&mut self, now_us: u64) -> Option<u32> {
        let spent_us = now_us.saturating_sub(self.started_us);
        let polls_at_us = now_us + u64::from(POLL_EVERY_MS) * 1_000;
        match self.grant(polls_at_us, None) {
            Grant::Claim(_) if spent_us < self.idle_wait_us && self.polls < MAX_POLLS => {
                self.polls += 1;
                Some(POLL_EVERY_MS)
            }
            Grant::Claim(_) | Grant::Stop(_) => None,
        }
    }

    /// What a batch of so many messages will take, going by the dearest so far.
    #[must_use]
    pub fn expected_wall_us(&self, messages: usize) -> u64 {
        let messages = u64::try_from(messages).unwrap_or(u64::MAX);
        self.wall_per_message_us.saturating_mul(messages)
    }

    /// Whether the time is up even for what has been claimed.
    #[must_use]
    pub fn is_over(&self, now_us: u64) -> bool {
        self.wall_left_us(now_us) == 0
    }

    /// Books CPU time.
    pub fn spend_cpu(&mut self, us: u64) {
        self.cpu_spent_us = self.cpu_spent_us.saturating_add(us);
    }

    /// CPU time booked so far.
    #[must_use]
    pub fn cpu_spent_us(&self) -> u64 {
        self.cpu_spent_us
    }

    /// Books a batch that is settled, for the estimate of the next one.
    pub fn batch_done(&mut self, messages: u32, wall_us: u64, cpu_us: u64) {
        self.batches += 1;
        if let Some(messages) = std::num::NonZeroU64::new(u64::from(messages)) {
            self.wall_per_message_us = self.wall_per_message_us.max(wall_us / messages);
            self.cpu_per_message_us = self.cpu_per_message_us.max(cpu_us / messages);
        }
    }

    fn wall_left_us(&self, now_us: u64) -> u64 {
        let spent_us = now_us.saturating_sub(self.started_us);
        self.wall_us.saturating_sub(spent_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        wall_ms: 10_000,
        cpu_ms: 1_000,
        idle_wait_ms: 1_000,
    };

    #[test]
    fn limits_are_numbers_above_zero() {
        let read = |value: &'static str, is_awaited| {
            let wall = |name: &str| (name == "QUEUES_WALL_MS").then(|| value.to_owned());
            Limits::read(&wall, is_awaited)
        };
        assert_eq!(read(" 5000\n", true).wall_ms, 5_000);
        for value in ["", "0", "-1", "1.5", "soon", "99999999999"] {
            assert_eq!(read(value, true), Limits::default(), "{value}");
        }
        assert_eq!(read("", false).idle_wait_ms, Limits::IDLE_WAIT_MS);
    }

    #[test]
    fn the_first_batch_is_the_queues_own() {
        assert_eq!(Budget::new(LIMITS, 5).grant(5, None), Grant::Claim(None));
        assert_eq!(
            Budget::new(LIMITS, 5).grant(5, Some(100)),
            Grant::Claim(Some(100))
        );
    }

    #[test]
    fn claims_shrink_towards_the_end_and_stop_before_it() {
        let mut budget = Budget::new(LIMITS, 0);
        budget.batch_done(100, 1_000_000, 0); // 10 ms a message
        assert_eq!(budget.grant(1_000_000, Some(100)), Grant::Claim(Some(100)));
        assert_eq!(budget.grant(9_000_000, Some(100)), Grant::Claim(Some(50)));
        assert_eq!(
            budget.grant(9_990_000, Some(100)),
            Grant::Stop(StopReason::WallBudget)
        );
    }

    #[test]
    fn cpu_time_ends_a_run_too() {
        let mut budget = Budget::new(LIMITS, 0);
        budget.spend_cpu(999_000);
        budget.batch_done(100, 1_000, 200_000);
        assert_eq!(
            budget.grant(1_000, Some(100)),
            Grant::Stop(StopReason::CpuBudget)
        );
    }

    #[test]
    fn an_empty_queue_is_polled_for_a_second_and_not_beyond() {
        let mut budget = Budget::new(LIMITS, 5_000_000);
        assert_eq!(budget.idle_wait(5_000_000), Some(POLL_EVERY_MS));
        assert_eq!(budget.idle_wait(5_999_999), Some(POLL_EVERY_MS));
        assert_eq!(budget.idle_wait(6_000_000), None);
        let mut late = budget.clone();
        late.batch_done(1, 6_000_000, 0);
        assert_eq!(late.idle_wait(5_000_000), None, "it could do nothing more");
        let awaited = Limits {
            idle_wait_ms: 0,
            ..LIMITS
        };
        assert_eq!(Budget::new(awaited, 0).idle_wait(0), None);
        assert_eq!(
            (0..).find(|_| budget.idle_wait(5_000_000).is_none()),
            Some(98)
        );
    }

    #[test]
    fn a_clock_that_stands_still_does_not_run_for_ever() {
        let mut budget = Budget::new(LIMITS, 0);
        for _ in 0..MAX_BATCHES {
            budget.batch_done(1, 0, 0);
        }
        assert_eq!(budget.grant(0, None), Grant::Stop(StopReason::WallBudget));
    }
}
