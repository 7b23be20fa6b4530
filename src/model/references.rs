//! References to variables, in the places where Docker replaces them.
//!
//! What commands leave to the shell is none of this: `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK` have no references but
//! in their flags. Of several references to one variable in one word, the first counts.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::builder::Builder;
use super::facts::{Index, Reference, Unreadable};
use super::scope::Scope;
use crate::source::Mapped;
use crate::syntax::dockerfile::{self as tree, Args, Escape, InstructionKind as Kind, Lexer, Mount, Word};

/// The variable that Docker sets in every stage whose image does not.
const PATH: &str = "PATH";

/// Without one of these a word stands for itself.
const SPECIAL: [char; 3] = ['$', '"', '\''];

/// Among so many names a similar one is looked for: each undefined variable is compared with each of them.
const MOST_NAMES: usize = 200;
/// So many undefined variables get a suggestion.
const MOST_SUGGESTIONS: usize = 100;
/// Names are similar that differ in fewer letters than this.
const FAR: usize = 3;

/// What the references of one instruction have in common.
struct Reading {
    instruction: Index,
    scope: Rc<Scope>,
    lexer: Lexer,
}

impl Builder<'_> {
    /// The references in an instruction, which sees what was set before it.
    pub(super) fn references(&mut self, tree: &tree::Instruction, instruction: Index) {
        let from = tree.kind == Some(Kind::From);
        let scope = Rc::clone(if from { &self.globals } else { &self.state.scope });
        let reading = Reading { instruction, scope, lexer: Lexer::new(self.escape) };
        match (tree.kind, &tree.args) {
            (Some(Kind::Env | Kind::Label | Kind::Arg), Args::Pairs(pairs)) => {
                for pair in pairs {
                    self.references_in(&reading, &pair.key, None);
                    if let Some(value) = &pair.value {
                        self.references_in(&reading, value, Some(&pair.key.text));
                    }
                }
            }
            (Some(Kind::From), _) => {
                tree.words().iter().take(1).for_each(|word| self.references_in(&reading, word, None));
                self.references_in_flags(&reading, tree, &["platform"]);
            }
            (Some(Kind::Workdir | Kind::User | Kind::Stopsignal | Kind::Volume), _) => {
                tree.words().iter().for_each(|word| self.references_in(&reading, word, None));
            }
            // Docker does not say which variables an `EXPOSE` misses.
            (Some(Kind::Expose), _) => {
                let words = tree.words().iter().filter(|word| word.text.contains(SPECIAL));
                words.for_each(|word| self.check_word(&reading, &word.mapped()));
            }
            (Some(Kind::Add | Kind::Copy), _) => {
                self.references_in_flags(&reading, tree, &["chown", "chmod", "checksum"]);
                self.references_in_files(&reading, tree);
            }
            (Some(Kind::Run), _) => {
                for mount in tree.flags_named("mount").filter_map(Mount::read) {
                    let values = mount.fields.iter().filter_map(|field| field.value.as_ref());
                    values.for_each(|word| self.references_in(&reading, word, None));
                }
            }
            _ => {}
        }
    }

    fn references_in_flags(&mut self, reading: &Reading, tree: &tree::Instruction, names: &[&str]) {
        let flags = tree.flags.iter().filter(|flag| names.contains(&flag.name.as_str()));
        for value in flags.filter_map(|flag| flag.value.as_ref()) {
            self.references_in(reading, value, None);
        }
    }

    /// Those in the paths of a `COPY`, and in the files that are written in place.
    fn references_in_files(&mut self, reading: &Reading, tree: &tree::Instruction) {
        for word in tree.words() {
            if tree.heredocs.iter().all(|heredoc| heredoc.span != word.span) {
                self.references_in(reading, word, None);
            }
        }
        let lexer = Lexer { skip_quotes: true, ..Lexer::new(Escape::Backslash) };
        let reading = Reading { scope: Rc::clone(&reading.scope), lexer, ..*reading };
        for heredoc in tree.heredocs.iter().filter(|heredoc| heredoc.expand && heredoc.content.contains('$'))
        {
            let text = self.heredoc_text(heredoc);
            self.references_in_text(&reading, &text, None);
        }
    }

    fn references_in(&mut self, reading: &Reading, word: &Word, pair: Option<&str>) {
        if word.text.contains(SPECIAL) {
            self.references_in_text(reading, &word.mapped(), pair);
        }
    }

    /// Notes what is wrong with a word whatever the values of its variables.
    fn check_word(&mut self, reading: &Reading, text: &Mapped) {
        let onbuild = self.facts.instructions.get(reading.instruction).is_none_or(|it| it.onbuild);
        // Docker stops at the first.
        let told = self.facts.unreadable.last().is_some_and(|last| last.instruction == reading.instruction);
        if !onbuild
            && !told
            && let Err(error) = reading.lexer.expand_mapped(text, &|_| Some("x".to_owned()))
        {
            self.facts.unreadable.push(Unreadable {
                instruction: reading.instruction,
                reason: error.reason,
                at: self.here(error.span),
            });
        }
    }

    fn references_in_text(&mut self, reading: &Reading, text: &Mapped, pair: Option<&str>) {
        let scope = &reading.scope;
        let lookup = |name: &str| scope.value(name).map(|value| value.text.to_string());
        let Ok(expanded) = reading.lexer.expand_mapped(text, &lookup) else {
            self.check_word(reading, text);
            return;
        };
        let mut seen = BTreeSet::new();
        for reference in &expanded.references {
            if !seen.insert(reference.name.as_str()) {
                continue;
            }
            let defined = scope.get(&reference.name).is_some() || reference.name == PATH;
            let suggestion = if defined { None } else { self.suggestion(&reference.name, scope) };
            self.facts.references.push(Reference {
                instruction: reading.instruction,
                name: reference.name.clone(),
                defined,
                set: reference.set || reference.name == PATH,
                pair: pair.map(str::to_owned),
                suggestion,
                at: self.here(reference.span),
            });
        }
    }

    /// The variable whose name differs least.
    fn suggestion(&mut self, name: &str, scope: &Scope) -> Option<String> {
        if self.suggestions >= MOST_SUGGESTIONS {
            return None;
        }
        self.suggestions += 1;
        let near = scope.names().take(MOST_NAMES).map(|other| (strsim::levenshtein(name, other), other));
        let (_, nearest) = near.filter(|(distance, _)| *distance < FAR).min()?;
        Some(nearest.to_owned())
    }
}
