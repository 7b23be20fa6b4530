//! From what pest matched to the tree: scripts, commands and constructs. Words are lowered next door.
//!
//! pest counts bytes in the text it was given; here they become places in the file. The grammar bounds how
//! deep its matches nest, so lowering may recurse.

use std::borrow::Cow;

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use super::heredoc::{Body, Kind, take_bodies};
use super::plain::{self, Joined};
use super::tree::{
    AssignedValue, Assignment, Branch, CaseArm, Command, Compound, CompoundKind, Connector, Function,
    HereDocument, Item, Part, Pipe, Pipeline, Redirection, RedirectionOperator, Script, ShellWord,
    SimpleCommand, Text,
};
use crate::source::{Mapped, Span};

/// The parser that pest makes of the grammar.
#[derive(pest_derive::Parser)]
#[grammar = "grammar/shell.pest"]
struct Grammar;

/// How many texts within texts (backticks, bodies of here-documents) are parsed. Each has a bound on its
/// own depth, and this bounds their product.
const MAX_NESTED_TEXTS: u32 = 3;

pub(super) type Node<'t> = Pair<'t, Rule>;
pub(super) type Nodes<'t> = Pairs<'t, Rule>;

/// Parses a script. One that is beyond the grammar is a single opaque item.
pub(super) fn parse_script(script: &Mapped, nesting: u32) -> Script {
    let (text, bodies) = take_bodies(script, Kind::Script);
    let mut tree = Script { items: Vec::new(), span: Span::at(text.offset(0)) };
    // The places of bodies are counted in the whole text.
    let (start, joined) = match bodies.as_slice() {
        [] => plain::read(&text, &mut tree),
        _ => (0, (Connector::First, None)),
    };
    let text = if start == 0 { text } else { Cow::Owned(text.slice(start..text.as_str().len())) };
    if start > 0 && text.as_str().trim_start_matches([' ', '\t', '\n']).is_empty() {
        return tree;
    }
    let lower = Lower { text: &text, original: script, bodies: &bodies, nesting };
    let Ok(mut nodes) = Grammar::parse(Rule::script, text.as_str()) else { return opaque_script(script) };
    if let Some(node) = nodes.next() {
        lower.whole_script(node, joined, &mut tree);
    }
    tree
}

fn opaque_script(script: &Mapped) -> Script {
    let text = script.as_str();
    let start = text.len() - text.trim_ascii_start().len();
    let span = script.span(start..text.trim_ascii_end().len().max(start));
    if span.is_empty() {
        return Script { items: Vec::new(), span };
    }
    Script { items: vec![opaque_item(Connector::First, Span::at(span.start), span)], span }
}

fn opaque_item(connector: Connector, connector_span: Span, span: Span) -> Item {
    let commands = vec![Command::Opaque(span)];
    let pipeline = Pipeline { negated: None, timed: None, commands, pipes: Vec::new(), span };
    Item { connector, connector_span, pipeline, background: false, span }
}

/// What lowering needs to know of the text.
pub(super) struct Lower<'t> {
    /// The text that pest saw.
    pub(super) text: &'t Mapped,
    /// The text with the bodies of its here-documents.
    original: &'t Mapped,
    bodies: &'t [Body],
    /// How many texts this one stands in.
    nesting: u32,
}

impl Lower<'_> {
    pub(super) fn span(&self, node: &Node) -> Span {
        let span = node.as_span();
        self.text.span(span.start()..span.end())
    }

    pub(super) fn text(&self, node: &Node) -> Text {
        Text { value: node.as_str().to_owned(), span: self.span(node) }
    }

    /// Parses a script that stands in this text as something else; `None` if that goes too deep.
    pub(super) fn nested_script(&self, script: &Mapped) -> Option<Script> {
        (self.nesting < MAX_NESTED_TEXTS).then(|| parse_script(script, self.nesting + 1))
    }

    fn whole_script(&self, node: Node, mut joined: Joined, script: &mut Script) {
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::top_list => {
                    joined = self.items(part, joined, script);
                }
                Rule::and | Rule::or => joined = (connector(part.as_rule()), Some(self.span(&part))),
                Rule::rest => self.push_rest(&part, joined, script),
                _ => {}
            }
        }
    }

    /// Adds what could not be read. Where nothing separates it from the item before, that was not
    /// understood either.
    fn push_rest(&self, rest: &Node, joined: Joined, script: &mut Script) {
        let start = rest.as_span().start();
        let length = rest.as_str().trim_ascii_end().len();
        let mut span = self.text.span(start..start + length);
        let (mut connector, mut connector_span) = (joined.0, joined.1.unwrap_or(Span::at(span.start)));
        if joined.1.is_none()
            && let Some(last) = script.items.pop()
        {
            (connector, connector_span) = (last.connector, last.connector_span);
            span = last.span.to(span);
        }
        script.items.push(opaque_item(connector, connector_span, span));
        script.span = script.items.first().map_or(span, |first| first.span.to(span));
    }

    pub(super) fn script(&self, list: Node) -> Script {
        let start = self.text.offset(list.as_span().start());
        let mut script = Script { items: Vec::new(), span: Span::at(start) };
        self.items(list, (Connector::First, None), &mut script);
        script
    }

    /// Lowers a list, and says what joins whatever may follow it.
    fn items(&self, list: Node, mut joined: Joined, script: &mut Script) -> Joined {
        for part in list.into_inner() {
            let (rule, span) = (part.as_rule(), self.span(&part));
            match rule {
                Rule::item | Rule::opaque_item => {
                    let pipeline = self.pipeline(part, span);
                    let connector_span = joined.1.unwrap_or(Span::at(pipeline.span.start));
                    let span = pipeline.span;
                    let connector = joined.0;
                    script.items.push(Item { connector, connector_span, pipeline, background: false, span });
                    joined = (Connector::First, None);
                }
                Rule::closing => {
                    for end in part.into_inner() {
                        joined = (connector(end.as_rule()), Some(self.span(&end)));
                    }
                }
                _ => joined = (connector(rule), Some(span)),
            }
            if joined.0 == Connector::Background {
                send_to_background(&mut script.items);
            }
        }
        if let (Some(first), Some(last)) = (script.items.first(), script.items.last()) {
            script.span = first.span.to(last.span);
        }
        joined
    }

    fn pipeline(&self, node: Node, span: Span) -> Pipeline {
        let parts = node.into_inner();
        let commands = Vec::with_capacity(parts.len().div_ceil(2));
        let mut pipeline = Pipeline { negated: None, timed: None, commands, pipes: Vec::new(), span };
        for part in parts {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::negation => pipeline.negated = Some(span),
                Rule::timing => pipeline.timed = Some(span),
                Rule::pipe => pipeline.pipes.push(Pipe { with_stderr: part.as_str() == "|&", span }),
                _ => pipeline.commands.push(self.command(part)),
            }
        }
        // The match may include blanks behind the last command.
        if let Some(last) = pipeline.commands.last() {
            pipeline.span.end = last.span().end;
        } else if let Some(last) = pipeline.negated.max(pipeline.timed) {
            pipeline.span.end = last.end;
        }
        pipeline
    }

    fn command(&self, node: Node) -> Command {
        match node.as_rule() {
            Rule::simple => Command::Simple(self.simple(node)),
            Rule::compound => self.compound(node),
            Rule::function => self.function(node),
            _ => {
                let start = node.as_span().start();
                Command::Opaque(self.text.span(start..start + node.as_str().trim_ascii_end().len()))
            }
        }
    }

    fn simple(&self, node: Node) -> SimpleCommand {
        let mut simple = SimpleCommand { span: self.span(&node), ..SimpleCommand::default() };
        let parts = node.into_inner();
        simple.words.reserve_exact(parts.len());
        let mut last = None;
        for part in parts {
            last = Some(part.as_span());
            match part.as_rule() {
                Rule::assignment => simple.assignments.push(self.assignment(part)),
                Rule::redirection => simple.redirections.push(self.redirection(part)),
                Rule::array_word => simple.words.push(self.array_word(part)),
                _ => simple.words.push(self.word(part)),
            }
        }
        // The match may include blanks behind the last of them.
        if let Some(last) = last {
            simple.span.end = self.text.span(last.start()..last.end()).end;
        }
        simple
    }

    fn assignment(&self, node: Node) -> Assignment {
        let span = self.span(&node);
        let empty = ShellWord { parts: Vec::new(), span: Span::at(span.end) };
        let value = AssignedValue::Word(empty);
        let mut assignment = Assignment { name: Text::default(), index: None, append: false, value, span };
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::name => assignment.name = self.text(&part),
                Rule::index => assignment.index = self.index(part),
                Rule::append => assignment.append = true,
                Rule::array => assignment.value = AssignedValue::Array(self.elements(part)),
                _ => assignment.value = AssignedValue::Word(self.word(part)),
            }
        }
        assignment
    }

    fn redirection(&self, node: Node) -> Redirection {
        let mut redirection = Redirection {
            descriptor: None,
            operator: RedirectionOperator::Output,
            target: ShellWord::default(),
            here_document: None,
            span: self.span(&node),
        };
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::descriptor => redirection.descriptor = Some(self.text(&part)),
                Rule::operator => {
                    redirection.operator = redirection_operator(part.as_str());
                    let at = part.as_span().start();
                    redirection.here_document = self
                        .bodies
                        .binary_search_by_key(&at, |body| body.operator)
                        .ok()
                        .and_then(|index| self.bodies.get(index))
                        .map(|body| self.here_document(body));
                }
                _ => redirection.target = self.word(part),
            }
        }
        redirection
    }

    fn here_document(&self, body: &Body) -> HereDocument {
        let text = self.original.slice(body.range.clone());
        let span = self.original.span(body.range.clone());
        let parts = if body.quoted {
            super::lower_word::literal_parts(&text, 0..text.as_str().len())
        } else {
            self.here_parts(&text)
        };
        HereDocument { quoted: body.quoted, parts, span }
    }

    fn here_parts(&self, body: &Mapped) -> Vec<Part> {
        let (text, bodies) = take_bodies(body, Kind::Body);
        let nesting = self.nesting + 1;
        let lower = Lower { text: &text, original: body, bodies: &bodies, nesting };
        let parsed = Grammar::parse(Rule::here_body, text.as_str());
        match parsed.ok().and_then(|mut nodes| nodes.next()) {
            Some(node) if nesting <= MAX_NESTED_TEXTS => lower.parts(node.into_inner(), true),
            _ => vec![super::lower_word::opaque_part(body)],
        }
    }

    fn function(&self, node: Node) -> Command {
        let span = self.span(&node);
        let mut name = Text::default();
        let mut body = Command::Opaque(span);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::function_name => name = self.text(&part),
                _ => body = self.command(part),
            }
        }
        let span = Span::new(span.start, body.span().end);
        Command::Function(Function { name, body: Box::new(body), span })
    }

    fn compound(&self, node: Node) -> Command {
        let span = self.span(&node);
        let mut parts = node.into_inner();
        let Some(kind) = parts.next().and_then(|construct| self.construct(construct)) else {
            return Command::Opaque(span);
        };
        let redirections = parts.map(|part| self.redirection(part)).collect();
        Command::Compound(Compound { kind, redirections, span })
    }

    /// `None` never comes of what the grammar matches; it stands in for a panic.
    fn construct(&self, node: Node) -> Option<CompoundKind> {
        let rule = node.as_rule();
        let mut parts = node.into_inner();
        Some(match rule {
            Rule::subshell => CompoundKind::Subshell(self.script(parts.next()?)),
            Rule::group => CompoundKind::Group(self.script(parts.next()?)),
            Rule::if_clause => self.if_clause(parts)?,
            Rule::for_clause | Rule::select_clause => self.for_clause(rule, parts)?,
            Rule::for_arithmetic => {
                let header = self.parts(parts.next()?.into_inner(), true);
                CompoundKind::ForArithmetic { header, body: self.script(parts.next()?) }
            }
            Rule::while_clause => {
                let until = parts.next()?.as_str() == "until";
                let condition = self.script(parts.next()?);
                CompoundKind::While { until, condition, body: self.script(parts.next()?) }
            }
            Rule::case_clause => {
                let subject = self.word(parts.next()?);
                CompoundKind::Case { subject, arms: parts.map(|arm| self.arm(arm)).collect() }
            }
            Rule::test => CompoundKind::Test(parts.map(|word| self.word(word)).collect()),
            Rule::arithmetic_command => {
                CompoundKind::Arithmetic(self.parts(parts.next()?.into_inner(), true))
            }
            Rule::coprocess => {
                let first = parts.next()?;
                let (name, command) = match first.as_rule() {
                    Rule::coproc_name => (Some(self.text(&first)), parts.next()?),
                    _ => (None, first),
                };
                CompoundKind::Coprocess { name, command: Box::new(self.command(command)) }
            }
            _ => return None,
        })
    }

    fn if_clause(&self, parts: Nodes) -> Option<CompoundKind> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        let mut condition = None;
        for part in parts {
            if part.as_rule() == Rule::else_clause {
                otherwise = Some(self.script(part.into_inner().next()?));
                continue;
            }
            let script = self.script(part);
            match condition.take() {
                None => condition = Some(script),
                Some(condition) => branches.push(Branch { condition, body: script }),
            }
        }
        Some(CompoundKind::If { branches, otherwise })
    }

    fn for_clause(&self, rule: Rule, mut parts: Nodes) -> Option<CompoundKind> {
        let variable = self.text(&parts.next()?);
        let mut next = parts.next()?;
        let mut words = None;
        if next.as_rule() == Rule::loop_words {
            words = Some(next.into_inner().map(|word| self.word(word)).collect());
            next = parts.next()?;
        }
        let body = self.script(next);
        Some(match rule {
            Rule::select_clause => CompoundKind::Select { variable, words, body },
            _ => CompoundKind::For { variable, words, body },
        })
    }

    fn arm(&self, node: Node) -> CaseArm {
        let span = self.span(&node);
        let mut arm = CaseArm {
            patterns: Vec::new(),
            body: Script { items: Vec::new(), span: Span::at(span.end) },
            end: None,
            span,
        };
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::arm_patterns => arm.patterns = part.into_inner().map(|word| self.word(word)).collect(),
                Rule::arm_end => arm.end = Some(self.text(&part)),
                _ => arm.body = self.script(part),
            }
        }
        arm
    }
}

fn connector(rule: Rule) -> Connector {
    match rule {
        Rule::and => Connector::And,
        Rule::or => Connector::Or,
        Rule::background => Connector::Background,
        _ => Connector::Sequence,
    }
}

/// `a && b &` sends both, so go back to where their list began.
fn send_to_background(items: &mut [Item]) {
    for item in items.iter_mut().rev() {
        item.background = true;
        if !matches!(item.connector, Connector::And | Connector::Or) {
            break;
        }
    }
}

fn redirection_operator(text: &str) -> RedirectionOperator {
    match text {
        "<" => RedirectionOperator::Input,
        ">>" => RedirectionOperator::Append,
        ">|" => RedirectionOperator::Clobber,
        "<>" => RedirectionOperator::ReadWrite,
        "<&" => RedirectionOperator::DuplicateInput,
        ">&" => RedirectionOperator::DuplicateOutput,
        "&>" => RedirectionOperator::OutputBoth,
        "&>>" => RedirectionOperator::AppendBoth,
        "<<" => RedirectionOperator::HereDocument,
        "<<-" => RedirectionOperator::HereDocumentTabs,
        "<<<" => RedirectionOperator::HereString,
        _ => RedirectionOperator::Output,
    }
}
