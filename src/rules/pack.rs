//! Loading packs: files of TOML in, checked rules and knowledge out, or everything that is wrong with them.

use std::collections::HashSet;

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use toml::de::DeTable;

use super::diagnosis::{DiagnosisRule, Remedy};
use super::error::{BrokenPack, PackFault};
use super::format;
use super::format_diagnosis;
use super::read_diagnosis::{diagnosis, lookup, remedy};
use super::read_image::image;
use super::read_probe::probe;
use super::read_program::program;
use super::read_rule::rule;
use super::read_stack::{component, table};
use super::reader::{Log, Reader};
use super::rule::{ComponentSource, Rule};
use super::world::World;
use crate::knowledge::{Knowledge, Packed};
use crate::source::{SourceFile, Span};

/// Everything that the loaded packs say, in the order of the packs and of their text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Packs {
    /// The packs.
    pub packs: Vec<Pack>,
    /// Their rules.
    pub rules: Vec<Rule>,
    /// What they know of command lines, images and versions.
    pub knowledge: Knowledge,
    /// The facts that say which versions a stack has.
    pub sources: Vec<ComponentSource>,
    /// What lines of logs mean.
    pub diagnoses: Packed<Vec<DiagnosisRule>>,
    /// Repairs that diagnoses share.
    pub remedies: Packed<Vec<Remedy>>,
}

/// What a pack says of itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pack {
    /// Its rules are called `name/id`.
    pub name: String,
    /// What it is about, in one line.
    pub summary: String,
    /// The file that it was read from.
    pub path: String,
    /// Whether it is part of dlint.
    pub builtin: bool,
}

/// One file of a pack to be loaded.
#[derive(Clone, Debug)]
pub struct PackFile {
    /// The file as it was read.
    pub file: SourceFile,
    /// Whether it is part of dlint: then every rule must have examples.
    pub builtin: bool,
}

impl Packs {
    /// Loads packs that may refer to one another.
    ///
    /// Errors: every broken file with everything found wrong in it.
    pub fn load(files: &[PackFile]) -> Result<Self, Vec<BrokenPack>> {
        let parsed: Vec<_> = files.iter().map(|file| DeTable::parse_recoverable(file.file.text())).collect();
        let logs: Vec<Log> = files.iter().map(|_| Log::default()).collect();
        let mut readers = Vec::new();
        for (((document, errors), log), file) in parsed.iter().zip(&logs).zip(files) {
            for error in errors {
                let span = error.span().map_or_else(Span::default, Span::from);
                log.note(span, PackFault::Toml { message: error.message().to_owned() });
            }
            if errors.is_empty() {
                readers.push((Reader::new(document.get_ref(), Span::at(0), &format::FILE, log), file));
            }
        }
        let mut world = World::default();
        for (reader, _) in &readers {
            world.add(*reader);
        }
        world.finish();
        let mut packs = Self::default();
        let mut seen = Seen::default();
        for (reader, file) in readers {
            packs.add(reader, file, &world, &mut seen);
        }
        packs.diagnoses = seen.diagnoses.into();
        packs.remedies = seen.remedies.into();
        let broken: Vec<_> = logs
            .into_iter()
            .zip(files)
            .map(|(log, file)| BrokenPack { file: file.file.clone(), errors: log.into_errors() })
            .filter(|pack| !pack.errors.is_empty())
            .collect();
        if broken.is_empty() { Ok(packs) } else { Err(broken) }
    }

    /// The rule of that full name.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Reads one file.
    fn add(&mut self, reader: Reader<'_>, file: &PackFile, world: &World, seen: &mut Seen) {
        let Some(head) = reader.get("pack").and_then(|node| node.table(&format::PACK)) else { return };
        check_dlint(head);
        let name = head.string("name");
        for table in reader.tables("rule", &format::RULE) {
            let Some(rule) = rule(table, &name, world) else { continue };
            if file.builtin && rule.examples.is_empty() && table.get("example").is_none() {
                table.log.note(rule.span, PackFault::NoExample { rule: rule.id.clone() });
            }
            seen.check("rule", &rule.id, rule.span, table.log);
            self.rules.push(rule);
        }
        for table in reader.tables("program", &format::PROGRAM) {
            seen.check_name("program", table);
            self.knowledge.programs.push(program(table));
        }
        for table in reader.tables("image", &format::IMAGE) {
            self.knowledge.images.extend(image(table, world));
        }
        for table in reader.tables("component", &format::COMPONENT) {
            seen.check_name("component", table);
            let (component, sources) = component(table);
            self.knowledge.components.push(component);
            self.sources.extend(sources);
        }
        for reader in reader.tables("table", &format::TABLE) {
            seen.check_name("table", reader);
            self.knowledge.tables.push(table(reader, world));
        }
        for table in reader.tables("diagnosis", &format_diagnosis::DIAGNOSIS) {
            let Some(read) = diagnosis(table, &name, world) else { continue };
            if file.builtin && read.examples.is_empty() {
                table.log.note(read.span, PackFault::NoExample { rule: read.id.clone() });
            }
            seen.check("diagnosis", &read.id, read.span, table.log);
            seen.diagnoses.push(read);
        }
        for table in reader.tables("remedy", &format_diagnosis::REMEDY) {
            seen.check_name("remedy", table);
            seen.remedies.push(remedy(table, world));
        }
        for table in reader.tables("lookup", &format_diagnosis::LOOKUP) {
            seen.check_name("lookup", table);
            self.knowledge.lookups.push(lookup(table));
        }
        for reader in reader.tables("probe", &format::PROBE) {
            self.knowledge.probes.push(probe(reader));
        }
        self.packs.push(Pack {
            name,
            summary: head.string("summary"),
            path: file.file.path().to_string(),
            builtin: file.builtin,
        });
    }
}

/// Checks that this dlint is one that the pack is written for.
fn check_dlint(head: Reader<'_>) {
    let Some(text) = head.text("dlint") else { return };
    let this = env!("CARGO_PKG_VERSION");
    match VersionReq::parse(text.text) {
        Err(error) => {
            let fault = PackFault::BadValue { what: "version requirement", message: error.to_string() };
            head.log.note(text.span, fault);
        }
        Ok(wanted) if Version::parse(this).is_ok_and(|this| !wanted.matches(&this)) => {
            let message = format!("the pack needs dlint {wanted}; this is {this}");
            head.log.note(text.span, PackFault::Senseless { message, help: None });
        }
        Ok(_) => {}
    }
}

/// The names met so far, to find a second entry of the same name; and what is packed once all of it is there.
#[derive(Debug, Default)]
struct Seen {
    names: HashSet<(&'static str, String)>,
    diagnoses: Vec<DiagnosisRule>,
    remedies: Vec<Remedy>,
}

impl Seen {
    fn check(&mut self, what: &'static str, name: &str, span: Span, log: &Log) {
        if !self.names.insert((what, name.to_owned())) {
            log.note(span, PackFault::Duplicate { what, name: name.to_owned() });
        }
    }

    fn check_name(&mut self, what: &'static str, table: Reader<'_>) {
        if let Some(name) = table.text("name") {
            self.check(what, name.text, name.span, table.log);
        }
    }
}
