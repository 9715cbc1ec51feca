//! A model of the mark of a queue (`supabase/schemas/20_engine/22_marks.sql`): transactions that write,
//! claim and settle, steps of the mark and ticks, in any order of their parts, and each rule left out.
//!
//! The promise: what is committed lies after the mark, unless its writer was passed, and the first tick
//! that begins after such a writer has ended finds it.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::catch_unwind,
};

use crate::{executor::Random, for_each_seed};

/// How far back a sender may have read the clock without being moved.
const TOLERANCE: i64 = 2;
/// How far the mark stays behind the clock.
const LAG: i64 = 5;
const PATIENCE: i64 = 25;
const LEASE: i64 = 40;
const STEPS: u32 = 600;

/// Without any of these, messages are lost.
#[derive(Clone, Copy)]
struct Rules {
    waits_for_writers: bool,
    announces_before_it_takes_effect: bool,
    looks_at_rows_after_writers: bool,
    one_step_at_a_time: bool,
    moves_what_is_written_before_it: bool,
    ticks_look_behind_passed_writers: bool,
    remembers_passed_writers: bool,
    ticks_come_back_for_locked_rows: bool,
}

type Breakage = fn(&mut Rules);

const ALL: Rules = Rules {
    waits_for_writers: true,
    announces_before_it_takes_effect: true,
    looks_at_rows_after_writers: true,
    one_step_at_a_time: true,
    moves_what_is_written_before_it: true,
    ticks_look_behind_passed_writers: true,
    remembers_passed_writers: true,
    ticks_come_back_for_locked_rows: true,
};

/// A row of `queues.marks`.
#[derive(Clone, Debug)]
struct Mark {
    due_after: i64,
    announced: i64,
    writers: Option<BTreeSet<u32>>,
    writers_since: i64,
    passed: BTreeSet<u32>,
    passed_after: i64,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    vt: i64,
    due: i64,
    writer: u32,
}

/// A transaction that holds the lock of writers.
struct Writer {
    id: u32,
    /// What it has written: `None` for a row that it removes.
    changes: BTreeMap<u32, Option<Row>>,
    /// It is committed or rolled back, and still holds its lock.
    has_ended: bool,
}

/// A step of the mark that is under way.
struct Advance {
    base: Mark,
    clock: i64,
    open: BTreeSet<u32>,
    first: Option<Option<i64>>,
}

struct Model {
    rules: Rules,
    random: Random,
    clock: i64,
    rows: BTreeMap<u32, Row>,
    marks: Vec<Mark>,
    writers: Vec<Writer>,
    advances: Vec<Advance>,
    next_id: u32,
}

impl Model {
    fn new(seed: u64, rules: Rules) -> Self {
        let none = Mark {
            due_after: -1,
            announced: -1,
            writers: None,
            writers_since: 0,
            passed: BTreeSet::new(),
            passed_after: -1,
        };
        Self {
            rules,
            random: Random::new(seed),
            clock: 100,
            rows: BTreeMap::new(),
            marks: vec![none],
            writers: Vec::new(),
            advances: Vec::new(),
            next_id: 1,
        }
    }

    fn run(mut self) {
        for _ in 0..STEPS {
            self.clock += self.below(4) as i64;
            match self.below(10) {
                0 if self.writers.len() < 5 => self.begin(),
                0..=4 => self.write(),
                5 | 6 => self.end_or_unlock(),
                7 => self.advance(),
                _ => self.tick(),
            }
            self.check();
        }
        // Everybody ends, and a few ticks and steps follow.
        while !self.writers.is_empty() {
            self.end_or_unlock();
        }
        for _ in 0..30 {
            self.clock += LAG;
            self.advance();
            self.tick();
            self.check();
        }
        let mark = self.newest().due_after;
        let hidden: Vec<_> = self.rows.values().filter(|row| row.vt <= mark).collect();
        assert!(hidden.is_empty(), "hidden for ever: {hidden:?}");
    }

    fn check(&self) {
        let mark = self.newest();
        for (id, row) in &self.rows {
            assert!(
                row.vt > mark.due_after || mark.passed.contains(&row.writer),
                "message {id} is hidden: {row:?} {mark:?}"
            );
        }
    }

    fn begin(&mut self) {
        let id = self.new_id();
        self.writers.push(Writer {
            id,
            changes: BTreeMap::new(),
            has_ended: false,
        });
    }

    /// Sends, claims, acknowledges, retries or releases a message.
    fn write(&mut self) {
        let open: Vec<usize> = (0..self.writers.len())
            .filter(|index| !self.writers[*index].has_ended)
            .collect();
        let Some(index) = self.pick(&open) else {
            return;
        };
        let writer = self.writers[index].id;
        let mark = self.newest().clone();
        let locked: BTreeSet<u32> = self
            .writers
            .iter()
            .flat_map(|writer| writer.changes.keys().copied())
            .collect();
        let free = |row: &(&u32, &Row)| !locked.contains(row.0);
        match self.below(6) {
            kind @ 0..=2 => {
                let ago = self.below(if kind == 2 { 100 } else { 5 }) as i64;
                let due = self.moved(self.clock - ago, &mark);
                let id = self.new_id();
                let vt = due;
                self.change(index, id, Some(Row { vt, due, writer }));
            }
            3 => {
                let visible = self.rows.iter().filter(free);
                let visible = visible
                    .filter(|(_, row)| row.vt > mark.due_after && row.vt <= self.clock)
                    .min_by_key(|(id, row)| (row.vt, **id));
                if let Some((id, row)) = visible.map(|(id, row)| (*id, *row)) {
                    let vt = self.clock + LEASE;
                    self.change(index, id, Some(Row { vt, writer, ..row }));
                }
            }
            _ => {
                let leased = self.rows.iter().filter(free);
                let leased: Vec<u32> = leased
                    .filter(|(_, row)| row.vt > self.clock)
                    .map(|(id, _)| *id)
                    .collect();
                let Some(id) = self.pick(&leased) else {
                    return;
                };
                let row = self.rows[&id];
                match self.below(3) {
                    0 => self.change(index, id, None),
                    1 => {
                        let vt = self.moved(row.due, &mark);
                        self.change(index, id, Some(Row { vt, writer, ..row }));
                    }
                    _ => {
                        let due = self.clock + self.below(20) as i64;
                        let vt = due;
                        self.change(index, id, Some(Row { vt, due, writer }));
                    }
                }
            }
        }
    }

    fn change(&mut self, index: usize, id: u32, row: Option<Row>) {
        self.writers[index].changes.insert(id, row);
    }

    /// What the trigger does: who writes has read the newest mark.
    fn moved(&self, vt: i64, mark: &Mark) -> i64 {
        if vt < self.clock - TOLERANCE && self.rules.moves_what_is_written_before_it {
            vt.max(mark.announced + 1)
        } else {
            vt
        }
    }

    /// Commits or rolls back; the lock is given back later.
    fn end_or_unlock(&mut self) {
        if self.writers.is_empty() {
            return;
        }
        let index = self.below(self.writers.len() as u64) as usize;
        if self.writers[index].has_ended {
            self.writers.remove(index);
            return;
        }
        let commits = !self.random.one_in(3);
        let writer = &mut self.writers[index];
        writer.has_ended = true;
        for (id, row) in std::mem::take(&mut writer.changes) {
            match row {
                _ if !commits => {}
                Some(row) => {
                    self.rows.insert(id, row);
                }
                None => {
                    self.rows.remove(&id);
                }
            }
        }
    }

    /// One part of a step: a look at the writers, a look at the rows, or the commit.
    fn advance(&mut self) {
        let most = if self.rules.one_step_at_a_time { 1 } else { 3 };
        let starts =
            self.advances.len() < most && (self.advances.is_empty() || self.random.one_in(2));
        if starts {
            let first = (!self.rules.looks_at_rows_after_writers)
                .then(|| self.first_after(self.newest().due_after));
            self.advances.push(Advance {
                base: self.newest().clone(),
                clock: self.clock,
                open: BTreeSet::new(),
                first,
            });
            if self.rules.looks_at_rows_after_writers {
                self.advances.last_mut().unwrap().open = self.open();
            }
            return;
        }
        let index = self.below(self.advances.len() as u64) as usize;
        if self.advances[index].first.is_none() {
            let after = self.advances[index].base.due_after;
            self.advances[index].first = Some(self.first_after(after));
            return;
        }
        let mut step = self.advances.remove(index);
        if !self.rules.looks_at_rows_after_writers {
            step.open = self.open();
        }
        // The claim that made the step may roll back.
        if !self.random.one_in(5) {
            let next = self.stepped(step);
            self.marks.push(next);
        }
    }

    fn stepped(&self, step: Advance) -> Mark {
        let mut mark = step.base;
        let open: BTreeSet<u32> = if self.rules.waits_for_writers {
            &step.open - &mark.passed
        } else {
            BTreeSet::new()
        };
        let announces = self.rules.announces_before_it_takes_effect;
        let mut writers = match mark.writers.take() {
            _ if mark.announced == mark.due_after && announces => BTreeSet::new(),
            None => {
                mark.writers_since = step.clock;
                open
            }
            Some(writers) => &writers & &open,
        };
        if !writers.is_empty() && step.clock > mark.writers_since + PATIENCE {
            if mark.passed.is_empty() {
                mark.passed_after = mark.due_after;
            }
            if self.rules.remembers_passed_writers {
                mark.passed.append(&mut writers);
            }
            writers.clear();
        }
        if writers.is_empty() {
            let safe = step.clock - LAG;
            let first = step.first.flatten().filter(|vt| *vt <= safe);
            let before_first = first.map_or(i64::MAX, |vt| vt - 1);
            let next = if announces { mark.announced } else { safe };
            mark.due_after = mark.due_after.max(next.min(before_first));
            mark.announced = mark.due_after.max(safe.min(before_first));
        } else {
            mark.writers = Some(writers);
        }
        mark
    }

    /// A tick. It writes the next mark, so it waits for a step that is under way.
    fn tick(&mut self) {
        let mut base = self.newest().clone();
        let ended = &base.passed - &self.open();
        if ended.is_empty() || !self.advances.is_empty() {
            return;
        }
        let locked: BTreeSet<u32> = self
            .writers
            .iter()
            .flat_map(|writer| writer.changes.keys().copied())
            .collect();
        let id = self.new_id();
        let mut skips = false;
        if self.rules.ticks_look_behind_passed_writers {
            for (row_id, row) in &mut self.rows {
                let is_hidden = row.vt > base.passed_after && row.vt <= base.due_after;
                if is_hidden && locked.contains(row_id) {
                    // A claim may hold it that began before the mark passed it, and roll back.
                    skips = true;
                } else if is_hidden {
                    row.vt = base.announced + 1;
                    row.writer = id;
                }
            }
        }
        if !(skips && self.rules.ticks_come_back_for_locked_rows) {
            base.passed = &base.passed - &ended;
            self.marks.push(base);
        }
    }

    fn newest(&self) -> &Mark {
        self.marks.last().unwrap()
    }

    /// Who holds the lock of writers.
    fn open(&self) -> BTreeSet<u32> {
        self.writers.iter().map(|writer| writer.id).collect()
    }

    /// The first committed row after a time. The end of the range is applied later: it only takes rows away.
    fn first_after(&self, after: i64) -> Option<i64> {
        let times = self.rows.values().map(|row| row.vt);
        times.filter(|vt| *vt > after).min()
    }

    fn new_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    fn below(&mut self, end: u64) -> u64 {
        self.random.between(0, end)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let index = if from.is_empty() {
            0
        } else {
            self.below(from.len() as u64) as usize
        };
        from.get(index).copied()
    }
}

#[test]
fn a_mark_hides_no_message() {
    for_each_seed(|seed| Model::new(seed, ALL).run());
}

#[test]
fn notices_a_mark_that_breaks_a_rule() {
    let broken: [(&str, Breakage); 8] = [
        ("waits for writers", |rules| rules.waits_for_writers = false),
        ("announces before it takes effect", |rules| {
            rules.announces_before_it_takes_effect = false;
        }),
        ("looks at rows after writers", |rules| {
            rules.looks_at_rows_after_writers = false;
        }),
        ("one step at a time", |rules| {
            rules.one_step_at_a_time = false
        }),
        ("moves what is written before it", |rules| {
            rules.moves_what_is_written_before_it = false;
        }),
        ("ticks look behind passed writers", |rules| {
            rules.ticks_look_behind_passed_writers = false;
        }),
        ("remembers passed writers", |rules| {
            rules.remembers_passed_writers = false;
        }),
        ("ticks come back for locked rows", |rules| {
            rules.ticks_come_back_for_locked_rows = false;
        }),
    ];
    for (rule, breaks) in broken {
        let mut rules = ALL;
        breaks(&mut rules);
        let is_noticed = |seed| catch_unwind(|| Model::new(seed, rules).run()).is_err();
        assert!(
            (0..20_000).any(is_noticed),
            "nothing is lost without: {rule}"
        );
    }
}
