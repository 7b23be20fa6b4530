//! The fields of what runs and is installed: commands, packages, and the files of the build context.

use super::FieldValue::{Bool, Flags, Str, Versions};
use super::{
    Field, Kind, List, Type, all, belonging, fact, field, known_bool, known_string, number, of, string,
};
use super::{text, texts, value};

pub(super) const COMMAND: &[Field] = &[
    field("instruction", Type::Fact(Kind::Instruction), "The instruction that runs it", |facts, index| {
        of(&facts.commands, index, |command| fact(Kind::Instruction, Some(command.instruction)))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.commands, index, |command| fact(Kind::Stage, command.stage))
    }),
    field("program", Type::Text, "The packs' name of the program, else its base name", |facts, index| {
        of(&facts.commands, index, |command| {
            if command.called.is_known() { Str(&command.program) } else { super::FieldValue::Unknown }
        })
    }),
    field("called", Type::Text, "How the program is called", |facts, index| {
        of(&facts.commands, index, |command| value(&command.called))
    }),
    field("through", Type::Texts, "Programs that run it, outermost first", |facts, index| {
        of(&facts.commands, index, |command| all(List::Plain(&command.through)))
    }),
    field("lead", Type::Text, "What stands in front of it to run it, as written: `sudo `", |facts, index| {
        of(&facts.commands, index, |command| text(command.lead.as_deref()))
    }),
    field("subcommand", Type::Text, "Its subcommand, where the program has such", |facts, index| {
        of(&facts.commands, index, |command| text(command.subcommand.as_ref()))
    }),
    field("flags", Type::Flags, "Its options, by canonical name", |facts, index| {
        of(&facts.commands, index, |it| Flags { flags: &it.flags, complete: it.known })
    }),
    field("operands", Type::Texts, "Words that are neither options nor their values", |facts, index| {
        of(&facts.commands, index, |command| {
            texts(List::KnownAt(&command.words, &command.operands), command.known)
        })
    }),
    field("words", Type::Texts, "All its words", |facts, index| {
        of(&facts.commands, index, |command| texts(List::Known(&command.words), command.known))
    }),
    field(
        "written-operands",
        Type::Texts,
        "The same, with unknown ones as they are written",
        |facts, index| {
            of(&facts.commands, index, |command| all(List::ReadAt(&command.words, &command.operands)))
        },
    ),
    field(
        "written-words",
        Type::Texts,
        "All its words, with unknown ones as they are written",
        |facts, index| of(&facts.commands, index, |command| all(List::Read(&command.words))),
    ),
    field("text", Type::Text, "All of it as written", |facts, index| {
        of(&facts.commands, index, |command| Str(facts.sources.slice(command.at)))
    }),
    field("known", Type::Bool, "Whether every word is known", |facts, index| {
        of(&facts.commands, index, |command| Bool(command.known))
    }),
    field(
        "connector",
        Type::Text,
        "What joins it to the one before: `&&`, `||`, `;`, `|`, `&`",
        |facts, index| of(&facts.commands, index, |command| Str(command.connector)),
    ),
    field("piped", Type::Bool, "Whether it is piped into a further command", |facts, index| {
        of(&facts.commands, index, |command| Bool(command.piped))
    }),
    field("position", Type::Number, "Its place among the commands of its script, from 0", |facts, index| {
        of(&facts.commands, index, |command| number(command.position.0))
    }),
    field("count", Type::Number, "How many commands its script has", |facts, index| {
        of(&facts.commands, index, |command| number(command.position.1))
    }),
    field("conditional", Type::Bool, "Whether it may be skipped or repeated", |facts, index| {
        of(&facts.commands, index, |command| Bool(command.conditional))
    }),
    field("directory", Type::Text, "The directory in which it runs", |facts, index| {
        of(&facts.commands, index, |command| known_string(command.directory.as_deref()))
    }),
    field(
        "environment",
        Type::Text,
        "The package environment that it uses; empty for the image's own",
        |facts, index| of(&facts.commands, index, |command| Str(&command.environment)),
    ),
    field("writes", Type::Texts, "Files that its output is written to", |facts, index| {
        of(&facts.commands, index, |command| texts(List::Known(&command.writes), true))
    }),
    field("assignments", Type::Facts(Kind::Variable), "Variables set before it", |facts, index| {
        of(&facts.commands, index, |command| {
            super::FieldValue::Facts(Kind::Variable, command.assignments.clone())
        })
    }),
    field("packages", Type::Facts(Kind::Package), "Packages that it installs", |facts, index| {
        of(&facts.commands, index, |_| {
            belonging(Kind::Package, &facts.packages, index, |package| package.command.unwrap_or_default())
        })
    }),
];

pub(super) const PACKAGE: &[Field] = &[
    field("command", Type::Fact(Kind::Command), "The command that installs it", |facts, index| {
        of(&facts.packages, index, |package| fact(Kind::Command, package.command))
    }),
    field("stage", Type::Fact(Kind::Stage), "Its stage", |facts, index| {
        of(&facts.packages, index, |package| fact(Kind::Stage, package.stage))
    }),
    field("ecosystem", Type::Text, "World of names it belongs to: `pypi`, `conda`, `apt`", |facts, index| {
        of(&facts.packages, index, |package| Str(&package.ecosystem))
    }),
    field("name", Type::Text, "Name, normalised for its ecosystem", |facts, index| {
        of(&facts.packages, index, |package| Str(&package.name))
    }),
    field("written-name", Type::Text, "Name as written", |facts, index| {
        of(&facts.packages, index, |package| text(package.written_name.as_ref()))
    }),
    field("versions", Type::Versions, "Versions that it admits", |facts, index| {
        of(&facts.packages, index, |package| {
            let known = package.specifier.as_ref().is_none_or(super::Value::is_known);
            if known { Versions(&package.versions) } else { super::FieldValue::Unknown }
        })
    }),
    field(
        "specifier",
        Type::Text,
        "Version specifiers as written; empty if there are none",
        |facts, index| of(&facts.packages, index, |package| text(package.specifier.as_ref())),
    ),
    field("local", Type::Text, "Local version label of a pin", |facts, index| {
        of(&facts.packages, index, |package| string(package.local.as_deref()))
    }),
    field("extras", Type::Texts, "Extras", |facts, index| {
        of(&facts.packages, index, |package| all(List::Plain(&package.extras)))
    }),
    field("applies", Type::Bool, "Whether its marker holds", |facts, index| {
        of(&facts.packages, index, |package| known_bool(package.applies))
    }),
    field("marker", Type::Text, "Its marker as written", |facts, index| {
        of(&facts.packages, index, |package| text(package.marker.as_ref()))
    }),
    field("url", Type::Text, "Address or path, if it is one", |facts, index| {
        of(&facts.packages, index, |package| text(package.url.as_ref()))
    }),
    field("wheel-python", Type::Text, "Python tag of a wheel file", |facts, index| {
        of(&facts.packages, index, |package| string(package.wheel_python.as_deref()))
    }),
    field("constraint", Type::Bool, "Whether it narrows versions without installing", |facts, index| {
        of(&facts.packages, index, |package| Bool(package.constraint))
    }),
    field("hashed", Type::Bool, "Whether a hash pins its file", |facts, index| {
        of(&facts.packages, index, |package| Bool(package.hashed))
    }),
    field("indexes", Type::Texts, "Package indexes in force", |facts, index| {
        of(&facts.packages, index, |package| texts(List::Known(&package.indexes), true))
    }),
    field("index-replaced", Type::Bool, "Whether the ecosystem's own index is replaced", |facts, index| {
        of(&facts.packages, index, |package| Bool(package.index_replaced))
    }),
    field("find-links", Type::Texts, "Pages of package files in force", |facts, index| {
        of(&facts.packages, index, |package| texts(List::Known(&package.find_links), true))
    }),
    field(
        "environment",
        Type::Text,
        "Where it goes; empty for the image's own environment",
        |facts, index| of(&facts.packages, index, |package| Str(&package.environment)),
    ),
    field("call", Type::Number, "Number of the install that it belongs to", |facts, index| {
        of(&facts.packages, index, |package| number(package.call))
    }),
    field(
        "origin",
        Type::Text,
        "`command`, `requirements`, `constraints`, `conda` or `project`",
        |facts, index| of(&facts.packages, index, |package| Str(package.origin)),
    ),
    field("file", Type::Fact(Kind::File), "The file that names it", |facts, index| {
        of(&facts.packages, index, |package| fact(Kind::File, package.file))
    }),
    field("removed", Type::Bool, "Whether a later command removes it", |facts, index| {
        of(&facts.packages, index, |package| Bool(package.removed))
    }),
];

pub(super) const FILE: &[Field] = &[
    field("path", Type::Text, "Its path in the build context", |facts, index| {
        of(&facts.files, index, |file| Str(&file.path))
    }),
    field(
        "kind",
        Type::Text,
        "`requirements`, `constraints`, `conda`, `project` or `setup`",
        |facts, index| of(&facts.files, index, |file| Str(file.kind)),
    ),
    field("exists", Type::Bool, "Whether it is there, where that is known", |facts, index| {
        of(&facts.files, index, |file| known_bool(file.exists))
    }),
    field("fault", Type::Text, "Why it could not be read or understood", |facts, index| {
        of(&facts.files, index, |file| string(file.fault.as_deref()))
    }),
    field("command", Type::Fact(Kind::Command), "The command that reads it", |facts, index| {
        of(&facts.files, index, |file| fact(Kind::Command, file.command))
    }),
    field("stage", Type::Fact(Kind::Stage), "The stage in which it is read", |facts, index| {
        of(&facts.files, index, |_| fact(Kind::Stage, Kind::File.stage(facts, index)))
    }),
    field("identifiers", Type::Texts, "Names that its program text uses", |facts, index| {
        of(&facts.files, index, |file| all(List::Plain(&file.identifiers)))
    }),
];
