//! `[[program]]`: from TOML to [`Program`].

use super::error::PackFault;
use super::format;
use super::read_common::{names, pairs};
use super::reader::{Node, Reader};
use crate::knowledge::{Installs, Name, OperandSyntax, Program, Wrapping};

/// The words of `operands`, in the order of [`format::OPERANDS`].
const OPERANDS: [(&str, OperandSyntax); 6] = [
    ("requirement", OperandSyntax::Requirement),
    ("conda-spec", OperandSyntax::CondaSpec),
    ("apt-spec", OperandSyntax::AptSpec),
    ("apk-spec", OperandSyntax::ApkSpec),
    ("npm-spec", OperandSyntax::NpmSpec),
    ("plain", OperandSyntax::Plain),
];

/// Reads one program.
pub(super) fn program(table: Reader<'_>) -> Program {
    let name = table.string("name");
    let called = match table.get("called") {
        Some(node) => names(node),
        None => vec![Name::Exact(name.clone())],
    };
    Program {
        name,
        called,
        module: table.strings("module"),
        under: table.strings("under"),
        subcommands: table.flag("subcommands").unwrap_or(false),
        valued: table.strings("valued"),
        aliases: table.get("aliases").map(pairs).unwrap_or_default(),
        wraps: table.get("wraps").and_then(wrapping),
        installs: table.tables("installs", &format::INSTALLS).into_iter().filter_map(installs).collect(),
        removes: table.tables("removes", &format::REMOVES).into_iter().flat_map(removes).collect(),
    }
}

fn wrapping(node: Node<'_>) -> Option<Wrapping> {
    if let Some(word) = node.as_text() {
        if word.text == "command" {
            return Some(Wrapping::Command);
        }
        let known = vec!["command".to_owned()];
        node.fault(PackFault::UnknownWord { what: "wrapping", word: word.text.to_owned(), known });
        return None;
    }
    let table = node.table(&format::WRAPS)?;
    let own = |key: &str| table.text(key).map(|text| text.text.to_owned());
    let mut ways = [
        own("subcommand").map(Wrapping::Subcommand),
        table.get("skip").and_then(Node::required_number).map(Wrapping::Operands),
        own("script").map(Wrapping::Script),
        own("module").map(Wrapping::Module),
    ]
    .into_iter()
    .flatten();
    let way = ways.next();
    if way.is_none() || ways.next().is_some() {
        table.fault(PackFault::Senseless {
            message: "a program wraps in exactly one way".to_owned(),
            help: Some("give one of `subcommand`, `skip`, `script` and `module`".to_owned()),
        });
    }
    way
}

fn installs(table: Reader<'_>) -> Option<Installs> {
    Some(Installs {
        subcommand: table.strings("subcommand"),
        ecosystem: table.string("ecosystem"),
        operands: table.word("operands", "operand syntax", &OPERANDS)?,
        requirement_files: table.strings("requirement-files"),
        constraint_files: table.strings("constraint-files"),
        requirement_options: table.strings("requirement-options"),
        index: table.strings("index"),
        extra_index: table.strings("extra-index"),
        find_links: table.strings("find-links"),
        index_variables: table.strings("index-variables"),
        extra_index_variables: table.strings("extra-index-variables"),
        find_links_variables: table.strings("find-links-variables"),
        environment: table.strings("environment"),
        without_dependencies: table.strings("without-dependencies"),
    })
}

fn removes(table: Reader<'_>) -> Vec<(String, String)> {
    let ecosystem = table.string("ecosystem");
    table.strings("subcommand").into_iter().map(|subcommand| (subcommand, ecosystem.clone())).collect()
}
