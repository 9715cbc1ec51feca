//! The queue `deferred_actions`: a model of deferred likes, and people who like, take back and defer while
//! workers apply what is due.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use serde_json::{Value, json, value::RawValue};
use suplatzigram_queues::{engine::ClaimedMessage, queues::Queue};
use uuid::Uuid;

use crate::{
    database::{Database, Rules, SECOND_US},
    executor::{Random, timestamp},
    faults::Faults,
    host::World,
    scenario::{DISPATCH_US, END_US, FAULTS_END_US, Scenario},
    workers::Workers,
};

/// One like in ten seconds, and three at once.
const STEP_US: u64 = 10 * SECOND_US;
const BURST: u64 = 3;
const MAX_OPEN: usize = 20;
const OWNERS: u64 = 4;
const POSTS: u64 = 8;

type Breakage = fn(&mut Rules);

/// Databases that break a rule of deferred likes.
pub(crate) const BROKEN: [(&str, Breakage); 2] = [
    ("compares_revisions", |rules| {
        rules.compares_revisions = false;
    }),
    ("remembers_outcomes", |rules| {
        rules.remembers_outcomes = false;
    }),
];

/// A row of `queues.deferred_likes`.
struct Like {
    owner: u64,
    post: u64,
    is_liked: bool,
    revision: u32,
    is_superseded: bool,
    apply_after_us: u64,
    outcome: Option<String>,
}

/// The likes, the posts, and the limits.
#[derive(Default)]
pub(crate) struct Likes {
    rules: Option<Rules>,
    rows: Vec<Like>,
    deleted: BTreeSet<u64>,
    liked: BTreeSet<(u64, u64)>,
    free_at_us: BTreeMap<u64, u64>,
    /// What was liked (true) and taken back, and when.
    events: BTreeMap<(u64, u64), Vec<bool>>,
    charged_at_us: BTreeMap<u64, Vec<u64>>,
    /// The likes of each owner in the order in which they were applied.
    applied: BTreeMap<u64, Vec<usize>>,
}

impl Likes {
    fn is_open(like: &Like) -> bool {
        like.outcome.is_none()
    }

    fn open_of(&self, owner: u64) -> Vec<usize> {
        let open = self.rows.iter().enumerate();
        let mut open: Vec<usize> = open
            .filter(|(_, like)| Self::is_open(like) && like.owner == owner)
            .map(|(index, _)| index)
            .collect();
        open.sort_by_key(|index| (self.rows[*index].apply_after_us, *index));
        open
    }

    /// The context of a claim, as `queues.deferred_action_context`.
    pub(crate) fn context(&self, messages: &[ClaimedMessage], now_us: u64) -> Value {
        let bodies = messages.iter().filter_map(|m| m.body.as_deref());
        let owners: BTreeSet<u64> = bodies.map(owner_of).collect();
        let likes = owners.into_iter().map(|owner| {
            let wait_us = self.wait_us(owner, now_us);
            let likes = self.open_of(owner).into_iter().map(|index| {
                let like = &self.rows[index];
                let is_liked = self.liked.contains(&(owner, like.post));
                let exists = !self.deleted.contains(&like.post);
                json!({
                    "id": Uuid::from_u128(index as u128),
                    "revision": like.revision,
                    "is_liked": like.is_liked,
                    "is_superseded": like.is_superseded,
                    "apply_after": timestamp(like.apply_after_us),
                    "free_at": (wait_us > 0).then(|| timestamp(now_us + wait_us)),
                    "post": exists.then(|| json!({"is_liked": is_liked})),
                })
            });
            (owner.to_string(), likes.collect::<Value>())
        });
        Value::Object(likes.collect())
    }

    /// The effect, as `queues.settle_deferred_likes`.
    pub(crate) fn settle<'v>(
        &mut self,
        decided: impl Iterator<Item = &'v Value>,
        now_us: u64,
        database: &mut Database,
    ) {
        let rules = self.rules.unwrap();
        let mut owners = BTreeSet::new();
        let mut late = BTreeSet::new();
        for row in decided {
            let id: Uuid = row["id"].as_str().unwrap().parse().unwrap();
            let index = id.as_u128() as usize;
            let like = &self.rows[index];
            let (owner, post, wanted) = (like.owner, like.post, like.is_liked);
            owners.insert(owner);
            let is_current = u64::from(like.revision) == row["revision"].as_u64().unwrap();
            if !is_current && rules.compares_revisions || like.outcome.is_some() {
                continue;
            }
            let outcome = match row["decision"].as_str().unwrap() {
                "wait" => {
                    let until_us = us_of(row["until"].as_str().unwrap());
                    let like = &mut self.rows[index];
                    like.apply_after_us = like.apply_after_us.max(until_us);
                    continue;
                }
                "drop" => row["reason"].as_str().unwrap(),
                _ if late.contains(&owner) => continue,
                _ if self.deleted.contains(&post) => "post_gone",
                _ if self.liked.contains(&(owner, post)) == wanted && rules.compares_revisions => {
                    "nothing_to_do"
                }
                _ => {
                    let wait_us = self.wait_us(owner, now_us);
                    if wait_us > 0 {
                        late.insert(owner);
                        for index in self.open_of(owner) {
                            let like = &mut self.rows[index];
                            like.apply_after_us = like.apply_after_us.max(now_us + wait_us);
                        }
                        continue;
                    }
                    self.change(owner, post, wanted, now_us);
                    self.applied.entry(owner).or_default().push(index);
                    "applied"
                }
            };
            if outcome != "applied" || rules.remembers_outcomes {
                self.rows[index].outcome = Some(outcome.to_owned());
            }
        }
        for owner in owners {
            self.wake(owner, now_us, database);
        }
    }

    pub(crate) fn drop_of_dead_letter(&mut self, body: &RawValue) {
        for index in self.open_of(owner_of(body)) {
            self.rows[index].outcome = Some("dead_letter".to_owned());
        }
    }

    fn wake(&self, owner: u64, now_us: u64, database: &mut Database) {
        if let Some(first) = self.open_of(owner).first() {
            let body = json!({"v": 1, "action": "like", "owner": owner.to_string()}).to_string();
            let due_us = self.rows[*first].apply_after_us.max(now_us);
            let delay_us = (due_us - now_us).div_ceil(SECOND_US) * SECOND_US;
            database.send(body, now_us + delay_us);
        }
    }

    fn wait_us(&self, owner: u64, now_us: u64) -> u64 {
        let free_at_us = self.free_at_us.get(&owner).copied().unwrap_or(0);
        free_at_us.saturating_sub(now_us + (BURST - 1) * STEP_US)
    }

    fn change(&mut self, owner: u64, post: u64, is_liked: bool, now_us: u64) {
        let free_at_us = self.free_at_us.entry(owner).or_default();
        *free_at_us = (*free_at_us).max(now_us) + STEP_US;
        self.charged_at_us.entry(owner).or_default().push(now_us);
        if is_liked {
            self.liked.insert((owner, post));
        } else {
            self.liked.remove(&(owner, post));
        }
        self.events.entry((owner, post)).or_default().push(is_liked);
    }

    /// A call of `toggle_post_like` with `p_defer`.
    fn toggle(&mut self, owner: u64, post: u64, now_us: u64, database: &mut Database) {
        if self.deleted.contains(&post) {
            return;
        }
        let open = self.open_of(owner);
        let mine = open.iter().copied().find(|i| self.rows[*i].post == post);
        let current = mine.filter(|index| !self.rows[*index].is_superseded);
        let is_liked = self.liked.contains(&(owner, post));
        let wanted = !current.map_or(is_liked, |index| self.rows[index].is_liked);
        let wait_us = self.wait_us(owner, now_us);
        if wait_us == 0 {
            if let Some(index) = current {
                self.rows[index].is_superseded = true;
                self.rows[index].revision += 1;
            }
            if wanted != is_liked {
                self.change(owner, post, wanted, now_us);
            }
            return;
        }
        let last_us = open.last().map(|index| self.rows[*index].apply_after_us);
        let next_us = (now_us + wait_us).max(last_us.map_or(0, |last_us| last_us + STEP_US));
        let waiting = open
            .iter()
            .filter(|index| !self.rows[**index].is_superseded);
        if current.is_none() && waiting.count() >= MAX_OPEN {
            return;
        }
        if let Some(index) = mine {
            let like = &mut self.rows[index];
            like.revision += 1;
            like.is_liked = wanted;
            like.apply_after_us = if like.is_superseded {
                next_us
            } else {
                like.apply_after_us
            };
            like.is_superseded = false;
        } else {
            self.rows.push(Like {
                owner,
                post,
                is_liked: wanted,
                revision: 1,
                is_superseded: false,
                apply_after_us: next_us,
                outcome: None,
            });
        }
        if open.is_empty() {
            self.wake(owner, now_us, database);
        }
    }
}

fn owner_of(body: &RawValue) -> u64 {
    let body: Value = serde_json::from_str(body.get()).unwrap();
    body["owner"].as_str().unwrap().parse().unwrap()
}

fn us_of(at: &str) -> u64 {
    let at = time::OffsetDateTime::parse(at, &time::format_description::well_known::Rfc3339);
    let start = timestamp(0).unix_secs();
    let us = at.unwrap().unix_timestamp_nanos() / 1_000 - i128::from(start) * 1_000_000;
    u64::try_from(us).unwrap()
}

/// The end of a simulation.
pub(crate) struct End(Rc<World>);

/// Runs a scenario with the queue of deferred likes.
pub(crate) fn run(scenario: Scenario) -> End {
    let mut database = Database::new(scenario.rules, scenario.policy, Vec::new());
    database.likes = Some(Likes {
        rules: Some(scenario.rules),
        ..Likes::default()
    });
    let world = Rc::new(World {
        queue: Queue::DeferredActions,
        now_us: Rc::default(),
        database: RefCell::new(database),
        random: RefCell::new(Random::new(scenario.seed ^ 0xFACE)),
        faults: Cell::new(scenario.faults),
        killers: BTreeSet::new(),
        accepted: RefCell::default(),
        requests_while_down: Cell::default(),
        history: RefCell::default(),
        recording: None,
    });
    let mut workers = Workers {
        world: Rc::clone(&world),
        limits: scenario.limits,
        running: Vec::new(),
        runs: 0,
        summaries: Vec::new(),
    };
    let mut people = Random::new(scenario.seed ^ 0xBEEF);
    let (mut next_dispatch_us, mut next_person_us) = (0, 0);
    loop {
        let next_poll_us = workers.next_poll_us().unwrap_or(u64::MAX);
        let now_us = next_poll_us.min(next_dispatch_us).min(next_person_us);
        world.now_us.set(now_us.max(world.now_us.get()));
        assert!(now_us < END_US, "likes are left after four hours");
        if now_us >= FAULTS_END_US {
            world.faults.set(Faults::calm());
        }
        if next_person_us <= now_us {
            act(&mut people, &world);
            next_person_us = now_us + people.between(10_000, 3 * SECOND_US);
            if next_person_us >= FAULTS_END_US {
                next_person_us = u64::MAX;
            }
        } else if next_dispatch_us <= now_us {
            next_dispatch_us += DISPATCH_US;
            workers.dispatch();
            let is_idle = workers.running.is_empty() && next_person_us == u64::MAX;
            if is_idle && world.database.borrow().rows.is_empty() {
                return End(world);
            }
        } else {
            workers.poll_next();
        }
    }
}

/// Somebody toggles a like, often of the same posts, or rarely deletes one.
fn act(people: &mut Random, world: &World) {
    let mut database = world.database.borrow_mut();
    let mut likes = database.likes.take().unwrap();
    let (owner, post) = (people.between(0, OWNERS), people.between(0, POSTS));
    if people.one_in(200) {
        likes.deleted.insert(post);
    } else {
        likes.toggle(owner, post, world.now_us.get(), &mut database);
    }
    database.likes = Some(likes);
}

impl End {
    pub(crate) fn check(&self) {
        let database = self.0.database.borrow();
        let likes = database.likes.as_ref().unwrap();
        for (index, like) in likes.rows.iter().enumerate() {
            let outcome = like.outcome.as_deref();
            assert!(outcome.is_some(), "like {index} is still open");
            let times = likes.applied.get(&like.owner);
            let times = times.map_or(0, |all| all.iter().filter(|i| **i == index).count());
            let expected = usize::from(outcome == Some("applied"));
            assert_eq!(times, expected, "like {index} is applied");
        }
        for (pair, events) in &likes.events {
            let alternate = events.windows(2).all(|two| two[0] != two[1]) && events[0];
            assert!(alternate, "{pair:?} is liked twice: {events:?}");
        }
        for (owner, charged_at_us) in &likes.charged_at_us {
            let burst = BURST as usize;
            let spaced = charged_at_us
                .windows(burst + 1)
                .all(|some| some[burst] - some[0] >= STEP_US);
            assert!(spaced, "the limit of {owner}: {charged_at_us:?}");
        }
        assert!(
            database.changed_by_others.is_empty(),
            "{:?}",
            database.changed_by_others
        );
    }
}
