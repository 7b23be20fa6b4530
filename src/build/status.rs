//! What a person sees while an image is built: one line for each thing that happens, and in a terminal the step under
//! way. All of it goes to standard error.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Columns that the step under way may take: longer ones would wrap and leave traces.
const WIDTH: usize = 100;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Something is looked at.
    Look,
    /// Something is wrong in the files.
    Conflict,
    /// Something is changed.
    Fix,
    /// A build begins.
    Build,
    /// Something failed.
    Failure,
    /// Something worked.
    Success,
    /// The image is tried.
    Test,
    /// It waits.
    Wait,
    /// All is done.
    Done,
    /// By the way.
    Note,
}

impl Sign {
    fn emoji(self) -> &'static str {
        match self {
            Self::Look => "🔍 ",
            Self::Conflict => "⚠️  ",
            Self::Fix => "🔧 ",
            Self::Build => "📦 ",
            Self::Failure => "❌ ",
            Self::Success => "✅ ",
            Self::Test => "🧪 ",
            Self::Wait => "⏳ ",
            Self::Done => "🎉 ",
            Self::Note => "   ",
        }
    }
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Failures, and how it ended.
    Little,
    /// What happens.
    Usual,
    /// The whole log.
    All,
}

/// The lines.
#[derive(Debug)]
pub struct Status {
    amount: Amount,
    emoji: bool,
    /// In a terminal.
    bar: Option<ProgressBar>,
}

impl Status {
    /// For standard error as it is.
    pub fn new(amount: Amount) -> Self {
        let live = amount != Amount::Little && std::io::stderr().is_terminal();
        let bar = live.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>4} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self {
            amount,
            emoji: amount != Amount::Little && has_utf8_locale(|name| std::env::var(name).ok()),
            bar,
        }
    }

    /// Whether the whole log is shown.
    pub fn says_all(&self) -> bool {
        self.amount == Amount::All
    }

    /// Says a line.
    pub fn say(&self, sign: Sign, text: &str) {
        let important = matches!(sign, Sign::Failure | Sign::Success | Sign::Done);
        if self.amount == Amount::Little && !important {
            return;
        }
        let emoji = if self.emoji { sign.emoji() } else { "" };
        // Without emoji there are no dots of a wider alphabet either.
        let text = if self.emoji { text.to_owned() } else { text.replace('…', "...") };
        self.line(&format!("{emoji}{text}"));
    }

    /// A line of the log, and the step that is under way.
    pub fn log(&self, line: &str, begins_step: bool, step: Option<&str>) {
        if self.amount == Amount::All {
            return self.line(line);
        }
        match &self.bar {
            Some(bar) => {
                let last = line.split_once(' ').map_or(line, |(_, rest)| rest);
                let text = step.map_or_else(|| last.to_owned(), |step| format!("{step} · {last}"));
                bar.set_message(text.chars().take(WIDTH).collect::<String>());
            }
            None if begins_step
                && self.amount == Amount::Usual
                && step.is_some_and(|step| line.ends_with(step)) =>
            {
                self.line(&format!("    {line}"));
            }
            None => {}
        }
    }

    /// Shows the step under way from now on.
    pub fn begin(&self) {
        if let Some(bar) = &self.bar {
            bar.reset_elapsed();
            bar.enable_steady_tick(Duration::from_millis(125));
        }
    }

    /// Shows it no more.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.disable_steady_tick();
            bar.set_message("");
            bar.finish_and_clear();
            bar.reset();
        }
    }

    /// Text as it is, in several lines.
    pub fn quote(&self, lines: &[&str]) {
        if self.amount == Amount::Little {
            return;
        }
        for line in lines {
            self.line(&format!("    {line}"));
        }
    }

    fn line(&self, line: &str) {
        // Where standard error is closed nobody listens.
        let write = || {
            let _ = writeln!(std::io::stderr(), "{line}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

/// Whether the locale is one of UTF-8: the first of its variables that is set says so.
fn has_utf8_locale(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    set.is_some_and(|value| {
        let value = value.to_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_decides_over_emoji() {
        let locale = |pairs: &[(&str, &str)]| {
            has_utf8_locale(|name| {
                pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(locale(&[("LANG", "de_DE.UTF-8")]));
        assert!(!locale(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]));
        assert!(locale(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]));
        assert!(!locale(&[]));
    }
}
