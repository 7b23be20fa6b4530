//! `[[rule.fix]]`: from TOML to [`FixPlan`].

use super::error::PackFault;
use super::format;
use super::names::Names;
use super::read_guard::guard;
use super::read_pattern::template;
use super::reader::{Log, Node, Reader, Text};
use super::rule::{Anchor, EditPlan, FixPlan, LinePosition, Place};
use super::world::World;
use crate::diagnostic::Safety;
use crate::model::schema::Kind;

const POSITIONS: [(&str, LinePosition); 4] = [
    ("start", LinePosition::Start),
    ("end", LinePosition::End),
    ("before", LinePosition::Before),
    ("after", LinePosition::After),
];

/// What `choose` says where any component may move.
const ANY: &str = "any";

/// Reads one fix of a rule; `stack` says whether the rule is about the stack.
pub(super) fn fix(table: Reader<'_>, names: &Names, stack: bool, world: &World) -> Option<FixPlan> {
    let mut names = names.clone();
    let guard = guard(table, &mut names);
    let mut edits = Vec::new();
    let each = |key: &str, keys| table.tables(key, keys).into_iter();
    edits.extend(each("insert", &format::INSERT).filter_map(|table| insert(table, &names)));
    edits.extend(each("replace", &format::REPLACE).filter_map(|table| replace(table, &names)));
    if let Some(node) = table.get("remove") {
        edits.extend(remove(node, &names));
    }
    edits.extend(each("add-line", &format::ADD_LINE).filter_map(|table| add_line(table, &names)));
    if let Some(node) = table.get("retag") {
        edits.extend(retag(node, &names));
    }
    if let Some(node) = table.get("choose") {
        if !stack {
            senseless(node, "only stack rules can `choose`", None);
        }
        let mut components = node.texts();
        if node.as_text().is_some_and(|text| text.text == ANY) {
            components.clear();
        }
        for name in &components {
            world.check_component(*name, table.log);
        }
        let components = components.into_iter().map(|text| text.text.to_owned()).collect();
        edits.push(EditPlan::Choose { components });
    }
    let edit_keys = ["insert", "replace", "remove", "add-line", "retag", "choose"];
    if edit_keys.iter().all(|key| table.get(key).is_none()) {
        let message = "a fix without any edit".to_owned();
        let help = Some("give `insert`, `replace`, `remove`, `add-line`, `retag` or `choose`".to_owned());
        table.fault(PackFault::Senseless { message, help });
    }
    Some(FixPlan {
        title: table.text("title").and_then(|text| template(text, &names, table.log))?,
        safety: table.word("safety", "safety", Safety::WORDS)?,
        guard,
        edits,
    })
}

fn insert(table: Reader<'_>, names: &Names) -> Option<EditPlan> {
    let (after, text) = match (table.text("after"), table.text("before")) {
        (Some(text), None) => (true, text),
        (None, Some(text)) => (false, text),
        _ => {
            let message = "an insertion goes either after or before something".to_owned();
            table.fault(PackFault::Senseless { message, help: None });
            return None;
        }
    };
    let place = place(text, names, table.log)?;
    Some(EditPlan::Insert { after, place, text: template(table.text("text")?, names, table.log)? })
}

fn replace(table: Reader<'_>, names: &Names) -> Option<EditPlan> {
    let place = field_or_anchor(table, names)?;
    Some(EditPlan::Replace { place, with: template(table.text("with")?, names, table.log)? })
}

/// `remove = "command"`, `remove = { flag = "--user" }`, or a list of such tables.
fn remove(node: Node<'_>, names: &Names) -> Vec<EditPlan> {
    if let Some(text) = node.as_text() {
        return place(text, names, node.log).map(|place| EditPlan::Remove { place }).into_iter().collect();
    }
    let tables = node.tables(&format::REMOVE).into_iter();
    tables.filter_map(|table| field_or_anchor(table, names).map(|place| EditPlan::Remove { place })).collect()
}

fn field_or_anchor(table: Reader<'_>, names: &Names) -> Option<Place> {
    let flag = table.text_if_declared("flag").map(|text| Place::Flag(text.text.to_owned()));
    let texts = [table.text("field"), table.text("anchor")];
    let mut places = texts.into_iter().flatten().filter_map(|text| place(text, names, table.log)).chain(flag);
    match (places.next(), places.next()) {
        (Some(place), None) => Some(place),
        (None, _) if texts.iter().any(Option::is_some) => None,
        _ => {
            let message = format!("`{}` says exactly one place", table.name());
            let help = Some("give either `field` or `anchor`".to_owned());
            table.fault(PackFault::Senseless { message, help });
            None
        }
    }
}

fn add_line(table: Reader<'_>, names: &Names) -> Option<EditPlan> {
    table.word("file", "file", &[("requirements", ())])?;
    Some(EditPlan::AddLine {
        text: template(table.text("text")?, names, table.log)?,
        position: table.word("where", "position", &POSITIONS).unwrap_or(LinePosition::End),
    })
}

/// `retag = "nearest"`, `retag = "similar"`, or the parts that the new tag must have.
fn retag(node: Node<'_>, names: &Names) -> Option<EditPlan> {
    if names.subject != Some(Kind::Image) {
        senseless(node, "only rules about an image can `retag`", None);
    }
    if let Some(text) = node.as_text() {
        if !["nearest", "similar"].contains(&text.text) {
            senseless(
                node,
                "a new tag is `nearest` or `similar`, or has certain parts",
                Some("write `{ flavour = \"devel\" }`"),
            );
        }
        return Some(EditPlan::Retag { parts: Vec::new(), slip: text.text == "similar" });
    }
    let parts = node
        .entries()?
        .into_iter()
        .filter_map(|(part, value)| Some((part.text.to_owned(), template(value.text()?, names, node.log)?)));
    Some(EditPlan::Retag { parts: parts.collect(), slip: false })
}

/// The place that a text names: an anchor, a capture, or a field of the subject.
pub(super) fn place(text: Text<'_>, names: &Names, log: &Log) -> Option<Place> {
    let anchors =
        Anchor::ALL.into_iter().filter(|(_, anchor)| names.subject.is_some_and(|kind| anchor.suits(kind)));
    if let Some((_, anchor)) = anchors.clone().find(|(name, _)| *name == text.text) {
        return Some(Place::Anchor(anchor));
    }
    match names.resolve(text.text) {
        Ok(source) => Some(Place::Text(source)),
        Err(PackFault::Unbound { name, mut known }) => {
            known.splice(0..0, anchors.map(|(name, _)| name.to_owned()));
            log.note(text.span, PackFault::UnknownWord { what: "place", word: name, known });
            None
        }
        Err(fault) => {
            log.note(text.span, fault);
            None
        }
    }
}

fn senseless(node: Node<'_>, message: &str, help: Option<&str>) {
    node.fault(PackFault::Senseless { message: message.to_owned(), help: help.map(str::to_owned) });
}
