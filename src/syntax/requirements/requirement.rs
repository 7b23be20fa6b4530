//! One requirement: PEP 508, and what pip takes besides.

use std::ops::Range;

use super::scan::Scanner;
use super::{
    FileOption, Marker, Reference, RequirementFault, RequirementFaultKind, Text, marker, normalize_name,
    reference,
};
use crate::source::{Mapped, Span};
use crate::version::{Specifier, Specifiers, VersionError};

/// Something to install.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// From the first byte of the name, URL or path to the last byte of the marker.
    pub span: Span,
    /// The name as written. A bare URL or path may have none, or tell it by the name of a wheel or by
    /// `#egg=`.
    pub name: Option<Text>,
    /// The extras in brackets, each as written.
    pub extras: Vec<Text>,
    /// Where the specifiers stand, brackets round them included. Where there are none, the empty span after
    /// name and extras, which is where a first one goes.
    pub constraint: Span,
    /// The specifiers in order.
    pub specifiers: Vec<SpecifierPart>,
    /// The URL or path that is installed instead of a release from an index.
    pub reference: Option<Reference>,
    /// The condition after `;`.
    pub marker: Option<Marker>,
    /// The marker as written, without its `;`.
    pub marker_text: Option<Text>,
    /// Whether it is the value of `--editable`.
    pub editable: bool,
    /// Options behind it: `--hash=…` and the like.
    pub options: Vec<FileOption>,
    /// The `${VARIABLES}` in it, each with its brackets.
    pub variables: Vec<Text>,
}

/// One specifier of a requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct SpecifierPart {
    /// What it says; `None` where a `${VARIABLE}` is part of it.
    pub specifier: Option<Specifier>,
    /// Operator and version.
    pub span: Span,
    /// The operator.
    pub operator: Span,
    /// The version, a final `.*` included.
    pub version: Span,
}

impl Requirement {
    /// The name in the form in which PEP 503 compares names.
    pub fn normalized_name(&self) -> Option<String> {
        self.name.as_ref().map(|name| normalize_name(&name.text))
    }

    /// All its specifiers; `None` where a variable hides what one of them says.
    pub fn specifiers(&self) -> Option<Specifiers> {
        self.specifiers.iter().map(|part| part.specifier.clone()).collect()
    }
}

/// Reads a requirement. pip first asks whether it is a URL, then whether it is a path.
pub(super) fn parse(text: &Mapped) -> Result<Requirement, RequirementFault> {
    let mut scanner = Scanner::new(text).trimmed();
    if reference::is_url(scanner.rest()) || reference::is_path(scanner.rest()) {
        let separator = if reference::is_url(scanner.rest()) { "; " } else { ";" };
        return direct(&mut scanner, separator);
    }
    let start = scanner.at;
    let Some(name) = scanner.name() else {
        let range = scanner.at..scanner.end;
        return Err(scanner.fault(range, RequirementFaultKind::NoName));
    };
    let mut requirement = empty(&scanner, start..scanner.end);
    requirement.name = Some(scanner.spanned(name.clone()));
    let mut after = name.end;
    scanner.skip_space();
    if scanner.peek() == Some('[') {
        requirement.extras = extras(&mut scanner)?;
        after = scanner.at;
        scanner.skip_space();
    }
    requirement.constraint = scanner.span(after..after);
    if after > start {
        // At a seam the place after a byte is not always the place before the next.
        requirement.constraint = Span::at(scanner.span(after - 1..after).end);
    }
    if scanner.eat('@') {
        scanner.skip_space();
        let url = scanner.take_while(|next| !next.is_whitespace() && next != ';');
        if url.is_empty() {
            return Err(scanner.fault(start..scanner.end, RequirementFaultKind::NoUrl));
        }
        requirement.reference = Some(Reference::parse(&scanner.mapped(url)));
        scanner.skip_space();
    } else if !scanner.is_done() && scanner.peek() != Some(';') {
        constraint(&mut scanner, &mut requirement)?;
    }
    marker_after(&mut scanner, &mut requirement)?;
    Ok(requirement)
}

/// Reads the value of `--editable`.
pub(super) fn parse_editable(text: &Mapped) -> Result<Requirement, RequirementFault> {
    let mut scanner = Scanner::new(text).trimmed();
    if scanner.is_done() {
        return Err(scanner.fault(scanner.at..scanner.end, RequirementFaultKind::NoUrl));
    }
    // `name @ URL`, which pip takes since 21.2, reads as elsewhere.
    let names_its_url = scanner.clone().name().is_some_and(|name| {
        scanner.text(name.end..scanner.end).trim_start().starts_with(['@', '['])
            && !reference::is_path(scanner.rest())
    });
    let mut requirement = if names_its_url { parse(text)? } else { direct(&mut scanner, ";")? };
    requirement.editable = true;
    Ok(requirement)
}

fn empty(scanner: &Scanner<'_>, range: Range<usize>) -> Requirement {
    Requirement {
        span: scanner.span(range.clone()),
        name: None,
        extras: Vec::new(),
        constraint: Span::at(scanner.span(range.clone()).end),
        specifiers: Vec::new(),
        reference: None,
        marker: None,
        marker_text: None,
        editable: false,
        options: Vec::new(),
        variables: variables(scanner, range),
    }
}

/// A bare URL or path, up to `separator` and a marker.
fn direct(scanner: &mut Scanner<'_>, separator: &str) -> Result<Requirement, RequirementFault> {
    let mut requirement = empty(scanner, scanner.at..scanner.end);
    let rest = scanner.rest();
    let length = rest.find(separator).unwrap_or(rest.len());
    let range = scanner.at..scanner.at + rest.get(..length).unwrap_or_default().trim_end().len();
    let written = scanner.text(range.clone());
    // Brackets at the end of a URL are part of it, unless they follow a name in its fragment.
    let may_have_extras = !reference::is_url(written) || written.contains("#egg=");
    let (address, brackets) = if may_have_extras { reference::split_extras(written) } else { (written, "") };
    let address = range.start..range.start + address.len();
    let reference = Reference::parse(&scanner.mapped(address.clone()));
    if reference.is_misnamed_wheel() {
        let kind = RequirementFaultKind::WheelName(reference.file.text);
        return Err(RequirementFault { span: reference.file.span, kind });
    }
    if !brackets.is_empty() {
        let mut inner = scanner.within(address.end..range.end);
        requirement.extras = extras(&mut inner)?;
    }
    requirement.name = reference.name();
    requirement.reference = Some(reference);
    scanner.at += length;
    marker_after(scanner, &mut requirement)?;
    Ok(requirement)
}

/// `[a, b]`; the scanner stands at the bracket.
fn extras(scanner: &mut Scanner<'_>) -> Result<Vec<Text>, RequirementFault> {
    let open = scanner.at;
    let mut extras = Vec::new();
    scanner.eat('[');
    scanner.skip_space();
    while let Some(name) = scanner.name() {
        extras.push(scanner.spanned(name));
        scanner.skip_space();
        if !scanner.eat(',') {
            break;
        }
        scanner.skip_space();
        if scanner.peek() == Some(']') {
            return Err(scanner.unexpected("the name of an extra"));
        }
    }
    if scanner.eat(']') {
        return Ok(extras);
    }
    if scanner.is_done() {
        return Err(scanner.fault(open..open + 1, RequirementFaultKind::Unclosed('[')));
    }
    Err(scanner.unexpected("the name of an extra, `,` or `]`"))
}

/// The specifiers, in brackets or not.
fn constraint(scanner: &mut Scanner<'_>, requirement: &mut Requirement) -> Result<(), RequirementFault> {
    let open = scanner.at;
    let bracketed = scanner.eat('(');
    let start = scanner.at;
    let range = scanner.take_while(|next| next != ';' && !(bracketed && next == ')'));
    let text = scanner.text(range.clone()).trim_end();
    requirement.specifiers = specifiers(scanner, start..start + text.len())?;
    if bracketed && !scanner.eat(')') {
        return Err(scanner.fault(open..open + 1, RequirementFaultKind::Unclosed('(')));
    }
    let end = if bracketed { scanner.at } else { start + text.len() };
    requirement.constraint = scanner.span(open..end);
    Ok(())
}

/// The list of specifiers in `range`.
fn specifiers(scanner: &Scanner<'_>, range: Range<usize>) -> Result<Vec<SpecifierPart>, RequirementFault> {
    let mut parts = Vec::new();
    let mut start = range.start;
    for piece in scanner.text(range.clone()).split(',') {
        let end = start + piece.len();
        // pip accepts a comma after the last.
        if !(end == range.end && piece.trim().is_empty()) {
            parts.push(specifier(scanner, start..end)?);
        }
        start = end + 1;
    }
    Ok(parts)
}

fn specifier(scanner: &Scanner<'_>, range: Range<usize>) -> Result<SpecifierPart, RequirementFault> {
    let text = scanner.text(range.clone());
    let place = |range: Range<usize>, offset: usize| range.start + offset..range.end + offset;
    if variables(scanner, range.clone()).is_empty() {
        let fault = |error: VersionError| {
            scanner.fault(place(error.range, range.start), RequirementFaultKind::Version(error.fault))
        };
        let located = Specifiers::parse_located(text).map_err(fault)?;
        return match located.into_iter().next() {
            Some(found) => Ok(SpecifierPart {
                span: scanner.span(place(found.operator.start..found.version.end, range.start)),
                operator: scanner.span(place(found.operator, range.start)),
                version: scanner.span(place(found.version, range.start)),
                specifier: Some(found.specifier),
            }),
            None => Err(scanner.fault(
                range,
                RequirementFaultKind::Unexpected { found: ",".to_owned(), expected: "a version specifier" },
            )),
        };
    }
    let mut inner = scanner.within(range.clone()).trimmed();
    let whole = inner.at..inner.end;
    let operator = inner.take_while(|next| matches!(next, '<' | '>' | '=' | '!' | '~'));
    inner.skip_space();
    Ok(SpecifierPart {
        specifier: None,
        span: inner.span(whole.clone()),
        operator: inner.span(operator),
        version: inner.span(inner.at..whole.end),
    })
}

/// `; marker`, or the end.
fn marker_after(scanner: &mut Scanner<'_>, requirement: &mut Requirement) -> Result<(), RequirementFault> {
    scanner.skip_space();
    if scanner.is_done() {
        return Ok(());
    }
    if !scanner.eat(';') {
        return Err(scanner.unexpected("`;` and a marker, or the end"));
    }
    scanner.skip_space();
    let range = scanner.at..scanner.end;
    if range.is_empty() {
        return Ok(());
    }
    requirement.marker = Some(marker::parse(scanner)?);
    requirement.marker_text = Some(scanner.spanned(range));
    Ok(())
}

/// The `${NAME}` references in `range`, which pip replaces before it reads the line.
fn variables(scanner: &Scanner<'_>, range: Range<usize>) -> Vec<Text> {
    let text = scanner.text(range.clone());
    let mut found = Vec::new();
    for (start, _) in text.match_indices("${") {
        let name = text.get(start + 2..).unwrap_or_default();
        let belongs = |next: char| next.is_ascii_uppercase() || next.is_ascii_digit() || next == '_';
        let length = name.find(|next| !belongs(next)).unwrap_or(name.len());
        if length > 0 && name.get(length..).is_some_and(|after| after.starts_with('}')) {
            let start = range.start + start;
            found.push(scanner.spanned(start..start + length + 3));
        }
    }
    found
}
