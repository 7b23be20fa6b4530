//! The rule language: packs of TOML in, checked rules and knowledge out.
//!
//! A pack is walked by hand over the spanned tables of the `toml` crate, so that every error points at its place
//! and several are told at once. What comes out is typed: fields exist, predicates suit them, templates use only
//! what is bound. Evaluating rules is left to `engine`; patterns and templates can be asked about single facts.

mod capture;
mod declare;
mod diagnosis;
mod error;
mod field;
mod format;
mod format_diagnosis;
mod json_schema;
mod names;
mod pack;
mod parameter;
mod pattern;
mod read_common;
mod read_diagnosis;
mod read_example;
mod read_fix;
mod read_guard;
mod read_image;
mod read_pattern;
mod read_probe;
mod read_program;
mod read_rule;
mod read_stack;
mod reader;
mod reference;
mod rule;
mod template;
mod world;

pub use capture::{Captures, Scene};
pub use diagnosis::{
    Answer, Bind, BindBy, DiagnosisRule, LogExample, LogPattern, Phase, Pick, Remedy, Repair, RepairPlan,
};
pub use error::{BrokenPack, PackError, PackFault, nearest};
pub use json_schema::json_schema;
pub use names::{FieldPath, Found, Source};
pub use pack::{Pack, PackFile, Packs};
pub use parameter::{Parameter, Parameters};
pub use pattern::{Pattern, Range, Verdict};
pub use reference::reference;
pub use rule::{
    Anchor, ComponentSource, Condition, EditPlan, Example, FixPlan, Guard, LinePosition, Order, Place, Rule,
    STACK_NAMES, Scope, StackMatch, Subject, Variant,
};
pub use template::Template;
