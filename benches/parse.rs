//! How fast text becomes trees: Dockerfiles alone, and with the scripts of their `RUN` instructions.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dlint::source::SourceFile;
use dlint::syntax::dockerfile::{self, Command, Typed};
use dlint::syntax::shell;

/// Dockerfiles as people write them.
const FILES: [&str; 6] = [
    include_str!("../examples/clean/Dockerfile"),
    include_str!("../examples/compile/Dockerfile"),
    include_str!("../examples/driver/Dockerfile"),
    include_str!("../examples/matrix/Dockerfile"),
    include_str!("../examples/python/Dockerfile"),
    include_str!("../examples/vision/Dockerfile"),
];

fn files() -> Vec<SourceFile> {
    FILES.iter().map(|text| SourceFile::new("Dockerfile", *text)).collect()
}

fn dockerfiles(criterion: &mut Criterion) {
    let files = files();
    let bytes: usize = files.iter().map(|file| file.bytes().len()).sum();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("dockerfiles", |bencher| {
        bencher.iter(|| {
            for file in &files {
                black_box(dockerfile::parse(black_box(file)));
            }
        });
    });
    group.finish();
}

fn scripts(criterion: &mut Criterion) {
    let trees: Vec<_> = files().iter().map(dockerfile::parse).collect();
    let instructions = trees.iter().flat_map(|tree| &tree.instructions);
    let scripts: Vec<_> = instructions
        .filter(|instruction| match instruction.typed() {
            Some(Typed::Run(run)) => !matches!(run.command, Command::Exec(_)),
            _ => false,
        })
        .map(|instruction| instruction.body.clone())
        .collect();
    let bytes: usize = scripts.iter().map(|script| script.as_str().len()).sum();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("scripts", |bencher| {
        bencher.iter(|| {
            for script in &scripts {
                black_box(shell::parse(black_box(script)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, dockerfiles, scripts);
criterion_main!(benches);
