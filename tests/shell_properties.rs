//! What holds of the shell parser whatever it is given.

use std::borrow::Cow;

use dlint::source::{Mapped, Span};
use dlint::syntax::shell::{
    AssignedValue, Command, Compound, CompoundKind, ExpansionKind, Part, Redirection, Script, ShellWord,
    SimpleCommand, parse,
};
use proptest::prelude::*;

/// Text made of what means something to a shell, which arbitrary characters seldom are.
fn shell_like() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "a",
        "b=",
        "c+=(",
        "x[1]=",
        " ",
        " ",
        "\n",
        ";",
        ";;",
        "&",
        "&&",
        "|",
        "||",
        "(",
        ")",
        "((",
        "))",
        "$(",
        "${",
        "}",
        "$((",
        "`",
        "\"",
        "'",
        "$'",
        "$\"",
        "\\",
        "\\\n",
        "$x",
        "$",
        "#",
        "~",
        "*",
        "é",
        "\r\n",
        "\t",
        "if ",
        "then ",
        "else ",
        "elif ",
        "fi",
        "for ",
        "in ",
        "do ",
        "done",
        "while ",
        "case ",
        "esac",
        "{ ",
        "[[ ",
        " ]]",
        "!",
        "time ",
        "function ",
        "f()",
        "coproc ",
        "<<A\n",
        "<<-'A'\n",
        "\nA\n",
        "<<<",
        "<(",
        "2>",
        ">&",
        "&>",
        "<",
        "=~ ",
        ":-",
        "#",
        "%",
        "/",
        "[",
        "]",
    ]);
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

/// Checks that every span lies in the one around it and on the boundaries of characters.
struct Spans<'a> {
    text: &'a str,
}

impl Spans<'_> {
    fn inside(&self, span: Span, around: Span) {
        assert!(around.contains(span), "{span:?} is not in {around:?} of {:?}", self.text);
        assert!(self.text.get(span.range()).is_some(), "{span:?} cuts a character of {:?}", self.text);
    }

    fn script(&self, script: &Script, around: Span) {
        self.inside(script.span, around);
        let mut last = script.span.start;
        for item in &script.items {
            assert!(last <= item.connector_span.start, "order of {:?}", self.text);
            assert!(item.connector_span.end <= item.span.start, "order of {:?}", self.text);
            last = item.span.end;
            self.inside(item.span, script.span);
            for command in &item.pipeline.commands {
                self.command(command, item.span);
            }
        }
    }

    fn command(&self, command: &Command, around: Span) {
        self.inside(command.span(), around);
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound) => self.compound(compound),
            Command::Function(function) => self.command(&function.body, function.span),
            Command::Opaque(span) => assert!(!span.is_empty()),
        }
    }

    fn simple(&self, simple: &SimpleCommand) {
        for assignment in &simple.assignments {
            self.inside(assignment.span, simple.span);
            self.inside(assignment.name.span, assignment.span);
            match &assignment.value {
                AssignedValue::Word(word) => self.word(word, assignment.span),
                AssignedValue::Array(elements) => self.words(elements, assignment.span),
            }
        }
        self.words(&simple.words, simple.span);
        self.redirections(&simple.redirections, simple.span);
    }

    fn compound(&self, compound: &Compound) {
        let span = compound.span;
        match &compound.kind {
            CompoundKind::Subshell(body) | CompoundKind::Group(body) => self.script(body, span),
            CompoundKind::If { branches, otherwise } => {
                let scripts = branches.iter().flat_map(|branch| [&branch.condition, &branch.body]);
                scripts.chain(otherwise).for_each(|script| self.script(script, span));
            }
            CompoundKind::For { words, body, .. } | CompoundKind::Select { words, body, .. } => {
                self.words(words.as_deref().unwrap_or_default(), span);
                self.script(body, span);
            }
            CompoundKind::ForArithmetic { header, body } => {
                self.parts(header, span);
                self.script(body, span);
            }
            CompoundKind::While { condition, body, .. } => {
                self.script(condition, span);
                self.script(body, span);
            }
            CompoundKind::Case { subject, arms } => {
                self.word(subject, span);
                for arm in arms {
                    self.inside(arm.span, span);
                    self.words(&arm.patterns, arm.span);
                    self.script(&arm.body, arm.span);
                }
            }
            CompoundKind::Test(words) => self.words(words, span),
            CompoundKind::Arithmetic(parts) => self.parts(parts, span),
            CompoundKind::Coprocess { command, .. } => self.command(command, span),
        }
        self.redirections(&compound.redirections, span);
    }

    fn redirections(&self, redirections: &[Redirection], around: Span) {
        for redirection in redirections {
            self.inside(redirection.span, around);
            self.word(&redirection.target, redirection.span);
            if let Some(document) = &redirection.here_document {
                self.inside(document.span, Span::new(redirection.span.end, self.text.len() as u32));
                self.parts(&document.parts, document.span);
            }
        }
    }

    fn words(&self, words: &[ShellWord], around: Span) {
        for word in words {
            self.word(word, around);
        }
    }

    fn word(&self, word: &ShellWord, around: Span) {
        self.inside(word.span, around);
        self.parts(&word.parts, word.span);
    }

    fn parts(&self, parts: &[Part], around: Span) {
        let mut last = around.start;
        for part in parts {
            let span = part.span();
            self.inside(span, around);
            assert!(last <= span.start, "order of {:?}", self.text);
            last = span.end;
            match part {
                Part::Literal(text) | Part::Tilde(text) => {
                    assert_eq!(self.text.get(span.range()), Some(&*text.value));
                }
                Part::Escaped(_) => {}
                Part::Quoted(quoted) => self.parts(&quoted.parts, span),
                Part::Array { elements, .. } => self.words(elements, span),
                Part::Expansion(expansion) => match &expansion.kind {
                    ExpansionKind::Parameter(parameter) => {
                        self.inside(parameter.name.span, span);
                        self.words(&parameter.arguments, span);
                    }
                    ExpansionKind::Command { script, .. } | ExpansionKind::Process(script) => {
                        self.script(script, span);
                    }
                    ExpansionKind::Arithmetic(parts) => self.parts(parts, span),
                    ExpansionKind::Opaque => {}
                },
            }
        }
    }
}

fn check(text: &str) {
    let script = parse(&Mapped::verbatim(text, 0));
    Spans { text }.script(&script, Span::new(0, text.len() as u32));
    for found in script.commands() {
        for word in &found.command.words {
            word.literal();
            word.unquoted();
            word.expand(|_: &str| Some("v".to_owned()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_nest_in_arbitrary_text(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn spans_nest_in_shell_like_text(text in shell_like()) {
        check(&text);
    }

    /// Cutting the text up, as continuations do, moves spans and changes nothing else.
    #[test]
    fn a_seam_changes_no_word(text in shell_like(), seam in any::<prop::sample::Index>()) {
        let boundaries: Vec<usize> = text.char_indices().map(|(index, _)| index).chain([text.len()]).collect();
        let seam = *seam.get(&boundaries);
        let mut cut = Mapped::verbatim(&text[..seam], 0);
        cut.push(&text[seam..], seam as u32 + 3);
        let words = |script: &Script| -> Vec<Option<String>> {
            let words = script.commands().flat_map(|found| &found.command.words);
            words.map(|word| word.literal().map(Cow::into_owned)).collect()
        };
        prop_assert_eq!(words(&parse(&cut)), words(&parse(&Mapped::verbatim(text.as_str(), 0))));
    }
}
