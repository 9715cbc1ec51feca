//! Virtual time: tasks sleep until a point in time, and the executor polls the earliest one.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use suplatzigram_queues::base::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The time at which the virtual clock starts.
pub(crate) const START: &str = "2026-11-23T12:00:00Z";

/// The time of the virtual clock.
pub(crate) fn timestamp(now_us: u64) -> Timestamp {
    let start = OffsetDateTime::parse(START, &Rfc3339).unwrap();
    let now = start + std::time::Duration::from_micros(now_us);
    Timestamp::parse(&now.format(&Rfc3339).unwrap()).unwrap()
}

/// Seeded random numbers: SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `low..high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    /// True one in `n` times; never for 0.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        n != 0 && self.next().is_multiple_of(n)
    }
}

/// The points in time that the futures of a task wait for.
#[derive(Clone, Default)]
pub(crate) struct Timers(Rc<RefCell<Vec<(u64, Waker)>>>);

/// Waits until the virtual clock has passed `until_us`.
pub(crate) async fn sleep_until(now_us: Rc<Cell<u64>>, timers: Timers, until_us: u64) {
    std::future::poll_fn(|context| {
        if now_us.get() >= until_us {
            return Poll::Ready(());
        }
        let timer = (until_us, context.waker().clone());
        timers.0.borrow_mut().push(timer);
        Poll::Pending
    })
    .await;
}

/// A future and the time of its next poll. Dropping it is a crash.
pub(crate) struct Task<T> {
    timers: Timers,
    started_us: u64,
    future: Pin<Box<dyn Future<Output = T>>>,
}

impl<T> Task<T> {
    pub(crate) fn new(
        timers: Timers,
        started_us: u64,
        future: impl Future<Output = T> + 'static,
    ) -> Self {
        Self {
            timers,
            started_us,
            future: Box::pin(future),
        }
    }

    /// When its first timer is due; at once for a task that has not been polled.
    pub(crate) fn wake_at_us(&self) -> u64 {
        let timers = self.timers.0.borrow();
        let earliest = timers.iter().map(|(at_us, _)| *at_us).min();
        earliest.unwrap_or(self.started_us)
    }

    pub(crate) fn poll(&mut self, now_us: u64) -> Option<T> {
        let is_due = |timer: &mut (u64, Waker)| timer.0 <= now_us;
        let due: Vec<_> = self.timers.0.borrow_mut().extract_if(.., is_due).collect();
        due.into_iter().for_each(|(_, waker)| waker.wake());
        match self
            .future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }
}
