//! The fields of what a Dockerfile itself says: stages, instructions, images, variables, mounts and copies.

use super::FieldValue::{Bool, Facts as Several, Flags, Map, Str};
use super::{
    Field, Kind, List, Type, all, belonging, fact, field, known_bool, known_string, number, of, string,
};
use super::{text, texts};
use crate::model::facts::casing;

pub(super) const STAGE: &[Field] = &[
    field("name", Type::Text, "Name after `AS`, lower case", |facts, index| {
        of(&facts.stages, index, |stage| string(stage.name.as_deref()))
    }),
    field("written-name", Type::Text, "Name as written", |facts, index| {
        of(&facts.stages, index, |stage| text(stage.written_name.as_ref()))
    }),
    field("as", Type::Text, "The word `AS` as written", |facts, index| {
        of(&facts.stages, index, |stage| text(stage.by.as_ref()))
    }),
    field("platform", Type::Text, "`--platform`, if written", |facts, index| {
        of(&facts.stages, index, |stage| text(stage.platform.as_ref()))
    }),
    field("written-platform", Type::Text, "`--platform`, variables not replaced", |facts, index| {
        of(&facts.stages, index, |stage| text(stage.written_platform.as_ref()))
    }),
    field("platform-system", Type::Text, "The operating system that `--platform` names", |facts, index| {
        of(&facts.stages, index, |stage| string(stage.platform_system.as_deref()))
    }),
    field("platform-architecture", Type::Text, "The processor that `--platform` names", |facts, index| {
        of(&facts.stages, index, |stage| string(stage.platform_architecture.as_deref()))
    }),
    field("from", Type::Fact(Kind::Instruction), "Its `FROM`", |facts, index| {
        of(&facts.stages, index, |stage| fact(Kind::Instruction, stage.instructions.first().copied()))
    }),
    field("index", Type::Number, "Its number, from 0", |facts, index| {
        of(&facts.stages, index, |_| number(index))
    }),
    field("image", Type::Fact(Kind::Image), "The image it starts from", |facts, index| {
        of(&facts.stages, index, |stage| fact(Kind::Image, stage.image))
    }),
    field("parent", Type::Fact(Kind::Stage), "The stage it starts from", |facts, index| {
        of(&facts.stages, index, |stage| fact(Kind::Stage, stage.parent))
    }),
    field(
        "reads",
        Type::Facts(Kind::Stage),
        "Stages from which it copies or mounts files",
        |facts, index| of(&facts.stages, index, |stage| Several(Kind::Stage, stage.reads.clone())),
    ),
    field("children", Type::Facts(Kind::Stage), "Stages that start from it", |facts, index| {
        of(&facts.stages, index, |stage| Several(Kind::Stage, stage.children.clone()))
    }),
    field("readers", Type::Facts(Kind::Stage), "Stages that copy or mount files from it", |facts, index| {
        of(&facts.stages, index, |stage| Several(Kind::Stage, stage.readers.clone()))
    }),
    field("missing-labels", Type::Texts, "Labels of the user's schema that it lacks", |facts, index| {
        of(&facts.stages, index, |stage| all(List::Plain(&stage.missing_labels)))
    }),
    field("reached", Type::Bool, "Whether the target needs it", |facts, index| {
        of(&facts.stages, index, |stage| Bool(stage.reached))
    }),
    field("target", Type::Bool, "Whether it is the stage that is built", |facts, index| {
        of(&facts.stages, index, |stage| Bool(stage.target))
    }),
    field(
        "instructions",
        Type::Facts(Kind::Instruction),
        "Its instructions, `FROM` first",
        |facts, index| {
            of(&facts.stages, index, |stage| Several(Kind::Instruction, stage.instructions.clone()))
        },
    ),
];

pub(super) const INSTRUCTION: &[Field] = &[
    field("keyword", Type::Text, "Keyword, lower case", |facts, index| {
        of(&facts.instructions, index, |instruction| Str(&instruction.keyword))
    }),
    field("written-keyword", Type::Text, "Keyword as written", |facts, index| {
        of(&facts.instructions, index, |instruction| Str(facts.sources.slice(instruction.keyword_at)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.instructions, index, |instruction| fact(Kind::Stage, instruction.stage))
    }),
    field("flags", Type::Flags, "Flags, without dashes", |facts, index| {
        of(&facts.instructions, index, |it| Flags { flags: &it.flags, complete: true })
    }),
    field("form", Type::Text, "`shell`, `exec`, `heredoc` or `plain`", |facts, index| {
        of(&facts.instructions, index, |instruction| Str(instruction.form))
    }),
    field("arguments", Type::Texts, "Arguments, variables replaced", |facts, index| {
        of(&facts.instructions, index, |instruction| texts(List::Known(&instruction.arguments), true))
    }),
    field("argument", Type::Text, "The first argument", |facts, index| {
        of(&facts.instructions, index, |instruction| text(instruction.arguments.first()))
    }),
    field("pairs", Type::Map, "Keys and values of `ENV`, `LABEL` and `ARG`", |facts, index| {
        of(&facts.instructions, index, |instruction| Map(&instruction.pairs))
    }),
    field("text", Type::Text, "All of it as written", |facts, index| {
        of(&facts.instructions, index, |instruction| Str(facts.sources.slice(instruction.at)))
    }),
    field("onbuild", Type::Bool, "Whether it stands under `ONBUILD`", |facts, index| {
        of(&facts.instructions, index, |instruction| Bool(instruction.onbuild))
    }),
    field("triggered", Type::Bool, "Whether an `ONBUILD` of the parent stage brings it", |facts, index| {
        of(&facts.instructions, index, |instruction| Bool(instruction.triggered))
    }),
    field("casing", Type::Text, "How its keyword is written: `upper`, `lower` or `mixed`", |facts, index| {
        of(&facts.instructions, index, |instruction| Str(casing(facts.sources.slice(instruction.keyword_at))))
    }),
    field("majority", Type::Text, "How most keywords are written: `upper` or `lower`", |facts, index| {
        of(&facts.instructions, index, |_| Str(facts.casing))
    }),
    field(
        "described",
        Type::Bool,
        "Whether the comment above an `ARG` or a named `FROM` begins with the name",
        |facts, index| {
            of(&facts.instructions, index, |it| it.described.map_or(super::FieldValue::Absent, Bool))
        },
    ),
    field("legacy", Type::Bool, "Whether a blank stands in place of `=`", |facts, index| {
        of(&facts.instructions, index, |instruction| Bool(instruction.legacy))
    }),
    field("modern", Type::Text, "A pair without `=` written as `key=value`", |facts, index| {
        of(&facts.instructions, index, |instruction| string(instruction.modern.as_deref()))
    }),
    field("blank-lines", Type::Number, "Blank lines between its continued lines", |facts, index| {
        of(&facts.instructions, index, |instruction| number(instruction.blank_lines.len()))
    }),
    field("directory", Type::Text, "Working directory in force", |facts, index| {
        of(&facts.instructions, index, |instruction| known_string(instruction.directory.as_deref()))
    }),
    field("user", Type::Text, "User in force, if the file says it", |facts, index| {
        of(&facts.instructions, index, |instruction| text(instruction.user.as_deref()))
    }),
    field("shell", Type::Texts, "Shell in force; empty for the image's own", |facts, index| {
        of(&facts.instructions, index, |instruction| all(List::Plain(&instruction.shell)))
    }),
    field("commands", Type::Facts(Kind::Command), "The commands it runs", |facts, index| {
        of(&facts.instructions, index, |_| {
            belonging(Kind::Command, &facts.commands, index, |command| command.instruction)
        })
    }),
];

pub(super) const IMAGE: &[Field] = &[
    field("instruction", Type::Fact(Kind::Instruction), "The instruction that names it", |facts, index| {
        of(&facts.images, index, |image| fact(Kind::Instruction, Some(image.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "The stage that uses it", |facts, index| {
        of(&facts.images, index, |image| fact(Kind::Stage, image.stage))
    }),
    field("role", Type::Text, "`from`, `copy` or `mount`", |facts, index| {
        of(&facts.images, index, |image| Str(image.role))
    }),
    field("reference", Type::Text, "The whole reference", |facts, index| {
        of(&facts.images, index, |image| text(image.reference.as_ref()))
    }),
    field("written", Type::Text, "The reference as written, variables not replaced", |facts, index| {
        of(&facts.images, index, |image| Str(facts.sources.slice(image.at)))
    }),
    field("registry", Type::Text, "Registry host, if written", |facts, index| {
        of(&facts.images, index, |image| text(image.registry.as_ref()))
    }),
    field(
        "repository",
        Type::Text,
        "Repository with its registry, without `docker.io/` and `library/`",
        |facts, index| of(&facts.images, index, |image| text(image.repository.as_ref())),
    ),
    field("tag", Type::Text, "Tag, if written", |facts, index| {
        of(&facts.images, index, |image| text(image.tag.as_ref()))
    }),
    field("digest", Type::Text, "Digest, if written", |facts, index| {
        of(&facts.images, index, |image| text(image.digest.as_ref()))
    }),
    field("host", Type::Text, "Registry host, Docker's own where none is written", |facts, index| {
        of(&facts.images, index, |image| match &image.registry {
            Some(registry) => super::value(registry),
            None if image.repository.as_ref().is_some_and(super::Value::is_known) => Str("docker.io"),
            None => super::FieldValue::Unknown,
        })
    }),
    field("valid", Type::Bool, "Whether the reference is one that Docker accepts", |facts, index| {
        of(&facts.images, index, |it| it.valid.map_or(super::FieldValue::Unknown, Bool))
    }),
    field(
        "default-valid",
        Type::Bool,
        "Whether it is a reference where nobody gives build arguments",
        |facts, index| {
            of(&facts.images, index, |it| it.default_valid.map_or(super::FieldValue::Absent, Bool))
        },
    ),
    field("platform", Type::Text, "`--platform`, if written", |facts, index| {
        of(&facts.images, index, |image| text(image.platform.as_ref()))
    }),
    field("parts", Type::Map, "What its name and tag say, by the packs' image patterns", |facts, index| {
        of(&facts.images, index, |image| Map(&image.parts))
    }),
    field("exists", Type::Bool, "Whether the tag exists, where that is known", |facts, index| {
        of(&facts.images, index, |image| known_bool(image.exists))
    }),
];

pub(super) const VARIABLE: &[Field] = &[
    field("name", Type::Text, "Its name", |facts, index| {
        of(&facts.variables, index, |variable| Str(&variable.name))
    }),
    field("value", Type::Text, "Its value; absent for an `ARG` that has none", |facts, index| {
        of(&facts.variables, index, |variable| text(variable.value.as_ref()))
    }),
    field("kind", Type::Text, "`arg`, `env`, `assignment` or `export`", |facts, index| {
        of(&facts.variables, index, |variable| Str(variable.kind))
    }),
    field("instruction", Type::Fact(Kind::Instruction), "The instruction that sets it", |facts, index| {
        of(&facts.variables, index, |variable| fact(Kind::Instruction, Some(variable.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage; absent before the first `FROM`", |facts, index| {
        of(&facts.variables, index, |variable| fact(Kind::Stage, variable.stage))
    }),
    field("command", Type::Fact(Kind::Command), "The command it is set for", |facts, index| {
        of(&facts.variables, index, |variable| fact(Kind::Command, variable.command))
    }),
];

pub(super) const MOUNT: &[Field] = &[
    field("instruction", Type::Fact(Kind::Instruction), "Its `RUN`", |facts, index| {
        of(&facts.mounts, index, |mount| fact(Kind::Instruction, Some(mount.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.mounts, index, |mount| fact(Kind::Stage, mount.stage))
    }),
    field("type", Type::Text, "`bind`, `cache`, `tmpfs`, `secret` or `ssh`", |facts, index| {
        of(&facts.mounts, index, |mount| Str(&mount.kind))
    }),
    field("target", Type::Text, "Where it appears", |facts, index| {
        of(&facts.mounts, index, |mount| text(mount.target.as_ref()))
    }),
    field("source", Type::Text, "What appears there", |facts, index| {
        of(&facts.mounts, index, |mount| text(mount.source.as_ref()))
    }),
    field("from", Type::Text, "The stage or image it comes from", |facts, index| {
        of(&facts.mounts, index, |mount| text(mount.from.as_ref()))
    }),
    field("options", Type::Map, "Everything written, by key", |facts, index| {
        of(&facts.mounts, index, |mount| Map(&mount.options))
    }),
];

pub(super) const COPY: &[Field] = &[
    field("instruction", Type::Fact(Kind::Instruction), "Its instruction", |facts, index| {
        of(&facts.copies, index, |copy| fact(Kind::Instruction, Some(copy.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.copies, index, |copy| fact(Kind::Stage, copy.stage))
    }),
    field("keyword", Type::Text, "`copy` or `add`", |facts, index| {
        of(&facts.copies, index, |copy| Str(copy.keyword))
    }),
    field("sources", Type::Texts, "What is copied", |facts, index| {
        of(&facts.copies, index, |copy| texts(List::Known(&copy.sources), true))
    }),
    field("written-sources", Type::Texts, "What is copied, variables not replaced", |facts, index| {
        of(&facts.copies, index, |copy| all(List::Written(&copy.sources, &facts.sources)))
    }),
    field("destination", Type::Text, "Destination as written, variables replaced", |facts, index| {
        of(&facts.copies, index, |copy| text(copy.destination.as_ref()))
    }),
    field("target", Type::Text, "Destination as an absolute path of the image", |facts, index| {
        of(&facts.copies, index, |copy| known_string(copy.target.as_deref()))
    }),
    field("from", Type::Text, "The stage or image it copies from", |facts, index| {
        of(&facts.copies, index, |copy| text(copy.from.as_ref()))
    }),
    field("from-stage", Type::Fact(Kind::Stage), "The stage it copies from", |facts, index| {
        of(&facts.copies, index, |copy| fact(Kind::Stage, copy.from_stage))
    }),
];
