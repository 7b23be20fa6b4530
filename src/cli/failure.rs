//! What ends a command with exit status 2: wrong usage, unreadable files, broken configuration and packs.

use camino::Utf8PathBuf;

use crate::report::text::{Fault, Layout, render_fault, render_trouble};
use crate::source::{SourceFile, Span};

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Something at which no text can be shown.
    #[error("{0}")]
    Plain(String),
    /// Faults in a text that the user wrote for dlint: the configuration, or a pack.
    #[error("`{}` is broken", .0.path())]
    Broken(Box<SourceFile>, Vec<Spot>),
    /// A file that could not be read.
    #[error("cannot read `{0}`: {1}")]
    Unreadable(Utf8PathBuf, String),
    /// The report could not be written.
    #[error("cannot write the report: {0}")]
    Output(#[from] std::io::Error),
    /// A fix could not be written.
    #[error(transparent)]
    Write(#[from] crate::fix::write::WriteError),
    /// No build could be tried, or none could be ended.
    #[error("{message}")]
    Trouble {
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: Option<String>,
        /// Whether somebody asked to end.
        interrupted: bool,
    },
}

/// One thing that is wrong in a text.
#[derive(Debug)]
pub(super) struct Spot {
    /// Where.
    pub(super) span: Span,
    /// What is wrong.
    pub(super) message: String,
    /// What to do about it.
    pub(super) help: Option<String>,
}

impl Failure {
    /// The failure in words, with the text at fault where there is one.
    pub(super) fn render(&self, layout: Layout) -> String {
        if let Self::Trouble { message, help, .. } = self {
            return render_trouble(message, help.as_deref(), layout);
        }
        let Self::Broken(file, spots) = self else { return format!("dlint: {self}\n") };
        let drawn = spots.iter().map(|Spot { span, message, help }| {
            let fault = Fault { file, span: *span, message: message.clone(), help: help.clone() };
            render_fault(&fault, layout)
        });
        drawn.collect()
    }

    /// Whether somebody asked to end.
    pub(super) fn is_interrupt(&self) -> bool {
        matches!(self, Self::Trouble { interrupted: true, .. })
    }

    /// Whether whoever reads the output has had enough, which is no fault of anybody's.
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
