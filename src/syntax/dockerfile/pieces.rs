//! A file as a sequence of top-level pieces that leave no byte out.

use super::tree::{Dockerfile, Piece, PieceKind};
use crate::source::{SourceFile, Span};

impl Dockerfile {
    /// The pieces of the file that this is the tree of, in order, each byte in exactly one of them.
    pub fn pieces(&self, file: &SourceFile) -> Vec<Piece> {
        let mut known: Vec<(PieceKind, u32, u32)> = Vec::with_capacity(self.instructions.len() * 2);
        for (index, directive) in self.directives.iter().enumerate() {
            known.push((PieceKind::Directive(index), directive.line, directive.line));
        }
        for (index, comment) in self.comments.iter().enumerate() {
            if !comment.inside {
                known.push((PieceKind::Comment(index), comment.line, comment.line));
            }
        }
        for (index, instruction) in self.instructions.iter().enumerate() {
            known.push((PieceKind::Instruction(index), instruction.lines.0, instruction.lines.1));
        }
        known.sort_unstable_by_key(|(_, first, _)| *first);
        let mut pieces = Vec::with_capacity(known.len() * 2);
        let mut at = 0;
        if file.bytes().starts_with(b"\xef\xbb\xbf") {
            at = 3;
            pieces.push(Piece { kind: PieceKind::Mark, span: Span::new(0, at) });
        }
        for (kind, first, last) in known {
            let (Some(first), Some(last)) = (file.line_span(first), file.line_span(last)) else { continue };
            let start = first.start.max(at);
            if at < start {
                pieces.push(Piece { kind: PieceKind::Blank, span: Span::new(at, start) });
            }
            pieces.push(Piece { kind, span: Span::new(start, last.end) });
            at = last.end;
        }
        let end = file.bytes().len() as u32;
        if at < end {
            pieces.push(Piece { kind: PieceKind::Blank, span: Span::new(at, end) });
        }
        pieces
    }
}
