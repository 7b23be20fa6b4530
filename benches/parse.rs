//! How fast text becomes trees, in bytes a second: Dockerfiles alone, and the scripts of their `RUN` instructions alone.
//!
//! It reads the Dockerfiles of the examples, or every file of the folder that `DLINT_BENCH_DOCKERFILES` names.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dlint::source::SourceFile;
use dlint::syntax::dockerfile::{self, Command, Typed};
use dlint::syntax::shell;

/// Names a folder of Dockerfiles, at any depth.
const FOLDER: &str = "DLINT_BENCH_DOCKERFILES";

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
    let mut files = Vec::new();
    match std::env::var_os(FOLDER) {
        Some(folder) => collect(Path::new(&folder), &mut files),
        None => files.extend(FILES.iter().map(|text| SourceFile::new("Dockerfile", *text))),
    }
    files
}

/// Adds the files of a folder; what cannot be read is left out.
fn collect(folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if let Ok(bytes) = std::fs::read(&path) {
            files.push(SourceFile::new("Dockerfile", bytes));
        }
    }
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
