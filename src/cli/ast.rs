//! `dlint ast`: the syntax tree as JSON, in the words of BuildKit's parser.

use std::io::Write;

use serde::Serialize;

use super::args::AstArguments;
use super::failure::Failure;
use super::files::{self, STDIN};
use super::output::Output;
use super::{Ending, Verdict};
use crate::source::SourceFile;
use crate::syntax::dockerfile::{self, Ast};

/// One line of the output where there are several files.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    #[serde(flatten)]
    ast: Ast,
}

/// Prints the tree of one file, or a line with the tree of each of several.
///
/// A file that BuildKit would refuse is not a failure: the tree says so.
pub(super) fn run(arguments: &AstArguments, output: &mut Output) -> Result<Ending, Failure> {
    let mut paths = arguments.paths.clone();
    if let Some(list) = &arguments.files_from {
        paths.extend(files::read_list(list)?);
    }
    let one = arguments.files_from.is_none() && paths.len() == 1;
    let mut failures = Vec::new();
    for path in &paths {
        let file = if path == STDIN {
            files::read_stdin().map(|bytes| SourceFile::new(path, bytes))
        } else {
            files::read_source(path)
        };
        let file = match file {
            Ok(file) => file,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let ast = dockerfile::ast(&file, &dockerfile::parse(&file));
        if one {
            serde_json::to_writer_pretty(&mut *output, &ast).map_err(std::io::Error::from)?;
        } else {
            let line = Line { path: path.as_str(), ast };
            serde_json::to_writer(&mut *output, &line).map_err(std::io::Error::from)?;
        }
        writeln!(output)?;
    }
    Ok(Ending { verdict: Verdict::Clean, failures })
}
