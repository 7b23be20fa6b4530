//! Edits to bytes: everything outside the edited spans stays as it is.

use super::converge::Changed;
use crate::diagnostic::Fix;
use crate::source::{SourceFile, Sources, Span};

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

/// The files that a fix changes, with their new bytes; `None` where it does not fit them.
pub fn changed_by(fix: &Fix, sources: &Sources) -> Option<Vec<Changed>> {
    let files = fix.edits().chunk_by(|a, b| a.file == b.file);
    files
        .map(|edits| {
            let file = sources.get(edits.first()?.file);
            let texts: Vec<String> =
                edits.iter().map(|edit| with_line_endings_of(file, &edit.text)).collect();
            let edits: Vec<(Span, &str)> =
                edits.iter().zip(&texts).map(|(edit, text)| (edit.span, text.as_str())).collect();
            let after = apply(file.bytes(), &edits)?;
            Some(Changed { path: file.path().to_owned(), before: file.bytes().to_vec(), after })
        })
        .collect()
}

/// The text with the line endings of the file into which it goes.
///
/// Files that mix both are rare; their first line is as good as any.
pub fn with_line_endings_of(file: &SourceFile, text: &str) -> String {
    match file.line_ending() {
        "\n" => text.to_owned(),
        ending => text.replace("\r\n", "\n").replace('\n', ending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Edit, Safety};

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
    fn a_fix_changes_each_of_its_files_in_the_way_of_its_lines() {
        let mut sources = Sources::default();
        let (a, b) =
            (SourceFile::new("a", b"x\r\ny\r\n".as_slice()), SourceFile::new("b", b"z\n".as_slice()));
        let (a, b) = (sources.add(a), sources.add(b));
        let edit = |file, end, text: &str| Edit { file, span: Span::new(0, end), text: text.to_owned() };
        let fix = |edits| Fix::new("t", Safety::Safe, edits).unwrap();
        let changed = changed_by(&fix(vec![edit(b, 1, "q"), edit(a, 0, "n\n")]), &sources).unwrap();
        let after: Vec<_> = changed.iter().map(|file| (file.path.as_str(), file.after.as_slice())).collect();
        assert_eq!(after, [("a", b"n\r\nx\r\ny\r\n".as_slice()), ("b", b"q\n".as_slice())]);
        assert_eq!(changed_by(&fix(vec![edit(a, 1, "n"), edit(b, 9, "")]), &sources), None);
    }

    #[test]
    fn edits_that_do_not_fit_are_refused() {
        assert_eq!(applied("abc", &[(2, 9, "")]), None);
        assert_eq!(applied("abc", &[(2, 3, ""), (0, 1, "")]), None);
    }
}
