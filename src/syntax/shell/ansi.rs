//! The escapes of `$'…'`.

use std::ops::Range;

use super::lower_word::push_literal;
use super::tree::{Part, Text};
use crate::source::Mapped;

/// Decodes what stands between the quotes. An escape that does not exist stands for itself.
pub(super) fn decode(text: &Mapped, range: Range<usize>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = range.start;
    let inside = text.as_str().get(..range.end).unwrap_or_default();
    while let Some(rest) = inside.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        push_literal(text, at..at + plain, &mut parts);
        at += plain;
        let Some(rest) = rest.get(plain + 1..) else { break };
        if let Some((value, length)) = escape(rest) {
            let end = at + 1 + length;
            parts.push(Part::Escaped(Text { value: value.to_string(), span: text.span(at..end) }));
            at = end;
        } else {
            push_literal(text, at..at + 1, &mut parts);
            at += 1;
        }
    }
    parts
}

/// What the text behind a backslash stands for, and how much of it belongs to the escape.
fn escape(rest: &str) -> Option<(char, usize)> {
    let first = rest.chars().next()?;
    let plain = match first {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' | 'E' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '\'' | '"' | '?' => first,
        '0'..='7' => return number(rest, 0, 3, 8),
        'x' => return number(rest, 1, 2, 16),
        'u' => return number(rest, 1, 4, 16),
        'U' => return number(rest, 1, 8, 16),
        _ => return None,
    };
    Some((plain, 1))
}

/// Reads up to `most` digits behind `skip` letters.
fn number(rest: &str, skip: usize, most: usize, radix: u32) -> Option<(char, usize)> {
    let digits = rest.get(skip..)?;
    let length = digits.chars().take(most).take_while(|digit| digit.is_digit(radix)).count();
    let value = u32::from_str_radix(digits.get(..length)?, radix).ok()?;
    Some((char::from_u32(value)?, skip + length))
}
