//! Stages, variables, images.

use super::{facts, facts_with, text, texts};
use crate::model::facts::Facts;
use crate::model::settings::Settings;

fn references(facts: &Facts) -> String {
    texts(facts.images.iter().filter_map(|image| image.reference.as_ref()))
}

#[test]
fn a_from_names_an_image_or_a_stage() {
    let facts = facts(
        "FROM a AS Base\nFROM base AS b\nFROM c\nCOPY --from=b x y\nCOPY --from=0 x y\nCOPY --from=d x y\n",
        &[],
    );
    assert_eq!(references(&facts), "a c d");
    let [base, b, c] = facts.stages.as_slice() else { panic!("three stages") };
    assert_eq!((base.name.as_deref(), base.image, base.parent), (Some("base"), Some(0), None));
    assert_eq!((b.image, b.parent), (None, Some(0)));
    assert_eq!((c.reads.as_slice(), c.target, c.reached, b.reached), ([1, 0].as_slice(), true, true, true));
}

#[test]
fn only_what_the_target_needs_is_reached() {
    let dockerfile = "FROM a AS x\nFROM b AS y\nRUN --mount=from=x,target=/x true\nFROM c\n";
    let reached = |target: Option<&str>| {
        let settings = Settings { target: target.map(str::to_owned), ..Settings::default() };
        let facts = facts_with(dockerfile, &[], &settings);
        facts.stages.iter().map(|stage| stage.reached).collect::<Vec<_>>()
    };
    assert_eq!(reached(None), [false, false, true]);
    assert_eq!(reached(Some("y")), [true, true, false]);
}

/// The labels of the last stage: what the variables were there.
fn check_labels(dockerfile: &str, expected: &str) {
    let settings =
        Settings { build_args: vec![("GIVEN".to_owned(), "given".to_owned())], ..Settings::default() };
    let facts = facts_with(dockerfile, &[], &settings);
    let labels: Vec<_> = facts
        .instructions
        .iter()
        .filter(|instruction| instruction.keyword == "label")
        .flat_map(|instruction| instruction.pairs.values().map(text))
        .collect();
    assert_eq!(labels.join(" "), expected, "{dockerfile}");
}

#[test]
fn arguments_have_the_scope_that_docker_gives_them() {
    check_labels("ARG A=1\nFROM x\nLABEL l=$A\nARG A\nLABEL l=$A\n", "<$A> 1");
    check_labels("FROM x\nARG A=1\nFROM y\nLABEL l=$A\n", "<$A>");
    check_labels("FROM x AS s\nARG A=1\nFROM s\nLABEL l=$A\n", "1");
    check_labels("FROM x\nARG A\nLABEL l=$A\nLABEL l=${A:-2}\n", "<$A> 2");
    check_labels("FROM x\nLABEL l=${A:-2}\n", "<${A:-2}>");
    check_labels("FROM x\nARG GIVEN=1\nLABEL l=$GIVEN\n", "given");
    check_labels("FROM x\nARG TARGETARCH\nLABEL l=$TARGETARCH\n", "amd64");
}

#[test]
fn the_environment_wins_and_sees_what_was_before_it() {
    check_labels("FROM x\nENV A=1\nARG A=2\nLABEL l=$A\n", "1");
    check_labels("FROM x\nENV A=1\nENV A=2 B=$A\nLABEL l=$A$B\n", "21");
    check_labels("FROM python:3.12\nLABEL l=$PYTHON_VERSION\n", "3.12");
    check_labels("FROM x\nENV P=/o:$P\nLABEL l=$P\n", "</o:$P>");
}

#[test]
fn values_that_grow_without_end_are_not_followed() {
    let mut dockerfile = String::from("FROM x\nENV A=aaaaaaaa\n");
    dockerfile.push_str(&"ENV A=$A$A\n".repeat(200));
    dockerfile.push_str("LABEL l=$A\n");
    assert_eq!(facts(&dockerfile, &[]).variables.len(), 201);
}

#[test]
fn a_tag_is_rewritten_where_its_variable_is_set() {
    let facts = facts("ARG V=3.12\nFROM python:${V}-slim\n", &[]);
    let image = &facts.images[0];
    assert_eq!(image.tag.as_ref().map(text).as_deref(), Some("3.12-slim"));
    let edits = image.parts["python"].rewrite("3.13").unwrap();
    assert_eq!(edits.len(), 1);
    assert_eq!((facts.sources.slice(edits[0].0), edits[0].1.as_str()), ("3.12", "3.13"));
}

#[test]
fn unknown_parts_of_a_reference_stay_unknown() {
    let facts = facts("ARG TAG\nFROM team/app:${TAG}\n", &[]);
    let image = &facts.images[0];
    assert_eq!(image.repository.as_ref().map(text).as_deref(), Some("team/app"));
    assert_eq!(image.tag.as_ref().map(text).as_deref(), Some("<${TAG}>"));
}

#[test]
fn instructions_know_what_holds_at_them() {
    let facts = facts(
        "FROM x AS s\nWORKDIR app\nRUN a\nWORKDIR /srv\nUSER me\nSHELL [\"bash\", \"-c\"]\nRUN b\nFROM s\nRUN c\n",
        &[],
    );
    let at = |index: usize| {
        let instruction = &facts.instructions[index];
        let user = instruction.user.as_deref().map(text);
        (instruction.directory.clone(), user, instruction.shell.join(" "))
    };
    assert_eq!(at(2), (None, None, String::new()));
    let later = (Some("/srv".into()), Some("me".to_owned()), "bash -c".to_owned());
    assert_eq!(at(6), later);
    assert_eq!(at(8), later);
}

#[test]
fn what_stands_under_onbuild_has_no_effect() {
    let facts = facts("FROM x\nONBUILD ENV A=1\nONBUILD RUN pip install a\nLABEL l=$A\n", &[]);
    let keywords: Vec<_> = facts.instructions.iter().map(|it| (it.keyword.as_str(), it.onbuild)).collect();
    assert_eq!(
        keywords,
        [
            ("from", false),
            ("onbuild", false),
            ("env", true),
            ("onbuild", false),
            ("run", true),
            ("label", false)
        ]
    );
    assert_eq!(text(&facts.instructions[5].pairs["l"]), "<$A>");
    assert_eq!(facts.packages.len(), 1);
}
