//! The little of JSON that Docker's exec form needs beyond the grammar.

use serde_json::Value;

use crate::source::Mapped;

/// Whether the text is a JSON array of any kind.
///
/// This decides between a fault and the shell form, for arrays that are not all strings. It differs from
/// Go's reading in arrays nested more than 128 deep and in lone surrogates, which only a test would write.
pub(super) fn is_array(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(Value::Array(_)))
}

/// Decodes the inside of a JSON string that the grammar has accepted. `offset` says where in the file a
/// byte of it stands. A lone surrogate reads as U+FFFD, as in Go.
pub(super) fn decode(text: &str, offset: &dyn Fn(usize) -> u32) -> Mapped {
    let mut decoded = Mapped::default();
    let mut at = 0;
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let (character, length) = match character {
            '\\' => escaped(text.get(at + 1..).unwrap_or_default()),
            _ => (character, character.len_utf8()),
        };
        decoded.push(character.encode_utf8(&mut [0; 4]), offset(at));
        at += length;
    }
    decoded
}

/// The character that an escape stands for, and the length of the escape, its `\` included.
fn escaped(rest: &str) -> (char, usize) {
    let simple = match rest.chars().next() {
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode(rest),
        Some(itself) => itself,
        None => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (simple, 1 + simple.len_utf8())
}

/// `uXXXX`, or two of them where they are the halves of one character.
fn unicode(rest: &str) -> (char, usize) {
    let Some(first) = unit(rest) else { return (char::REPLACEMENT_CHARACTER, 6) };
    if let Some(character) = char::from_u32(first) {
        return (character, 6);
    }
    let second = rest.get(5..).and_then(|rest| rest.strip_prefix('\\')).and_then(unit);
    let pair = second
        .and_then(|second| char::decode_utf16([first as u16, second as u16]).next().and_then(Result::ok));
    match pair {
        Some(character) => (character, 12),
        None => (char::REPLACEMENT_CHARACTER, 6),
    }
}

fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix('u')?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_keep_their_place() {
        let decoded = decode(r"a\n\u0041\ud83d\ude00\ud800x\/", &|at| at as u32 + 10);
        assert_eq!(decoded.as_str(), "a\nA\u{1F600}\u{fffd}x/");
        assert_eq!(decoded.offset(1), 11);
        assert_eq!(decoded.offset(2), 13);
    }

    #[test]
    fn any_array_counts() {
        assert!(is_array("[1, [\"a\"]]"));
        assert!(!is_array("[ -f a ] && b"));
        assert!(!is_array("[1e999]"));
    }
}
