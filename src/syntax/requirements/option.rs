//! Options of a requirement file.

use super::{RequirementFault, RequirementFaultKind, Text};
use crate::source::{Mapped, Span};

/// An option with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOption {
    /// Which option.
    pub kind: OptionKind,
    /// Its name as written.
    pub name: Text,
    /// Its value, for those that take one. Quotes round it belong to the span.
    pub value: Option<Text>,
    /// The value with the place of each of its bytes.
    pub unquoted: Option<Mapped>,
    /// Name and value.
    pub span: Span,
}

/// The options that pip reads in a requirement file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionKind {
    /// `-i`, `--index-url`: the index instead of PyPI.
    IndexUrl,
    /// `--extra-index-url`: a further index.
    ExtraIndexUrl,
    /// `--no-index`
    NoIndex,
    /// `-f`, `--find-links`: a page or folder of package files.
    FindLinks,
    /// `-r`, `--requirement`: a further requirement file.
    Requirement,
    /// `-c`, `--constraint`: a file of constraints.
    Constraint,
    /// `-e`, `--editable`: a project to install in place.
    Editable,
    /// `--no-binary`
    NoBinary,
    /// `--only-binary`
    OnlyBinary,
    /// `--prefer-binary`
    PreferBinary,
    /// `--pre`: take pre-releases as well.
    Pre,
    /// `--trusted-host`
    TrustedHost,
    /// `--require-hashes`
    RequireHashes,
    /// `--use-feature`
    UseFeature,
    /// `--hash`, behind a requirement.
    Hash,
    /// `--config-settings`, behind a requirement.
    ConfigSettings,
    /// `--global-option`, behind a requirement.
    GlobalOption,
}

/// Long spelling, short spelling, meaning, and whether a value follows.
const OPTIONS: [(&str, &str, OptionKind, bool); 19] = [
    ("--index-url", "-i", OptionKind::IndexUrl, true),
    ("--pypi-url", "", OptionKind::IndexUrl, true),
    ("--extra-index-url", "", OptionKind::ExtraIndexUrl, true),
    ("--no-index", "", OptionKind::NoIndex, false),
    ("--find-links", "-f", OptionKind::FindLinks, true),
    ("--requirement", "-r", OptionKind::Requirement, true),
    ("--constraint", "-c", OptionKind::Constraint, true),
    ("--editable", "-e", OptionKind::Editable, true),
    ("--no-binary", "", OptionKind::NoBinary, true),
    ("--only-binary", "", OptionKind::OnlyBinary, true),
    ("--prefer-binary", "", OptionKind::PreferBinary, false),
    ("--pre", "", OptionKind::Pre, false),
    ("--trusted-host", "", OptionKind::TrustedHost, true),
    ("--require-hashes", "", OptionKind::RequireHashes, false),
    ("--use-feature", "", OptionKind::UseFeature, true),
    ("--hash", "", OptionKind::Hash, true),
    ("--config-settings", "-C", OptionKind::ConfigSettings, true),
    ("--config-setting", "", OptionKind::ConfigSettings, true),
    ("--global-option", "", OptionKind::GlobalOption, true),
];

type Spelling = (&'static str, &'static str, OptionKind, bool);

/// Reads a line of options. pip ignores words between them, and so does this.
pub(super) fn parse(text: &Mapped) -> Result<Vec<FileOption>, RequirementFault> {
    let mut options = Vec::new();
    let mut words = words(text)?.into_iter();
    while let Some(word) = words.next() {
        let written = word.text.as_str();
        if written == "--" {
            break;
        }
        if !written.starts_with('-') || written == "-" {
            continue;
        }
        let (name, glued) = split_name(written);
        let Some(&(long, _, kind, takes_value)) = find(name) else {
            let kind = RequirementFaultKind::UnknownOption(name.to_owned());
            return Err(RequirementFault { span: word.mapped.span(0..name.len()), kind });
        };
        let spanned_name = Text { text: name.to_owned(), span: word.mapped.span(0..name.len()) };
        let value = match glued {
            _ if !takes_value => None,
            Some(at) => {
                let text = written.get(at..).unwrap_or_default().to_owned();
                // Counted from the byte before it, so that a quotation mark belongs to it.
                let span = Span::new(word.mapped.offset(at - 1) + 1, word.span.end);
                Some((Text { text, span }, word.mapped.slice(at..written.len())))
            }
            None => match words.next() {
                Some(value) => Some((Text { text: value.text, span: value.span }, value.mapped)),
                None => {
                    return Err(RequirementFault {
                        span: word.span,
                        kind: RequirementFaultKind::NoValue(long),
                    });
                }
            },
        };
        let (value, unquoted) = value.unzip();
        let span = value.as_ref().map_or(word.span, |value| word.span.to(value.span));
        options.push(FileOption { kind, name: spanned_name, value, unquoted, span });
    }
    Ok(options)
}

/// The name of an option, and where a value begins that is glued to it: `--name=value`, `-nvalue`.
fn split_name(word: &str) -> (&str, Option<usize>) {
    if word.starts_with("--") {
        return word.find('=').map_or((word, None), |at| (word.get(..at).unwrap_or(word), Some(at + 1)));
    }
    let end = word.char_indices().nth(2).map(|(at, _)| at);
    (end.and_then(|at| word.get(..at)).unwrap_or(word), end)
}

/// The option of that name; a long one may be cut short as long as it is the only one that begins so.
fn find(name: &str) -> Option<&'static Spelling> {
    let exact = OPTIONS.iter().find(|(long, short, ..)| *long == name || *short == name);
    if exact.is_some() || name.len() < 3 {
        return exact;
    }
    let mut candidates = OPTIONS.iter().filter(|(long, ..)| long.starts_with(name));
    let first = candidates.next()?;
    candidates.all(|(_, _, kind, _)| *kind == first.2).then_some(first)
}

/// A word with its quotes taken away.
struct Word {
    text: String,
    mapped: Mapped,
    /// From the first to the last byte, quotes included.
    span: Span,
}

/// Splits a line as a POSIX shell would, without expanding anything.
fn words(source: &Mapped) -> Result<Vec<Word>, RequirementFault> {
    let text = source.as_str();
    let mut words = Vec::new();
    let mut current: Option<(usize, Mapped)> = None;
    let mut quote: Option<(usize, char)> = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, next)) = characters.next() {
        let in_quote = quote.map(|(_, mark)| mark);
        if in_quote.is_none() && next.is_whitespace() {
            words.extend(current.take().map(|(start, mapped)| finish(source, start..at, mapped)));
            continue;
        }
        let (_, word) = current.get_or_insert_with(|| (at, Mapped::default()));
        match next {
            '\\' if in_quote != Some('\'') => {
                let escaped = characters
                    .next_if(|(_, escaped)| in_quote.is_none() || matches!(escaped, '"' | '\\'))
                    .unwrap_or((at, next));
                word.append(&source.slice(escaped.0..escaped.0 + escaped.1.len_utf8()));
            }
            mark if in_quote == Some(mark) => quote = None,
            '"' | '\'' if in_quote.is_none() => quote = Some((at, next)),
            _ => word.append(&source.slice(at..at + next.len_utf8())),
        }
    }
    if let Some((at, mark)) = quote {
        let kind = RequirementFaultKind::Unclosed(mark);
        return Err(RequirementFault { span: source.span(at..at + 1), kind });
    }
    words.extend(current.map(|(start, mapped)| finish(source, start..text.len(), mapped)));
    Ok(words)
}

fn finish(source: &Mapped, range: std::ops::Range<usize>, mapped: Mapped) -> Word {
    Word { text: mapped.as_str().to_owned(), mapped, span: source.span(range) }
}
