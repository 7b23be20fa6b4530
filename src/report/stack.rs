//! The stack of Dockerfiles, for `dlint stack`: a table for people, JSON for scripts.

use std::io::{self, Write};

use serde::Serialize;

use crate::engine::{Survey, SurveyedComponent, SurveyedEnvironment};

/// Writes a table for every environment in which something is known.
pub fn render_text(surveys: &[Survey], out: &mut impl Write) -> io::Result<()> {
    for Survey { path, environments } in surveys {
        for environment in environments.iter().filter(|environment| !environment.components.is_empty()) {
            writeln!(out, "{path}, {}", heading(environment))?;
            render_environment(environment, out)?;
        }
        if environments.iter().all(|environment| environment.components.is_empty()) {
            writeln!(out, "{path}: nothing is known of its stack\n")?;
        }
    }
    Ok(())
}

fn heading(environment: &SurveyedEnvironment) -> String {
    let mut heading = format!("stage {}", environment.stage + 1);
    if let Some(name) = &environment.stage_name {
        heading = format!("{heading} `{name}`");
    }
    if environment.target {
        heading.push_str(" (target)");
    }
    if !environment.name.is_empty() {
        heading = format!("{heading}, environment `{}`", environment.name);
    }
    heading
}

fn render_environment(environment: &SurveyedEnvironment, out: &mut impl Write) -> io::Result<()> {
    let width = |text: fn(&SurveyedComponent) -> &str| {
        environment.components.iter().map(|component| text(component).chars().count()).max().unwrap_or(0)
    };
    let titles = width(|component| &component.title);
    let versions = width(|component| &component.versions);
    for SurveyedComponent { title, versions: version, said, at, .. } in &environment.components {
        let place = match at {
            Some((path, position)) => format!("{path}:{}:{}", position.line, position.column),
            None => said.clone(),
        };
        writeln!(out, "  {title:titles$}  {version:versions$}  {place}")?;
    }
    for conflict in &environment.conflicts {
        writeln!(out, "  conflict: {conflict}")?;
    }
    match (environment.conflicts.is_empty(), environment.nearest.as_slice()) {
        (true, _) => writeln!(out, "  consistent\n"),
        (false, []) => writeln!(out, "  no consistent stack is near\n"),
        (false, changes) => writeln!(out, "  nearest consistent stack: {}\n", changes.join(", ")),
    }
}

/// Writes one JSON object.
pub fn render_json(surveys: &[Survey], out: &mut impl Write) -> io::Result<()> {
    let stacks = surveys.iter().map(|survey| JsonStack {
        file: survey.path.as_str(),
        environments: survey.environments.iter().map(JsonEnvironment::of).collect(),
    });
    let document = Document { version: 1, stacks: stacks.collect() };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    stacks: Vec<JsonStack<'a>>,
}

#[derive(Serialize)]
struct JsonStack<'a> {
    file: &'a str,
    environments: Vec<JsonEnvironment<'a>>,
}

#[derive(Serialize)]
struct JsonEnvironment<'a> {
    stage: usize,
    stage_name: Option<&'a str>,
    target: bool,
    environment: &'a str,
    components: Vec<JsonComponent<'a>>,
    consistent: bool,
    conflicts: &'a [String],
    nearest: &'a [String],
}

#[derive(Serialize)]
struct JsonComponent<'a> {
    component: &'a str,
    title: &'a str,
    versions: &'a str,
    said: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'a> JsonEnvironment<'a> {
    fn of(environment: &'a SurveyedEnvironment) -> Self {
        Self {
            stage: environment.stage,
            stage_name: environment.stage_name.as_deref(),
            target: environment.target,
            environment: &environment.name,
            components: environment.components.iter().map(JsonComponent::of).collect(),
            consistent: environment.conflicts.is_empty(),
            conflicts: &environment.conflicts,
            nearest: &environment.nearest,
        }
    }
}

impl<'a> JsonComponent<'a> {
    fn of(component: &'a SurveyedComponent) -> Self {
        let at = component.at.as_ref();
        Self {
            component: &component.name,
            title: &component.title,
            versions: &component.versions,
            said: &component.said,
            file: at.map(|(path, _)| path.as_str()),
            line: at.map(|(_, position)| position.line),
            column: at.map(|(_, position)| position.column),
        }
    }
}
