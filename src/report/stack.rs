//! The stacks of Dockerfiles, for `dlint stack`: tables for people, JSON for scripts.

use std::io::{self, Write};

use camino::Utf8Path;
use serde::Serialize;

use super::text::printable;
use crate::model::facts::{Facts, Stage};
use crate::source::{FileId, Location, Position};
use crate::stack::{Part, PartOrigin, Stack, Verdict};

/// What one Dockerfile assembles.
#[derive(Clone, Debug)]
pub struct Assembly {
    /// What it says.
    pub facts: Facts,
    /// The stacks of the stages that the target needs.
    pub stacks: Vec<Stack>,
}

impl Assembly {
    fn path(&self) -> &Utf8Path {
        self.facts.sources.get(FileId::default()).path()
    }

    fn stage(&self, stack: &Stack) -> Option<&Stage> {
        self.facts.stages.get(stack.stage)
    }

    fn place(&self, at: Location) -> (&Utf8Path, Position) {
        let file = self.facts.sources.get(at.file);
        (file.path(), file.position(at.span.start))
    }
}

/// Writes a table for every stack of which something is known.
pub fn render_text(assemblies: &[Assembly], out: &mut impl Write) -> io::Result<()> {
    for assembly in assemblies {
        let mut stacks = assembly.stacks.iter().filter(|stack| !stack.components.is_empty()).peekable();
        if stacks.peek().is_none() {
            writeln!(out, "{}: nothing is known of its stack\n", printable(assembly.path().as_str()))?;
        }
        stacks.try_for_each(|stack| render_stack(assembly, stack, out))?;
    }
    Ok(())
}

fn render_stack(assembly: &Assembly, stack: &Stack, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}, {}", printable(assembly.path().as_str()), heading(assembly, stack))?;
    let rows: Vec<[String; 3]> = stack.components.iter().map(|part| row(assembly, part)).collect();
    let width = |column: fn(&[String; 3]) -> &String| {
        rows.iter().map(|row| column(row).chars().count()).max().unwrap_or(0)
    };
    let (titles, versions) = (width(|[title, ..]| title), width(|[_, versions, _]| versions));
    for [title, version, places] in &rows {
        writeln!(out, "  {title:titles$}  {version:versions$}  {places}")?;
    }
    for conflict in &stack.conflicts {
        writeln!(out, "  conflict: {}", printable(conflict))?;
    }
    match (stack.verdict, stack.repair.as_slice()) {
        (Verdict::Consistent, _) => writeln!(out, "  consistent\n"),
        (Verdict::Unknown, _) => writeln!(out, "  too little is said to tell\n"),
        (Verdict::Conflict, []) => writeln!(out, "  no consistent stack is near\n"),
        (Verdict::Conflict, changes) => {
            writeln!(out, "  nearest consistent stack: {}\n", changes.join(", "))
        }
    }
}

fn heading(assembly: &Assembly, stack: &Stack) -> String {
    let mut heading = format!("stage {}", stack.stage + 1);
    if let Some(stage) = assembly.stage(stack) {
        if let Some(name) = &stage.name {
            heading = format!("{heading} `{name}`");
        }
        if stage.target {
            heading.push_str(" (target)");
        }
    }
    if !stack.environment.is_empty() {
        heading = format!("{heading}, environment `{}`", stack.environment);
    }
    heading
}

/// Name, version and origins. A version that nobody says, but the tables leave alone, stands in parentheses.
fn row(assembly: &Assembly, part: &Part) -> [String; 3] {
    let said = match (&part.said, &part.possible) {
        (Some(said), _) => said.clone(),
        (None, Some(possible)) => format!("({possible})"),
        (None, None) => "any".to_owned(),
    };
    let version = match &part.repaired {
        Some(repaired) => format!("{said} → {repaired}"),
        None => said,
    };
    let origins = part.origins.iter().map(|PartOrigin { words, at }| match at {
        Some(at) => {
            let (path, position) = assembly.place(*at);
            format!("{path}:{}:{}", position.line, position.column)
        }
        None => words.clone(),
    });
    [part.title.clone(), printable(&version), printable(&origins.collect::<Vec<_>>().join(", "))]
}

/// Writes one JSON object.
pub fn render_json(assemblies: &[Assembly], out: &mut impl Write) -> io::Result<()> {
    let files = assemblies.iter().map(|assembly| JsonFile {
        file: assembly.path().as_str(),
        stacks: assembly.stacks.iter().map(|stack| JsonStack::of(assembly, stack)).collect(),
    });
    serde_json::to_writer_pretty(&mut *out, &Document { version: 1, files: files.collect() })?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    files: Vec<JsonFile<'a>>,
}

#[derive(Serialize)]
struct JsonFile<'a> {
    file: &'a str,
    stacks: Vec<JsonStack<'a>>,
}

#[derive(Serialize)]
struct JsonStack<'a> {
    stage: usize,
    stage_name: Option<&'a str>,
    target: bool,
    environment: &'a str,
    verdict: &'static str,
    components: Vec<JsonPart<'a>>,
    conflicts: &'a [String],
    repair: &'a [String],
}

#[derive(Serialize)]
struct JsonPart<'a> {
    name: &'a str,
    title: &'a str,
    said: Option<&'a str>,
    possible: Option<&'a str>,
    repaired: Option<&'a str>,
    origins: Vec<JsonOrigin<'a>>,
}

#[derive(Serialize)]
struct JsonOrigin<'a> {
    words: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'a> JsonStack<'a> {
    fn of(assembly: &'a Assembly, stack: &'a Stack) -> Self {
        let stage = assembly.stage(stack);
        Self {
            stage: stack.stage,
            stage_name: stage.and_then(|stage| stage.name.as_deref()),
            target: stage.is_some_and(|stage| stage.target),
            environment: &stack.environment,
            verdict: match stack.verdict {
                Verdict::Conflict => "conflict",
                Verdict::Consistent => "consistent",
                Verdict::Unknown => "unknown",
            },
            components: stack.components.iter().map(|part| JsonPart::of(assembly, part)).collect(),
            conflicts: &stack.conflicts,
            repair: &stack.repair,
        }
    }
}

impl<'a> JsonPart<'a> {
    fn of(assembly: &'a Assembly, part: &'a Part) -> Self {
        let origins = part.origins.iter().map(|PartOrigin { words, at }| {
            let place = at.map(|at| assembly.place(at));
            JsonOrigin {
                words,
                file: place.map(|(path, _)| path.as_str()),
                line: place.map(|(_, position)| position.line),
                column: place.map(|(_, position)| position.column),
            }
        });
        Self {
            name: &part.name,
            title: &part.title,
            said: part.said.as_deref(),
            possible: part.possible.as_deref(),
            repaired: part.repaired.as_deref(),
            origins: origins.collect(),
        }
    }
}
