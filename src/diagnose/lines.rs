//! Bytes of a log to lines of text.
//!
//! Takes a reader of any length. Gives line after line as a terminal would have left it: what a carriage return has
//! overwritten is gone, escape sequences too, and what a CI system writes in front of each line. Memory is bounded
//! by [`MOST_BYTES`], be the lines as long as they may.

use std::io::{self, BufRead};
use std::sync::LazyLock;

use regex::Regex;

/// What a line has beyond so many bytes is cut off.
const MOST_BYTES: usize = 16 * 1024;

/// What CI systems put in front of each line: times, the name of the job, a marker of errors.
static PREFIX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?[ \t]+(?:\d\d[OE][+ ]? ?)?|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?[ \t]+|Step #\d+(?: - "[^"]*")?: |##\[[a-z]+\]|::(?:error|group|debug)(?: [^:]*)?::)"#,
    )
    .ok()
});

/// Hands over each line with its number from 1.
pub(super) fn each_line(mut log: impl BufRead, mut line: impl FnMut(usize, &str)) -> io::Result<()> {
    let mut kept = Vec::new();
    let mut returned = false;
    let mut number = 1;
    let mut any = false;
    loop {
        let bytes = match log.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if bytes.is_empty() {
            break;
        }
        any = true;
        let used = bytes.len();
        for part in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let (text, end) = match part.split_last() {
                Some((b'\n', text)) => (text, Some(b'\n')),
                Some((b'\r', text)) => (text, Some(b'\r')),
                _ => (part, None),
            };
            // A return before the end of the line is part of it; before anything else it overwrites, unless it stands
            // inside what a message quotes: `'bash\r': No such file`.
            if returned && !text.is_empty() {
                if matches!(text.first(), Some(b'\'' | b'"' | b':')) {
                    kept.extend_from_slice(b"\\r");
                } else {
                    kept.clear();
                }
                returned = false;
            }
            let room = MOST_BYTES.saturating_sub(kept.len());
            kept.extend_from_slice(text.get(..text.len().min(room)).unwrap_or_default());
            match end {
                Some(b'\n') => {
                    line(number, &clean(&kept));
                    number += 1;
                    kept.clear();
                    returned = false;
                    any = false;
                }
                Some(_) => returned = true,
                None => {}
            }
        }
        log.consume(used);
    }
    if any || !kept.is_empty() {
        line(number, &clean(&kept));
    }
    Ok(())
}

/// The line without escapes and without what a CI system writes in front.
fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let plain = without_escapes(&text);
    let mut rest = plain.as_str();
    if let Some(prefix) = &*PREFIX {
        // A job's name may stand before the time, and a marker behind it.
        for _ in 0..3 {
            let Some(found) = prefix.find(rest) else { break };
            rest = rest.get(found.end()..).unwrap_or_default();
        }
    }
    rest.trim_end().to_owned()
}

/// The text without terminal escape sequences, wherever they stand: the classic builder puts some inside words.
pub fn without_escapes(text: &str) -> String {
    if !text.contains('\u{1b}') {
        return text.trim_start_matches('\u{feff}').to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            // Parameters and intermediates up to the final character.
            Some('[') => {
                for inside in characters.by_ref() {
                    if ('\u{40}'..='\u{7e}').contains(&inside) {
                        break;
                    }
                }
            }
            // A title or a link, up to a bell or the string terminator.
            Some(']') => {
                let mut escaped = false;
                for inside in characters.by_ref() {
                    if inside == '\u{7}' || (escaped && inside == '\\') {
                        break;
                    }
                    escaped = inside == '\u{1b}';
                }
            }
            Some('(' | ')') => {
                characters.next();
            }
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        each_line(text.as_bytes(), |_, line| lines.push(line.to_owned())).unwrap();
        lines
    }

    #[test]
    fn what_is_overwritten_is_gone() {
        assert_eq!(lines("10%\r50%\rdone\r\nnext\n"), ["done", "next"]);
        assert_eq!(lines("a\n\nlast"), ["a", "", "last"]);
        assert_eq!(lines("set: -\r: invalid option\n"), ["set: -\\r: invalid option"]);
    }

    #[test]
    fn escapes_go_also_inside_words() {
        assert_eq!(lines("\u{1b}[91mThe re\u{1b}[0m\u{1b}[91mquested URL\u{1b}[0m\n"), ["The requested URL"]);
        assert_eq!(lines("\u{1b}]0;title\u{7}x\n"), ["x"]);
    }

    #[test]
    fn prefixes_of_ci_systems_go() {
        assert_eq!(lines("2024-02-13T14:30:22.1234567Z #7 0.5 x\n"), ["#7 0.5 x"]);
        assert_eq!(lines("2024-02-13T14:30:22.12Z ##[error]ERROR: x\n"), ["ERROR: x"]);
        assert_eq!(lines("Step #0 - \"build\": Step 1/3 : FROM a\n"), ["Step 1/3 : FROM a"]);
        assert_eq!(lines("[14:30:22] x\n"), ["x"]);
    }

    #[test]
    fn long_lines_are_cut_and_not_split() {
        let log = format!("{}\nend\n", "x".repeat(MOST_BYTES * 3));
        let lines = lines(&log);
        assert_eq!((lines.len(), lines[0].len(), lines[1].as_str()), (2, MOST_BYTES, "end"));
    }
}
