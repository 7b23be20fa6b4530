//! Which words of a logical line open heredocs.
//!
//! The whole line, keyword and flags included, is cut into words by the lexer for variables, always with
//! `\` as its escape. A line that the lexer cannot read has no heredocs.

use super::expand::Lexer;
use super::kind::InstructionKind;
use super::tree::{Args, Escape, Instruction};
use crate::source::{Mapped, Span};

/// A heredoc that waits for its body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Opening {
    /// The name, quotes removed.
    pub(super) name: String,
    /// Whether variables in the body are expanded.
    pub(super) expand: bool,
    /// Whether leading tabs are removed.
    pub(super) chomp: bool,
    /// The number before `<<`.
    pub(super) file_descriptor: Option<u32>,
}

/// Whether an instruction may open heredocs: RUN, COPY and ADD may, behind one ONBUILD too, but not in
/// JSON form.
pub(super) fn possible(instruction: &Instruction) -> bool {
    use InstructionKind::{Add, Copy, Onbuild, Run};
    let inner = match (instruction.kind, &instruction.onbuild) {
        (Some(Onbuild), Some(inner)) => inner,
        _ => instruction,
    };
    matches!(inner.kind, Some(Run | Copy | Add)) && !matches!(inner.args, Args::Json(_))
}

/// The heredocs that a line opens, in order, with the words that open them; or what is wrong with one.
pub(super) fn openings(line: &Mapped) -> Result<Vec<(Opening, Span)>, (String, Span)> {
    let lexer = Lexer { raw_quotes: true, raw_escapes: true, ..lexer() };
    let Ok(line) = lexer.expand_mapped(line, &|_| None) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for word in &line.words {
        let text = line.text.get(word.clone()).unwrap_or_default();
        let span = line.span_of(word.clone()).unwrap_or_default();
        match opening(text) {
            Ok(Some(opening)) => found.push((opening, span)),
            Ok(None) => {}
            Err(reason) => return Err((reason, span)),
        }
    }
    Ok(found)
}

/// The heredoc that a word opens, if it does.
pub(super) fn opening(word: &str) -> Result<Option<Opening>, String> {
    let digits = word.len() - word.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
    let Some(rest) = word.get(digits..).and_then(|rest| rest.strip_prefix("<<")) else { return Ok(None) };
    let (rest, chomp) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    let rest = rest.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let Some(name) = only_word(rest, false)? else { return Ok(None) };
    let Some(raw_name) = only_word(rest, true)? else { return Ok(None) };
    let file_descriptor = word.get(..digits).and_then(|digits| digits.parse().ok());
    let expand = quotes(&name) == quotes(&raw_name);
    Ok(Some(Opening { name, expand, chomp, file_descriptor }))
}

fn lexer() -> Lexer {
    Lexer { skip_unset: true, ..Lexer::new(Escape::Backslash) }
}

/// The word that a text is, if it is one alone.
fn only_word(text: &str, raw_quotes: bool) -> Result<Option<String>, String> {
    let lexer = Lexer { raw_quotes, ..lexer() };
    let result =
        lexer.expand_mapped(&Mapped::verbatim(text, 0), &|_| None).map_err(|error| error.to_string())?;
    match result.words.as_slice() {
        [word] => Ok(result.text.get(word.clone()).map(str::to_owned)),
        _ => Ok(None),
    }
}

fn quotes(text: &str) -> usize {
    text.matches(['\'', '"']).count()
}
