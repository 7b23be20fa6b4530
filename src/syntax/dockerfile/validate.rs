//! What BuildKit refuses in an instruction whose text it could read: unknown names, wrong flags, wrong
//! numbers of arguments. The order of the checks is BuildKit's, as only the first fault of an instruction is
//! reported.

use super::duration;
use super::heredoc;
use super::kind::InstructionKind;
use super::mount;
use super::tree::{Args, Fault, Flag, Instruction, Level};
use super::word::Word;
use crate::source::Span;

/// What is wrong with something, and what to do about it.
struct Problem {
    span: Span,
    message: String,
    help: Option<String>,
}

type Check = Result<(), Problem>;

/// The first fault of an instruction.
pub(super) fn instruction(instruction: &Instruction) -> Option<Fault> {
    let Problem { span, message, help } = check(instruction).err()?;
    Some(Fault { span, message, help, line: Some(instruction.lines.0), level: Level::Instruction })
}

/// The fault of an instruction that stands before any `FROM`.
pub(super) fn outside_stage(instruction: &Instruction) -> Fault {
    Fault {
        span: instruction.keyword.span,
        message: "no build stage in current context".to_owned(),
        help: Some("only `ARG` may stand before the first `FROM`".to_owned()),
        line: Some(instruction.lines.0),
        level: Level::Stage,
    }
}

fn check(instruction: &Instruction) -> Check {
    use InstructionKind as Kind;
    let Some(kind) = instruction.kind else { return unknown(instruction) };
    let name = kind.name();
    let empty = match &instruction.args {
        Args::Pairs(pairs) => pairs.is_empty(),
        Args::Shell => false,
        Args::None => instruction.onbuild.is_none(),
        Args::Json(_) | Args::Words(_) | Args::Text(_) => instruction.words().is_empty(),
    };
    let some =
        || if empty { fail(instruction, format!("{name} requires at least one argument")) } else { Ok(()) };
    let one =
        || if empty { fail(instruction, format!("{name} requires exactly one argument")) } else { Ok(()) };
    match kind {
        Kind::Env | Kind::Label => {
            flags(instruction, &[])?;
            some()?;
            blank_names(instruction, name)
        }
        Kind::Arg => {
            some()?;
            blank_names(instruction, name)
        }
        Kind::Stopsignal => one(),
        Kind::User | Kind::Workdir | Kind::Maintainer => {
            one()?;
            flags(instruction, &[])
        }
        Kind::Expose => {
            some()?;
            flags(instruction, &[])
        }
        Kind::Volume => {
            some()?;
            flags(instruction, &[])?;
            match instruction.words().iter().find(|word| word.text.trim().is_empty()) {
                Some(word) => problem(word.span, "VOLUME specified can not be an empty string"),
                None => Ok(()),
            }
        }
        Kind::Cmd | Kind::Entrypoint => flags(instruction, &[]),
        Kind::Shell => {
            flags(instruction, &[])?;
            some()?;
            match &instruction.args {
                Args::Json(_) => Ok(()),
                _ => problem(instruction.body.full_span(), "SHELL requires the arguments to be in JSON form"),
            }
        }
        Kind::Add => transfer(instruction, name, ADD_FLAGS),
        Kind::Copy => transfer(instruction, name, COPY_FLAGS),
        Kind::From => from(instruction),
        Kind::Run => run(instruction),
        Kind::Healthcheck => healthcheck(instruction),
        Kind::Onbuild => {
            some()?;
            flags(instruction, &[])?;
            trigger(instruction)
        }
    }
}

fn problem(span: Span, message: impl Into<String>) -> Check {
    Err(Problem { span, message: message.into(), help: None })
}

fn fail(instruction: &Instruction, message: impl Into<String>) -> Check {
    problem(instruction.keyword.span, message)
}

fn unknown(instruction: &Instruction) -> Check {
    let written = &instruction.keyword.text;
    let names = InstructionKind::ALL.map(InstructionKind::name);
    let near = nearest(&written.to_uppercase(), &names).map(|name| match_case(name, written));
    let tail = near.as_ref().map(|name| format!(" (did you mean {name}?)")).unwrap_or_default();
    Err(Problem {
        span: instruction.keyword.span,
        message: format!("unknown instruction: {written}{tail}"),
        help: near.map(|name| format!("write `{name}`")),
    })
}

/// The one of `options` that is nearest to a word, if any is less than three letters away.
fn nearest<'a>(word: &str, options: &[&'a str]) -> Option<&'a str> {
    let distances = options.iter().map(|option| (strsim::levenshtein(word, option), *option));
    distances
        .filter(|(distance, _)| *distance < 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, option)| option)
}

fn match_case(name: &str, written: &str) -> String {
    if written.to_uppercase() == written { name.to_uppercase() } else { name.to_lowercase() }
}

fn blank_names(instruction: &Instruction, name: &str) -> Check {
    match instruction.pairs().iter().find(|pair| pair.key.text.is_empty()) {
        Some(pair) => problem(pair.span(), format!("{name} names can not be blank")),
        None => Ok(()),
    }
}

/// What the value of a flag may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FlagType {
    /// Nothing, `true` or `false`.
    Switch,
    /// Any text, once.
    Text,
    /// Any text, as often as one likes.
    List,
}

use FlagType::{List, Switch, Text};

const ADD_FLAGS: &[(&str, FlagType)] = &[
    ("chown", Text),
    ("chmod", Text),
    ("link", Switch),
    ("keep-git-dir", Switch),
    ("checksum", Text),
    ("unpack", Switch),
    ("exclude", List),
];
const COPY_FLAGS: &[(&str, FlagType)] = &[
    ("chown", Text),
    ("from", Text),
    ("chmod", Text),
    ("link", Switch),
    ("exclude", List),
    ("parents", Switch),
];
const RUN_FLAGS: &[(&str, FlagType)] =
    &[("mount", List), ("network", Text), ("security", Text), ("device", List)];
const HEALTHCHECK_FLAGS: &[(&str, FlagType)] = &[
    ("interval", Text),
    ("timeout", Text),
    ("start-period", Text),
    ("start-interval", Text),
    ("retries", Text),
];

fn flags(instruction: &Instruction, known: &[(&str, FlagType)]) -> Check {
    // The tables are short, so the flags already seen are a set of bits.
    let mut seen = 0_u32;
    for flag in &instruction.flags {
        let name = &flag.name.text;
        let Some(index) = known.iter().position(|(known, _)| known == name) else {
            return Err(unknown_flag(flag, known));
        };
        let kind = known.get(index).map_or(Text, |(_, kind)| *kind);
        if seen & (1 << index) != 0 && kind != List {
            return problem(flag.span, format!("duplicate flag specified: --{name}"));
        }
        seen |= 1 << index;
        match (kind, &flag.value) {
            (Switch, Some(value)) if value.text.is_empty() => return missing(flag),
            (Switch, Some(value)) => {
                let lower = value.text.to_lowercase();
                if lower != "true" && lower != "false" {
                    let message = format!("expecting boolean value for flag --{name}, not: {}", value.text);
                    return problem(value.span, message);
                }
            }
            (Text | List, None) => return missing(flag),
            (Switch, None) | (Text | List, Some(_)) => {}
        }
    }
    Ok(())
}

fn missing(flag: &Flag) -> Check {
    problem(flag.span, format!("missing a value on flag: --{}", flag.name.text))
}

fn unknown_flag(flag: &Flag, known: &[(&str, FlagType)]) -> Problem {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let near = nearest(&flag.name.text, &names);
    let tail = near.map(|name| format!(" (did you mean {name}?)")).unwrap_or_default();
    Problem {
        span: flag.span,
        message: format!("unknown flag: --{}{tail}", flag.name.text),
        help: near.map(|name| format!("write `--{name}`")),
    }
}

fn transfer(instruction: &Instruction, name: &str, known: &[(&str, FlagType)]) -> Check {
    let [.., _, destination] = instruction.words() else {
        let message = format!(
            "{name} requires at least two arguments, but only one was provided. Destination could not be determined"
        );
        return fail(instruction, message);
    };
    flags(instruction, known)?;
    if matches!(heredoc::opening(&destination.text), Ok(Some(_))) {
        return problem(destination.span, format!("{name} cannot accept a heredoc as a destination"));
    }
    Ok(())
}

fn from(instruction: &Instruction) -> Check {
    let words = instruction.words();
    if let Some(alias) = super::stages::alias(words) {
        let lower = alias.text.to_lowercase();
        let first = lower.starts_with(|letter: char| letter.is_ascii_lowercase());
        let rest =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter);
        if !first || !lower.chars().all(rest) {
            let message = format!(
                "invalid name for build stage: {:?}, name can't start with a number or contain symbols",
                alias.text
            );
            return problem(alias.span, message);
        }
    } else if words.len() != 1 {
        return fail(instruction, "FROM requires either one or three arguments");
    }
    flags(instruction, &[("platform", Text)])
}

fn run(instruction: &Instruction) -> Check {
    flags(instruction, RUN_FLAGS)?;
    for flag in &instruction.flags {
        let Some(value) = &flag.value else { continue };
        match flag.name.text.as_str() {
            "mount" => mount(value)?,
            "network" if !matches!(value.text.as_str(), "default" | "none" | "host") => {
                return problem(value.span, format!("invalid network mode {:?}", value.text));
            }
            "security" if !matches!(value.text.as_str(), "insecure" | "sandbox") => {
                return problem(value.span, format!("security {:?} is not valid", value.text));
            }
            "device" if mount::fields(value).is_none() => {
                return problem(value.span, "failed to parse csv devices");
            }
            _ => {}
        }
    }
    Ok(())
}

/// A mount's `from` must be what it says. Everything else about a mount is known only once it is expanded.
fn mount(value: &Word) -> Check {
    let Some(fields) = mount::fields(value) else {
        return problem(value.span, "failed to parse csv mounts");
    };
    for field in fields {
        let Some(value) = field.value else { continue };
        let dollar = value.text.find('$');
        let variable = dollar.is_some_and(|at| at + 1 != value.text.len());
        if variable && field.key.text.eq_ignore_ascii_case("from") {
            return Err(Problem {
                span: value.span,
                message: "'from' doesn't support variable expansion, define alias stage instead".to_owned(),
                help: Some("name the image in a stage of its own: `FROM image AS name`".to_owned()),
            });
        }
    }
    Ok(())
}

fn healthcheck(instruction: &Instruction) -> Check {
    let Some(kind) = &instruction.check_type else {
        return fail(instruction, "HEALTHCHECK requires at least one argument");
    };
    let upper = kind.text.to_uppercase();
    if upper == "NONE" {
        return match instruction.args {
            Args::None => Ok(()),
            _ if instruction.words().is_empty() && instruction.exec().is_some() => Ok(()),
            _ => problem(instruction.body.full_span(), "HEALTHCHECK NONE takes no arguments"),
        };
    }
    flags(instruction, HEALTHCHECK_FLAGS)?;
    if upper != "CMD" {
        return problem(kind.span, format!("Unknown type {upper:?} in HEALTHCHECK (try CMD)"));
    }
    if instruction.exec().map_or(instruction.body.is_empty(), <[Word]>::is_empty) {
        return problem(kind.span, "Missing command after HEALTHCHECK CMD");
    }
    for name in ["interval", "timeout", "start-period", "start-interval"] {
        if let Some(value) = instruction.flag(name) {
            interval(name, value)?;
        }
    }
    match instruction.flag("retries") {
        Some(value) if !value.text.is_empty() => retries(value),
        _ => Ok(()),
    }
}

fn interval(name: &str, value: &Word) -> Check {
    if value.text.is_empty() {
        return Ok(());
    }
    match duration::parse(&value.text) {
        Err(reason) => problem(value.span, reason),
        Ok(length) if length != 0 && length < duration::MILLISECOND => {
            problem(value.span, format!("Interval {name:?} cannot be less than 1ms"))
        }
        Ok(_) => Ok(()),
    }
}

fn retries(value: &Word) -> Check {
    match value.text.parse::<i32>() {
        Err(_) => problem(value.span, format!("strconv.ParseInt: parsing {:?}: invalid syntax", value.text)),
        Ok(count) if count < 0 => problem(value.span, format!("--retries cannot be negative ({count})")),
        Ok(_) => Ok(()),
    }
}

fn trigger(instruction: &Instruction) -> Check {
    use InstructionKind::{From, Maintainer, Onbuild};
    let Some(inner) = &instruction.onbuild else { return Ok(()) };
    match inner.kind {
        Some(Onbuild) => problem(inner.keyword.span, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
        Some(kind @ (From | Maintainer)) => {
            problem(inner.keyword.span, format!("{} isn't allowed as an ONBUILD trigger", kind.name()))
        }
        _ => Ok(()),
    }
}
