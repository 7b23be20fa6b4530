//! A diagnosis as packs say it: which lines of a log mean which cause, and which rewrite answers it.
//!
//! Like rules these are checked when their pack is loaded; reading logs is left to `diagnose`, building edits to
//! `engine`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use super::rule::{FixPlan, Guard, Order, Scope};
use super::template::Template;
use crate::diagnostic::{Safety, words};
use crate::knowledge::{Expression, Packed};
use crate::source::Span;

/// What lines of a log mean.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DiagnosisRule {
    /// `pack/diagnosis`.
    pub id: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// What went wrong, in one line.
    pub summary: String,
    /// The same with what the log says; the first whose places are all known is told.
    pub cause: Vec<Template>,
    /// What a person can do; the first whose places are all known is told.
    pub advice: Vec<Template>,
    /// In which logs it is looked for.
    pub phases: Vec<Phase>,
    /// From 0 to 99: of several the highest is the cause, the others follow from it.
    pub rank: usize,
    /// What answers it.
    pub answer: Answer,
    /// Expressions over single lines of the failing step; an earlier one beats a later one.
    pub patterns: Vec<LogPattern>,
    /// Each must match some line of the step.
    pub also: Vec<Expression>,
    /// None may match any line of the step.
    pub without: Vec<Expression>,
    /// Exit statuses of the step; empty: any.
    pub exit: Vec<usize>,
    /// The step's instruction must match, where that is asked for.
    pub step: Option<Expression>,
    /// Whether a step that never ended counts as failing.
    pub stalls: bool,
    /// What must hold around the failing instruction.
    pub guard: Guard,
    /// What is worked out from the captures, in order.
    pub binds: Vec<Bind>,
    /// What would mend it, best first.
    pub repairs: Vec<RepairPlan>,
    /// Logs that it reads.
    pub examples: Packed<Vec<LogExample>>,
    /// Where it stands in its pack.
    pub span: Span,
}

impl DiagnosisRule {
    /// The pack that it belongs to.
    pub fn pack(&self) -> &str {
        self.id.split_once('/').map_or("", |(pack, _)| pack)
    }
}

/// One expression over lines, with the names that it binds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogPattern {
    /// The expression.
    pub expression: Expression,
    /// The names of its groups.
    pub names: Vec<Arc<str>>,
}

/// When a log was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// While the image was built.
    Build,
    /// While something ran in the image.
    Run,
    /// By a client that did not get as far as building.
    Client,
}

words!(Phase: Build = "build", Run = "run", Client = "client");

/// What answers a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// Another text of the Dockerfile, or of what it installs.
    Edit,
    /// The same once more, a little later.
    Retry,
    /// Nothing in the files: the machine, the engine, the network.
    Environment,
    /// A person who knows what was meant.
    Ask,
}

words!(Answer: Edit = "edit", Retry = "retry", Environment = "environment", Ask = "ask");

/// A name bound to what is worked out from others.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bind {
    /// The name.
    pub name: Arc<str>,
    /// The text from which it comes.
    pub of: Template,
    /// How.
    pub by: BindBy,
}

/// How a text is worked out from another. Where that is not possible, the name stays unbound.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum BindBy {
    /// It is the text.
    Same,
    /// The entry in the first of these lookups that has one.
    Lookup(Vec<String>),
    /// The group of the name in the expression's match.
    Regex(Expression),
    /// Of these versions the one nearest to it.
    Nearest(Template),
    /// The lowest of these versions that its specifiers admit.
    Lowest(Template),
    /// The highest of these versions that its specifiers admit.
    Highest(Template),
    /// It, if the build context has such a file.
    InContext,
}

/// A way to mend what was diagnosed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum RepairPlan {
    /// Edits about a fact.
    Edit(Repair),
    /// What a remedy does, given these texts; of its repairs the first that can be built.
    Remedy {
        /// The remedy.
        name: String,
        /// What it is given.
        given: Vec<(Arc<str>, Template)>,
        /// Where it is offered.
        guard: Guard,
        /// How far it may be trusted here, if that is less than what the remedy says.
        safety: Option<Safety>,
    },
    /// The fixes of these rules, if they have findings.
    Rules {
        /// The rules, or packs and categories of them.
        names: Vec<String>,
        /// Where they are offered.
        guard: Guard,
    },
}

/// Edits about a fact near the failing instruction.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Repair {
    /// The fact.
    pub pattern: Pattern,
    /// Where it is looked for.
    pub scope: Scope,
    /// Where relative to the failing instruction.
    pub order: Option<Order>,
    /// Which, where several match.
    pub pick: Pick,
    /// The edits.
    pub plan: FixPlan,
}

/// Which of the facts that match is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pick {
    /// The only one; nothing where there are several.
    Only,
    /// The first in the order of the build.
    First,
    /// The last in the order of the build.
    Last,
    /// All of them, together.
    Every,
}

words!(Pick: Only = "only", First = "first", Last = "last", Every = "every");

/// Repairs that several diagnoses share.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remedy {
    /// The name by which diagnoses call it.
    pub name: String,
    /// The texts that it must be given.
    pub takes: Vec<Arc<str>>,
    /// The repairs, best first.
    pub repairs: Vec<Repair>,
}

/// A log that proves a diagnosis.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LogExample {
    /// The log.
    pub log: String,
    /// Whether the diagnosis is the first one; else it must not be made at all.
    pub fits: bool,
    /// What the log binds.
    pub captures: Vec<(String, String)>,
    /// The Dockerfile, if the example has one.
    pub dockerfile: Option<String>,
    /// Further files of the context.
    pub files: Vec<(String, String)>,
    /// The Dockerfile after the first repair; as it was unless given.
    pub fixed: Option<String>,
    /// Those files that the repair changes, after it.
    pub fixed_files: Vec<(String, String)>,
    /// Where the example stands in its pack.
    pub span: Span,
}
