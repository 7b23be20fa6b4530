//! What `shellcheck` prints as `json1`: comments with lines and columns, to remarks with bytes.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::diagnostic::Severity;
use crate::engine::Remark;

/// The whole answer.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    comments: Vec<Comment>,
}

/// One comment; lines and columns count from 1, columns in characters, ends exclusive.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    file: PathBuf,
    line: usize,
    end_line: usize,
    column: usize,
    end_column: usize,
    level: Level,
    code: u32,
    message: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Info,
    Style,
}

impl Answer {
    pub(super) fn read(bytes: &[u8]) -> io::Result<Self> {
        serde_json::from_slice(bytes).map_err(io::Error::other)
    }

    /// The remarks on the script that was in the file behind the preamble. What is said about the preamble is left out.
    pub(super) fn remarks(&self, file: &Path, script: &str, preamble: &str) -> Vec<Remark> {
        let before = preamble.lines().count();
        let starts = line_starts(script);
        let comments = self.comments.iter().filter(|comment| comment.file == file);
        comments.filter_map(|comment| comment.remark(script, &starts, before)).collect()
    }
}

impl Comment {
    fn remark(&self, script: &str, starts: &[usize], before: usize) -> Option<Remark> {
        let offset = |line: usize, column: usize| offset(script, starts, line.checked_sub(before)?, column);
        let start = offset(self.line, self.column)?;
        let end = offset(self.end_line, self.end_column).unwrap_or(start);
        Some(Remark {
            code: format!("SC{:04}", self.code),
            severity: self.level.severity(),
            message: self.message.clone(),
            range: Range { start, end: end.max(start) },
        })
    }
}

impl Level {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
            Self::Style => Severity::Style,
        }
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect()
}

/// The byte of a line and column, both from 1; the end of the line for a column past it.
fn offset(text: &str, starts: &[usize], line: usize, column: usize) -> Option<usize> {
    let start = *starts.get(line.checked_sub(1)?)?;
    let rest = text.get(start..)?.lines().next().unwrap_or_default();
    let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(index, _)| index);
    Some(start + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_placed_behind_the_preamble() {
        let json = r#"{"comments": [
            {"file": "/t/0.sh", "line": 4, "endLine": 4, "column": 8, "endColumn": 10, "level": "info", "code": 2086,
             "message": "m", "fix": null},
            {"file": "/t/0.sh", "line": 2, "endLine": 2, "column": 1, "endColumn": 2, "level": "style", "code": 1, "message": "p"},
            {"file": "/t/1.sh", "line": 3, "endLine": 3, "column": 1, "endColumn": 2, "level": "error", "code": 1009, "message": "o"}]}"#;
        let answer = Answer::read(json.as_bytes()).unwrap_or(Answer { comments: Vec::new() });
        let remarks = answer.remarks(Path::new("/t/0.sh"), "a\néé cat $x\n", "#!/bin/sh\nexport a=1\n");
        let found: Vec<(&str, Range<usize>)> =
            remarks.iter().map(|remark| (remark.code.as_str(), remark.range.clone())).collect();
        assert_eq!(found, [("SC2086", 11..13)]);
        assert_eq!(answer.remarks(Path::new("/t/1.sh"), "x", "#!/bin/sh\n\n").len(), 1);
        assert!(Answer::read(b"[]").is_err());
    }

    #[test]
    fn places_past_the_text_are_none_or_its_end() {
        let starts = line_starts("ab\nc");
        assert_eq!(offset("ab\nc", &starts, 1, 9), Some(2));
        assert_eq!(offset("ab\nc", &starts, 2, 2), Some(4));
        assert_eq!(offset("ab\nc", &starts, 3, 1), None);
        assert_eq!(offset("ab\nc", &starts, 0, 1), None);
    }
}
