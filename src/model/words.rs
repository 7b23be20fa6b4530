//! Words of a shell to values: variables replaced by what is known of them, fields split as the shell splits them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::scope::{Binding, Scope, bounded};
use super::value::Value;
use crate::source::{FileId, Location, Span};
use crate::syntax::shell::{Expanded, HereDocument, Origin, Part, ShellWord, Variable};

/// The variables of a running shell: those of the image, overlaid by what the script has set.
#[derive(Clone, Debug, Default)]
pub(super) struct ShellScope {
    image: Rc<Scope>,
    set: BTreeMap<String, Setting>,
}

/// What a script has set a variable to.
#[derive(Clone, Debug)]
pub(super) enum Setting {
    /// A value, pieces of which may be unknown.
    Value(Rc<Value>),
    /// Something that nobody knows.
    Unknown,
}

impl ShellScope {
    pub(super) fn new(image: Rc<Scope>) -> Self {
        Self { image, set: BTreeMap::new() }
    }

    /// Sets a variable for the rest of the script; gives what was set before, for [`ShellScope::restore`].
    pub(super) fn set(&mut self, name: &str, value: Value) -> Option<Setting> {
        self.set.insert(name.to_owned(), Setting::Value(bounded(name, Rc::new(value))))
    }

    /// Takes a setting back.
    pub(super) fn restore(&mut self, name: &str, before: Option<Setting>) {
        match before {
            Some(setting) => self.set.insert(name.to_owned(), setting),
            None => self.set.remove(name),
        };
    }

    /// The value of a variable, if it has a known one.
    pub(super) fn value(&self, name: &str) -> Option<Rc<Value>> {
        self.raw(name).filter(|value| value.is_known())
    }

    /// The value of a variable, pieces of which may be unknown.
    pub(super) fn raw(&self, name: &str) -> Option<Rc<Value>> {
        match self.set.get(name) {
            Some(Setting::Value(value)) => Some(Rc::clone(value)),
            Some(Setting::Unknown) => None,
            None => self.image.value(name),
        }
    }

    fn variable(&self, name: &str, declared_is_unset: bool) -> Variable {
        match self.value(name) {
            Some(value) => Variable::Set(value.text.to_string()),
            None if declared_is_unset && self.is_declared(name) => Variable::Unset,
            None => Variable::Unknown,
        }
    }

    /// Whether it is an `ARG` that nobody gives a value.
    fn is_declared(&self, name: &str) -> bool {
        !self.set.contains_key(name) && matches!(self.image.get(name), Some(Binding::Declared))
    }
}

/// A word of a command: its value, and for a word that was not split its place among those written, to be read again
/// where it is a script.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) value: Value,
    pub(super) written: Option<usize>,
}

/// The fields that the words of a command become.
pub(super) fn fields(words: &[ShellWord], scope: &ShellScope, file: FileId) -> Vec<Word> {
    let mut fields = Vec::with_capacity(words.len());
    for (place, word) in words.iter().enumerate() {
        split(word, place, scope, file, &mut fields);
    }
    fields
}

/// Adds the fields that a word becomes.
fn split(word: &ShellWord, place: usize, scope: &ShellScope, file: FileId, fields: &mut Vec<Word>) {
    let whole = |value| Word { value, written: Some(place) };
    if let Some(value) = literal(word, file) {
        fields.push(whole(value));
        return;
    }
    let expanded = expand(word, scope);
    if expanded.unknown {
        fields.push(whole(unknown(word, file)));
        return;
    }
    let value = assemble(&expanded, word.span, scope, file);
    let gaps = gaps(&expanded);
    if gaps.is_empty() {
        if !value.text.is_empty() || word.is_quoted() {
            fields.push(whole(value));
        }
        return;
    }
    let mut start = 0;
    for gap in gaps.into_iter().chain(std::iter::once(value.text.len())) {
        if start < gap {
            fields.push(Word { value: value.slice(start..gap), written: None });
        }
        // A gap is one blank, and blanks of the shell are one byte long.
        start = gap + 1;
    }
}

/// The value of a word that is neither quoted nor expanded, as most words are.
fn literal(word: &ShellWord, file: FileId) -> Option<Value> {
    let [Part::Literal(text)] = word.parts.as_slice() else { return None };
    let is_exact = !text.value.is_empty()
        && text.span == word.span
        && text.span.len() as usize == text.value.len()
        && !text.value.contains(char::REPLACEMENT_CHARACTER);
    is_exact.then(|| Value::literal(text.value.as_str(), Location { file, span: text.span }))
}

/// The value of a word that is not split: what is assigned, or redirected to.
pub(super) fn whole(word: &ShellWord, scope: &ShellScope, file: FileId) -> Value {
    if let Some(value) = literal(word, file) {
        return value;
    }
    let expanded = expand(word, scope);
    if expanded.unknown { unknown(word, file) } else { assemble(&expanded, word.span, scope, file) }
}

/// What a here-document feeds to its command; `None` where its leading tabs are removed or part of it is not known.
pub(super) fn document(document: &HereDocument, scope: &ShellScope, file: FileId) -> Option<Value> {
    let word = ShellWord { parts: document.parts.clone(), span: document.span };
    if document.quoted {
        let literal = document.parts.iter().all(|part| matches!(part, Part::Literal(_)));
        return literal.then(|| Value::mapped(&word.unquoted().text, file));
    }
    let expanded = expand(&word, scope);
    (!expanded.unknown).then(|| assemble(&expanded, document.span, scope, file))
}

/// An `ARG` without a value takes part only through the default that the word gives it.
fn expand(word: &ShellWord, scope: &ShellScope) -> Expanded {
    let expanded = word.expand(|name: &str| scope.variable(name, false));
    let has_default = |name: &str, operator: Option<&str>| !scope.is_declared(name) || operator.is_some();
    let defaults = || {
        word.expansions().all(|expansion| match &expansion.kind {
            crate::syntax::shell::ExpansionKind::Parameter(parameter) => has_default(
                &parameter.name.value,
                parameter.operator.as_ref().map(|operator| operator.value.as_str()),
            ),
            _ => false,
        })
    };
    if expanded.unknown && defaults() {
        return word.expand(|name: &str| scope.variable(name, true));
    }
    expanded
}

fn assemble(expanded: &Expanded, written: Span, scope: &ShellScope, file: FileId) -> Value {
    let mut value = Value::empty(Location { file, span: written });
    for piece in &expanded.pieces {
        let text = expanded.text.get(piece.range.clone()).unwrap_or_default();
        match &piece.origin {
            Origin::Literal(span) => value.push(text, Some(Location { file, span: *span })),
            Origin::Variable { name, whole, span } => {
                let reference = Location { file, span: *span };
                match scope.value(name) {
                    Some(brought) if *whole && brought.text == text => {
                        value.append_variable(&brought, reference);
                    }
                    _ => value.push_reference(text, reference, false),
                }
            }
        }
    }
    value
}

/// A word of which something is not known: its text as written, the expansions in it unknown.
fn unknown(word: &ShellWord, file: FileId) -> Value {
    let unquoted = word.unquoted();
    let mut value = Value::empty(Location { file, span: word.span });
    let mut at = 0;
    for expansion in &unquoted.expansions {
        value.append(&Value::mapped(&unquoted.text.slice(at..expansion.start), file));
        value.push_unknown(unquoted.text.as_str().get(expansion.clone()).unwrap_or_default());
        at = expansion.end;
    }
    value.append(&Value::mapped(&unquoted.text.slice(at..unquoted.text.as_str().len()), file));
    value
}

/// Where the blanks stand at which an unquoted variable is split.
fn gaps(expanded: &Expanded) -> Vec<usize> {
    let mut gaps = Vec::new();
    for piece in &expanded.pieces {
        if piece.quoted || !matches!(piece.origin, Origin::Variable { .. }) {
            continue;
        }
        let text = expanded.text.get(piece.range.clone()).unwrap_or_default();
        let blanks = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b' ' | b'\t' | b'\n'));
        gaps.extend(blanks.map(|(index, _)| piece.range.start + index));
    }
    gaps
}
