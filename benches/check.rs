//! How long the check of one Dockerfile takes, from its bytes to the findings, and how long it takes to load the
//! built-in packs, which every start of dlint does; and that rules which cannot match cost nothing.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use dlint::engine::{Engine, Selection};
use dlint::model::context::NoContext;
use dlint::model::settings::Settings;
use dlint::rules::Packs;
use dlint::source::SourceFile;

/// A Dockerfile with a conflict.
const DOCKERFILE: &str = include_str!("../examples/vision/Dockerfile");

fn check(criterion: &mut Criterion) {
    let packs = dlint::builtin::load_with([]).unwrap_or_else(|_| Packs::default());
    let (settings, selection) = (Settings::default(), Selection::default());
    let engine = Engine::new(&packs, &settings, &selection);
    criterion.bench_function("check", |bencher| {
        bencher.iter(|| engine.check(SourceFile::new("Dockerfile", black_box(DOCKERFILE)), &NoContext));
    });
}

/// Five hundred more rules, none of which can match: they should cost nothing.
fn more_rules(criterion: &mut Criterion) {
    let rule = |number: usize| {
        format!(
            "[[rule]]\nid = \"none-{number}\"\nseverity = \"error\"\ncategory = \"style\"\nsummary = \"n\"\nwhy = \"n\"\n\
             [rule.match]\ncommand = {{ program = \"none-{number}\" }}\n"
        )
    };
    let rules: String = (0..500).map(rule).collect();
    let pack = format!("[pack]\nname = \"none\"\nsummary = \"n\"\n{rules}");
    let packs = dlint::builtin::load_with([SourceFile::new("none.toml", pack)]).unwrap_or_default();
    let (settings, selection) = (Settings::default(), Selection::default());
    let engine = Engine::new(&packs, &settings, &selection);
    criterion.bench_function("check with 500 more rules", |bencher| {
        bencher.iter(|| engine.check(SourceFile::new("Dockerfile", black_box(DOCKERFILE)), &NoContext));
    });
}

fn load(criterion: &mut Criterion) {
    criterion.bench_function("load packs", |bencher| bencher.iter(|| dlint::builtin::load_with([])));
}

criterion_group!(benches, check, more_rules, load);
criterion_main!(benches);
