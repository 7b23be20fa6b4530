//! The stack of a Dockerfile as a whole: per environment what was said of each component and where, whether it holds
//! together, and what would make it.

use camino::Utf8PathBuf;

use super::Engine;
use super::scope::FactIndex;
use super::stack::readings;
use crate::model::context::Context;
use crate::source::{Position, SourceFile};
use crate::stack::words::Speaker;
use crate::stack::{self, Environment, Finding, Origin, Pin};

/// What one Dockerfile assembles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The Dockerfile.
    pub path: Utf8PathBuf,
    /// The environments of the stages that the target needs, in the order of the build.
    pub environments: Vec<SurveyedEnvironment>,
}

/// One environment of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedEnvironment {
    /// The place of the stage among all, from 0.
    pub stage: usize,
    /// The stage's name.
    pub stage_name: Option<String>,
    /// Whether the stage is the target.
    pub target: bool,
    /// The environment's name; empty for the image's own.
    pub name: String,
    /// What was said, in the order of the build.
    pub components: Vec<SurveyedComponent>,
    /// What cannot hold together, in words. What a stage has from the one that it starts from is told there.
    pub conflicts: Vec<String>,
    /// The nearest stack that holds together, as what would change: `torchvision 0.16.2`.
    pub nearest: Vec<String>,
}

/// What was said of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedComponent {
    /// The name that tables and rules use.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// The versions.
    pub versions: String,
    /// Who says so, in words.
    pub said: String,
    /// Where; nothing for what the user says of the machine.
    pub at: Option<(Utf8PathBuf, Position)>,
}

impl Engine<'_> {
    /// Reads one Dockerfile and what it installs, and tells its stack.
    pub fn survey(&self, dockerfile: SourceFile, context: &dyn Context) -> Survey {
        let path = dockerfile.path().to_owned();
        let facts = crate::model::build(dockerfile, context, &self.packs.knowledge, self.settings);
        let index = FactIndex::new(&facts);
        let readings = readings(&facts, &index, self.packs);
        let sources = stack::Sources {
            facts: &facts,
            knowledge: &self.packs.knowledge,
            world: &self.world,
            readings: &readings,
            settings: self.settings,
        };
        let findings = stack::findings(sources);
        let environments = stack::environments(sources);
        let surveyed = environments.iter().map(|environment| surveyed(sources, environment, &findings));
        Survey { path, environments: surveyed.collect() }
    }
}

fn surveyed(
    sources: stack::Sources<'_>,
    environment: &Environment,
    findings: &[Finding],
) -> SurveyedEnvironment {
    let stage = sources.facts.stages.get(environment.stage);
    let here =
        |finding: &&Finding| finding.stage == environment.stage && finding.environment == environment.name;
    let conflicts: Vec<&Finding> = findings.iter().filter(here).collect();
    // A repair makes the whole environment hold together, whichever conflict it is found by.
    let repair = conflicts.iter().find_map(|finding| finding.repairs.first());
    SurveyedEnvironment {
        stage: environment.stage,
        stage_name: stage.and_then(|stage| stage.name.clone()),
        target: stage.is_some_and(|stage| stage.target),
        name: environment.name.clone(),
        components: environment.pins.iter().filter_map(|pin| component(sources, pin)).collect(),
        conflicts: conflicts.iter().map(|finding| finding.words.conflict.clone()).collect(),
        nearest: repair.map(|repair| repair.changes.clone()).unwrap_or_default(),
    }
}

fn component(sources: stack::Sources<'_>, pin: &Pin) -> Option<SurveyedComponent> {
    let known = pin.known(sources.world)?;
    let speaker = Speaker { facts: sources.facts, world: sources.world };
    let given = matches!(pin.origin, Origin::Given(_));
    let file = sources.facts.sources.get(pin.at.file);
    Some(SurveyedComponent {
        name: known.name.to_owned(),
        title: known.title().to_owned(),
        versions: speaker.shown(pin),
        said: speaker.said(pin),
        at: (!given).then(|| (file.path().to_owned(), file.position(pin.at.span.start))),
    })
}
