//! The fields of what instructions are made of: sources, references to variables, labels, ports and comments.

use super::FieldValue::{Absent, Bool, Str, Unknown};
use super::{Field, Kind, Type, fact, field, of, string, text, value};

pub(super) const SOURCE: &[Field] = &[
    field("text", Type::Text, "It, variables replaced", |facts, index| {
        of(&facts.copied, index, |source| value(&source.text))
    }),
    field("path", Type::Text, "Its path in the build context, if it comes from there", |facts, index| {
        of(&facts.copied, index, |source| string(source.path.as_deref()))
    }),
    field("ignored", Type::Bool, "Whether `.dockerignore` leaves it out", |facts, index| {
        of(&facts.copied, index, |source| Bool(source.ignored))
    }),
    field("copy", Type::Fact(Kind::Copy), "The `COPY` or `ADD`", |facts, index| {
        of(&facts.copied, index, |source| fact(Kind::Copy, Some(source.copy)))
    }),
    field("instruction", Type::Fact(Kind::Instruction), "The instruction", |facts, index| {
        of(&facts.copied, index, |source| fact(Kind::Instruction, Some(source.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.copied, index, |_| fact(Kind::Stage, Kind::Source.stage(facts, index)))
    }),
];

pub(super) const REFERENCE: &[Field] = &[
    field("name", Type::Text, "The variable", |facts, index| {
        of(&facts.references, index, |reference| Str(&reference.name))
    }),
    field("instruction", Type::Fact(Kind::Instruction), "The instruction", |facts, index| {
        of(&facts.references, index, |it| fact(Kind::Instruction, Some(it.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.references, index, |_| fact(Kind::Stage, Kind::Reference.stage(facts, index)))
    }),
    field(
        "defined",
        Type::Bool,
        "Whether `ARG` or `ENV` says it, with or without a value",
        |facts, index| of(&facts.references, index, |reference| Bool(reference.defined)),
    ),
    field("set", Type::Bool, "Whether it has a value", |facts, index| {
        of(&facts.references, index, |reference| Bool(reference.set))
    }),
    field("pair", Type::Text, "The key of the pair in which it stands", |facts, index| {
        of(&facts.references, index, |reference| string(reference.pair.as_deref()))
    }),
    field("suggestion", Type::Text, "A variable that is defined and has a similar name", |facts, index| {
        of(&facts.references, index, |reference| string(reference.suggestion.as_deref()))
    }),
    field("text", Type::Text, "All of it as written", |facts, index| {
        of(&facts.references, index, |reference| Str(facts.sources.slice(reference.at)))
    }),
];

pub(super) const LABEL: &[Field] = &[
    field("key", Type::Text, "Its key", |facts, index| of(&facts.labels, index, |label| value(&label.key))),
    field("value", Type::Text, "Its value", |facts, index| {
        of(&facts.labels, index, |label| value(&label.value))
    }),
    field("instruction", Type::Fact(Kind::Instruction), "The instruction", |facts, index| {
        of(&facts.labels, index, |label| fact(Kind::Instruction, Some(label.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.labels, index, |_| fact(Kind::Stage, Kind::Label.stage(facts, index)))
    }),
    field("type", Type::Text, "Its type by the user's schema", |facts, index| {
        of(&facts.labels, index, |label| string(label.kind.as_deref()))
    }),
    field("valid", Type::Bool, "Whether its value is of that type", |facts, index| {
        of(&facts.labels, index, |label| match (&label.kind, label.valid) {
            (None, _) => Absent,
            (Some(_), None) => Unknown,
            (Some(_), Some(valid)) => Bool(valid),
        })
    }),
    field("strict", Type::Bool, "Whether images may have no labels outside of the schema", |facts, index| {
        of(&facts.labels, index, |label| Bool(label.strict))
    }),
];

pub(super) const PORT: &[Field] = &[
    field("text", Type::Text, "All of it", |facts, index| of(&facts.ports, index, |port| value(&port.text))),
    field("container", Type::Text, "The port or range that the container listens on", |facts, index| {
        of(&facts.ports, index, |port| value(&port.container))
    }),
    field("host", Type::Text, "What stands before that: an address or a port of the host", |facts, index| {
        of(&facts.ports, index, |port| value(&port.host))
    }),
    field("protocol", Type::Text, "The protocol, if written", |facts, index| {
        of(&facts.ports, index, |port| text(port.protocol.as_ref()))
    }),
    field("instruction", Type::Fact(Kind::Instruction), "The instruction", |facts, index| {
        of(&facts.ports, index, |port| fact(Kind::Instruction, Some(port.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.ports, index, |_| fact(Kind::Stage, Kind::Port.stage(facts, index)))
    }),
];

pub(super) const COMMENT: &[Field] = &[
    field("text", Type::Text, "What follows the `#`", |facts, index| {
        of(&facts.comments, index, |it| Str(facts.sources.slice(it.at).trim_start_matches('#').trim()))
    }),
    field("inside", Type::Bool, "Whether it stands between continued lines", |facts, index| {
        of(&facts.comments, index, |comment| Bool(comment.inside))
    }),
    field(
        "instruction",
        Type::Fact(Kind::Instruction),
        "The instruction inside which it stands, or else the next one",
        |facts, index| of(&facts.comments, index, |comment| fact(Kind::Instruction, comment.instruction)),
    ),
];
