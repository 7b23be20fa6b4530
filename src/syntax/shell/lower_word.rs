//! From what pest matched to the tree: words, their parts, and what the shell replaces in them.

use std::ops::Range;

use super::ansi;
use super::lower::{Lower, Node, Nodes, Rule};
use super::tree::{
    Expansion, ExpansionKind, Parameter, ParameterPrefix, Part, QuoteStyle, Quoted, Script, ShellWord, Text,
};
use crate::source::{Mapped, Span};

impl Lower<'_> {
    /// Lowers whatever has the parts of a word. An operator of `[[` has none and is its own text.
    pub(super) fn word(&self, node: Node) -> ShellWord {
        let span = self.span(&node);
        let range = range(&node);
        let parts = match node.as_rule() {
            Rule::bare_word | Rule::program | Rule::test_operator | Rule::test_compare => {
                literal_parts(self.text, range)
            }
            Rule::keyed_element => self.keyed_element(node),
            Rule::double_brace_word => self.parts(node.into_inner(), true),
            _ => self.parts(node.into_inner(), false),
        };
        ShellWord { parts, span }
    }

    pub(super) fn array_word(&self, node: Node) -> ShellWord {
        let span = self.span(&node);
        let mut parts = Vec::new();
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::array => {
                    parts.push(Part::Array { span: self.span(&part), elements: self.elements(part) });
                }
                _ => push_literal(self.text, range(&part), &mut parts),
            }
        }
        ShellWord { parts, span }
    }

    pub(super) fn elements(&self, array: Node) -> Vec<ShellWord> {
        array.into_inner().map(|element| self.word(element)).collect()
    }

    /// `[key]=value`: the key counts as text unless something in it would be expanded.
    fn keyed_element(&self, node: Node) -> Vec<Part> {
        let whole = range(&node);
        let mut value = None;
        let mut key_end = whole.start;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::index => key_end = part.as_span().end() + 1,
                _ => value = Some(part),
            }
        }
        let key = whole.start..key_end.min(whole.end);
        let text = self.text.as_str().get(key.clone()).unwrap_or_default();
        let mut parts = if text.contains(['$', '`', '"', '\'', '\\']) {
            vec![opaque_part(&self.text.slice(key))]
        } else {
            literal_parts(self.text, key)
        };
        if let Some(value) = value {
            parts.extend(self.word(value).parts);
        }
        parts
    }

    pub(super) fn index(&self, node: Node) -> Option<Text> {
        node.into_inner().next().map(|text| self.text(&text))
    }

    /// Lowers the parts of a word. `double`: whether they stand in double quotes or in text like it.
    pub(super) fn parts(&self, nodes: Nodes, double: bool) -> Vec<Part> {
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.as_rule() {
                Rule::escaped | Rule::double_escaped | Rule::here_escaped => {
                    let value = node.as_str().get(1..).unwrap_or_default();
                    let value = if matches!(value, "\n" | "\r\n") { "" } else { value };
                    parts.push(Part::Escaped(Text { value: value.to_owned(), span: self.span(&node) }));
                }
                Rule::tilde => parts.push(Part::Tilde(self.text(&node))),
                Rule::single | Rule::double | Rule::ansi | Rule::localized => {
                    parts.push(Part::Quoted(self.quoted(node)));
                }
                Rule::variable
                | Rule::parameter
                | Rule::double_parameter
                | Rule::arithmetic
                | Rule::substitution
                | Rule::process
                | Rule::backticks
                | Rule::old_arithmetic => parts.push(Part::Expansion(self.expansion(node, double))),
                Rule::EOI => {}
                _ => push_literal(self.text, range(&node), &mut parts),
            }
        }
        parts
    }

    fn quoted(&self, node: Node) -> Quoted {
        let span = self.span(&node);
        let rule = node.as_rule();
        let mut inner = node.into_inner();
        let (style, parts) = match rule {
            Rule::double => (QuoteStyle::Double, self.parts(inner, true)),
            Rule::ansi => {
                let text = inner.next().map_or(0..0, |text| range(&text));
                (QuoteStyle::Ansi, ansi::decode(self.text, text))
            }
            Rule::localized => {
                let double = inner.next().map(|double| self.parts(double.into_inner(), true));
                (QuoteStyle::Localized, double.unwrap_or_default())
            }
            _ => (QuoteStyle::Single, self.parts(inner, false)),
        };
        Quoted { style, parts, span }
    }

    fn expansion(&self, node: Node, double: bool) -> Expansion {
        let source = self.text.slice(range(&node));
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::variable => {
                let name = range(&node).start + 1..range(&node).end;
                let value = self.text.as_str().get(name.clone()).unwrap_or_default().to_owned();
                let name = Text { value, span: self.text.span(name) };
                let parameter =
                    Parameter { name, prefix: None, index: None, operator: None, arguments: Vec::new() };
                ExpansionKind::Parameter(parameter)
            }
            Rule::parameter | Rule::double_parameter => ExpansionKind::Parameter(self.parameter(node)),
            Rule::arithmetic => {
                let text = node.into_inner().next();
                ExpansionKind::Arithmetic(
                    text.map(|text| self.parts(text.into_inner(), true)).unwrap_or_default(),
                )
            }
            Rule::substitution => ExpansionKind::Command { script: self.body(node), backticks: false },
            Rule::process => ExpansionKind::Process(self.body(node)),
            Rule::backticks => node
                .into_inner()
                .next()
                .and_then(|text| self.nested_script(&self.without_backslashes(range(&text), double)))
                .map_or(ExpansionKind::Opaque, |script| ExpansionKind::Command { script, backticks: true }),
            _ => ExpansionKind::Opaque,
        };
        Expansion { kind, source, span }
    }

    /// The script in brackets; there may be none.
    fn body(&self, node: Node) -> Script {
        let start = self.text.offset(node.as_span().start() + 1);
        match node.into_inner().next() {
            Some(list) => self.script(list),
            None => Script { items: Vec::new(), span: Span::at(start) },
        }
    }

    fn parameter(&self, node: Node) -> Parameter {
        let mut parameter = Parameter {
            name: Text::default(),
            prefix: None,
            index: None,
            operator: None,
            arguments: Vec::new(),
        };
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::parameter_prefix if part.as_str() == "#" => {
                    parameter.prefix = Some(ParameterPrefix::Length);
                }
                Rule::parameter_prefix => parameter.prefix = Some(ParameterPrefix::Indirect),
                Rule::parameter_name => parameter.name = self.text(&part),
                Rule::index => parameter.index = self.index(part),
                Rule::brace_word | Rule::double_brace_word | Rule::pattern_word | Rule::slice_word => {
                    parameter.arguments.push(self.word(part));
                }
                _ => parameter.operator = Some(self.text(&part)),
            }
        }
        parameter
    }

    /// The script between backticks, in which a backslash is taken away before `$`, `` ` `` and `\`, and
    /// within double quotes before `"`.
    fn without_backslashes(&self, range: Range<usize>, double: bool) -> Mapped {
        let text = self.text.as_str().get(range.clone()).unwrap_or_default();
        let mut script = Mapped::default();
        let mut from = range.start;
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((index, byte)) = bytes.next() {
            if byte != b'\\' {
                continue;
            }
            let taken = bytes
                .next_if(|(_, next)| matches!(next, b'$' | b'`' | b'\\') || double && *next == b'"')
                .is_some();
            if taken {
                script.append(&self.text.slice(from..range.start + index));
                from = range.start + index + 1;
            }
        }
        script.append(&self.text.slice(from..range.end));
        script
    }
}

fn range(node: &Node) -> Range<usize> {
    let span = node.as_span();
    span.start()..span.end()
}

/// Text that stands for itself, in one part for each piece that the file has of it.
pub(super) fn literal_parts(text: &Mapped, range: Range<usize>) -> Vec<Part> {
    let mut parts = Vec::with_capacity(1);
    push_literal(text, range, &mut parts);
    parts
}

/// Something in a word that was not understood.
pub(super) fn opaque_part(source: &Mapped) -> Part {
    let span = source.full_span();
    Part::Expansion(Expansion { kind: ExpansionKind::Opaque, source: source.clone(), span })
}

/// Appends literal text, joined to the literal before it if the file has both side by side.
pub(super) fn push_literal(text: &Mapped, range: Range<usize>, parts: &mut Vec<Part>) {
    let value = text.as_str().get(range.clone()).unwrap_or_default();
    let span = text.span(range.clone());
    if span.len() as usize == value.len() {
        push_piece(value, span, parts);
        return;
    }
    // Continuations were cut out of it.
    for (index, character) in value.char_indices() {
        let start = text.offset(range.start + index);
        let end = start + character.len_utf8() as u32;
        push_piece(character.encode_utf8(&mut [0; 4]), Span::new(start, end), parts);
    }
}

fn push_piece(value: &str, span: Span, parts: &mut Vec<Part>) {
    match parts.last_mut() {
        Some(Part::Literal(last)) if last.span.end == span.start => {
            last.value.push_str(value);
            last.span.end = span.end;
        }
        _ if value.is_empty() => {}
        _ => parts.push(Part::Literal(Text { value: value.to_owned(), span })),
    }
}
