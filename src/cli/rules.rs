//! `dlint rules`: the packs themselves.

use std::collections::BTreeSet;
use std::io::Write;

use camino::Utf8PathBuf;
use serde::Serialize;

use super::args::RulesCommand;
use super::explain::find;
use super::failure::Failure;
use super::files;
use super::output::Output;
use super::packs::load_packs;
use super::{Ending, Verdict};
use crate::builtin;
use crate::examples;
use crate::rules::{Packs, Rule, json_schema, reference};
use crate::source::SourceFile;

/// Runs one of the commands about rules.
pub(super) fn run(command: &RulesCommand, output: &mut Output) -> Result<Ending, Failure> {
    match command {
        RulesCommand::List { packs, json } => with_packs(packs, |packs| list(packs, *json, output)),
        RulesCommand::Show { rule, packs: files } => {
            with_packs(files, |packs| show(&find(packs, rule)?, files, output))
        }
        RulesCommand::Test { packs: files } => match load_packs(files) {
            Ok(packs) => test(&packs, files.is_empty(), output),
            Err(failures) => Ok(Ending { failures, ..Ending::CLEAN }),
        },
        RulesCommand::New { name } => new(name, output),
        RulesCommand::Reference => {
            output.write_all(reference().as_bytes())?;
            Ok(Ending::CLEAN)
        }
        RulesCommand::Schema => {
            serde_json::to_writer_pretty(&mut *output, &json_schema()).map_err(std::io::Error::from)?;
            writeln!(output)?;
            Ok(Ending::CLEAN)
        }
    }
}

/// Writes a pack with one rule to begin with; a file that is there is left alone.
fn new(name: &str, output: &mut Output) -> Result<Ending, Failure> {
    let kebab = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_lowercase())
            && name
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
    };
    if !kebab(name) {
        return Err(Failure::Plain(format!(
            "`{name}` is no name for a pack: small letters, digits and hyphens are"
        )));
    }
    let path = Utf8PathBuf::from(format!("{name}.toml"));
    files::write_new(&path, &NEW_PACK.replace("NAME", name))?;
    writeln!(output, "wrote {path}; try `dlint rules test {path}`, then `dlint check --pack {path}`")?;
    Ok(Ending::CLEAN)
}

/// What a new pack begins with.
const NEW_PACK: &str = r#"[pack]
name = "NAME"
summary = "What our images must not do"

[[rule]]
id = "no-volume"                  # the rule is called NAME/no-volume
severity = "warning"              # error, warning, info or style
category = "correctness"          # or reproducibility, size, speed, security, style
summary = "volumes are declared where the image runs"
why = "What fails, and when: `dlint explain NAME/no-volume` shows it."

[rule.match]                      # a pattern over one kind of fact: `dlint rules reference` lists them
instruction = { keyword = "volume" }

[[rule.fix]]
title = "Remove it"
safety = "unsafe"                 # safe: the image stays what it was
remove = "instruction"

[[rule.example]]                  # every example is a test: `dlint rules test NAME.toml`
bad = "FROM debian:12\nVOLUME /data\n"
fixed = "FROM debian:12\n"
unsafe = true

[[rule.example]]
good = "FROM debian:12\n"
"#;

fn with_packs(
    files: &[Utf8PathBuf],
    work: impl FnOnce(&Packs) -> Result<(), Failure>,
) -> Result<Ending, Failure> {
    match load_packs(files) {
        Ok(packs) => work(&packs).map(|()| Ending::CLEAN),
        Err(failures) => Ok(Ending { failures, ..Ending::CLEAN }),
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    aliases: &'a [String],
    severity: &'static str,
    category: &'static str,
    default: bool,
    fixable: bool,
    summary: &'a str,
}

fn list(packs: &Packs, json: bool, output: &mut Output) -> Result<(), Failure> {
    let mut rules: Vec<&Rule> = packs.rules.iter().collect();
    rules.sort_by_key(|rule| &rule.id);
    let entries: Vec<Entry<'_>> = rules
        .into_iter()
        .map(|rule| Entry {
            id: &rule.id,
            aliases: &rule.aliases,
            severity: rule.severity.name(),
            category: rule.category.name(),
            default: rule.default,
            fixable: !rule.fixes.is_empty(),
            summary: &rule.summary,
        })
        .collect();
    if json {
        serde_json::to_writer_pretty(&mut *output, &entries).map_err(std::io::Error::from)?;
        return Ok(writeln!(output)?);
    }
    let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or(0);
    for Entry { id, aliases, severity, category, default, summary, .. } in entries {
        let aliases = if aliases.is_empty() { String::new() } else { format!(" ({})", aliases.join(", ")) };
        let off = if default { "" } else { " [off]" };
        writeln!(output, "{id:width$}  {severity:7}  {category:15}  {summary}{aliases}{off}")?;
    }
    Ok(())
}

/// Runs the examples of the given packs, or of the built-in ones where none is given.
fn test(packs: &Packs, builtin: bool, output: &mut Output) -> Result<Ending, Failure> {
    let tested = packs.packs.iter().filter(|pack| pack.builtin == builtin);
    let names: BTreeSet<&str> = tested.map(|pack| pack.name.as_str()).collect();
    let mut outcomes = examples::run(packs, |rule| names.contains(rule.pack()));
    outcomes.extend(examples::run_logs(packs, |rule| names.contains(rule.pack())));
    let mut failed = 0;
    for examples::Outcome { rule, number, failures } in &outcomes {
        failed += usize::from(!failures.is_empty());
        for failure in failures {
            writeln!(output, "{rule}, example {number}: {failure}")?;
        }
    }
    writeln!(output, "{} examples, {failed} failed", outcomes.len())?;
    let verdict = if failed == 0 { Verdict::Clean } else { Verdict::Findings };
    Ok(Ending { verdict, failures: Vec::new() })
}

/// Prints the rules as their packs have them.
fn show(rules: &[&Rule], files: &[Utf8PathBuf], output: &mut Output) -> Result<(), Failure> {
    let mut sources: Vec<SourceFile> = builtin::files().into_iter().map(|pack| pack.file).collect();
    for path in files {
        sources.push(files::read_source(path)?);
    }
    for rule in rules {
        // A span alone does not name its file, but only one has the rule's id there.
        let id = rule.id.rsplit('/').next().unwrap_or_default();
        let pack = sources.iter().find(|file| file.slice(rule.span).trim_matches(['"', '\'']) == id);
        let text = pack.and_then(|file| entry_around(file.text(), rule.span.start as usize));
        writeln!(output, "{}", text.unwrap_or_default().trim_end())?;
    }
    Ok(())
}

/// The `[[rule]]` whose id stands at `id`, with everything that belongs to it.
fn entry_around(text: &str, id: usize) -> Option<&str> {
    let text = text.get(text.get(..id)?.rfind("[[rule]]")?..)?;
    let belongs =
        |line: &str| line.starts_with("[[rule.") || line.starts_with("[rule.") || !line.starts_with('[');
    let mut end = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index > 0 && !belongs(line) {
            break;
        }
        end += line.len();
    }
    text.get(..end)
}
