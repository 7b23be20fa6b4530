//! How time grows with the input: for each thing that a Dockerfile can have much of, the time for n of it, for 4n, and
//! their ratio. An algorithm of linear time gives about 4, one of quadratic time 16.

#![expect(clippy::print_stdout, reason = "its output is the result")]

use std::time::{Duration, Instant};

use dlint::engine::{Engine, Request, Selection, check_one};
use dlint::model::context::NoContext;
use dlint::model::settings::Settings;
use dlint::rules::Packs;
use dlint::source::SourceFile;

/// Parsers recurse to a bounded depth.
const STACK_BYTES: usize = 16 << 20;

/// What grows, n, and the Dockerfile with as much of it.
type Case = (&'static str, usize, fn(usize) -> String);

const CASES: [Case; 12] = [
    ("short instructions", 25_000, |n| format!("FROM a\n{}", "RUN echo some words of a command\n".repeat(n))),
    ("commands of one script", 5_000, |n| format!("FROM a\nRUN {}b\n", "echo some words && \\\n".repeat(n))),
    ("bytes of one word", 250_000, |n| format!("FROM a\nRUN echo {}\n", "x\\\n".repeat(n / 2))),
    ("continuations", 1_250, |n| format!("FROM a\nRUN a {}b\n", "c \\\n".repeat(n))),
    ("stages", 2_500, |n| lines(n, |i| format!("FROM a AS s{i}\nRUN b\n"))),
    ("stages that follow one another", 2_500, |n| {
        format!(
            "FROM a AS s0\n{}",
            lines(n, |i| format!("FROM s{i} AS s{}\nENV A{i}=1\nRUN pip install p{i}\n", i + 1))
        )
    }),
    ("stages that copy from one another", 2_500, |n| {
        format!(
            "FROM a AS s0\n{}",
            lines(n, |i| format!("FROM a AS s{}\nCOPY --from=s{i} /a /b\nRUN pip install p\n", i + 1))
        )
    }),
    ("variables", 12_500, |n| format!("FROM a\nENV {}b=c\n", lines(n, |i| format!("A{i}=$A{} \\\n", i / 2)))),
    ("nested variables", 2_500, |n| format!("FROM a\nENV A={}x{}\n", "${A:-".repeat(n), "}".repeat(n))),
    ("installs", 5_000, |n| format!("FROM a\n{}", lines(n, |i| format!("RUN pip install p{i}==1\n")))),
    ("folders", 2_500, |n| format!("FROM a\n{}", lines(n, |i| format!("WORKDIR w{i}\n")))),
    ("faults", 10_000, |n| format!("FROM a\n{}", "FOO bar\n".repeat(n))),
];

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn main() {
    let packs = dlint::builtin::load_with([]).unwrap_or_else(|_| Packs::default());
    let (settings, selection) = (Settings::default(), Selection::default());
    let engine = Engine::new(&packs, &settings, &selection);
    std::thread::scope(|scope| {
        let all = || {
            for (name, count, make) in CASES {
                let (small, large) = (best(&engine, &make(count)), best(&engine, &make(4 * count)));
                let ratio = large.as_secs_f64() / small.as_secs_f64();
                println!(
                    "{name:36} {count:>7}: {small:>9.1?}  {:>9}: {large:>9.1?}  ratio {ratio:4.1}",
                    4 * count
                );
            }
        };
        // A thread that cannot be started leaves nothing to measure.
        let _ = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, all);
    });
}

/// The shortest of three times.
fn best(engine: &Engine<'_>, text: &str) -> Duration {
    let time = |_| {
        let dockerfile = SourceFile::new("Dockerfile", text);
        let before = Instant::now();
        drop(check_one(engine, Request { dockerfile, context: &NoContext }));
        before.elapsed()
    };
    (0..3).map(time).min().unwrap_or_default()
}
