//! Instructions to build stages.

use super::kind::InstructionKind;
use super::tree::{Instruction, Stage};
use super::word::Word;

/// The stages of a file. A faulty `FROM` begins one as well, so that what follows it has a place.
pub(super) fn collect(instructions: &[Instruction]) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for (index, instruction) in instructions.iter().enumerate() {
        if instruction.kind != Some(InstructionKind::From) {
            continue;
        }
        if let Some(last) = stages.last_mut() {
            last.instructions.end = index;
        }
        let words = instruction.words();
        let alias = alias(words);
        stages.push(Stage {
            name: alias.map(|alias| alias.text.to_lowercase()),
            alias: alias.cloned(),
            image: words.first().cloned().unwrap_or_default(),
            platform: instruction.flag("platform").cloned(),
            instructions: index..instructions.len(),
        });
    }
    stages
}

/// The name that `FROM image AS name` gives.
pub(super) fn alias(words: &[Word]) -> Option<&Word> {
    match words {
        [_, by, alias] if is_as(&by.text) => Some(alias),
        _ => None,
    }
}

/// Whether a word is `as`, folding case as Unicode does: the long s counts.
fn is_as(word: &str) -> bool {
    let mut letters = word.chars();
    matches!(
        (letters.next(), letters.next(), letters.next()),
        (Some('a' | 'A'), Some('s' | 'S' | '\u{17f}'), None)
    )
}
