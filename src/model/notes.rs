//! What the text around instructions says: comments, and how keywords are written.

use super::expand::place;
use super::facts::{Comment, Facts, Instruction, casing};
use crate::syntax::dockerfile::{self as tree, Dockerfile, InstructionKind, Pair};

/// The comments, each with the instruction inside which it stands, or else the next one.
pub(super) fn comments(tree: &Dockerfile, facts: &Facts) -> Vec<Comment> {
    // The facts of what stands in the tree itself, in its order.
    let own: Vec<usize> = (0..facts.instructions.len())
        .filter(|index| facts.instructions.get(*index).is_some_and(|it| !it.onbuild && !it.triggered))
        .collect();
    let of = |comment: &tree::Comment| {
        let node = tree.instructions.partition_point(|it| it.span.end <= comment.span.start);
        own.get(node).copied()
    };
    let comments = tree.comments.iter();
    comments
        .map(|comment| Comment { instruction: of(comment), inside: comment.inside, at: place(comment.span) })
        .collect()
}

/// How most keywords are written, by BuildKit's count: what stands before the first `FROM` does not count, nor does a
/// keyword in mixed case, and on a par capitals win.
pub(super) fn majority(instructions: &[Instruction], facts: &Facts) -> &'static str {
    let own = instructions.iter().filter(|it| it.stage.is_some() && !it.onbuild && !it.triggered);
    let mut lower: i64 = 0;
    for instruction in own {
        match casing(facts.sources.slice(instruction.keyword_at)) {
            "lower" => lower += 1,
            "upper" => lower -= 1,
            _ => {}
        }
    }
    if lower > 0 { "lower" } else { "upper" }
}

/// Whether the comment right above an `ARG` or a named `FROM` begins with the name.
pub(super) fn described(tree: &tree::Instruction, comments: &[tree::Comment]) -> Option<bool> {
    let first = comments.last()?.text.split(' ').next().unwrap_or_default();
    match tree.kind? {
        InstructionKind::Arg => Some(tree.pairs().iter().any(|pair| pair.key.text == first)),
        InstructionKind::From => match tree.words() {
            [_, _, name] => Some(name.text.to_lowercase() == first),
            _ => None,
        },
        _ => None,
    }
}

/// A pair with a blank in place of `=`, written with `=`; `None` where quotes would have to change.
pub(super) fn modern(pair: &Pair, key: &str, value: &str) -> Option<String> {
    let special = ['"', '\'', '\\', '`'];
    let old = pair.value.as_ref().filter(|_| pair.legacy)?;
    if pair.key.text.contains(special) || pair.key.text.contains('=') || old.text.starts_with('=') {
        return None;
    }
    if !old.text.contains(char::is_whitespace) && !value.contains('\n') {
        return Some(format!("{key}={value}"));
    }
    if is_quoted(&old.text) {
        return Some(format!("{key}={value}"));
    }
    (!old.text.contains(special)).then(|| format!("{key}=\"{value}\""))
}

/// Whether the text is one text in quotes, without further quotes in it.
fn is_quoted(text: &str) -> bool {
    ['"', '\''].into_iter().any(|quote| {
        let inner = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        inner.is_some_and(|inner| !inner.contains([quote, '\\', '`']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::dockerfile::Word;

    #[test]
    fn pairs_without_equals_are_written_with_one() {
        let write = |key: &str, value: &str| {
            let word = |text: &str| Word::verbatim(text, 0);
            modern(&Pair { key: word(key), value: Some(word(value)), legacy: true }, key, value)
        };
        assert_eq!(write("A", "b").as_deref(), Some("A=b"));
        assert_eq!(write("A", "b $c  d").as_deref(), Some("A=\"b $c  d\""));
        assert_eq!(write("A", "\"b c\"").as_deref(), Some("A=\"b c\""));
        assert_eq!(write("A", "'b \"c\"'").as_deref(), Some("A='b \"c\"'"));
        assert_eq!(write("A", "it's b c"), None);
        assert_eq!(write("A", "= b"), None);
        assert_eq!(write("\"A", "b"), None);
    }
}
