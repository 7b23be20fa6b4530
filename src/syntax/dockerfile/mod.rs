//! Dockerfiles: bytes to a tree that keeps every byte's place.
//!
//! BuildKit is the truth to match. The grammar sees one instruction at a time; the escape directive,
//! continuations, comments inside continuations and heredocs are settled before it, and what it yields is
//! checked after it.

mod ast;
mod directives;
mod duration;
mod expand;
mod flags;
mod grammar;
mod heredoc;
mod instruction;
mod json;
mod kind;
mod lexing;
mod lines;
mod mount;
mod output;
mod pattern;
mod pieces;
mod read;
mod stages;
mod tree;
mod typed;
mod validate;
mod word;

pub use ast::{Ast, AstCommand, AstHeredoc, AstInstruction, AstStage, ast};
pub use expand::Piece as ExpandedPiece;
pub use expand::{ExpandError, Expanded, Lexer, Lookup, MAX_DEPTH, Origin, Reference};
pub use kind::InstructionKind;
pub use mount::{Mount, MountField};
pub use read::parse;
pub use tree::*;
pub use typed::{Command, From, Healthcheck, Run, Transfer, Typed};
pub use word::Word;
