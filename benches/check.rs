//! How long the check of one Dockerfile takes, from its bytes to the findings, and how long it takes to load the
//! built-in packs, which every start of dlint does.

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

fn load(criterion: &mut Criterion) {
    criterion.bench_function("load packs", |bencher| bencher.iter(|| dlint::builtin::load_with([])));
}

criterion_group!(benches, check, load);
criterion_main!(benches);
