//! What one comment says about silence.
//!
//! ```text
//! # dlint ignore=pip/no-cache-dir,DL3008 until=2027-01-31; the mirror is behind a proxy
//! # dlint stage ignore=…        # dlint global ignore=…
//! # hadolint ignore=DL3006      # hadolint stage ignore=…      # hadolint global ignore=…
//! # check=skip=JSONArgsRecommended // why                      (BuildKit)
//! ```
//!
//! What follows the names and the date is for people. Takes a comment as it stands in a file, gives its names with
//! their places; it does not know which rules there are.

use std::ops::Range;

use crate::date::Date;

/// Whose form a comment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Dlint,
    Hadolint,
    /// `check=skip=…` of BuildKit.
    Check,
}

/// How far it says that it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// For what follows it.
    Next,
    Stage,
    File,
}

/// A comment that silences rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ignore<'t> {
    pub form: Form,
    pub extent: Extent,
    /// The names, with their bytes in the comment.
    pub names: Vec<(&'t str, Range<usize>)>,
    /// The last day on which it counts, as written.
    pub until: Option<(&'t str, Range<usize>)>,
    /// Whether hadolint heeds it as well: behind its names stands nothing, or a further `#`.
    pub strict: bool,
}

impl Ignore<'_> {
    /// The last day on which it counts; nothing where it counts for ever, or where the day is none.
    pub(super) fn last_day(&self) -> Option<Date> {
        Date::parse(self.until.as_ref()?.0)
    }
}

/// Reads a comment, its `#` included.
pub(super) fn parse(comment: &str) -> Option<Ignore<'_>> {
    let mut cursor = Cursor { text: comment, at: 0 };
    cursor.eat("#").then(|| cursor.skip_blanks());
    if let Some((name, value)) = cursor.rest().split_once('=')
        && name.trim_end().eq_ignore_ascii_case("check")
    {
        cursor.at = comment.len() - value.len();
        cursor.skip_blanks();
        return skip(cursor, Form::Check);
    }
    let form = [("dlint", Form::Dlint), ("hadolint", Form::Hadolint)];
    let form = form.into_iter().find_map(|(word, form)| cursor.eat(word).then_some(form))?;
    if !cursor.rest().starts_with([' ', '\t', ':']) {
        return None;
    }
    cursor.eat(":");
    cursor.skip_blanks();
    let extents = [("global", Extent::File), ("file", Extent::File), ("stage", Extent::Stage)];
    let extent = extents.into_iter().find_map(|(word, extent)| cursor.eat(word).then_some(extent));
    cursor.skip_blanks();
    if !cursor.eat("ignore") {
        return None;
    }
    cursor.skip_blanks();
    if !cursor.eat("=") {
        return None;
    }
    let names = cursor.names();
    cursor.skip_blanks();
    let strict = cursor.rest().is_empty() || cursor.rest().starts_with('#');
    let until = (form == Form::Dlint).then(|| cursor.until()).flatten();
    Some(Ignore { form, extent: extent.unwrap_or(Extent::Next), names, until, strict })
}

/// Reads the value of a `check` directive: `skip=A,B;error=true`.
pub(super) fn parse_check(value: &str) -> Option<Ignore<'_>> {
    let ignore = skip(Cursor { text: value, at: 0 }, Form::Check)?;
    Some(Ignore { extent: Extent::File, ..ignore })
}

/// Whether a comment looks like one that should silence rules, but is not: `dlint ignore DL3008`.
pub(super) fn is_near_miss(comment: &str) -> bool {
    let mut cursor = Cursor { text: comment, at: 0 };
    cursor.eat("#").then(|| cursor.skip_blanks());
    if !cursor.eat("dlint") || !cursor.rest().starts_with([' ', '\t', ':', '-']) {
        return false;
    }
    cursor.at += 1;
    cursor.skip_blanks();
    for extent in ["global", "file", "stage"] {
        if cursor.eat(extent) {
            cursor.skip_blanks();
        }
    }
    let word = ["ignore", "disable", "skip"].into_iter().any(|word| cursor.eat(word));
    // In prose a verb has an object: `dlint ignores this`. A rule's name has a slash or a digit.
    word && cursor.rest().starts_with(['=', ':', ' ', '\t'])
        && cursor
            .rest()
            .split([' ', ',', '=', ':'])
            .any(|word| word.contains('/') || word.bytes().any(|byte| byte.is_ascii_digit()) || word == "all")
}

/// Reads BuildKit's options. Its value stops at the first blank.
fn skip(mut cursor: Cursor<'_>, form: Form) -> Option<Ignore<'_>> {
    let end = cursor.rest().find([' ', '\t']).map_or(cursor.text.len(), |end| cursor.at + end);
    cursor.text = cursor.text.get(..end)?;
    let mut names = Vec::new();
    let mut found = false;
    while !cursor.rest().is_empty() {
        if cursor.eat("skip=") {
            found = true;
            names.extend(cursor.names());
        }
        let end = cursor.rest().find(';').map_or(cursor.rest().len(), |end| end + 1);
        cursor.at += end;
    }
    found.then_some(Ignore { form, extent: Extent::Next, names, until: None, strict: true })
}

/// A place in a comment.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Steps over `word`, if it is what comes.
    fn eat(&mut self, word: &str) -> bool {
        let is_next = self.rest().starts_with(word);
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// A word up to a blank, a comma or a semicolon.
    fn word(&mut self) -> (&'t str, Range<usize>) {
        let rest = self.rest();
        let length = rest.find([',', ';', ' ', '\t', '\r', '\n']).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        (rest.get(..length).unwrap_or_default(), start..self.at)
    }

    /// The names of a list with commas, around which blanks may stand.
    fn names(&mut self) -> Vec<(&'t str, Range<usize>)> {
        let mut names = Vec::new();
        loop {
            self.skip_blanks();
            let (name, range) = self.word();
            if !name.is_empty() {
                names.push((name, range));
            }
            let behind = self.at;
            self.skip_blanks();
            if !self.eat(",") {
                self.at = behind;
                return names;
            }
        }
    }

    /// The last day, directly behind the names.
    fn until(&mut self) -> Option<(&'t str, Range<usize>)> {
        if self.eat(";") {
            self.skip_blanks();
        }
        self.eat("until=").then(|| self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(comment: &str) -> Option<(Extent, Vec<&str>)> {
        let ignore = parse(comment)?;
        let at = ignore.names.iter().all(|(name, range)| comment.get(range.clone()) == Some(name));
        assert!(at, "{comment}");
        Some((ignore.extent, ignore.names.into_iter().map(|(name, _)| name).collect()))
    }

    #[test]
    fn comments_are_read_as_they_are_written() {
        let next = |names: &[&'static str]| Some((Extent::Next, names.to_vec()));
        assert_eq!(read("# dlint ignore=pip/x, DL3042 why not"), next(&["pip/x", "DL3042"]));
        assert_eq!(read("# dlint ignore=pip/x; why not, really"), next(&["pip/x"]));
        assert_eq!(read("#dlint: ignore = pip , conda"), next(&["pip", "conda"]));
        assert_eq!(read("# dlint global ignore = pip"), Some((Extent::File, vec!["pip"])));
        assert_eq!(read("# dlint stage ignore=all"), Some((Extent::Stage, vec!["all"])));
        assert_eq!(read("# hadolint ignore=DL3006,SC2086"), next(&["DL3006", "SC2086"]));
        assert_eq!(read("# check=skip=JSONArgsRecommended // why"), next(&["JSONArgsRecommended"]));
        assert_eq!(read("# check=error=true;skip=A,B;experimental=C"), next(&["A", "B"]));
        assert_eq!(read("# check=skip=A, B"), next(&["A"]));
        assert_eq!(read("#Check = skip=A"), next(&["A"]));
        for prose in ["# dlintignore=x", "# we ignore=x", "# check=error=true", "# dlint ignores=x"] {
            assert_eq!(read(prose), None, "{prose}");
        }
    }

    #[test]
    fn the_last_day_stands_behind_the_names() {
        let day = |comment| parse(comment).and_then(|ignore| ignore.last_day()).map(|day| day.to_string());
        assert_eq!(day("# dlint ignore=a until=2027-01-31; why").as_deref(), Some("2027-01-31"));
        assert_eq!(day("# dlint ignore=a; until=2027-01-31").as_deref(), Some("2027-01-31"));
        assert_eq!(day("# dlint ignore=a because until=2027-01-31"), None);
        let ignore = parse("# dlint ignore=a until=soon").unwrap_or_else(|| unreachable!());
        assert_eq!((ignore.last_day(), ignore.until.map(|(day, _)| day)), (None, Some("soon")));
    }

    #[test]
    fn hadolint_wants_nothing_behind_the_names() {
        let strict = |comment| parse(comment).is_some_and(|ignore| ignore.strict);
        assert!(strict("# hadolint ignore=DL3006 # reason"));
        assert!(!strict("# hadolint ignore=DL3006 reason"));
    }

    #[test]
    fn near_misses_are_known_from_prose() {
        for miss in [
            "# dlint ignore DL3008",
            "# dlint: disable=pip/x",
            "# dlint stage ignore all",
            "# dlint-ignore pip/x",
        ] {
            assert!(is_near_miss(miss) && parse(miss).is_none(), "{miss}");
        }
        for prose in
            ["# dlint ignores DL3008", "# dlint skip", "# see dlint ignore DL3008", "# dlint ignore this"]
        {
            assert!(!is_near_miss(prose), "{prose}");
        }
    }
}
