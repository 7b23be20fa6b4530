//! Where output goes, and how it looks there.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use camino::Utf8Path;

use super::args::When;
use super::failure::Failure;
use crate::report::text::Layout;

/// Columns where there is no terminal to ask, and the most that lines are stretched to: longer ones read badly.
const WIDTH: usize = 100;

/// Standard output, or the file of `--output`.
pub(super) struct Output {
    writer: BufWriter<Box<dyn Write>>,
    /// How text is laid out in it.
    pub(super) layout: Layout,
}

impl Output {
    /// Standard output.
    pub(super) fn stdout(color: When) -> Self {
        let stdout = io::stdout();
        let layout = layout(color, &stdout);
        Self { writer: BufWriter::new(Box::new(stdout)), layout }
    }

    /// A file, which is created or emptied.
    pub(super) fn file(path: &Utf8Path, color: When) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| {
            Failure::Plain(format!("cannot write `{path}`: {}", super::files::words(&error)))
        })?;
        let layout = Layout { color: color == When::Always, width: WIDTH };
        Ok(Self { writer: BufWriter::new(Box::new(file)), layout })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The layout of what is said on standard error.
pub(super) fn stderr_layout(color: When) -> Layout {
    layout(color, &io::stderr())
}

fn layout(color: When, stream: &impl RawStream) -> Layout {
    let color = match color {
        When::Always => true,
        When::Never => false,
        When::Auto => AutoStream::choice(stream) != ColorChoice::Never,
    };
    let terminal = stream.is_terminal().then(terminal_size::terminal_size).flatten();
    let width = terminal.map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(40, WIDTH));
    Layout { color, width }
}
