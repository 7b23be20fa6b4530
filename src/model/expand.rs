//! Words of a Dockerfile to values: variables replaced by what the scope knows, every piece still knowing its place.

use super::scope::{Binding, Scope};
use super::value::Value;
use crate::source::{FileId, Location, Mapped, Span};
use crate::syntax::dockerfile::{Escape, Expanded, Lexer, Origin, Word};

/// The file that holds the Dockerfile: always the first.
pub(super) const DOCKERFILE: FileId = FileId(0);

/// A place in the Dockerfile.
pub(super) fn place(span: Span) -> Location {
    Location { file: DOCKERFILE, span }
}

/// A word in which Docker replaces nothing.
pub(super) fn plain(word: &Word) -> Value {
    let mut value = Value::mapped(&word.mapped(), DOCKERFILE);
    value.written = place(word.span);
    value
}

/// A word in which Docker replaces variables and removes quotes.
pub(super) fn expand(word: &Word, scope: &Scope, escape: Escape) -> Value {
    // Most words are neither quoted nor expanded, and stand in one piece.
    let special = ['$', '"', '\'', '\\', '`', char::REPLACEMENT_CHARACTER];
    if word.span.len() as usize == word.text.len() && !word.text.is_empty() && !word.text.contains(special) {
        return Value::literal(word.text.as_str(), place(word.span));
    }
    expand_with(Lexer { skip_unset: true, ..Lexer::new(escape) }, &word.mapped(), word.span, scope)
}

/// The body of a heredoc in which Docker replaces variables.
pub(super) fn expand_heredoc(text: &Mapped, scope: &Scope, escape: Escape) -> Value {
    let lexer = Lexer { skip_unset: true, skip_quotes: true, ..Lexer::new(escape) };
    expand_with(lexer, text, text.full_span(), scope)
}

fn expand_with(lexer: Lexer, text: &Mapped, written: Span, scope: &Scope) -> Value {
    let lookup = |name: &str| scope.value(name).map(|value| value.text.to_string());
    match lexer.expand_mapped(text, &lookup) {
        Ok(expanded) => assemble(&expanded, lexer, written, scope),
        Err(_) => Value::unknown(text.as_str(), place(written)),
    }
}

fn assemble(expanded: &Expanded, lexer: Lexer, written: Span, scope: &Scope) -> Value {
    let mut value = Value::empty(place(written));
    for piece in &expanded.pieces {
        let text = expanded.text.get(piece.range.clone()).unwrap_or_default();
        match &piece.origin {
            Origin::Literal(span) | Origin::Default { span, .. } => value.push(text, Some(place(*span))),
            Origin::Variable { name, span } => match scope.value(name) {
                Some(brought) if brought.text == text => {
                    value.append_variable(&brought, place(*span));
                }
                brought => {
                    let known = brought.is_some_and(|brought| brought.is_known());
                    value.push_reference(text, place(*span), !known);
                }
            },
            Origin::Derived { name, span } => {
                let known = scope.value(name).is_some_and(|brought| brought.is_known());
                value.push_reference(text, place(*span), !known);
            }
            Origin::Kept { name, span } => match default_of(text, name, *span, lexer, scope) {
                Some(default) => value.append(&default),
                None => value.push_reference(text, place(*span), true),
            },
        }
    }
    value
}

/// What a reference such as `${NAME:-default}` to an `ARG` that nobody gives a value stands for; `None` where only
/// the value could say it.
fn default_of(reference: &str, name: &str, span: Span, lexer: Lexer, scope: &Scope) -> Option<Value> {
    let operator = reference.strip_prefix("${")?.strip_prefix(name)?;
    if operator.starts_with('}') || !matches!(scope.get(name), Some(Binding::Declared)) {
        return None;
    }
    let lexer = Lexer { skip_unset: false, ..lexer };
    let lookup = |name: &str| scope.value(name).map(|value| value.text.to_string());
    let expanded = lexer.expand_mapped(&Mapped::verbatim(reference, span.start), &lookup).ok()?;
    let verbatim = reference.len() == span.len() as usize;
    let value = assemble(&expanded, lexer, span, scope);
    Some(if verbatim { value } else { value.without_places() })
}
