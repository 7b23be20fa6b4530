//! Which shell reads a script: `SHELL`, the `#!` line of a heredoc, and comments such as `# hadolint shell=bash`.

use crate::model::facts::{Facts, Instruction};
use crate::source::Mapped;
use crate::syntax::dockerfile::InstructionKind;

/// A shell whose scripts can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The shell of the system.
    Sh,
    /// GNU Bash.
    Bash,
    /// The Debian Almquist shell.
    Dash,
    /// The shell of `BusyBox`.
    Ash,
    /// The Korn shell.
    Ksh,
}

impl Dialect {
    /// The name of its program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Bash => "bash",
            Self::Dash => "dash",
            Self::Ash => "ash",
            Self::Ksh => "ksh",
        }
    }

    /// The shell that a program is, any folders before its name.
    fn of_program(program: &str) -> Option<Self> {
        let name = program.rsplit('/').next().unwrap_or_default();
        [Self::Sh, Self::Bash, Self::Dash, Self::Ash, Self::Ksh]
            .into_iter()
            .find(|shell| shell.name() == name)
    }
}

/// The text without its `#!` line and the shell which that names, else `dialect`; nothing where it names a program that
/// is none of ours.
pub(super) fn of_text(text: Mapped, dialect: Dialect) -> Option<(Mapped, Dialect)> {
    let Some(first) = text.as_str().strip_prefix("#!") else { return Some((text, dialect)) };
    let line = first.lines().next().unwrap_or_default();
    let mut words = line.split_whitespace().filter(|word| !word.starts_with('-'));
    let program = words.next()?;
    let program = if program.rsplit('/').next() == Some("env") { words.next()? } else { program };
    let dialect = Dialect::of_program(program)?;
    let start = text.as_str().find('\n').unwrap_or(text.as_str().len());
    Some((text.slice(start..text.as_str().len()), dialect))
}

/// What comments say of the shell of each instruction.
pub(super) struct Dialects {
    /// By instruction of the tree: the shell that a comment names.
    named: Vec<Option<String>>,
}

impl Dialects {
    /// Reads the comments: one before the first `FROM` holds for all stages, another until the next `FROM` or `SHELL`.
    pub(super) fn new(facts: &Facts) -> Self {
        let mut comments = facts.tree.comments.iter().peekable();
        let (mut everywhere, mut here) = (None, None);
        let mut in_stage = false;
        let mut named = Vec::new();
        for instruction in &facts.tree.instructions {
            while let Some(comment) = comments.next_if(|comment| comment.line < instruction.lines.0) {
                if let Some(shell) = shell_of_comment(&comment.text) {
                    here = Some(shell.to_owned());
                }
            }
            match instruction.kind {
                Some(InstructionKind::From) => {
                    if !in_stage {
                        everywhere.clone_from(&here);
                    }
                    in_stage = true;
                    here.clone_from(&everywhere);
                }
                Some(InstructionKind::Shell) => here = None,
                _ => {}
            }
            named.push(here.clone());
        }
        Self { named }
    }

    /// The shell of an instruction; nothing where its scripts cannot be judged.
    pub(super) fn of(&self, instruction: &Instruction) -> Option<Dialect> {
        let named = self.named.get(instruction.node).and_then(Option::as_deref);
        let program = named.or_else(|| instruction.shell.first().map(crate::model::value::Text::as_str));
        program.map_or(Some(Dialect::Sh), Dialect::of_program)
    }
}

/// The shell in `hadolint shell=bash`.
fn shell_of_comment(comment: &str) -> Option<&str> {
    let rest = comment.strip_prefix("hadolint").or_else(|| comment.strip_prefix("dlint"))?;
    let value = rest.trim_start().strip_prefix("shell")?.trim_start().strip_prefix('=')?;
    value.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_names_the_shell() {
        let of = |text: &str| {
            let (text, dialect) = of_text(Mapped::verbatim(text, 10), Dialect::Sh)?;
            Some((dialect, text.as_str().to_owned(), text.offset(1)))
        };
        assert_eq!(of("echo"), Some((Dialect::Sh, "echo".to_owned(), 11)));
        assert_eq!(of("#!/bin/bash -e\necho"), Some((Dialect::Bash, "\necho".to_owned(), 25)));
        assert_eq!(of("#!/usr/bin/env -S dash\nx"), Some((Dialect::Dash, "\nx".to_owned(), 33)));
        assert_eq!(of("#!/usr/bin/env python3\nimport x"), None);
        assert_eq!(of("#!/usr/bin/env"), None);
    }

    #[test]
    fn comments_name_the_shell() {
        assert_eq!(shell_of_comment("hadolint shell=bash"), Some("bash"));
        assert_eq!(shell_of_comment("dlint shell = powershell"), Some("powershell"));
        assert_eq!(shell_of_comment("hadolint ignore=DL3008"), None);
        assert_eq!(shell_of_comment("hadolint shell="), None);
    }
}
