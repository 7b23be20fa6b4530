//! Commands in all the ways in which `RUN` can hold them.

use super::{command, commands, facts, text, texts};

#[track_caller]
fn check(dockerfile: &str, expected: &[&str]) {
    assert_eq!(commands(&format!("FROM x\n{dockerfile}\n")), expected.join("\n"), "{dockerfile}");
}

#[test]
fn forms_of_run() {
    check("RUN pip3 install -r x.txt a 'b>=1'", &["pip install --requirement=x.txt a b>=1"]);
    check("RUN [\"pip\", \"install\", \"a\"]", &["pip install a"]);
    check("RUN <<EOF\npip install a\npip install b\nEOF", &["pip install a", "pip install b"]);
    check("RUN <<EOF\n#!/usr/bin/env bash\npip install a\nEOF", &["pip install a"]);
    check("RUN <<EOF\n#!/usr/bin/env python\npip install a\nEOF", &[]);
    check("RUN <<EOF bash\npip install a\nEOF", &["bash pip install a"]);
    check("RUN python3 - <<EOF\nimport pip\nEOF", &["python -"]);
    check("RUN pip install a \\\n  # why\n  b && other -x c", &["pip install a b", "other -x c"]);
}

#[test]
fn wrappers_and_shells() {
    check("RUN sudo -E env A=1 python3 -m pip install a", &["sudo env pip install a"]);
    check("RUN bash -lc 'pip install a && pip install b'", &["bash pip install a", "bash pip install b"]);
    check("RUN [\"bash\", \"-c\", \"pip install a\"]", &["bash pip install a"]);
    check("RUN uv pip install a", &["uv pip install a"]);
    check("RUN conda run -n e pip install a", &["conda pip install a"]);
    check("SHELL [\"pwsh\", \"-Command\"]\nRUN pip install a", &[]);
    check("SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN pip install a", &["pip install a"]);
    check(
        "SHELL [\"conda\", \"run\", \"-n\", \"e\", \"/bin/bash\", \"-c\"]\nRUN pip install a",
        &["conda pip install a"],
    );
}

#[test]
fn variables_of_the_image_and_of_the_script() {
    check("ENV A=1\nRUN pip install a==$A", &["pip install a==1"]);
    check("ARG A\nRUN pip install a==$A b==${A:-2}", &["pip install <a==$A> b==2"]);
    check("ENV A='a b'\nRUN pip install $A \"$A\"", &["pip install a b a b"]);
    check("RUN A=1; export B=2 && pip install a==$A.$B", &["export B=2", "pip install a==1.2"]);
    check("RUN (A=1; pip install a==$A); pip install a==$A", &["pip install a==1", "pip install <a==$A>"]);
    check("RUN if x; then A=1; fi; pip install a==$A", &["x", "pip install <a==$A>"]);
    check("RUN A=$(x) && pip install a==$A", &["x", "pip install <a==$A>"]);
}

#[test]
fn a_word_of_several_keeps_the_place_of_each() {
    let facts = facts("FROM x\nARG P=\"a b==1\"\nRUN pip install $P\n", &[]);
    let places =
        facts.commands[0].operands().map(|operand| facts.sources.slice(operand.pieces()[0].at.unwrap()));
    assert_eq!(places.collect::<Vec<_>>(), ["a", "b==1"]);
}

#[test]
fn the_place_of_a_command_among_others() {
    let facts = facts("FROM x\nRUN a | b || c; (cd /d && e)\n", &[]);
    let places: Vec<_> = facts
        .commands
        .iter()
        .map(|it| (it.program.as_str(), it.connector, it.position, it.conditional))
        .collect();
    assert_eq!(
        places,
        [
            ("a", "", (0, 5), false),
            ("b", "|", (1, 5), false),
            ("c", "||", (2, 5), true),
            ("cd", "", (3, 5), false),
            ("e", "&&", (4, 5), false),
        ]
    );
}

#[test]
fn directories_change_and_change_back() {
    let facts = facts("FROM x\nWORKDIR /w\nRUN a && (cd b && c) && d && cd e && f\nRUN g\n", &[]);
    let directories: Vec<_> = facts
        .commands
        .iter()
        .map(|it| format!("{} {}", it.program, it.directory.as_deref().unwrap_or("?")))
        .collect();
    assert_eq!(directories, ["a /w", "cd /w/b", "c /w/b", "d /w", "cd /w/e", "f /w/e", "g /w"]);
}

#[test]
fn assignments_belong_to_their_command() {
    let facts = facts("FROM x\nRUN A=1 sudo env B=2 c\n", &[]);
    let assigned: Vec<_> = facts.commands[0]
        .assignments
        .iter()
        .map(|index| &facts.variables[*index])
        .map(|variable| (variable.name.as_str(), variable.value.as_ref().map(text), variable.command))
        .collect();
    assert_eq!(assigned, [("A", Some("1".to_owned()), Some(0)), ("B", Some("2".to_owned()), Some(0))]);
}

#[test]
fn commands_stand_where_they_are_written() {
    let facts = facts("FROM x\nRUN sudo pip \\\n  install a > log && b\n", &[]);
    let written: Vec<_> = facts.commands.iter().map(|it| facts.sources.slice(it.at)).collect();
    assert_eq!(written, ["pip \\\n  install a", "b"]);
    assert_eq!(texts(&facts.commands[0].writes), "log");
    assert_eq!(facts.commands[0].script_end.span.start, facts.commands[1].at.span.end);
    assert_eq!(command(&facts.commands[0]), "sudo pip install a");
}

#[test]
fn bytes_that_are_not_utf_8_move_nothing() {
    let dockerfile =
        b"FROM x\nRUN <<EOF\n# \xff\npip install a\nEOF\nRUN echo \xff && pip install b\n".as_slice();
    let nothing = crate::model::context::NoContext;
    let file = crate::source::SourceFile::new("Dockerfile", dockerfile);
    let facts = crate::model::build(
        file,
        &nothing,
        &super::knowledge::knowledge(),
        &crate::model::settings::Settings::default(),
    );
    let written: Vec<_> = facts.packages.iter().map(|package| facts.sources.slice(package.at)).collect();
    assert_eq!(written, ["a", "b"]);
}
