//! The shell inside RUN: from the text of a script to a tree of its commands and words.
//!
//! Takes a [`Mapped`](crate::source::Mapped) text (the logical line of a RUN, or the body of its heredoc) and gives a
//! [`Script`] in which every node knows its place in the file. It reads what `sh` and `bash` read. Which
//! shell an image has is for others to know, as is what a command does.

mod ansi;
mod expand;
mod heredoc;
mod lower;
mod lower_word;
mod pattern;
mod plain;
mod tree;
mod visit;
mod word;

pub use expand::{Expanded, Origin, Piece, Variable};
pub use tree::*;
pub use visit::{Construct, Found, Surroundings};
pub use word::Unquoted;

use crate::source::Mapped;

/// Parses a script. This never fails: what is not understood is opaque in the tree. Where constructs nest
/// more than 32 deep, the whole command around them is.
pub fn parse(script: &Mapped) -> Script {
    lower::parse_script(script, 0)
}
