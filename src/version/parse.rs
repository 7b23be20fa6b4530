//! Reads the text of a version.
//!
//! PEP 440 gives a regular expression; it is deterministic enough to be read in one pass from left to right,
//! which also tells where the text stops being a version.

use super::number::Parts;
use super::{Pre, PreKind, VersionError, VersionFault};

/// The spellings of a pre-release. Where one begins with another, the longer comes first.
const PRE: [(&str, PreKind); 8] = [
    ("alpha", PreKind::Alpha),
    ("a", PreKind::Alpha),
    ("beta", PreKind::Beta),
    ("b", PreKind::Beta),
    ("rc", PreKind::Candidate),
    ("c", PreKind::Candidate),
    ("preview", PreKind::Candidate),
    ("pre", PreKind::Candidate),
];

const POST: [(&str, ()); 3] = [("post", ()), ("rev", ()), ("r", ())];

const DEV: [(&str, ()); 1] = [("dev", ())];

/// Reads a whole text as one version; white space around it is allowed.
pub(super) fn version(text: &str) -> Result<Parts, VersionError> {
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    let mut cursor = Cursor { text: trimmed, at: 0 };
    let parts = parts(&mut cursor).map_err(|error| error.shifted(start))?;
    match parts {
        Some(parts) if cursor.at == trimmed.len() => Ok(Parts { text: trimmed.to_owned(), ..parts }),
        _ => {
            let range = start..start + trimmed.len();
            Err(VersionError::new(range, VersionFault::NotAVersion(trimmed.to_owned())))
        }
    }
}

/// Reads the longest version that stands at the cursor. `None` where there is no release.
fn parts(cursor: &mut Cursor<'_>) -> Result<Option<Parts>, VersionError> {
    let mut parts = Parts::default();
    cursor.eat_word("v");
    let Some(first) = cursor.number()? else { return Ok(None) };
    parts.release.push(first);
    if cursor.eat('!') {
        parts.epoch = first;
        let Some(first) = cursor.number()? else { return Ok(None) };
        parts.release = vec![first];
    }
    while cursor.peek(0) == Some('.') && cursor.peek(1).is_some_and(|next| next.is_ascii_digit()) {
        cursor.at += 1;
        parts.release.extend(cursor.number()?);
    }
    parts.pre = cursor.suffix(&PRE)?.map(|(kind, number)| Pre { kind, number });
    parts.post = post(cursor)?;
    parts.dev = cursor.suffix(&DEV)?.map(|((), number)| number);
    parts.local = local(cursor);
    Ok(Some(parts))
}

/// `.post1` and its spellings, among them the bare `-1`.
fn post(cursor: &mut Cursor<'_>) -> Result<Option<u64>, VersionError> {
    if cursor.peek(0) == Some('-') && cursor.peek(1).is_some_and(|next| next.is_ascii_digit()) {
        cursor.at += 1;
        return cursor.number();
    }
    Ok(cursor.suffix(&POST)?.map(|((), number)| number))
}

/// `+local`, normalised. The segments may be of any length: they are compared, never computed with.
fn local(cursor: &mut Cursor<'_>) -> Option<String> {
    let rest = cursor.rest().strip_prefix('+')?;
    let mut local = String::new();
    let mut length = 0;
    for segment in rest.split(is_separator) {
        let end = segment.find(|next: char| !next.is_ascii_alphanumeric()).unwrap_or(segment.len());
        let word = segment.get(..end).unwrap_or_default();
        if word.is_empty() {
            break;
        }
        let zeros = word.len() - word.trim_start_matches('0').len();
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let cut = if is_number { zeros.min(word.len() - 1) } else { 0 };
        if length > 0 {
            local.push('.');
            length += 1;
        }
        local.push_str(&word.get(cut..).unwrap_or_default().to_ascii_lowercase());
        length += end;
        if end < segment.len() {
            break;
        }
    }
    cursor.at += if length > 0 { length + 1 } else { 0 };
    (length > 0).then_some(local)
}

fn is_separator(next: char) -> bool {
    matches!(next, '-' | '_' | '.')
}

/// A place in the text, moved forward by what is read.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The character `ahead` bytes further on, if it is ASCII.
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.as_bytes().get(self.at + ahead).filter(|byte| byte.is_ascii()).map(|byte| char::from(*byte))
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek(0) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Moves over `word`, whatever its case.
    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.rest().get(..word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word));
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// A run of digits.
    fn number(&mut self) -> Result<Option<u64>, VersionError> {
        let rest = self.rest();
        let length = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest.get(..length).unwrap_or_default();
        if digits.is_empty() {
            return Ok(None);
        }
        let start = self.at;
        self.at += length;
        match digits.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(VersionError::new(start..self.at, VersionFault::TooLarge(digits.to_owned()))),
        }
    }

    /// `[-_.]? word [-_.]? digits?`, with one of the words; a number left out is 0.
    fn suffix<K: Copy>(&mut self, words: &[(&str, K)]) -> Result<Option<(K, u64)>, VersionError> {
        let start = self.at;
        self.skip_separator();
        for (word, kind) in words {
            if self.eat_word(word) {
                self.skip_separator();
                return Ok(Some((*kind, self.number()?.unwrap_or(0))));
            }
        }
        self.at = start;
        Ok(None)
    }

    fn skip_separator(&mut self) {
        self.at += usize::from(self.peek(0).is_some_and(is_separator));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> VersionError {
        version(text).unwrap_err()
    }

    #[test]
    fn names_what_is_not_a_version() {
        for text in ["", "latest", "1.0.", "1.0+", "1.0+a..b", "1!", "1.0 1", "1.0x", "+cu121", "1.é", "v"] {
            assert!(matches!(fault(text).fault, VersionFault::NotAVersion(_)), "{text}");
        }
        assert_eq!(fault("  nope ").range, 2..6);
        assert_eq!(fault(" 1.99999999999999999999").range, 3..23);
    }
}
