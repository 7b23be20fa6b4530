//! Broken packs: each error points at its place and says what would mend it.

use dlint::rules::{BrokenPack, PackFile, Packs};
use dlint::source::SourceFile;

/// Loads one pack and draws what is wrong with it: the line, the bytes marked, the error and its help.
fn errors_of(text: &str) -> String {
    let file = PackFile { file: SourceFile::new("ours.toml", text), builtin: true };
    let broken = Packs::load(&[file]).err().unwrap_or_default();
    broken.iter().map(draw).collect()
}

fn draw(broken: &BrokenPack) -> String {
    let drawn = broken.errors.iter().map(|error| {
        let position = broken.file.position(error.span.start);
        let line = broken.file.line_span(position.line).map_or("", |span| broken.file.slice(span)).trim_end();
        let marked = broken.file.slice(error.span).lines().next().unwrap_or_default();
        let number = position.line.to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(position.column as usize - 1);
        let marks = "^".repeat(marked.chars().count().max(1));
        let help = error.help().map_or_else(String::new, |help| format!("{margin} = {help}\n"));
        format!("{number} | {line}\n{margin} | {indent}{marks} {error}\n{help}")
    });
    drawn.collect()
}

/// A rule with everything that it must have, and the given match behind it.
fn rule(rest: &str) -> String {
    format!(
        "[pack]\nname = \"ours\"\nsummary = \"Ours\"\n[[rule]]\nid = \"it\"\nseverity = \"info\"\n\
         category = \"style\"\nsummary = \"It\"\nwhy = \"So\"\n{rest}\n[[rule.example]]\ngood = \"FROM a\"\n"
    )
}

fn check(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/packs");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, errors_of(text)));
}

#[test]
fn what_is_not_toml() {
    check("not-toml", "[pack]\nname = \"ours\nsummary = 1\n");
}

#[test]
fn keys() {
    check(
        "keys",
        "[pack]\nnmae = \"ours\"\nsummary = \"Ours\"\n[[rule]]\nid = \"Loud_Name\"\nseverity = \"warn\"\ncategory = 3\n\
         [[tabel]]\n",
    );
}

#[test]
fn the_dlint_that_is_needed() {
    check("dlint", "[pack]\nname = \"ours\"\nsummary = \"Ours\"\ndlint = \">=99\"\n");
}

#[test]
fn fields_and_predicates() {
    check(
        "fields",
        &rule(
            "[rule.match]\ncommand = { progam = \"pip\", subcommand = { sufix = \"x\" }, flags = \"-y\", known = \"yes\", \
             operands = { has = { regex = \"(\" } }, position = { min = \"1\" } }",
        ),
    );
}

#[test]
fn parameters() {
    check(
        "parameters",
        &rule(
            "message = \"{parameter.mots}\"\n[rule.parameters]\nmost = { default = 2 }\n[rule.match]\n\
             command = { program = { among = \"programs\" }, position = { max = \"most\" }, any = [{ progam = \"x\" }] }",
        ),
    );
}

#[test]
fn kinds() {
    check("no-kind", &rule("[rule.match]\ncomand = { program = \"pip\" }"));
    check("two-kinds", &rule("[rule.match]\ncommand = { program = \"pip\" }\nmount = { type = \"cache\" }"));
    check("everything", &rule("[rule.match]\ncommand = {}"));
}

#[test]
fn names_that_nothing_binds() {
    check(
        "unbound",
        &rule(
            "message = \"{comand.program} {v} {command.flags} {command.stage} {command.program|upcase} {\"\n\
             [rule.match]\ncommand = { program = { regex = \"(?<version>x)\" } }",
        ),
    );
}

#[test]
fn conditions() {
    check(
        "conditions",
        &rule(
            "[rule.match]\ncommand = { program = \"pip\" }\nunless = [\n  { variable = { name = \"X\" }, in = \"stages\" },\n  \
             { variable = { name = \"X\" }, order = \"after\" },\n  { variable = { value = { version = \"1..2\" } } },\n]",
        ),
    );
}

#[test]
fn fixes() {
    check(
        "fixes",
        &rule(
            "[rule.match]\nimage = { tag = \"latest\" }\n[[rule.fix]]\nsafety = \"sure\"\ninsert = { after = \"subcommand\", text = \"x\" }\n\
             [[rule.fix]]\ntitle = \"T\"\nsafety = \"safe\"\n[[rule.fix]]\ntitle = \"T\"\nsafety = \"safe\"\n\
             replace = { field = \"image.tga\", with = \"{tag}\" }\nchoose = [\"a\"]",
        ),
    );
}

#[test]
fn examples_are_checked() {
    check(
        "examples",
        &rule(
            "[rule.match]\nimage = { tag = \"latest\" }\n[[rule.example]]\nbad = \"a\"\ngood = \"b\"\n[[rule.example]]\n\
             bad = \"a\"\nat = [\"1\"]\nargs = [\"--gpus\", \"all\"]",
        ),
    );
}

#[test]
fn a_rule_takes_an_example() {
    let text = rule("[rule.match]\nimage = { tag = \"latest\" }");
    check("no-example", text.split("[[rule.example]]").next().unwrap_or_default());
}

#[test]
fn tables_and_components() {
    check(
        "tables",
        "[pack]\nname = \"ours\"\nsummary = \"Ours\"\n\
         [[component]]\nname = \"ours.cuda\"\nwords = { cpu = \"zero\" }\ndomain = [\"none\"]\n\
         [[table]]\nname = \"ours\"\nsource = \"here\"\nread = 2026-11-23\nkey = \"ours\"\ncolumns = [\"python\"]\n\
         when = [\"pyton\"]\nrows = [\n  [\"1.0\", \"3.8\", \"x\"],\n  [\"1.1\", [\">=3\", \"three\"]],\n]\n\
         [[table]]\nname = \"ours\"\nsource = \"here\"\nread = 2026-11-23\nkey = \"ours\"\ncolumns = []\nrows = []\n\
         [[rule]]\nid = \"it\"\nseverity = \"error\"\ncategory = \"compat\"\nsummary = \"It\"\nwhy = \"So\"\n\
         [rule.match]\nstack = { table = \"our\", columns = [\"phyton\"] }\n[[rule.example]]\ngood = \"FROM a\"\n",
    );
}

#[test]
fn images_and_programs() {
    check(
        "images",
        "[pack]\nname = \"ours\"\nsummary = \"Ours\"\n\
         [[image]]\nrepository = { regexp = \"x\" }\ntag = '^(?<v>\\d+)$'\nwrite = \"{w}\"\n\
         provides = [{ when = { u = \"1\" }, components = { nothing = \"=={v}\" } }]\n\
         [[program]]\nname = \"p\"\nwraps = \"all\"\n[[program.installs]]\necosystem = \"e\"\noperands = \"conda\"\n",
    );
}

#[test]
fn a_match_without_a_kind() {
    check("no-match", &rule("[rule.match]\nunless = []"));
}
