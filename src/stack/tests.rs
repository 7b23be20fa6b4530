//! Small stacks through the whole room, with the built-in packs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::*;
use crate::builtin;
use crate::model::facts::{Command, Facts, Image, Instruction, Package, Stage};
use crate::model::settings::Settings;
use crate::model::value::Value;
use crate::rules::{self, Packs, Scene};
use crate::source::{FileId, Location, SourceFile, Span};
use crate::version::{Specifiers, VersionSet};

/// `FROM image`, then one `pip install` for each call.
struct Bench {
    facts: Facts,
    text: String,
}

impl Bench {
    fn new(packs: &Packs, image: &str, calls: &[&str]) -> Self {
        let mut bench = Self { facts: Facts::default(), text: String::new() };
        bench.facts.stages.push(Stage { image: Some(0), reached: true, target: true, ..Stage::default() });
        bench.from(packs, image);
        for (call, requirements) in calls.iter().enumerate() {
            bench.run(call, requirements);
        }
        bench.facts.sources.add(SourceFile::new("Dockerfile", bench.text.clone().into_bytes()));
        bench
    }

    fn write(&mut self, text: &str) -> Location {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        Location { file: FileId(0), span: Span::new(start, self.text.len() as u32) }
    }

    fn instruction(&mut self, keyword: &str, at: Location) {
        let instruction =
            Instruction { keyword: keyword.into(), stage: Some(0), at, ..Instruction::default() };
        self.facts.stages[0].instructions.push(self.facts.instructions.len());
        self.facts.instructions.push(instruction);
    }

    fn from(&mut self, packs: &Packs, image: &str) {
        let start = self.write("FROM ").span;
        let (repository, tag) = image.split_once(':').unwrap();
        let repository = Value::literal(repository, self.write(repository));
        self.write(":");
        let tag = Value::literal(tag, self.write(tag));
        let whole = Location { file: FileId(0), span: start.to(tag.written.span) };
        self.instruction("from", whole);
        let pattern = packs.knowledge.images.iter().position(|pattern| {
            pattern.repository.iter().any(|name| name.is(&repository.text)) && pattern.tag.is_match(&tag.text)
        });
        let mut parts = BTreeMap::new();
        if let Some(pattern) = pattern.and_then(|index| packs.knowledge.images.get(index))
            && let Some(found) = pattern.tag.captures(&tag.text)
        {
            for name in pattern.tag.regex().capture_names().flatten() {
                if let Some(part) = found.name(name) {
                    parts.insert(name.into(), tag.slice(part.range()));
                }
            }
        }
        let reference = Value::literal(
            image,
            Location { file: FileId(0), span: repository.written.span.to(tag.written.span) },
        );
        self.facts.images.push(Image {
            stage: Some(0),
            role: "from",
            reference: Some(reference),
            repository: Some(repository),
            tag: Some(tag),
            parts,
            pattern,
            at: whole,
            ..Image::default()
        });
    }

    fn run(&mut self, call: usize, requirements: &str) {
        let start = self.write("\nRUN pip install").span;
        let mut packages = Vec::new();
        for word in requirements.split(' ') {
            self.write(" ");
            let name_end = word.find(['=', '<', '>', '~', '!']).unwrap_or(word.len());
            let (name, specifier) = word.split_at(name_end);
            let name_value = Value::literal(name, self.write(name));
            let specifier = Value::literal(specifier, self.write(specifier));
            let versions: VersionSet = Specifiers::parse(&specifier.text).unwrap().into();
            packages.push(Package {
                command: Some(self.facts.commands.len()),
                stage: Some(0),
                ecosystem: "pypi".into(),
                name: name.into(),
                local: versions.pinned().and_then(|version| version.local()).map(str::to_owned),
                versions,
                at: Location { file: FileId(0), span: name_value.written.span.to(specifier.written.span) },
                written_name: Some(name_value),
                specifier: Some(specifier),
                applies: Some(true),
                call,
                origin: "command",
                ..Package::default()
            });
        }
        let at = Location { file: FileId(0), span: Span::new(start.start + 1, self.text.len() as u32) };
        let instruction = self.facts.instructions.len();
        self.instruction("run", at);
        self.facts.commands.push(Command {
            instruction,
            stage: Some(0),
            program: "pip".into(),
            called: Value::literal("pip", at),
            subcommand: Some(Value::literal("install", at)),
            known: true,
            at,
            ..Command::default()
        });
        self.facts.packages.extend(packages);
    }

    /// The sources of the packs, conditions left out.
    fn readings(&self, packs: &Packs) -> Vec<Reading> {
        let mut readings = Vec::new();
        for source in &packs.sources {
            for index in 0..source.pattern.kind.count(&self.facts) {
                let mut scene = Scene::new(&self.facts, Some((source.pattern.kind, index)));
                if source.pattern.test(index, &mut scene) != rules::Verdict::Yes {
                    continue;
                }
                let versions = source.value.as_ref().map(|templates| {
                    templates.iter().map(|template| scene.render(template).unwrap()).collect()
                });
                let captures = std::mem::take(&mut scene.captures);
                let captures =
                    ["a", "b", "v"].iter().filter_map(|name| captures.get(name).cloned()).collect();
                readings.push(Reading {
                    component: source.component.clone(),
                    kind: source.pattern.kind,
                    index,
                    versions,
                    captures,
                });
            }
        }
        readings
    }
}

static PACKS: LazyLock<Packs> =
    LazyLock::new(|| builtin::load_with([]).unwrap_or_else(|broken| panic!("{broken:#?}")));

static WORLD: LazyLock<World<'static>> = LazyLock::new(|| World::new(&PACKS.knowledge));

/// Hands a stack to `look`.
fn with_sources<T>(
    image: &str,
    calls: &[&str],
    given: &[(&str, &str)],
    look: impl FnOnce(Sources<'_>, &Bench) -> T,
) -> T {
    let packs: &Packs = &PACKS;
    let bench = Bench::new(packs, image, calls);
    let readings = bench.readings(packs);
    let given = given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let settings = Settings { given, ..Settings::default() };
    let sources = Sources {
        facts: &bench.facts,
        knowledge: &packs.knowledge,
        world: &WORLD,
        readings: &readings,
        settings: &settings,
    };
    look(sources, &bench)
}

/// What is said about the stack, and the Dockerfile after the first repair.
fn check(image: &str, calls: &[&str], given: &[(&str, &str)]) -> (Vec<String>, String) {
    with_sources(image, calls, given, |sources, bench| {
        let found = findings(sources);
        let words = found.iter().map(|finding| finding.words.conflict.clone()).collect();
        let repair = found.first().and_then(|finding| finding.repairs.first());
        let mut text = bench.text.clone();
        match repair.map(|repair| &repair.edits) {
            Some(Some(edits)) => {
                for edit in edits.iter().rev() {
                    text.replace_range(edit.span.range(), &edit.text);
                }
            }
            Some(None) => text = "no edits".to_owned(),
            None => text = "no repair".to_owned(),
        }
        (words, text)
    })
}

/// `image` and `calls` are consistent.
fn holds(image: &str, calls: &[&str], given: &[(&str, &str)]) {
    let (words, _) = check(image, calls, given);
    assert_eq!(words, Vec::<String>::new(), "{image} {calls:?}");
}

/// They are not; what is said first, and what they become.
fn breaks(image: &str, calls: &[&str], given: &[(&str, &str)], said: &str, repaired: (&str, &[&str])) {
    let (words, text) = check(image, calls, given);
    assert_eq!(words.first().map(String::as_str), Some(said), "{image} {calls:?}");
    let lines: Vec<String> = repaired.1.iter().map(|call| format!("\nRUN pip install {call}")).collect();
    assert_eq!(text, format!("FROM {}{}", repaired.0, lines.concat()), "{image} {calls:?}");
    let (words, _) = check(repaired.0, repaired.1, given);
    assert_eq!(words, Vec::<String>::new(), "{repaired:?} after its repair");
}

const PYTHON: &str = "python:3.11-slim";

#[test]
fn what_belongs_together_is_left_alone() {
    holds(PYTHON, &["torch==2.1.1 torchvision==0.16.1"], &[]);
    holds(PYTHON, &["torch==2.1.1 torchvision==0.16.1", "torch==2.4.0 torchvision==0.19.0"], &[]);
    holds(PYTHON, &["torch torchvision==0.19.0"], &[]);
    holds(PYTHON, &["torch==2.99.0 torchvision==0.99.0"], &[]);
    holds("pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime", &["torch==2.1.0 torchvision==0.16.0"], &[]);
    holds(PYTHON, &["torch==2.10.0"], &[("gpu", "V100"), ("driver", "550")]);
    holds("nvidia/cuda:12.1.1-cudnn8-devel-ubuntu22.04", &["torch==2.3.1", "flash-attn==2.5.8"], &[]);
}

#[test]
fn the_cheapest_pin_moves() {
    breaks(
        "python:3.10-slim",
        &["torch==2.0.0 torchvision==0.14.1"],
        &[],
        "torchvision 0.14.1 needs PyTorch 1.13.1, but Dockerfile:2 pins PyTorch 2.0.0",
        ("python:3.10-slim", &["torch==2.0.0 torchvision==0.15.1"]),
    );
    breaks(
        PYTHON,
        &["torch>=2.2,<2.3 torchvision>=0.15,<0.17"],
        &[],
        "torchvision 0.15.0 to 0.16.2 needs PyTorch 2.0.0 to 2.1.2, but Dockerfile:2 asks for PyTorch >=2.2,<2.3",
        (PYTHON, &["torch>=2.2,<2.3 torchvision>=0.15,<0.18"]),
    );
    breaks(
        PYTHON,
        &["vllm==0.6.3", "numpy==2.1.0"],
        &[],
        "vLLM 0.6.3 needs NumPy older than 2.0.0, but Dockerfile:3 pins NumPy 2.1.0",
        (PYTHON, &["vllm==0.6.3", "numpy==1.26.4"]),
    );
}

#[test]
fn what_does_not_exist_becomes_what_does() {
    breaks(
        PYTHON,
        &["torch==2.0.2 torchvision==0.15.2"],
        &[],
        "there is no PyTorch 2.0.2",
        (PYTHON, &["torch==2.0.1 torchvision==0.15.2"]),
    );
    breaks(
        "python:3.10-slim",
        &["torch==2.1.2+cu117"],
        &[],
        "PyTorch 2.1.2 comes with CUDA of PyTorch cpu, rocm, 11.8 or 12.1, but Dockerfile:2 brings CUDA of PyTorch 11.7",
        ("python:3.10-slim", &["torch==2.1.2+cu118"]),
    );
}

#[test]
fn what_an_image_left_behind_is_seen() {
    breaks(
        "pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime",
        &["torch==2.3.1 torchvision==0.18.1"],
        &[],
        "torchaudio 2.1.0 needs PyTorch 2.1.0, but Dockerfile:2 pins PyTorch 2.3.1",
        ("pytorch/pytorch:2.3.1-cuda12.1-cudnn8-runtime", &["torch==2.3.1 torchvision==0.18.1"]),
    );
}

#[test]
fn the_machine_stays_and_the_rest_moves() {
    breaks(
        PYTHON,
        &["torch==2.5.1"],
        &[("gpu", "B200")],
        "PyTorch 2.5.1 comes with CUDA of PyTorch 12.4 and PyTorch 2.5.1 with CUDA of PyTorch 12.4 needs GPU 5.0 to 9.0, \
         but the machine has GPU B200",
        (PYTHON, &["torch==2.8.0"]),
    );
    breaks(
        "nvidia/cuda:13.0.2-base-ubuntu24.04",
        &[],
        &[("driver", "560.35.05")],
        "CUDA of the image 13.0.2 needs NVIDIA driver 535 or newer, but the machine has NVIDIA driver 560.35.05",
        ("nvidia/cuda:12.9.1-base-ubuntu24.04", &[]),
    );
}

#[test]
fn a_compiler_comes_with_another_tag() {
    breaks(
        "nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04",
        &["torch==2.3.1", "flash-attn==2.5.8"],
        &[],
        "a build of CUDA code needs a CUDA compiler, but the image nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04 has no \
         CUDA compiler",
        ("nvidia/cuda:12.1.1-cudnn8-devel-ubuntu22.04", &["torch==2.3.1", "flash-attn==2.5.8"]),
    );
}

#[test]
fn a_stack_is_shown_with_its_origins_and_its_repair() {
    let stack =
        with_sources(PYTHON, &["torch==2.1.2 torchvision"], &[], |sources, _| stacks(sources).swap_remove(0));
    assert_eq!(stack.verdict, Verdict::Consistent);
    let line = |part: &Part| {
        let said = part.said.as_deref().unwrap_or("-");
        let possible = part.possible.as_deref().unwrap_or("-");
        format!("{} {said} {possible} {}", part.title, part.origins[0].words)
    };
    let shown: Vec<String> = stack.components.iter().map(line).collect();
    assert!(
        shown.contains(&"Python 3.11 3.11 the image python:3.11-slim has Python 3.11".to_owned()),
        "{shown:?}"
    );
    assert!(shown.contains(&"PyTorch 2.1.2 2.1.2 Dockerfile:2 pins PyTorch 2.1.2".to_owned()), "{shown:?}");
    let torchvision = stack.components.iter().find(|part| part.name == "torchvision");
    assert_eq!(torchvision.and_then(|part| part.possible.as_deref()), Some("0.16.2"));

    let broken = with_sources(PYTHON, &["torch==2.1.2 torchvision==0.17.0"], &[], |sources, _| {
        stacks(sources).swap_remove(0)
    });
    assert_eq!(broken.verdict, Verdict::Conflict);
    assert_eq!(broken.repair, ["torchvision 0.16.2"]);
}
