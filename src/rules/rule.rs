//! A rule as it is evaluated: checked, with every name resolved.

use serde::{Deserialize, Serialize};

use super::names::{FieldPath, Source};
use super::parameter::Parameter;
use super::pattern::{Pattern, Range};
use super::template::Template;
use crate::diagnostic::{Category, Safety, Severity};
use crate::knowledge::Packed;
use crate::model::schema::Kind;
use crate::model::settings::Settings;
use crate::source::Span;

/// One rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// `pack/rule`.
    pub id: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// How bad it is, unless the user says otherwise.
    pub severity: Severity,
    /// What kind of trouble it is.
    pub category: Category,
    /// Whether it speaks without being selected.
    pub default: bool,
    /// What is wrong, in one line.
    pub summary: String,
    /// What is said about one finding; the summary if there is none.
    pub message: Option<Template>,
    /// What fails and when.
    pub why: String,
    /// Pages to read.
    pub see: Vec<String>,
    /// Where the finding is shown; the subject itself if there is none.
    pub at: Option<Place>,
    /// What it leaves to the user.
    pub parameters: Vec<Parameter>,
    /// What to look for.
    pub subject: Subject,
    /// What else must hold.
    pub guard: Guard,
    /// How to mend it, best first.
    pub fixes: Vec<FixPlan>,
    /// What differs where hadolint's verdicts are asked for.
    pub hadolint: Option<Variant>,
    /// Files that it reports, or must not.
    pub examples: Packed<Vec<Example>>,
    /// Where the rule stands in its pack.
    pub span: Span,
}

impl Rule {
    /// The pack that the rule belongs to.
    pub fn pack(&self) -> &str {
        self.id.split_once('/').map_or("", |(pack, _)| pack)
    }

    /// What differs under these settings.
    pub fn variant(&self, settings: &Settings) -> Option<&Variant> {
        self.hadolint.as_ref().filter(|_| settings.hadolint)
    }

    /// Whether the user means this rule: by its full name, an alias in any case, or its pack.
    pub fn is_called(&self, name: &str) -> bool {
        self.pack() == name || self.is_named(name)
    }

    /// Whether the user means this very rule: by its full name, or an alias in any case.
    pub fn is_named(&self, name: &str) -> bool {
        self.id == name || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// A rule as another tool has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// How bad it is, if that differs.
    pub severity: Option<Severity>,
    /// Whether it speaks without being selected.
    pub default: bool,
    /// Where the finding is shown, if that differs.
    pub at: Option<Place>,
    /// What to look for and what else must hold, if that differs.
    pub judgement: Option<(Subject, Guard)>,
}

/// What a rule is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Subject {
    /// Each fact that matches.
    Fact(Pattern),
    /// Each conflict between versions that this selects.
    Stack(StackMatch),
}

/// Which conflicts of the stack a rule is about.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StackMatch {
    /// The tables.
    pub tables: Vec<String>,
    /// Groups of tables.
    pub groups: Vec<String>,
    /// Only these columns; empty: all.
    pub columns: Vec<String>,
    /// Only conflicts in which a pin on one of these components takes part; empty: all.
    pub pins: Vec<String>,
    /// A pin that no release satisfies, rather than a contradiction between pins.
    pub missing: bool,
}

/// The names that a stack rule's templates may use, besides none of any subject.
pub const STACK_NAMES: [&str; 6] = ["conflict", "key", "key_version", "column", "wanted", "found"];

/// What must hold besides the pattern.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Guard {
    /// All of these.
    pub requires: Vec<Condition>,
    /// None of these.
    pub unless: Vec<Condition>,
}

/// Whether facts of some pattern are found in some part of the build.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Condition {
    /// What is looked for.
    pub pattern: Pattern,
    /// Where.
    pub scope: Scope,
    /// Where relative to the subject.
    pub order: Option<Order>,
    /// How many are to be found.
    pub count: Range,
}

/// Where a condition looks for facts; the subject is among them, unless an [`Order`] leaves it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// The subject itself.
    Subject,
    /// In the instruction of the subject.
    Instruction,
    /// In the script of the subject.
    CommandList,
    /// Among the packages that are resolved together with the subject.
    Call,
    /// What is in force at the subject: earlier in its stage, or in the stages that this starts from.
    InForce,
    /// In the subject's own stage.
    OwnStage,
    /// In its stage and the stages that this starts from.
    Stage,
    /// In its stage and the stages that start from it.
    Descendants,
    /// Anywhere in the Dockerfile.
    File,
}

/// Where a fact stands relative to the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Somewhere before.
    Before,
    /// Somewhere after.
    After,
    /// In the instruction before.
    JustBefore,
    /// In the instruction after.
    JustAfter,
}

/// Edits that mend a finding together, as a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FixPlan {
    /// What it does.
    pub title: Template,
    /// How far it may be trusted.
    pub safety: Safety,
    /// Where it is offered.
    pub guard: Guard,
    /// What it changes.
    pub edits: Vec<EditPlan>,
}

/// One change, as a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum EditPlan {
    /// Adds text next to a place.
    Insert {
        /// Behind the place, rather than before it.
        after: bool,
        /// The place.
        place: Place,
        /// The text.
        text: Template,
    },
    /// Changes the text of a place where it was written.
    Replace {
        /// The place.
        place: Place,
        /// The new text.
        with: Template,
    },
    /// Takes the text of a place away, with the blank before it.
    Remove {
        /// The place.
        place: Place,
    },
    /// Adds a line to the file that names the package.
    AddLine {
        /// The line, without its ending.
        text: Template,
        /// Where.
        position: LinePosition,
    },
    /// Takes the nearest tag that exists, with these parts.
    Retag {
        /// Parts that must have these values.
        parts: Vec<(String, Template)>,
        /// Only the tag for which the written one is most likely a slip.
        slip: bool,
    },
    /// Moves components of the stack until nothing contradicts.
    Choose {
        /// Those that may move; empty: any.
        components: Vec<String>,
    },
}

/// Where a line is added to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinePosition {
    /// Before everything.
    Start,
    /// After everything.
    End,
    /// Before the line of the package.
    Before,
    /// After the line of the package.
    After,
}

/// A place in the files that a finding or an edit is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Place {
    /// A named part of the subject.
    Anchor(Anchor),
    /// A field or a capture, where it was written.
    Text(Source),
    /// An option of the subject's command, with its value.
    Flag(String),
}

/// A named part of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Anchor {
    /// The words that name the program.
    Program,
    /// The subcommand; the program where there is none.
    Subcommand,
    /// The command.
    Command,
    /// The last word that is no option.
    LastOperand,
    /// The script in which the command stands.
    Script,
    /// The fact itself.
    Subject,
    /// The instruction.
    Instruction,
    /// The instruction's keyword.
    Keyword,
    /// The lines of the instruction.
    Line,
    /// What follows the instruction's keyword and flags.
    Arguments,
    /// The blank lines between the instruction's continued lines.
    BlankLines,
    /// The last line of the instruction before its heredocs.
    LastLine,
}

impl Anchor {
    /// All anchors by name.
    pub const ALL: [(&'static str, Self); 12] = [
        ("program", Self::Program),
        ("subcommand", Self::Subcommand),
        ("command", Self::Command),
        ("last-operand", Self::LastOperand),
        ("script", Self::Script),
        ("subject", Self::Subject),
        ("instruction", Self::Instruction),
        ("keyword", Self::Keyword),
        ("line", Self::Line),
        ("arguments", Self::Arguments),
        ("blank-lines", Self::BlankLines),
        ("last-line", Self::LastLine),
    ];

    /// Whether facts of the kind have such a part.
    pub fn suits(self, kind: Kind) -> bool {
        match self {
            Self::Program | Self::Subcommand | Self::Command | Self::LastOperand | Self::Script => {
                matches!(kind, Kind::Command | Kind::Package | Kind::Variable | Kind::File)
            }
            Self::Subject
            | Self::Instruction
            | Self::Keyword
            | Self::Line
            | Self::Arguments
            | Self::BlankLines
            | Self::LastLine => true,
        }
    }
}

/// A fact that says which version of a component a stack has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ComponentSource {
    /// The component.
    pub component: String,
    /// What says so; its kind is that of the pattern.
    pub pattern: Pattern,
    /// What else must hold.
    pub guard: Guard,
    /// The versions: alternatives, each a set, a version or a word; an empty text means that the version is no
    /// longer known. `None`: those of the package.
    pub value: Option<Vec<Template>>,
}

/// A Dockerfile that proves a rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Example {
    /// The Dockerfile.
    pub text: String,
    /// Whether the rule reports it.
    pub bad: bool,
    /// Where, if the example says so: file (none for the Dockerfile), line and column from 1.
    pub at: Option<Vec<(Option<String>, u32, u32)>>,
    /// The Dockerfile after the fix, if the example says so.
    pub fixed: Option<String>,
    /// Whether the fix takes unsafe ones.
    pub takes_unsafe: bool,
    /// Further files of the context.
    pub files: Vec<(String, String)>,
    /// Those that the fix changes, after it.
    pub fixed_files: Vec<(String, String)>,
    /// What the command line says.
    pub settings: Settings,
    /// Where the example stands in its pack.
    pub span: Span,
}

impl Place {
    /// The way to the field, where the place is one.
    pub fn field(&self) -> Option<&FieldPath> {
        match self {
            Self::Text(Source::Field(path)) => Some(path),
            _ => None,
        }
    }
}
