//! What a Dockerfile asks of the engine that builds it.
//!
//! An engine brings one version of the frontend that reads Dockerfiles; `# syntax=…` has it take another. What a file
//! uses that is newer than the engine's own would fail with words that do not say so: an old frontend reads a heredoc as
//! instructions.

use super::connect::Engine;
use super::error::BuildError;
use crate::source::SourceFile;
use crate::syntax::dockerfile::{DirectiveKind, Dockerfile, Instruction, InstructionKind};

/// A feature and the first engine whose frontend has it.
struct Feature {
    name: &'static str,
    engine: (u32, u32),
    used: fn(&Instruction) -> bool,
}

/// Features in the order of their engines.
const FEATURES: [Feature; 9] = [
    Feature {
        name: "`RUN --mount`",
        engine: (18, 9),
        used: |run| is(run, InstructionKind::Run) && has(run, "mount"),
    },
    Feature { name: "a heredoc", engine: (23, 0), used: |any| !any.heredocs.is_empty() },
    Feature { name: "`--link`", engine: (23, 0), used: |any| has(any, "link") },
    Feature {
        name: "`ADD --checksum`",
        engine: (25, 0),
        used: |add| is(add, InstructionKind::Add) && has(add, "checksum"),
    },
    Feature {
        name: "`HEALTHCHECK --start-interval`",
        engine: (25, 0),
        used: |check| is(check, InstructionKind::Healthcheck) && has(check, "start-interval"),
    },
    Feature { name: "`--unpack`", engine: (28, 3), used: |add| has(add, "unpack") },
    Feature { name: "`--exclude`", engine: (28, 5), used: |copy| has(copy, "exclude") },
    Feature { name: "`--parents`", engine: (29, 1), used: |copy| has(copy, "parents") },
    Feature {
        name: "`RUN --security`",
        engine: (29, 1),
        used: |run| is(run, InstructionKind::Run) && has(run, "security"),
    },
];

fn is(instruction: &Instruction, kind: InstructionKind) -> bool {
    instruction.kind == Some(kind)
}

fn has(instruction: &Instruction, flag: &str) -> bool {
    instruction.flags_named(flag).next().is_some()
}

/// Makes sure that the engine can build the file, as far as one can tell from its version.
pub fn check(engine: &Engine, file: &SourceFile, tree: &Dockerfile) -> Result<(), BuildError> {
    // Podman has its own reader, whose features do not follow these versions.
    let own_frontend = tree
        .directives
        .iter()
        .any(|directive| directive.kind == DirectiveKind::Syntax && directive.effective);
    let release = engine.release();
    if own_frontend || engine.name != "Docker" || release == (0, 0) {
        return Ok(());
    }
    let all = tree
        .instructions
        .iter()
        .flat_map(|instruction| std::iter::once(instruction).chain(instruction.onbuild.as_deref()));
    for instruction in all {
        let missing = FEATURES.iter().find(|feature| release < feature.engine && (feature.used)(instruction));
        if let Some(Feature { name, engine: (major, minor), .. }) = missing {
            return Err(BuildError::TooOld {
                engine: engine.version.clone(),
                path: file.path().to_owned(),
                line: instruction.lines.0,
                feature: name,
                needs: format!("{major}.{minor}"),
            });
        }
    }
    Ok(())
}
