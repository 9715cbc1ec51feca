//! How much a run may still do before the platform kills it.

use crate::base::Variables;

/// Bounds the number of batches of a run in case its clock stands still.
const MAX_BATCHES: u32 = 100_000;

/// Pause between two polls of an empty queue.
const POLL_EVERY_MS: u32 = 200;
/// Bounds the number of polls of an idle run in case its clock stands still.
const MAX_POLLS: u32 = 100;

/// What a run may use. The platform allows 150 s of wall time (free plan) and 2 s of CPU time for a
/// request; these limits leave room for the last batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall time from the start of the run.
    pub wall_ms: u32,
    /// CPU time of the core and of what the host measures. What it spends on I/O comes on top and cannot be measured here.
    pub cpu_ms: u32,
    /// Memory that deliveries may hold for good. WebAssembly gives none back, and the process has 256 MB for everything.
    pub memory_bytes: u64,
    /// How long a run polls an empty queue, from its start. The dispatcher calls a worker at most once a
    /// second, so a message that arrives within that second must find this one. 0 if the caller waits for
    /// the run.
    pub idle_wait_ms: u32,
}

impl Limits {
    /// Slightly more than the second without another call, because the run starts after its call.
    pub const IDLE_WAIT_MS: u32 = 1_100;

    /// Reads the limits from the environment; by default those of the free plan. A run whose caller does
    /// not wait for it also polls an empty queue.
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
            memory_bytes: limit("QUEUES_MEMORY_BYTES").map_or(defaults.memory_bytes, u64::from),
            idle_wait_ms: if is_awaited { 0 } else { Self::IDLE_WAIT_MS },
        }
    }
}

impl Default for Limits {
    /// The limits of the free plan, less room for the last batch and for the host.
    fn default() -> Self {
        Self {
            wall_ms: 120_000,
            cpu_ms: 1_000,
            memory_bytes: 120_000_000,
            idle_wait_ms: 0,
        }
    }
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The queue had no visible message left.
    Empty,
    /// Another batch might have exceeded the wall time.
    WallBudget,
    /// Another batch might have exceeded the CPU time.
    CpuBudget,
    /// Another batch might have exceeded the memory.
    MemoryBudget,
    /// The host is shutting down.
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
            Self::MemoryBudget => "memory_budget",
            Self::Interrupted => "interrupted",
            Self::ClaimFailed => "claim_failed",
            Self::SettleFailed => "settle_failed",
        }
    }
}

/// Whether a run may claim another batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Claim up to this many messages; `None` means the queue's batch size.
    Claim(Option<u32>),
    /// End the run.
    Stop(StopReason),
}

/// What one run has used. Times are microseconds of the host's monotonic clock.
#[derive(Debug, Clone)]
pub struct Budget {
    started_us: u64,
    wall_us: u64,
    cpu_us: u64,
    memory_bytes: u64,
    idle_wait_us: u64,
    cpu_spent_us: u64,
    memory_held_bytes: u64,
    batches: u32,
    polls: u32,
    /// Cost per message of the most expensive batch so far: the estimate for the next one.
    wall_per_message_us: u64,
    cpu_per_message_us: u64,
}

impl Budget {
    /// The budget of a run that starts now.
    #[must_use]
    pub fn new(limits: Limits, now_us: u64) -> Self {
        Self {
            started_us: now_us,
            wall_us: u64::from(limits.wall_ms) * 1_000,
            cpu_us: u64::from(limits.cpu_ms) * 1_000,
            memory_bytes: limits.memory_bytes,
            idle_wait_us: u64::from(limits.idle_wait_ms) * 1_000,
            cpu_spent_us: 0,
            memory_held_bytes: 0,
            batches: 0,
            polls: 0,
            wall_per_message_us: 0,
            cpu_per_message_us: 0,
        }
    }

    /// Whether there is time for another batch, and how large it may be.
    ///
    /// Assumes that a message costs as much as in the most expensive batch so far, and requires twice that
    /// to be left.
    #[must_use]
    pub fn grant(&self, now_us: u64, batch_size: Option<u32>) -> Grant {
        let wall_left_us = self.wall_left_us(now_us);
        let cpu_left_us = self.cpu_us.saturating_sub(self.cpu_spent_us);
        // The cost is unknown before the first batch.
        let affordable = |left_us: u64, per_message_us: u64| match per_message_us {
            0 if left_us > 0 => None,
            0 => Some(0),
            cost => Some(left_us / (2 * cost)),
        };
        let by_wall = affordable(wall_left_us, self.wall_per_message_us);
        let by_cpu = affordable(cpu_left_us, self.cpu_per_message_us);
        // First of all: no other run of this process can go on either.
        if self.memory_held_bytes > self.memory_bytes {
            return Grant::Stop(StopReason::MemoryBudget);
        }
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

    /// The expected wall time of a batch, based on the most expensive one so far.
    #[must_use]
    pub fn expected_wall_us(&self, messages: usize) -> u64 {
        let messages = u64::try_from(messages).unwrap_or(u64::MAX);
        self.wall_per_message_us.saturating_mul(messages)
    }

    /// Whether the wall time is used up.
    #[must_use]
    pub fn is_over(&self, now_us: u64) -> bool {
        self.wall_left_us(now_us) == 0
    }

    /// Adds CPU time.
    pub fn spend_cpu(&mut self, us: u64) {
        self.cpu_spent_us = self.cpu_spent_us.saturating_add(us);
    }

    /// Takes note of the memory that deliveries hold by now.
    pub fn hold_memory(&mut self, bytes: u64) {
        self.memory_held_bytes = bytes;
    }

    /// CPU time so far.
    #[must_use]
    pub fn cpu_spent_us(&self) -> u64 {
        self.cpu_spent_us
    }

    /// Takes note of a settled batch, for the estimate of the next one.
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
        memory_bytes: 120_000_000,
        idle_wait_ms: 1_000,
    };

    #[test]
    fn ignores_limits_that_are_not_positive_numbers() {
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
    fn the_first_claim_has_the_batch_size_of_the_queue() {
        assert_eq!(Budget::new(LIMITS, 5).grant(5, None), Grant::Claim(None));
        assert_eq!(
            Budget::new(LIMITS, 5).grant(5, Some(100)),
            Grant::Claim(Some(100))
        );
    }

    #[test]
    fn claims_shrink_towards_the_end_of_the_wall_time() {
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
    fn stops_when_the_cpu_time_is_used_up() {
        let mut budget = Budget::new(LIMITS, 0);
        budget.spend_cpu(999_000);
        budget.batch_done(100, 1_000, 200_000);
        assert_eq!(
            budget.grant(1_000, Some(100)),
            Grant::Stop(StopReason::CpuBudget)
        );
    }

    #[test]
    fn stops_when_deliveries_hold_too_much_memory() {
        let mut budget = Budget::new(LIMITS, 0);
        budget.hold_memory(120_000_000);
        assert_eq!(budget.grant(0, None), Grant::Claim(None));
        budget.hold_memory(120_000_001);
        assert_eq!(budget.grant(0, None), Grant::Stop(StopReason::MemoryBudget));
    }

    #[test]
    fn polls_an_empty_queue_for_a_second() {
        let mut budget = Budget::new(LIMITS, 5_000_000);
        assert_eq!(budget.idle_wait(5_000_000), Some(POLL_EVERY_MS));
        assert_eq!(budget.idle_wait(5_999_999), Some(POLL_EVERY_MS));
        assert_eq!(budget.idle_wait(6_000_000), None);
        let mut late = budget.clone();
        late.batch_done(1, 6_000_000, 0);
        assert_eq!(
            late.idle_wait(5_000_000),
            None,
            "no time is left for a batch"
        );
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
    fn ends_even_if_the_clock_stands_still() {
        let mut budget = Budget::new(LIMITS, 0);
        for _ in 0..MAX_BATCHES {
            budget.batch_done(1, 0, 0);
        }
        assert_eq!(budget.grant(0, None), Grant::Stop(StopReason::WallBudget));
    }
}
