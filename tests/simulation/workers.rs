//! The workers of a simulation: dispatched, polled in turns, crashed and shut down.

use std::{cell::Cell, rc::Rc};

use suplatzigram_queues::engine::{Limits, Summary, drain};

use crate::{
    executor::{Task, Timers},
    host::{SimulatedHost, World},
    messages::SimulatedQueue,
};

pub(crate) const MAX_WORKERS: usize = 5;

/// A running worker.
pub(crate) struct Worker {
    task: Task<Summary>,
    started_us: u64,
    is_doomed: Rc<Cell<bool>>,
    is_stopping: Rc<Cell<bool>>,
}

pub(crate) struct Workers {
    pub(crate) world: Rc<World>,
    pub(crate) limits: Limits,
    pub(crate) running: Vec<Worker>,
    pub(crate) runs: u32,
    /// The summaries of the runs that ended by themselves, and their durations.
    pub(crate) summaries: Vec<(Summary, u64)>,
}

impl Workers {
    pub(crate) fn next_poll_us(&self) -> Option<u64> {
        self.running
            .iter()
            .map(|worker| worker.task.wake_at_us())
            .min()
    }

    /// Starts up to two workers for a backlog, sometimes one too many.
    pub(crate) fn dispatch(&mut self) {
        let backlog = self
            .world
            .database
            .borrow()
            .backlog(self.world.now_us.get());
        let calls = self.world.random.borrow_mut().between(1, 3) as usize;
        let calls = if backlog == 0 { 0 } else { calls };
        for _ in 0..calls.min(MAX_WORKERS.saturating_sub(self.running.len())) {
            self.start();
        }
    }

    fn start(&mut self) {
        self.runs += 1;
        let (timers, now_us) = (Timers::default(), self.world.now_us.get());
        let host = SimulatedHost::new(Rc::clone(&self.world), timers.clone(), self.runs);
        let (is_doomed, is_stopping) = (Rc::clone(&host.is_doomed), Rc::clone(&host.is_stopping));
        let limits = self.limits;
        let queue = SimulatedQueue::new(
            self.world.queue,
            self.world.killers.clone(),
            Rc::clone(&is_doomed),
        );
        let future = async move { drain(&host, &queue, limits).await };
        self.running.push(Worker {
            task: Task::new(timers, now_us, future),
            started_us: now_us,
            is_doomed,
            is_stopping,
        });
    }

    pub(crate) fn poll_next(&mut self) {
        let earliest = self.next_poll_us();
        let ready: Vec<usize> = (0..self.running.len())
            .filter(|i| Some(self.running[*i].task.wake_at_us()) == earliest)
            .collect();
        let (index, crashes, shuts_down) = {
            let mut random = self.world.random.borrow_mut();
            let faults = self.world.faults.get();
            let index = ready[random.between(0, ready.len() as u64) as usize];
            (
                index,
                random.one_in(faults.crash),
                random.one_in(faults.shutdown),
            )
        };
        let worker = &mut self.running[index];
        if shuts_down {
            worker.is_stopping.set(true);
        }
        let now_us = self.world.now_us.get();
        let ended = if crashes {
            None
        } else {
            worker.task.poll(now_us)
        };
        if let Some(summary) = ended {
            let took_us = self.world.now_us.get() - worker.started_us;
            self.world.note(format!("{summary:?}"));
            self.summaries.push((summary, took_us));
            self.running.swap_remove(index);
        } else if crashes || worker.is_doomed.get() {
            self.world.note("a worker crashes".to_owned());
            self.running.swap_remove(index);
        }
    }
}
