//! The cases of the runtime's criterion bench, on a machine that others use too.
//!
//! - `time`: both sides in turns of a few milliseconds; the fastest turns of each count. Prints `decode/chunk OURS DERIVE` (ns).
//! - `instructions`: what valgrind counts, whatever else the machine does. Prints the same lines (instructions).
//! - `once OPERATION/CASE SIDE COUNT`: what valgrind is given to run.

#[path = "../../../runtime/benches/json/cases.rs"]
#[allow(unused_qualifications, reason = "the samples are written as they are emitted")]
mod cases;

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use openai_runtime::json::{self, Decode, Encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long one side runs before the other one's turn.
const TURN: Duration = Duration::from_millis(4);
const TURNS: usize = 250;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["time"] => cases::visit(&mut Time),
        ["instructions"] => cases::visit(&mut Instructions),
        ["once", case, side, count] => cases::visit(&mut Once { case, side, count: count.parse().expect("a number") }),
        _ => panic!("usage: time | instructions | once OPERATION/CASE SIDE COUNT"),
    }
}

/// The same operation with our types and with derived ones.
type Sides<'r> = [&'r mut (dyn FnMut() + 'r); 2];

/// Calls back with a name and both sides of each operation on a case.
fn operations<Ours: Decode + Encode, Derived: DeserializeOwned + Serialize>(
    name: &str,
    text: &str,
    mut with: impl for<'r> FnMut(&str, Sides<'r>),
) {
    let bytes = text.as_bytes();
    let ours: Ours = json::from_slice(bytes).expect("a good document");
    let derived: Derived = serde_json::from_slice(bytes).expect("a good document");
    let decode: Sides<'_> = [&mut || drop(black_box(json::from_slice::<Ours>(black_box(bytes)))), &mut || {
        drop(black_box(serde_json::from_slice::<Derived>(black_box(bytes))))
    }];
    with(&format!("decode/{name}"), decode);
    let encode: Sides<'_> =
        [&mut || drop(black_box(json::encode(black_box(&ours)))), &mut || drop(black_box(serde_json::to_string(black_box(&derived))))];
    with(&format!("encode/{name}"), encode);
}

struct Time;

impl cases::Visit for Time {
    fn case<Ours: Decode + Encode, Derived: DeserializeOwned + Serialize>(&mut self, name: &str, text: &str) {
        operations::<Ours, Derived>(name, text, |operation, mut sides| {
            let counts = sides.each_mut().map(|run| repetitions(run));
            let mut best = [f64::INFINITY; 2];
            for _ in 0..TURNS {
                for (side, run) in sides.iter_mut().enumerate() {
                    let start = Instant::now();
                    for _ in 0..counts[side] {
                        run();
                    }
                    best[side] = best[side].min(start.elapsed().as_secs_f64() * 1e9 / f64::from(counts[side]));
                }
            }
            println!("{operation} {:.1} {:.1}", best[0], best[1]);
        });
    }
}

/// How often something is done within a turn.
fn repetitions(run: &mut dyn FnMut()) -> u32 {
    let mut count = 1;
    loop {
        let start = Instant::now();
        for _ in 0..count {
            run();
        }
        if start.elapsed() >= TURN / 2 || count > 1 << 24 {
            return count;
        }
        count *= 2;
    }
}

struct Once<'a> {
    case: &'a str,
    side: &'a str,
    count: u32,
}

impl cases::Visit for Once<'_> {
    fn case<Ours: Decode + Encode, Derived: DeserializeOwned + Serialize>(&mut self, name: &str, text: &str) {
        if self.case.split_once('/').is_none_or(|(_, case)| case != name) {
            return;
        }
        operations::<Ours, Derived>(name, text, |operation, [ours, derived]| {
            if operation == self.case {
                let run = if self.side == "ours" { ours } else { derived };
                (0..self.count).for_each(|_| run());
            }
        });
    }
}

struct Instructions;

impl cases::Visit for Instructions {
    fn case<Ours: Decode + Encode, Derived: DeserializeOwned + Serialize>(&mut self, name: &str, text: &str) {
        // Enough repetitions that the process's own start does not show, few enough that valgrind is done in seconds.
        let count = (400_000 / text.len() as u32).clamp(2, 1000);
        for operation in ["decode", "encode"] {
            let operation = format!("{operation}/{name}");
            let [ours, derived] = ["ours", "derive"].map(|side| {
                let counted = |count: u32| instructions(&operation, side, count);
                (counted(2 * count) - counted(count)) / f64::from(count)
            });
            println!("{operation} {ours:.0} {derived:.0}");
        }
    }
}

/// The instructions of a process that does something so many times.
fn instructions(operation: &str, side: &str, count: u32) -> f64 {
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).args(["once", operation, side, &count.to_string()]);
    let output = valgrind.output().expect("valgrind is installed");
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, number)| number.trim().parse());
    collected.and_then(Result::ok).expect("callgrind tells how many instructions it collected")
}
