//! New version specifiers in the manner of the old ones.
//!
//! Takes specifiers as they are written and the version that shall be admitted; gives the pieces of the text that
//! change. Operators, blanks, local labels and whatever else stands there stay.

use std::ops::Range;

use crate::version::{Specifiers, Version};

/// A clause of a list of specifiers.
struct Clause<'t> {
    operator: &'t str,
    /// Without a local label.
    version: &'t str,
    /// Where the operator stands.
    operator_at: Range<usize>,
    /// Where the version stands.
    at: Range<usize>,
}

/// The pieces of `specifiers` to replace for it to admit `version`; none where it already does, `None` where no
/// clause can say so.
pub fn respecify(specifiers: &str, version: &Version) -> Option<Vec<(Range<usize>, String)>> {
    let clauses = clauses(specifiers);
    if clauses.is_empty() {
        return None;
    }
    let moved = clauses.iter().filter(|clause| !clause.admits(version)).map(|clause| clause.moved(version));
    moved.collect::<Option<Vec<_>>>().map(|pieces| pieces.into_iter().flatten().collect())
}

fn clauses(text: &str) -> Vec<Clause<'_>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for part in text.split(',') {
        let body = part.trim_start_matches(|next: char| next.is_whitespace() || next == '(');
        let from = start + part.len() - body.len();
        let operator_end = body.find(|next: char| !"<>=!~".contains(next)).unwrap_or(body.len());
        let (operator, rest) = body.split_at(operator_end);
        let version_text = rest.trim_start();
        let at = from + operator_end + rest.len() - version_text.len();
        let length = version_text.find(|next: char| next.is_whitespace() || ");+".contains(next));
        let version = version_text.get(..length.unwrap_or(version_text.len())).unwrap_or_default();
        if !version.is_empty() {
            let operator_at = from..from + operator_end;
            clauses.push(Clause { operator, version, operator_at, at: at..at + version.len() });
        }
        start += part.len() + 1;
    }
    clauses
}

impl Clause<'_> {
    /// How many numbers the version has, a final `.*` left out.
    fn length(&self) -> usize {
        self.version.trim_end_matches(".*").split('.').count()
    }

    fn admits(&self, version: &Version) -> bool {
        let text = match self.operator {
            // conda's `=1.2` is every 1.2.
            "=" | "" => format!("=={}.*", self.version.trim_end_matches(".*")),
            operator => format!("{operator}{}", self.version),
        };
        Specifiers::parse(&text).is_ok_and(|specifiers| specifiers.contains(version))
    }

    /// What to write for the clause to admit the version.
    fn moved(&self, version: &Version) -> Option<Vec<(Range<usize>, String)>> {
        let short = |length: usize| version.truncated(length.min(version.release().len())).to_string();
        let text = match self.operator {
            "==" | "=" | "" if self.version.ends_with(".*") => format!("{}.*", short(self.length())),
            "=" | "" if self.length() < version.release().len() => short(self.length()),
            "~=" => short(self.length().max(2)),
            "==" | "===" | "=" | "" | ">=" | "<=" => version.to_string(),
            "<" => above(version, self.length())?.to_string(),
            ">" => {
                let at_least = (self.operator_at.clone(), ">=".to_owned());
                return Some(vec![at_least, (self.at.clone(), version.to_string())]);
            }
            _ => return None,
        };
        Some(vec![(self.at.clone(), text)])
    }
}

/// The next release line above the version, as many numbers long as the bound that it replaces.
fn above(version: &Version, length: usize) -> Option<Version> {
    let mut release = version.release().to_vec();
    // `<0.17.0` bounds a minor, `<3` a major.
    let line = length.clamp(1, 2);
    release.resize(line, 0);
    let last = release.last_mut()?;
    *last = last.checked_add(1)?;
    release.resize(length.max(line), 0);
    Some(Version::from_release(&release))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str, version: &str) -> String {
        let pieces = respecify(text, &Version::parse(version).unwrap());
        let Some(pieces) = pieces else { return "none".to_owned() };
        let mut text = text.to_owned();
        for (range, new) in pieces.into_iter().rev() {
            text.replace_range(range, &new);
        }
        text
    }

    #[test]
    fn the_manner_is_kept() {
        let cases = [
            ("==2.1.2", "2.2.0", "==2.2.0"),
            (" == 2.1.2 ", "2.2.0", " == 2.2.0 "),
            ("==2.1.2+cu121", "2.2.0", "==2.2.0+cu121"),
            ("===2.1.2", "2.2.0", "===2.2.0"),
            ("==2.1.*", "2.2.2", "==2.2.*"),
            ("~=2.1", "3.0.1", "~=3.0"),
            ("~=2.1.0", "2.2.1", "~=2.2.1"),
            ("=1.13", "2.0.1", "=2.0"),
            ("=1.13.1", "2.0.1", "=2.0.1"),
            ("=1.13.*", "2.0.1", "=2.0.*"),
            (">=0.15,<0.17", "0.17.2", ">=0.15,<0.18"),
            (">=2.2,<2.3", "2.1.2", ">=2.1.2,<2.3"),
            ("<2", "2.1.0", "<3"),
            (">2.5", "2.1.0", ">=2.1.0"),
            ("(>=2.5)", "2.1.0", "(>=2.1.0)"),
            ("<=2.5", "2.6.0", "<=2.6.0"),
            ("==2.1.0", "2.1", "==2.1.0"),
        ];
        for (old, version, new) in cases {
            assert_eq!(rewritten(old, version), new, "{old} to {version}");
        }
    }

    #[test]
    fn what_cannot_say_it_is_left_alone() {
        assert_eq!(rewritten("", "1.0"), "none");
        assert_eq!(rewritten("!=2.1.0", "2.1.0"), "none");
    }
}
