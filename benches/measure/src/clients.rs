//! What calling, streaming and downloading cost: the client programs in turns against the loopback server, and the middle of their numbers.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};

use crate::machine::{self, benches, cargo, target};
use crate::table::{self, median};

/// The clients in Rust: how the tables call them, and their programs.
const CLIENTS: [(&str, &str); 3] = [("openai", "client-ours"), ("async-openai", "client-peer"), ("bare client", "client-floor")];

/// The official client, at the version whose behaviour this project follows.
const PYTHON: &str = "openai==2.33.0";

/// Something that every client is asked to do.
struct Task {
    name: &'static str,
    title: &'static str,
    /// What each number on the task's line is.
    numbers: &'static [&'static str],
    count: usize,
    /// How often the Python client does it; it is left out where that would take minutes.
    python: Option<usize>,
    rounds: usize,
}

const TASKS: [Task; 11] = [
    Task {
        name: "calls",
        title: "A chat completion, one after the other",
        numbers: &["CPU µs", "wall µs"],
        count: 20_000,
        python: Some(1_000),
        rounds: 7,
    },
    Task {
        name: "held",
        title: "1,000 chat completions in flight",
        numbers: &["bytes each"],
        count: 1_000,
        python: Some(1_000),
        rounds: 3,
    },
    Task {
        name: "events-chat",
        title: "A stream of chat completion chunks",
        numbers: &["CPU µs an event", "wall µs"],
        count: 200_000,
        python: Some(10_000),
        rounds: 5,
    },
    Task {
        name: "main-events-chat",
        title: "A stream of chat completion chunks, read by the runtime's main future",
        numbers: &["CPU µs an event", "wall µs"],
        count: 200_000,
        python: None,
        rounds: 5,
    },
    Task {
        name: "events-responses",
        title: "A stream of Responses events",
        numbers: &["CPU µs an event", "wall µs"],
        count: 200_000,
        python: Some(10_000),
        rounds: 5,
    },
    Task {
        name: "main-events-responses",
        title: "A stream of Responses events, read by the runtime's main future",
        numbers: &["CPU µs an event", "wall µs"],
        count: 200_000,
        python: None,
        rounds: 5,
    },
    Task {
        name: "first-chat",
        title: "The first event of a chat stream",
        numbers: &["median µs", "95 % µs"],
        count: 500,
        python: Some(200),
        rounds: 5,
    },
    Task {
        name: "first-responses",
        title: "The first event of a Responses stream",
        numbers: &["median µs", "95 % µs"],
        count: 500,
        python: Some(200),
        rounds: 5,
    },
    Task {
        name: "streams",
        title: "2,000 streams at once, an event every 100 ms each",
        numbers: &["bytes each", "CPU µs an event", "longest wait ms"],
        count: 2_000,
        python: None,
        rounds: 3,
    },
    Task {
        name: "large-stream",
        title: "A stream of 2 GB",
        numbers: &["peak MB", "CPU µs an event"],
        count: 7_200_000,
        python: None,
        rounds: 1,
    },
    Task {
        name: "large-download",
        title: "A download of 2 GB",
        numbers: &["peak MB", "CPU s"],
        count: 2_000_000_000,
        python: None,
        rounds: 1,
    },
];

/// Runs the named tasks, or all of them, and prints a table for each.
pub fn run(names: &[&str]) -> Result<()> {
    let folder = target().join("clients");
    let mut build = cargo(&folder, &["build", "--release", "-p", "loopback"]);
    for (_, program) in CLIENTS {
        build.args(["-p", program]);
    }
    machine::run(&mut build)?;
    let programs = folder.join("release");
    let python = python();
    if let Err(error) = &python {
        println!("openai-python is left out: {error:#}");
    }
    for task in TASKS.iter().filter(|task| names.is_empty() || names.contains(&task.name)) {
        measure(task, &programs, python.as_ref().ok())?;
    }
    Ok(())
}

fn measure(task: &Task, programs: &std::path::Path, python: Option<&PathBuf>) -> Result<()> {
    let mut clients: Vec<(&str, Box<dyn Fn() -> Command>, usize)> = Vec::new();
    for (name, program) in CLIENTS {
        let program = programs.join(program);
        clients.push((name, Box::new(move || Command::new(&program)), task.count));
    }
    if let (Some(python), Some(count)) = (python.cloned(), task.python) {
        let script = benches().join("clients/python/client.py");
        let command = move || {
            let mut command = Command::new(&python);
            command.arg(&script);
            command
        };
        clients.push(("openai-python", Box::new(command), count));
    }
    let mut values: Vec<Vec<Vec<f64>>> = vec![vec![Vec::new(); task.numbers.len()]; clients.len()];
    for _ in 0..task.rounds {
        for ((_, command, count), values) in clients.iter().zip(&mut values) {
            let server = Server::start(&programs.join("loopback"))?;
            let line = machine::run(command().arg(task.name).arg(count.to_string()).arg(&server.address))?;
            let numbers = line.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>();
            for (values, number) in values.iter_mut().zip(numbers.with_context(|| format!("{} printed {line}", task.name))?) {
                values.push(number);
            }
        }
    }
    let middle: Vec<Vec<f64>> = values.into_iter().map(|numbers| numbers.into_iter().map(median).collect()).collect();
    let mut header = vec!["client"];
    header.extend(task.numbers.iter().flat_map(|number| [*number, "ours is"]));
    let row = |(client, numbers): (&(&str, _, usize), &Vec<f64>)| {
        let mut row = vec![client.0.to_owned()];
        row.extend(numbers.iter().zip(&middle[0]).flat_map(|(number, ours)| [format!("{number:.2}"), format!("{:.2}×", ours / number)]));
        row
    };
    let rows: Vec<Vec<String>> = clients.iter().zip(&middle).map(row).collect();
    table::print(&format!("{}, middle of {}", task.title, task.rounds), &header, &rows);
    Ok(())
}

/// The Python of a virtual environment with the official client in it, which is made when it is missing.
fn python() -> Result<PathBuf> {
    let folder = target().join("python");
    let python = folder.join("bin/python");
    if !python.exists() {
        machine::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    machine::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PYTHON]))?;
    Ok(python)
}

/// The loopback server; it ends when its input is closed.
struct Server {
    address: String,
    process: Child,
    input: Option<ChildStdin>,
}

impl Server {
    fn start(program: &std::path::Path) -> Result<Self> {
        let mut process = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = process.stdin.take();
        let mut port = String::new();
        BufReader::new(process.stdout.take().context("the server's output is read")?).read_line(&mut port)?;
        Ok(Self { address: format!("127.0.0.1:{}", port.trim()), process, input })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        // It has ended by itself or is about to; there is nothing to do about one that does not.
        let _ = self.process.wait();
    }
}
