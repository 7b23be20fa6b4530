//! The log of one build, within bounds: its beginning, its end, and every line that begins or ends a step.

use std::collections::VecDeque;
use std::fmt::Write;

/// Bytes kept of the beginning.
const HEAD: usize = 512 << 10;

/// Bytes kept of the end: causes stand near it.
const TAIL: usize = 4 << 20;

/// Lines are cut to this many bytes.
const LONGEST_LINE: usize = 16 << 10;

/// Lines of steps that are kept from what is left out.
const MAX_MARKS: usize = 4096;

/// Lines, of which those in the middle are left out where they are too many.
#[derive(Clone, Debug, Default)]
pub struct Log {
    head: String,
    /// Lines of steps from what is left out.
    marks: Vec<String>,
    left_out: usize,
    tail: VecDeque<(String, bool)>,
    tail_bytes: usize,
}

impl Log {
    /// Adds a line. A mark begins or ends a step, and stays.
    pub fn push(&mut self, line: &str, mark: bool) {
        let line = cut(line);
        if self.tail.is_empty() && self.head.len() + line.len() < HEAD {
            self.head.push_str(line);
            self.head.push('\n');
            return;
        }
        self.tail.push_back((line.to_owned(), mark));
        self.tail_bytes += line.len() + 1;
        while self.tail_bytes > TAIL {
            let Some((line, mark)) = self.tail.pop_front() else { break };
            self.tail_bytes -= line.len() + 1;
            if mark && self.marks.len() < MAX_MARKS {
                self.marks.push(line);
            } else {
                self.left_out += 1;
            }
        }
    }

    /// The log as text.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.head.len() + self.tail_bytes + 256);
        text.push_str(&self.head);
        for line in &self.marks {
            text.push_str(line);
            text.push('\n');
        }
        if self.left_out > 0 {
            let _ = writeln!(text, "[{} lines are left out here]", self.left_out);
        }
        for (line, _) in &self.tail {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The last lines.
    pub fn last_lines(&self, count: usize) -> Vec<&str> {
        let head = self.head.lines().rev();
        let mut lines: Vec<&str> =
            self.tail.iter().rev().map(|(line, _)| line.as_str()).chain(head).take(count).collect();
        lines.reverse();
        lines
    }
}

/// At most [`LONGEST_LINE`] bytes, ending at a character.
fn cut(line: &str) -> &str {
    if line.len() <= LONGEST_LINE {
        return line;
    }
    let end = (0..=LONGEST_LINE).rev().find(|end| line.is_char_boundary(*end)).unwrap_or(0);
    line.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_log_is_left_out_but_for_its_marks() {
        let mut log = Log::default();
        let line = "x".repeat(1000);
        log.push("first", true);
        for _ in 0..2000 {
            log.push(&line, false);
        }
        log.push("#7 [2/3] RUN x", true);
        for _ in 0..20_000 {
            log.push(&line, false);
        }
        log.push("last", false);
        let text = log.text();
        assert!(text.len() < HEAD + TAIL + 4096, "{}", text.len());
        assert!(text.starts_with("first\n") && text.ends_with("\nlast\n"));
        assert!(text.contains("\n#7 [2/3] RUN x\n") && text.contains("lines are left out"));
        assert_eq!(log.last_lines(1), ["last"]);
    }

    #[test]
    fn a_short_log_is_kept_as_it_is() {
        let mut log = Log::default();
        log.push("a", false);
        log.push(&"ü".repeat(LONGEST_LINE), false);
        assert_eq!(log.text().lines().next(), Some("a"));
        assert_eq!(log.last_lines(9).len(), 2);
        assert!(log.text().len() <= LONGEST_LINE + 3);
    }
}
