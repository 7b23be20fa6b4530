//! Finds the scalars of a document that is known to be YAML, as far as it is written in the usual ways.
//!
//! It need not be right about everything: its caller compares what it finds with what `serde_yaml` reads.

use crate::source::Mapped;

/// How deep blocks may be nested; deeper ones are left unknown.
const MAX_DEPTH: usize = 64;

/// A part of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// Something written in a way that is not followed.
    Unknown,
    /// A scalar without quotes.
    Plain(Mapped),
    /// A scalar in quotes, which are left out.
    Quoted(Mapped),
    /// A scalar of whole lines below `|`, without their indentation.
    Literal(Mapped),
    /// A list.
    Sequence(Vec<Found>),
    /// Keys and values in order.
    Mapping(Vec<(Found, Found)>),
}

/// What stands on a line after its indentation, or what is left of it.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    /// The column in bytes at which the text begins.
    indent: usize,
    /// Where the text stands.
    start: usize,
    /// From there to the end of the line.
    text: &'a str,
}

/// Finds what it can.
pub(super) fn find(text: &str) -> Found {
    let mut finder = Finder { text, lines: lines(text), next: 0 };
    let found = finder.block(0, 0);
    if finder.next < finder.lines.len() { Found::Unknown } else { found }
}

/// The lines that say something: neither blank, nor comments, nor document marks.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end();
        let mark = if start == 0 && body.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let content = body.get(mark..).unwrap_or_default();
        let indent = content.len() - content.trim_start_matches(' ').len();
        let content = content.trim_start_matches(' ');
        let is_mark = indent == 0 && matches!(content, "---" | "...");
        if !(content.is_empty() || content.starts_with('#') || is_mark) {
            lines.push(Line { indent, start: start + mark + indent, text: content });
        }
        start += line.len();
    }
    lines
}

struct Finder<'a> {
    text: &'a str,
    lines: Vec<Line<'a>>,
    /// The line that is read next.
    next: usize,
}

impl<'a> Finder<'a> {
    fn peek(&self) -> Option<Line<'a>> {
        self.lines.get(self.next).copied()
    }

    /// The node that begins at the next line, if that is indented by at least `least`.
    fn block(&mut self, least: usize, depth: usize) -> Found {
        let Some(line) = self.peek().filter(|line| line.indent >= least) else { return Found::Unknown };
        if depth == MAX_DEPTH {
            self.skip_deeper_than(least.saturating_sub(1));
            return Found::Unknown;
        }
        if after_dash(line).is_some() {
            self.sequence(line.indent, depth)
        } else if after_key(line).is_some() {
            self.mapping(line.indent, depth)
        } else {
            self.value(line, least)
        }
    }

    /// The items whose dashes stand in column `indent`.
    fn sequence(&mut self, indent: usize, depth: usize) -> Found {
        let mut items = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent == indent) {
            let Some(rest) = after_dash(line) else { break };
            if is_blank(rest.text) {
                self.next += 1;
            } else if let Some(current) = self.lines.get_mut(self.next) {
                *current = rest;
            }
            items.push(self.block(indent + 1, depth + 1));
        }
        Found::Sequence(items)
    }

    /// The pairs whose keys stand in column `indent`.
    fn mapping(&mut self, indent: usize, depth: usize) -> Found {
        let mut pairs = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent == indent) {
            let Some((key, rest)) = after_key(line) else { break };
            if !is_blank(rest.text) {
                pairs.push((key, self.value(rest, indent + 1)));
                continue;
            }
            self.next += 1;
            // The items of a sequence may stand below the key itself.
            let least = match self.peek() {
                Some(below) if below.indent == indent && after_dash(below).is_some() => indent,
                _ => indent + 1,
            };
            pairs.push((key, self.block(least, depth + 1)));
        }
        Found::Mapping(pairs)
    }

    /// A scalar or a flow sequence that begins with `line`. Lines indented by at least `least` belong to it.
    fn value(&mut self, line: Line<'a>, least: usize) -> Found {
        if let Some(header) = line.text.strip_prefix('|') {
            return self.literal(line, header, least);
        }
        let (found, end) = match line.text.chars().next() {
            Some('[') => self.flow(line.start),
            Some('\'' | '"') => quoted(self.text, line.start),
            Some('|' | '>' | '&' | '*' | '!' | '{' | '@' | '`' | '%' | ']' | '}' | ',') | None => {
                (Found::Unknown, line.start)
            }
            Some(_) => plain(line),
        };
        self.next += 1;
        // A flow sequence may end on a later line.
        while self.peek().is_some_and(|next| next.start < end) {
            self.next += 1;
        }
        let rest = self.text.get(end..).unwrap_or_default().lines().next().unwrap_or_default();
        let goes_on = self.skip_deeper_than(least.saturating_sub(1));
        if goes_on || !(is_blank(rest) || found == Found::Unknown) { Found::Unknown } else { found }
    }

    /// The scalar whose lines stand below the one that ends with `|` and its `header`.
    fn literal(&mut self, line: Line<'a>, header: &str, least: usize) -> Found {
        let start = line.start + line.text.len();
        let below = self.text.get(start..).unwrap_or_default();
        let below_at = start + below.find('\n').map_or(below.len(), |at| at + 1);
        let (found, end) = literal(self.text, below_at, header, least)
            .map_or((Found::Unknown, start), |(text, end)| (Found::Literal(text), end));
        self.next += 1;
        while self.peek().is_some_and(|next| next.start < end) {
            self.next += 1;
        }
        if self.skip_deeper_than(least.saturating_sub(1)) { Found::Unknown } else { found }
    }

    /// Skips the lines that are indented by more than `indent`. Whether there was one.
    fn skip_deeper_than(&mut self, indent: usize) -> bool {
        let start = self.next;
        while self.peek().is_some_and(|line| line.indent > indent) {
            self.next += 1;
        }
        self.next > start
    }

    /// `[a, 'b']`, which may go over several lines, and where it ends.
    fn flow(&self, start: usize) -> (Found, usize) {
        let mut items = Vec::new();
        let mut at = start + 1;
        loop {
            at = self.skip_blank(at);
            let rest = self.text.get(at..).unwrap_or_default();
            let (item, end) = match rest.chars().next() {
                Some(']') => return (Found::Sequence(items), at + 1),
                Some('\'' | '"') => quoted(self.text, at),
                Some(first) if !"[{&*!|>%@`,#".contains(first) => {
                    let length = rest.find([',', ']', '[', '{', '}', '\n', '#']).unwrap_or(rest.len());
                    let text = rest.get(..length).unwrap_or_default().trim_end();
                    (Found::Plain(Mapped::verbatim(text, at as u32)), at + length)
                }
                _ => return (Found::Unknown, start),
            };
            items.push(item);
            at = self.skip_blank(end);
            match self.text.get(at..).unwrap_or_default().chars().next() {
                Some(',') => at += 1,
                Some(']') => {}
                _ => return (Found::Unknown, start),
            }
        }
    }

    /// The next byte that is neither white space nor part of a comment.
    fn skip_blank(&self, mut at: usize) -> usize {
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            at += rest.len() - rest.trim_start().len();
            let rest = rest.trim_start();
            if !rest.starts_with('#') {
                return at;
            }
            at += rest.find('\n').unwrap_or(rest.len());
        }
    }
}

/// Whether there is nothing but white space and a comment.
fn is_blank(text: &str) -> bool {
    let trimmed = text.trim_start();
    trimmed.is_empty() || (trimmed.starts_with('#') && (trimmed.len() < text.len() || text.starts_with('#')))
}

/// What follows the dash of an item.
fn after_dash(line: Line<'_>) -> Option<Line<'_>> {
    let rest = line.text.strip_prefix('-')?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| advanced(line, 1))
}

/// The key at the start of a line, and what follows its colon.
fn after_key(line: Line<'_>) -> Option<(Found, Line<'_>)> {
    let (key, end) = match line.text.chars().next()? {
        '\'' | '"' => {
            let (key, end) = quoted(line.text, 0);
            (shifted(key, line.start), end)
        }
        '[' | '{' | '&' | '*' | '!' | '|' | '>' | '%' | '@' | '`' | '?' | '#' => return None,
        _ => {
            let end = line.text.match_indices(':').map(|(at, _)| at).find(|at| ends_key(line.text, *at))?;
            let key = line.text.get(..end)?;
            if key.contains(" #") {
                return None;
            }
            (Found::Plain(Mapped::verbatim(key.trim_end(), line.start as u32)), end)
        }
    };
    let is_key = line.text.get(end..)?.starts_with(':') && ends_key(line.text, end);
    is_key.then(|| (key, advanced(line, end + 1)))
}

/// Whether the colon at `at` is one that ends a key.
fn ends_key(text: &str, at: usize) -> bool {
    text.get(at + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// The rest of a line from `length` on, without white space before it.
fn advanced(line: Line<'_>, length: usize) -> Line<'_> {
    let rest = line.text.get(length..).unwrap_or_default();
    let skipped = length + rest.len() - rest.trim_start().len();
    Line { indent: line.indent + skipped, start: line.start + skipped, text: rest.trim_start() }
}

/// A scalar without quotes, up to a comment, and where it ends.
fn plain(line: Line<'_>) -> (Found, usize) {
    let end = line.text.find(" #").or_else(|| line.text.find("\t#")).unwrap_or(line.text.len());
    let text = line.text.get(..end).unwrap_or_default().trim_end();
    (Found::Plain(Mapped::verbatim(text, line.start as u32)), line.start + text.len())
}

/// How a literal scalar ends.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    /// `-`: without a line ending.
    Strip,
    /// With one.
    Clip,
    /// `+`: with all.
    Keep,
}

/// The lines from `start` on that are blank or indented by at least `least`, as `header` says, and where they end.
fn literal(text: &str, start: usize, header: &str, least: usize) -> Option<(Mapped, usize)> {
    let (mut chomping, mut indent) = (Chomping::Clip, None);
    let indicators = header.split([' ', '\t']).next().unwrap_or_default();
    if !is_blank(header.get(indicators.len()..)?) {
        return None;
    }
    for indicator in indicators.chars() {
        match indicator {
            '-' => chomping = Chomping::Strip,
            '+' => chomping = Chomping::Keep,
            _ => indent = Some(least.saturating_sub(1) + indicator.to_digit(10)? as usize),
        }
    }
    let (mut found, mut at) = (Mapped::default(), start);
    for line in text.get(start..)?.split_inclusive('\n') {
        let body = line.trim_end_matches(['\r', '\n']);
        let spaces = body.len() - body.trim_start_matches(' ').len();
        let blank = spaces == body.len();
        if !blank && spaces < *indent.get_or_insert(spaces.max(least)) {
            break;
        }
        let cut = indent.map_or(spaces, |indent| indent.min(spaces));
        found.push(body.get(cut..)?, (at + cut) as u32);
        if line.ends_with('\n') {
            found.push("\n", (at + line.len() - 1) as u32);
        }
        at += line.len();
    }
    let kept = found.as_str().trim_end_matches('\n').len();
    let end = match chomping {
        Chomping::Strip => kept,
        Chomping::Clip => (kept + usize::from(kept > 0)).min(found.as_str().len()),
        Chomping::Keep => found.as_str().len(),
    };
    Some((found.slice(0..end), at))
}

/// The scalar in quotes that begins at `start`, and where it ends. It must stand on one line.
fn quoted(text: &str, start: usize) -> (Found, usize) {
    let mut found = Mapped::default();
    let mut characters = text.get(start..).unwrap_or_default().char_indices().peekable();
    let Some((_, quote)) = characters.next() else { return (Found::Unknown, start) };
    while let Some((at, next)) = characters.next() {
        let mut place = start + at;
        let mut read = next;
        if next == '\n' {
            break;
        } else if next == quote {
            let doubled = quote == '\'' && characters.next_if(|(_, again)| *again == quote).is_some();
            if !doubled {
                return (Found::Quoted(found), place + 1);
            }
        } else if next == '\\' && quote == '"' {
            let Some((escaped_at, escaped @ ('"' | '\\' | '/'))) = characters.next() else { break };
            (place, read) = (start + escaped_at, escaped);
        }
        found.push(read.encode_utf8(&mut [0; 4]), place as u32);
    }
    (Found::Unknown, start)
}

/// The same scalar in a text in which its own begins at `offset`.
fn shifted(found: Found, offset: usize) -> Found {
    let Found::Quoted(mapped) = found else { return Found::Unknown };
    let mut moved = Mapped::default();
    for (at, next) in mapped.as_str().char_indices() {
        moved.push(next.encode_utf8(&mut [0; 4]), mapped.offset(at) + offset as u32);
    }
    Found::Quoted(moved)
}
