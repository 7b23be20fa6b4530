//! What holds of the tree of any bytes: it is lossless, spans nest and lie on character boundaries, and
//! nothing panics or takes more than linear time.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::time::{Duration, Instant};

use dlint::source::{SourceFile, Span};
use dlint::syntax::dockerfile::{
    Args, Dockerfile, Escape, Instruction, Level, Lexer, PieceKind, Word, ast, parse,
};
use proptest::prelude::*;

/// Checks everything that must hold of a file, and gives its tree.
fn check(bytes: &[u8]) -> Dockerfile {
    let file = SourceFile::new("Dockerfile", bytes);
    let tree = parse(&file);
    check_pieces(&file, &tree);
    for instruction in &tree.instructions {
        let lines = Span::new(
            file.line_span(instruction.lines.0).unwrap().start,
            file.line_span(instruction.lines.1).unwrap().end,
        );
        check_instruction(&file, instruction, lines);
    }
    for span in
        tree.faults.iter().map(|fault| fault.span).chain(tree.comments.iter().map(|comment| comment.span))
    {
        check_span(&file, span, Span::new(0, bytes.len() as u32));
    }
    for directive in &tree.directives {
        check_word(&file, &directive.name, directive.span);
        check_word(&file, &directive.value, directive.span);
    }
    let json = ast(&file, &tree);
    assert_eq!(json.ok, tree.faults.is_empty());
    for stage in &tree.stages {
        assert!(!tree.instructions_of(stage).is_empty());
    }
    tree
}

fn check_pieces(file: &SourceFile, tree: &Dockerfile) {
    let pieces = tree.pieces(file);
    let mut at = 0;
    for piece in &pieces {
        assert_eq!(piece.span.start, at, "a gap or an overlap");
        assert!(!piece.span.is_empty());
        at = piece.span.end;
        if piece.kind == PieceKind::Blank {
            assert!(file.slice(piece.span).trim().is_empty(), "text outside all pieces");
        }
    }
    assert_eq!(at as usize, file.bytes().len());
    let instructions = pieces.iter().filter(|piece| matches!(piece.kind, PieceKind::Instruction(_)));
    assert_eq!(instructions.count(), tree.instructions.len());
}

fn check_span(file: &SourceFile, span: Span, within: Span) {
    assert!(within.contains(span), "{span:?} outside {within:?}");
    let text = file.text();
    assert!(
        text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize),
        "{span:?}"
    );
}

fn check_word(file: &SourceFile, word: &Word, within: Span) {
    check_span(file, word.span, within);
    if file.slice(word.span) != word.text {
        // Whatever was cut out or decoded, no byte of the text stands outside the word.
        for (at, _) in word.text.char_indices() {
            let place = word.offset(at);
            assert!(word.span.start <= place && place < word.span.end, "{word:?} at {at}");
        }
    }
}

fn check_instruction(file: &SourceFile, instruction: &Instruction, within: Span) {
    check_span(file, instruction.span, within);
    let within = instruction.span;
    check_word(file, &instruction.keyword, within);
    for flag in &instruction.flags {
        check_span(file, flag.span, within);
        check_word(file, &flag.name, flag.span);
        if let Some(value) = &flag.value {
            check_word(file, value, flag.span);
        }
    }
    if !instruction.body.is_empty() {
        check_span(file, instruction.body.full_span(), within);
    }
    match &instruction.args {
        Args::None | Args::Shell => {}
        Args::Json(_) | Args::Words(_) | Args::Text(_) => {
            for word in instruction.words() {
                check_word(file, word, instruction.body.full_span());
            }
        }
        Args::Pairs(pairs) => {
            for pair in pairs {
                check_word(file, &pair.key, pair.span());
                pair.value.iter().for_each(|value| check_word(file, value, pair.span()));
            }
        }
    }
    for heredoc in &instruction.heredocs {
        for span in [heredoc.span, heredoc.body, heredoc.terminator] {
            check_span(file, span, within);
        }
    }
    let _ = instruction.typed();
    if let Some(inner) = &instruction.onbuild {
        check_instruction(file, inner, within);
    }
}

/// Lines that go through every part of the parser.
const LINES: &[&str] = &[
    "# escape=`",
    "# syntax=docker/dockerfile:1",
    "# a comment",
    "#",
    "",
    "   ",
    "FROM python:3.12 AS base",
    "FROM --platform=$BUILDPLATFORM a",
    "RUN a \\",
    "RUN a `",
    "  && b \\",
    "  # inside \\",
    "\\",
    "RUN --mount=type=cache,target=/x --network=host pip install \"x y\"",
    "RUN --mount='type=bind,\"a,b\"' c",
    "RUN [\"a\", \"b\\n\\u00e9\"]",
    "RUN [1]",
    "RUN <<EOF",
    "RUN <<-'E F' cat 3<<B",
    "EOF",
    "\tE F",
    "B",
    "COPY --from=a\\ b --chown=é <<EOF x /y",
    "ENV a=b c=\"d e\" f=\\ g",
    "ENV a b c",
    "ENV a",
    "ARG A=1 B",
    "HEALTHCHECK --interval=5s CMD [\"x\"]",
    "HEALTHCHECK CMD\u{a0}a",
    "ONBUILD ONBUILD RUN x",
    "ONBUILD COPY <<EOF /x",
    "LABEL a='b",
    "FOO bar",
    "EXPOSE 80/tcp \\",
    "USER a b",
    "SHELL [\"sh\", \"-c\"]",
    "COPY [\"a b\", \"/c\"]",
    "VOLUME [\"\"]",
    "\u{feff}",
    "\u{1a}",
    "é\u{3000}RUN x",
    "RUN -- --x",
    "RUN --\"\" a",
];

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let line = (0..LINES.len()).prop_map(|index| LINES[index]);
    let ending = prop_oneof![4 => Just("\n"), 1 => Just("\r\n"), 1 => Just("")];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::collection::vec((line, ending), 0..12), edits).prop_map(|(lines, edits)| {
        let mut bytes: Vec<u8> =
            lines.into_iter().flat_map(|(line, ending)| [line, ending].concat().into_bytes()).collect();
        for (place, byte) in edits {
            if !bytes.is_empty() {
                let at = place.index(bytes.len());
                bytes[at] = byte;
            }
        }
        bytes
    })
}

proptest! {
    // What is found goes into `bytes_that_once_broke_spans`, where a reader sees it.
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_a_lossless_tree(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn bent_files_have_a_lossless_tree(bytes in mutated()) {
        check(&bytes);
    }

    #[test]
    fn any_word_expands_or_says_why(word in "[ab$\\{\\}:#%/?'\"\\\\<` *é+-]{0,30}") {
        let word = Word::verbatim(word, 7);
        for lexer in [Lexer::default(), Lexer { skip_unset: true, raw_quotes: true, raw_escapes: true, ..Lexer::new(Escape::Backtick) }] {
            let Ok(expanded) = lexer.expand(&word, &|name| (name == "a").then(|| "x y".to_owned())) else { continue };
            let mut at = 0;
            for piece in &expanded.pieces {
                prop_assert_eq!(piece.range.start, at);
                at = piece.range.end;
            }
            prop_assert_eq!(at, expanded.text.len());
            for word in &expanded.words {
                prop_assert!(expanded.text.get(word.clone()).is_some_and(|text| !text.is_empty()));
            }
        }
    }
}

#[test]
fn bad_files_have_faults_with_spans() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "file with no instructions"),
        (b"# only a comment\n\n", "file with no instructions"),
        (b"\x00\xff\n", "unknown instruction"),
        (b"FROM a\nRUN <<EOF\nx\n", "unterminated heredoc"),
        (b"FROM a\nRUN <<${a:-\\'}\nx\n", "failed to process"),
    ];
    for (bytes, message) in cases {
        let tree = check(bytes);
        let fault = tree.first_fault().expect("a fault");
        assert!(fault.message.contains(message), "{fault:?}");
    }
}

#[test]
fn bytes_that_once_broke_spans() {
    check(b"RUN\x0e-- --\x80\n");
    check(b"FROM a\nENV a=b f=\\ \x80\n");
    check("FROM a\nCOPY --chown=\u{e0} --from=\u{fc} x y\n".as_bytes());
}

#[test]
fn long_lines_are_faults_and_are_read_all_the_same() {
    let line = |length: usize| format!("FROM a\nRUN {}\nRUN b\n", "x".repeat(length - 5));
    assert_eq!(check(line(65_535).as_bytes()).faults, []);
    let tree = check(line(65_536).as_bytes());
    assert_eq!(tree.faults.len(), 1);
    assert_eq!((tree.faults[0].line, tree.faults[0].level), (Some(1), Level::Text));
    assert_eq!(tree.instructions.len(), 3);
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = format!("{}x{}", "${a:-".repeat(10_000), "}".repeat(10_000));
    let error = Lexer::default().expand(&Word::verbatim(deep.as_str(), 0), &|_| None).unwrap_err();
    assert!(error.reason.contains("nested more than"), "{}", error.reason);
    check(format!("FROM a\nRUN <<EOF {deep}\nCOPY {deep} /x\n").as_bytes());
    check(format!("FROM a\n{}RUN a\nRUN {}\n", "ONBUILD ".repeat(10_000), "[".repeat(10_000)).as_bytes());
}

/// Inputs on which a careless parser takes quadratic time, which at these sizes would be minutes.
#[test]
fn large_files_take_linear_time() {
    let inputs = [
        ("instructions", "RUN true\n".repeat(20_000)),
        ("pairs", format!("FROM a\nENV {}\n", "a=b ".repeat(15_000))),
        ("broken pairs", format!("FROM a\nENV {}c=d\n", "a=b \\\n".repeat(20_000))),
        ("continuations", format!("FROM a\nRUN {}true\n", "echo \\\n # c\n".repeat(20_000))),
        ("heredoc words", format!("FROM a\nRUN {}true\n", "echo 'a b' \"$c\" <<x \\\n".repeat(10_000))),
        ("words", format!("FROM a\nCOPY {}/x\n", "a b c \\\n".repeat(20_000))),
        ("flags", format!("FROM a\nCOPY {}a /x\n", "--exclude=é \\\n".repeat(20_000))),
        ("quoted flags", format!("FROM a\nCOPY {}a /x\n", "--exclude='a\\ b' \\\n".repeat(20_000))),
        ("json", format!("FROM a\nRUN [{}\"\"]\n", "\"a\\n\", \\\n".repeat(20_000))),
        ("stages", "FROM a AS b\nRUN <<E\nx\nE\n".repeat(10_000)),
        ("comments", "# a comment\n\n".repeat(40_000)),
        ("bad lines", "FOO\nENV a\n".repeat(10_000)),
        ("open quotes", "FROM a\nRUN 'x <<EOF\n".repeat(10_000)),
    ];
    for (name, input) in inputs {
        let file = SourceFile::new("Dockerfile", input);
        let start = Instant::now();
        let tree = parse(&file);
        let taken = start.elapsed();
        assert!(tree.pieces(&file).last().is_some_and(|piece| piece.span.end as usize == file.bytes().len()));
        assert!(taken < Duration::from_secs(30), "{name} took {taken:?}");
    }
}
