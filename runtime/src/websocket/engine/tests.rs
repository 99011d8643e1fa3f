//! Schedules of everything that can happen, in any order: each message is delivered exactly once, or handed back exactly once, in order.

use std::time::Duration;

use proptest::prelude::*;

use super::{Backoff, Engine, Fate, Phase, Refusal};
use crate::websocket::closing::Cause;
use crate::websocket::message::Message;
use crate::websocket::queue::{Attendance, Ticket};

const LIMIT: usize = 64;
const BACKOFF: Backoff = Backoff { most: 3, initial: Duration::from_millis(500), longest: Duration::from_secs(8) };

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A task sends a message of this length and waits for it.
    Send {
        task: usize,
        len: usize,
    },
    /// A task gives up waiting.
    Cancel {
        task: usize,
    },
    /// The socket takes this many bytes.
    Write {
        bytes: usize,
    },
    /// The connection is lost with this code.
    Lose {
        code: u16,
    },
    /// The next attempt to restore it is made.
    Restore {
        succeeds: bool,
        repeated: usize,
    },
    GiveUp,
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let code = prop::sample::select(vec![1000, 1001, 1005, 1006, 1006, 1006, 1008, 1011, 1012, 1013, 4000]);
    prop_oneof![
        8 => (0..4usize, 0..40usize).prop_map(|(task, len)| Step::Send { task, len }),
        2 => (0..4usize).prop_map(|task| Step::Cancel { task }),
        8 => (1..50usize).prop_map(|bytes| Step::Write { bytes }),
        3 => code.prop_map(|code| Step::Lose { code }),
        4 => (any::<bool>(), 0..3usize).prop_map(|(succeeds, repeated)| Step::Restore { succeeds, repeated }),
        1 => Just(Step::GiveUp),
        1 => Just(Step::Close),
    ]
}

/// The engine, with a socket that loses what it has not taken as a whole, and four tasks.
struct World {
    engine: Engine,
    /// What of the message in flight the socket has not taken yet.
    missing: Option<(Message, usize)>,
    waiting: [Option<(Ticket, u32)>; 4],
    sent: u32,
    /// Messages that the engine took, in order.
    taken: Vec<u32>,
    delivered: Vec<u32>,
    returned: Vec<u32>,
}

/// A message of at least four bytes that says which it is.
fn message(number: u32, len: usize) -> Message {
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.resize(4 + len, 0);
    Message::binary(bytes)
}

fn number(message: &Message) -> Option<u32> {
    message.as_bytes().get(..4).map(|bytes| u32::from_be_bytes(bytes.try_into().unwrap()))
}

impl World {
    fn new() -> Self {
        let engine = Engine::new(LIMIT, Some(BACKOFF));
        Self { engine, missing: None, waiting: [None; 4], sent: 0, taken: Vec::new(), delivered: Vec::new(), returned: Vec::new() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Send { task, len } => self.send(task, len),
            Step::Cancel { task } => {
                if let Some((ticket, _)) = self.waiting[task].take() {
                    self.engine.leave(ticket);
                }
            }
            Step::Write { bytes } => self.write(bytes),
            Step::Lose { code } => {
                self.missing = None;
                if !matches!(self.engine.phase(), Phase::Restoring { .. } | Phase::Ended { .. }) {
                    self.engine.lost(Cause::new(code, ""));
                }
            }
            Step::Restore { succeeds, repeated } => {
                if self.engine.plan(0.0).is_some() && succeeds {
                    self.engine.restored(vec![Message::text("abc"); repeated]);
                }
            }
            Step::GiveUp => self.engine.give_up(),
            Step::Close => self.engine.close(),
        }
        self.look();
    }

    fn send(&mut self, task: usize, len: usize) {
        if self.waiting[task].is_some() {
            return;
        }
        let (before, is_idle) = (self.engine.queued_bytes(), self.engine.is_idle());
        match self.engine.offer(message(self.sent, len), Attendance::Attended) {
            Ok(ticket) => {
                assert!(before + len + 4 <= LIMIT || is_idle, "the limit holds");
                self.waiting[task] = Some((ticket, self.sent));
                self.taken.push(self.sent);
                self.sent += 1;
            }
            Err((refusal, back)) => {
                assert_eq!(number(&back), Some(self.sent), "the message that is refused comes back");
                match refusal {
                    Refusal::Ended => assert!(matches!(self.engine.phase(), Phase::Closing | Phase::Ended { .. })),
                    Refusal::Busy | Refusal::Full => assert!(before + len + 4 > LIMIT, "there is no room"),
                }
            }
        }
    }

    fn write(&mut self, mut bytes: usize) {
        while bytes > 0 {
            if self.missing.is_none() {
                let Some(message) = self.engine.start().cloned() else { return };
                let len = message.len();
                self.missing = Some((message, len));
            }
            let Some((message, missing)) = &mut self.missing else { return };
            let taken = bytes.min(*missing);
            (*missing, bytes) = (*missing - taken, bytes - taken);
            if *missing == 0 {
                self.delivered.extend(number(message).filter(|_| message.as_text().is_none()));
                self.missing = None;
                self.engine.written();
            }
        }
    }

    /// Every task looks what became of its message.
    fn look(&mut self) {
        for waiting in &mut self.waiting {
            let Some((ticket, sent)) = *waiting else { continue };
            match self.engine.attend(ticket) {
                Fate::Pending => {}
                Fate::Settled => *waiting = None,
                Fate::Returned(message) => {
                    assert_eq!(number(&message), Some(sent), "a task gets its own message back");
                    self.returned.push(sent);
                    *waiting = None;
                }
            }
        }
    }
}

fn check(steps: &[Step]) {
    let mut world = World::new();
    for step in steps {
        world.take(*step);
        assert!(world.engine.is_idle() || !matches!(world.engine.phase(), Phase::Ended { .. }), "nothing is left in the queue at the end");
    }
    // In the end the connection is lost for good.
    world.take(Step::GiveUp);
    world.take(Step::Lose { code: 1008 });
    let closed = world.engine.closed().expect("it has ended");
    let unsent: Vec<u32> = closed.unsent.iter().filter_map(number).collect();
    let is_sorted = |numbers: &[u32]| numbers.is_sorted_by(|a, b| a < b);
    assert!(is_sorted(&world.delivered), "delivered in order: {:?}", world.delivered);
    assert!(is_sorted(&unsent), "handed back in order: {unsent:?}");
    let mut all = [world.delivered.clone(), world.returned.clone(), unsent.clone()].concat();
    all.sort_unstable();
    assert_eq!(all, world.taken, "delivered {:?}, returned {:?}, unsent {unsent:?}", world.delivered, world.returned);
    let last = world.delivered.last();
    assert!(unsent.iter().chain(&world.returned).all(|number| last.is_none_or(|last| number > last)), "what is handed back is the end");
    assert_eq!(world.engine.queued_bytes(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_message_is_delivered_once_or_handed_back_once(steps in prop::collection::vec(step(), 0..50)) {
        check(&steps);
    }
}

#[test]
fn the_delay_doubles_up_to_the_longest_and_jitter_shortens_it() {
    let delays: Vec<f64> = (1..=6).map(|attempt| BACKOFF.delay(attempt, 0.0).as_secs_f64()).collect();
    assert_eq!(delays, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]);
    assert_eq!(BACKOFF.delay(1, 1.0).as_secs_f64(), 0.375);
    assert_eq!(BACKOFF.delay(u32::MAX, 0.0).as_secs_f64(), 8.0);
}

#[test]
fn a_message_larger_than_the_limit_is_taken_when_nothing_else_waits() {
    let mut engine = Engine::new(8, Some(BACKOFF));
    assert!(engine.offer(message(0, 96), Attendance::Left).is_ok());
    assert!(matches!(engine.offer(message(1, 0), Attendance::Left), Err((Refusal::Busy, _))));
    assert!(engine.start().is_some());
    engine.lost(Cause::new(1006, ""));
    assert!(matches!(engine.offer(message(1, 0), Attendance::Left), Err((Refusal::Full, _))));
    assert_eq!(engine.queued_bytes(), 100, "what was in flight counts until it is written");
}

#[test]
fn a_message_that_fills_the_queue_exactly_fits() {
    let mut engine = Engine::new(12, Some(BACKOFF));
    engine.lost(Cause::new(1006, ""));
    assert!(engine.offer(message(0, 4), Attendance::Left).is_ok());
    assert!(matches!(engine.offer(message(1, 1), Attendance::Left), Err((Refusal::Full, _))));
    assert!(engine.offer(message(1, 0), Attendance::Left).is_ok());
}
