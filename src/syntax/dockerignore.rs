//! `.dockerignore`: which files of the build context Docker leaves out.
//!
//! Takes the file's bytes. Says of a path, relative to the context, whether it is left out, as Docker matches it: the
//! last pattern that applies decides, and what lies in a folder that is left out is left out with it. A pattern that
//! Docker would refuse matches nothing.

use regex::Regex;

/// The patterns of one file.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    /// `!`: what matches stays after all.
    exception: bool,
    matcher: Matcher,
}

/// Docker compares plain patterns as texts, and the rest as expressions.
#[derive(Clone, Debug)]
enum Matcher {
    Exact(String),
    Prefix(String),
    Suffix(String),
    Expression(Regex),
    Never,
}

impl Ignore {
    /// Reads a file.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Self { patterns: text.lines().filter_map(Pattern::parse).collect() }
    }

    /// Whether some pattern says of files that they stay.
    pub fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.exception)
    }

    /// Whether something in a folder that is left out may stay after all.
    pub fn may_keep_below(&self, folder: &str) -> bool {
        let below = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.patterns.iter().filter(|pattern| pattern.exception).any(|pattern| match &pattern.matcher {
            Matcher::Exact(path) => below(path),
            Matcher::Never => false,
            Matcher::Prefix(_) | Matcher::Suffix(_) | Matcher::Expression(_) => true,
        })
    }

    /// Whether the path, or a folder in which it lies, is left out. The path has neither `.` nor `..` in it, but for
    /// the context itself, which is `.`.
    pub fn leaves_out(&self, path: &str) -> bool {
        let mut left_out = false;
        for pattern in &self.patterns {
            if pattern.exception == left_out && pattern.matches_within(path) {
                left_out = !pattern.exception;
            }
        }
        left_out
    }
}

impl Pattern {
    /// Reads a line; `None` for a comment or a blank one.
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end_matches('\r');
        if line.starts_with('#') {
            return None;
        }
        let line = line.trim();
        let (exception, written) = match line.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        if written.is_empty() {
            return exception.then_some(Self { exception, matcher: Matcher::Never });
        }
        Some(Self { exception, matcher: Matcher::new(&cleaned(written)) })
    }

    /// Whether the path or a folder in which it lies matches.
    fn matches_within(&self, path: &str) -> bool {
        let folders = path.match_indices('/').filter_map(|(slash, _)| path.get(..slash));
        self.matcher.matches(path) || folders.into_iter().any(|folder| self.matcher.matches(folder))
    }
}

/// The pattern without empty parts, `.` and `..`, relative to the context.
fn cleaned(written: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if written.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    match parts.as_slice() {
        [] if written.starts_with('/') => "/".to_owned(),
        [] => ".".to_owned(),
        parts => parts.join("/"),
    }
}

impl Matcher {
    fn new(pattern: &str) -> Self {
        let rest = pattern.strip_prefix("**");
        let special = |text: &str| text.contains(['*', '?', '[', ']', '\\']);
        match (rest, pattern.strip_suffix("**")) {
            (Some(rest), _) if !special(rest) => Self::Suffix(rest.to_owned()),
            (None, Some(start)) if !special(start) => Self::Prefix(start.to_owned()),
            (None, None) if !special(pattern) => Self::Exact(pattern.to_owned()),
            _ => Regex::new(&expression(pattern)).map_or(Self::Never, Self::Expression),
        }
    }

    fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text.as_str()),
            // `**/a` is also the `a` that lies in no folder.
            Self::Suffix(text) => path.ends_with(text.as_str()) || text.strip_prefix('/') == Some(path),
            Self::Expression(expression) => expression.is_match(path),
            Self::Never => false,
        }
    }
}

/// The expression that a pattern stands for: `**` is any folders, `*` and `?` do not go across `/`.
fn expression(pattern: &str) -> String {
    let mut expression = String::from("^");
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' if characters.next_if_eq(&'*').is_some() => {
                characters.next_if_eq(&'/');
                expression.push_str(if characters.peek().is_some() { "(.*/)?" } else { ".*" });
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '\\' => match characters.next() {
                Some(escaped) => expression.push_str(&regex::escape(escaped.encode_utf8(&mut [0; 4]))),
                None => expression.push_str(r"\\"),
            },
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => {
                expression.push('\\');
                expression.push(character);
            }
            character => expression.push(character),
        }
    }
    expression.push('$');
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, left_out: &[&str], kept: &[&str]) {
        let ignore = Ignore::parse(file.as_bytes());
        for path in left_out {
            assert!(ignore.leaves_out(path), "{path} stays under {file:?}");
        }
        for path in kept {
            assert!(!ignore.leaves_out(path), "{path} is left out under {file:?}");
        }
    }

    #[test]
    fn patterns_match_as_docker_has_them() {
        check("*", &["a", "a/b", "."], &[]);
        check("**", &["a", "a/b", "."], &[]);
        check("**/*", &["a", "a/b", "."], &[]);
        check("a", &["a", "a/b"], &["b/a", "ab", "."]);
        check("/a/", &["a", "a/b"], &["b/a"]);
        check("a/*", &["a/b", "a/b/c"], &["a"]);
        check("a/**", &["a/b", "a/b/c"], &["a"]);
        check("**/a", &["a", "b/a", "b/a/c"], &["ba"]);
        check("**/*.md", &["a.md", "b/a.md"], &["amd"]);
        check("a?c", &["abc"], &["ac", "a/c"]);
        check("a/**/c", &["a/c", "a/b/c", "a/b/d/c"], &["c"]);
        check("[ab]c", &["ac", "bc"], &["cc"]);
        check(r"a\*", &["a*"], &["ab"]);
        check("./a/../b", &["b"], &["a"]);
        check("a+b(", &["a+b("], &["aab("]);
    }

    #[test]
    fn the_last_pattern_that_applies_decides() {
        check("*\n!a\n", &["b"], &["a", "a/b"]);
        check("*\n!a\na/b\n", &["a/b"], &["a/c"]);
        assert!(Ignore::parse(b"!a").has_exceptions());
        let ignore = Ignore::parse(b"*\n!a/b\n");
        assert!(ignore.may_keep_below("a") && !ignore.may_keep_below("b") && !ignore.may_keep_below("a/b"));
        assert!(Ignore::parse(b"!**/*.py").may_keep_below("b"));
    }

    #[test]
    fn comments_and_blank_lines_say_nothing() {
        check("# a\n\n  b  \r\n", &["b"], &["a", "# a"]);
        check("\u{feff}a\n", &["a"], &[]);
        check("[\n", &[], &["["]);
    }
}
