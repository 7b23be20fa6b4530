//! Edits to bytes: everything outside the edited spans stays as it is.

use crate::source::{SourceFile, Span};

/// The bytes with every edit made.
///
/// Edits are sorted by place and disjoint; insertions at the same place are made in the order given. `None` where
/// an edit reaches past the end or behind its predecessor.
pub fn apply(bytes: &[u8], edits: &[(Span, &str)]) -> Option<Vec<u8>> {
    let grown: usize = edits.iter().map(|(_, text)| text.len()).sum();
    let mut result = Vec::with_capacity(bytes.len() + grown);
    let mut done = 0;
    for (span, text) in edits {
        result.extend_from_slice(bytes.get(done..span.start as usize)?);
        result.extend_from_slice(text.as_bytes());
        done = span.end as usize;
    }
    result.extend_from_slice(bytes.get(done..)?);
    Some(result)
}

/// The text with the line endings of the file into which it goes.
///
/// Files that mix both are rare; their first line is as good as any.
pub fn with_line_endings_of(file: &SourceFile, text: &str) -> String {
    let crlf = file.line_span(1).is_some_and(|line| file.slice(line).ends_with("\r\n"));
    let unix = text.replace("\r\n", "\n");
    if crlf { unix.replace('\n', "\r\n") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, edits: &[(u32, u32, &str)]) -> Option<String> {
        let edits: Vec<_> = edits.iter().map(|(start, end, text)| (Span::new(*start, *end), *text)).collect();
        apply(text.as_bytes(), &edits).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn bytes_outside_the_edits_stay() {
        assert_eq!(applied("abcdef", &[(1, 2, "X"), (4, 4, "Y")]).as_deref(), Some("aXcdYef"));
        assert_eq!(applied("abc", &[]).as_deref(), Some("abc"));
        assert_eq!(applied("abc", &[(3, 3, "!")]).as_deref(), Some("abc!"));
    }

    #[test]
    fn insertions_at_one_place_keep_their_order() {
        assert_eq!(applied("ab", &[(1, 1, "1"), (1, 1, "2")]).as_deref(), Some("a12b"));
    }

    #[test]
    fn a_file_of_crlf_lines_stays_one() {
        let text = |file: &str| with_line_endings_of(&SourceFile::new("f", file.as_bytes()), "x\ny\r\n");
        assert_eq!(text("a\r\nb\r\n"), "x\r\ny\r\n");
        assert_eq!(text("a\nb\r\n"), "x\ny\r\n");
        assert_eq!(text(""), "x\ny\r\n");
    }

    #[test]
    fn edits_that_do_not_fit_are_refused() {
        assert_eq!(applied("abc", &[(2, 9, "")]), None);
        assert_eq!(applied("abc", &[(2, 3, ""), (0, 1, "")]), None);
    }
}
