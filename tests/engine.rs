//! Where conditions look, what comments silence, and what fixes write, by a pack made for it.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use dlint::date::Date;
use dlint::diagnostic::{Checked, Safety};
use dlint::engine::{Engine, Request, Selection, check_all};
use dlint::fix::{Target, converge};
use dlint::model::context::Context;
use dlint::model::settings::{ParameterValue, Settings};
use dlint::rules::{PackFile, Packs};
use dlint::source::{FileId, SourceFile};

struct Files(BTreeMap<&'static str, &'static str>);

impl Context for Files {
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        assert!(!path.as_str().contains("panic"), "asked for a panic");
        self.0.get(path.as_str()).map(|text| Ok(text.as_bytes().to_vec()))
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }

    fn is_folder(&self, _: &Utf8Path) -> bool {
        false
    }
}

/// How the commands of these tests are read.
const PROGRAMS: &str = r#"
[pack]
name = "t"
summary = "T"
[[program]]
name = "get"
subcommands = true
valued = ["-r", "--index"]
aliases = { "-r" = "--requirement" }
[[program.installs]]
subcommand = ["add"]
ecosystem = "pypi"
operands = "requirement"
requirement-files = ["--requirement"]
[[image]]
repository = "base"
tag = '^(?<v>\d+)-(?<kind>slim|full)$'
write = "{v}-{kind}"
[image.tags]
complete = true
source = "here"
read = 2026-11-23
rows = [{ v = ["1", "2", "4"], kind = ["slim", "full"] }]
"#;

/// A rule without examples.
fn rule(id: &str, rest: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\naliases = [\"DL{id}\"]\nseverity = \"warning\"\ncategory = \"style\"\n\
         summary = \"{id}\"\nwhy = \"so\"\n{rest}\n"
    )
}

fn packs(rules: &str) -> Packs {
    let text = format!("{PROGRAMS}{rules}");
    Packs::load(&[PackFile { file: SourceFile::new("t.toml", text), builtin: false }]).unwrap()
}

/// The findings as `rule line:column`, in other files with the path.
fn shown(checked: &Checked) -> Vec<String> {
    let place = |finding: &dlint::diagnostic::Diagnostic| {
        let file = checked.sources.get(finding.at.file);
        let position = file.position(finding.at.span.start);
        let path = if finding.at.file == FileId(0) { String::new() } else { format!("{}:", file.path()) };
        format!("{} {path}{}:{}", finding.rule.trim_start_matches("t/"), position.line, position.column)
    };
    checked.diagnostics.iter().map(place).collect()
}

fn check(rules: &str, dockerfile: &str, files: &[(&'static str, &'static str)]) -> Vec<String> {
    let packs = packs(rules);
    let (settings, selection) = (Settings::default(), Selection::default());
    let engine = Engine::new(&packs, &settings, &selection);
    shown(&engine.check(SourceFile::new("Dockerfile", dockerfile), &Files(files.iter().copied().collect())))
}

/// The Dockerfile and the one further file after all fixes.
fn fixed(rules: &str, dockerfile: &str, file: Option<(&'static str, &'static str)>) -> (String, String) {
    let packs = packs(rules);
    let (settings, selection) = (Settings::default(), Selection::default());
    let engine = Engine::new(&packs, &settings, &selection);
    let context = Files(file.into_iter().collect());
    let checked = engine.check(SourceFile::new("Dockerfile", dockerfile), &context);
    let check = |file: SourceFile, context: &dyn Context| engine.check(file, context);
    let fixed = converge(&[Target { checked, context: &context, check: &check }], Safety::Unsafe);
    let after = |path: &str, before: &str| {
        let changed = fixed.files.iter().find(|changed| changed.path == path);
        changed.map_or(before.to_owned(), |changed| String::from_utf8(changed.after.clone()).unwrap())
    };
    let (path, text) = file.unwrap_or_default();
    (after("Dockerfile", dockerfile), after(path, text))
}

/// `get` without X in force.
fn unless_variable() -> String {
    rule(
        "v",
        "[rule.match]\ncommand = { program = \"get\" }\nunless = [{ variable = { name = \"X\", value = \"1\" } }]",
    )
}

#[test]
fn a_variable_is_in_force_until_it_is_set_anew() {
    let found = |dockerfile: &str| check(&unless_variable(), dockerfile, &[]).len();
    assert_eq!(found("FROM a\nRUN get add x\n"), 1);
    assert_eq!(found("FROM a\nENV X=1\nRUN get add x\n"), 0);
    assert_eq!(found("FROM a\nENV X=1\nENV X=0\nRUN get add x\n"), 1);
    assert_eq!(found("FROM a\nRUN get add x\nENV X=1\n"), 1);
    assert_eq!(found("FROM a\nARG X=1\nRUN get add x\n"), 0);
    assert_eq!(found("FROM a\nENV X=0\nARG X=1\nRUN get add x\n"), 1);
    assert_eq!(found("FROM a AS b\nENV X=1\nFROM b\nRUN get add x\n"), 0);
    assert_eq!(found("FROM a AS b\nENV X=1\nFROM c\nRUN get add x\n"), 1);
    assert_eq!(found("ARG X=1\nFROM a\nRUN get add x\n"), 1);
}

/// The findings under settings of one's own.
fn check_under(settings: &Settings, rules: &str, dockerfile: &str) -> Vec<String> {
    let packs = packs(rules);
    let selection = Selection::default();
    let engine = Engine::new(&packs, settings, &selection);
    shown(&engine.check(SourceFile::new("Dockerfile", dockerfile), &Files(BTreeMap::new())))
}

#[test]
fn parameters_are_what_the_user_says_or_their_default() {
    let rules = rule(
        "p",
        "[rule.parameters]\nbad = { doc = \"b\", default = [\"x*\"] }\nmost = { doc = \"m\", default = 1 }\n\
         [rule.match]\ncommand = { program = { among = \"bad\" } }\n\
         requires = [{ command = { known = true }, in = \"file\", count = { max = \"most\" } }]",
    ) + &rule(
        "q",
        "[rule.parameters]\nbad = { doc = \"b\" }\n[rule.match]\ncommand = { program = { not = { among = \"bad\" } } }",
    );
    let under = |parameters: &[(&str, &str, ParameterValue)], dockerfile: &str| {
        let parameters = parameters.iter();
        let parameters =
            parameters.map(|(rule, name, value)| (rule.to_string(), name.to_string(), value.clone()));
        let settings = Settings { parameters: parameters.collect(), ..Settings::default() };
        check_under(&settings, &rules, dockerfile)
    };
    let texts = |text: &str| ParameterValue::Texts(vec![text.to_owned()]);
    assert_eq!(under(&[], "FROM a\nRUN xx\n"), ["p 2:5"]);
    assert_eq!(under(&[], "FROM a\nRUN xx\nRUN xy\n"), [""; 0]);
    assert_eq!(under(&[("t/p", "most", ParameterValue::Number(2))], "FROM a\nRUN xx\nRUN y\n"), ["p 2:5"]);
    assert_eq!(under(&[("dlp", "bad", texts("y"))], "FROM a\nRUN y\n"), ["p 2:5"]);
    assert_eq!(under(&[("t/q", "bad", texts("xx"))], "FROM a\nRUN y\n"), ["q 2:5"]);
}

#[test]
fn a_variant_judges_as_hadolint_does() {
    let rules = rule(
        "h",
        "default = false\n[rule.match]\ncommand = { program = \"get\" }\n[rule.hadolint]\nat = \"instruction\"\n\
         [rule.hadolint.match]\ncommand = { program = \"get\", through = { count = 0 } }",
    );
    let dockerfile = "FROM a\nRUN get add x\nRUN sudo get add x\n";
    let hadolint = Settings { hadolint: true, ..Settings::default() };
    assert_eq!(check_under(&Settings::default(), &rules, dockerfile), [""; 0]);
    assert_eq!(check_under(&hadolint, &rules, dockerfile), ["h 2:1"]);
}

#[test]
fn patterns_over_one_fact_are_joined() {
    let rules = rule(
        "j",
        "[rule.match]\ncommand = { any = [{ program = \"a\" }, { program = \"b\", position = 1 }], not = { operands = { has = \"x\" } } }",
    );
    assert_eq!(check(&rules, "FROM a\nRUN a && b && a x && b\nRUN b\n", &[]), ["j 2:5", "j 2:10"]);
}

#[test]
fn a_shell_variable_is_in_force_where_the_shell_says() {
    let found =
        |script: &str| check(&unless_variable(), &format!("FROM a\nENV X=0\nRUN {script}\n"), &[]).len();
    assert_eq!(found("X=1 get add x"), 0);
    assert_eq!(found("X=1 other && get add x"), 1);
    assert_eq!(found("export X=1 && get add x"), 0);
    assert_eq!(found("get add x && export X=1"), 1);
    assert_eq!(found("export X=1\nRUN get add x"), 1);
}

#[test]
fn what_is_unknown_is_not_reported() {
    let found = |dockerfile: &str| check(&unless_variable(), dockerfile, &[]).len();
    assert_eq!(found("FROM a\nARG V\nENV X=$V\nRUN get add x\n"), 0);
    let lacks = rule("l", "[rule.match]\ncommand = { program = \"get\", flags = { lacks = \"--fast\" } }");
    assert_eq!(check(&lacks, "FROM a\nRUN get add x\n", &[]).len(), 1);
    assert_eq!(check(&lacks, "FROM a\nRUN get $OPTIONS add x\n", &[]).len(), 0);
    let other = rule(
        "o",
        "[rule.match]\npackage = { name = \"x\" }\nunless = [{ package = { name = \"y\" }, in = \"call\" }]",
    );
    let lines = |text| [("r.txt", text)];
    let dockerfile = "FROM a\nCOPY . .\nRUN get add x -r r.txt\n";
    assert_eq!(check(&other, dockerfile, &lines("z\n")).len(), 1);
    assert_eq!(check(&other, dockerfile, &lines("y\n")).len(), 0);
    assert!(!check(&other, dockerfile, &[]).iter().any(|found| found.starts_with("o ")));
    assert_eq!(check(&other, "FROM a\nRUN get add x $MORE\n", &[]).len(), 0);
}

#[test]
fn order_and_count() {
    let user = |rest: &str| {
        rule("u", &format!("[rule.match]\ninstruction = {{ keyword = \"user\" }}\nrequires = [{rest}]"))
    };
    let again = user("{ instruction = { keyword = \"user\" }, in = \"own-stage\", order = \"before\" }");
    assert_eq!(check(&again, "FROM a\nUSER x\nUSER y\nFROM b\nUSER z\n", &[]), ["u 3:1"]);
    let last =
        user("{ instruction = { keyword = \"user\" }, in = \"own-stage\", order = \"after\", count = 0 }");
    assert_eq!(check(&last, "FROM a\nUSER x\nUSER y\nFROM b\nUSER z\n", &[]), ["u 3:1", "u 5:1"]);
    let next = user("{ instruction = { keyword = \"run\" }, in = \"own-stage\", order = \"just-after\" }");
    assert_eq!(check(&next, "FROM a\nUSER x\nRUN a\nUSER y\nENV a=b\nRUN b\n", &[]), ["u 2:1"]);
    let three = user("{ instruction = { keyword = \"user\" }, in = \"file\", count = { min = 3 } }");
    assert_eq!(check(&three, "FROM a\nUSER x\nUSER y\n", &[]).len(), 0);
    assert_eq!(check(&three, "FROM a\nUSER x\nUSER y\nUSER z\n", &[]).len(), 3);
}

#[test]
fn captures_of_the_subject_are_used_by_conditions() {
    let twice = rule(
        "s",
        "message = \"{first} {stage.name}\"\n[rule.match]\nstage = { name = { regex = '^(?<first>.)' } }\n\
         requires = [{ stage = { name = { prefix = \"{first}\" } }, in = \"file\", order = \"before\" }]",
    );
    assert_eq!(check(&twice, "FROM a AS bx\nFROM a AS cx\nFROM a AS by\n", &[]), ["s 3:1"]);
}

fn any_get() -> String {
    rule("g", "[rule.match]\ncommand = { program = \"get\" }")
        + &rule("p", "[rule.match]\npackage = { ecosystem = \"pypi\" }")
}

#[test]
fn comments_silence() {
    let found = |dockerfile: &str| check(&any_get(), dockerfile, &[]);
    assert_eq!(found("FROM a\nRUN get add x\n"), ["g 2:5", "p 2:13"]);
    for comment in
        ["dlint ignore=t/g", "hadolint ignore=DLg", "dlint ignore=dlg because", "check=skip=DLg // so"]
    {
        assert_eq!(found(&format!("FROM a\n# {comment}\nRUN get add x\n")), ["p 3:13"], "{comment}");
        assert_eq!(
            found(&format!("FROM a\nRUN true && \\\n# {comment}\n get add x\n")),
            ["p 4:10"],
            "{comment}"
        );
        let below = format!("FROM a\nRUN get add x\n# {comment}\nRUN true\n");
        assert_eq!(found(&below), ["g 2:5", "p 2:13", "dlint/unused-suppression 3:1"], "{comment}");
    }
    assert_eq!(found("FROM a\n# dlint ignore=t/g, t/p\nRUN get add x\n"), [""; 0]);
    assert_eq!(found("FROM a\n# dlint ignore=t\nRUN get add x\n"), [""; 0]);
    assert_eq!(
        found("FROM a\n# dlint ignore=t/h\nRUN get add x\n"),
        ["dlint/invalid-suppression 2:16", "g 3:5", "p 3:13"]
    );
    assert_eq!(found("# check=skip=DLg\nFROM a\nRUN get add x\n"), ["p 3:13"]);
    assert_eq!(found("FROM a\nRUN get add x\n# dlint global ignore=t/g\n"), ["p 2:13"]);
}

#[test]
fn comments_silence_in_files_of_packages() {
    let dockerfile = "FROM a\nCOPY . .\nRUN get add -r r.txt\n";
    let found = |text| check(&any_get(), dockerfile, &[("r.txt", text)]);
    assert_eq!(found("x==1\ny\n"), ["g 3:5", "p r.txt:1:1", "p r.txt:2:1"]);
    assert_eq!(found("x==1  # dlint ignore=t/p\ny\n"), ["g 3:5", "p r.txt:2:1"]);
    assert_eq!(found("# dlint ignore=t/p for now\nx==1\ny\n"), ["g 3:5", "p r.txt:3:1"]);
    assert_eq!(found("# dlint global ignore=t/p\nx==1\ny\n"), ["g 3:5"]);
    let above = "FROM a\nCOPY . .\n# dlint ignore=t/p\nRUN get add -r r.txt\n";
    assert_eq!(check(&any_get(), above, &[("r.txt", "x\n")]), ["g 4:5"]);
    assert_eq!(
        found("x==1   # dlint ignore=t/g\n"),
        ["g 3:5", "p r.txt:1:1", "dlint/unused-suppression r.txt:1:8"]
    );
}

#[test]
fn comments_silence_the_line_below_in_long_instructions() {
    let found = |dockerfile: &str| check(&any_get(), dockerfile, &[]);
    let two =
        "FROM a\nRUN true && \\\n  # dlint ignore=t/g\n\n  # more to tell\n get add x && \\\n get add y\n";
    assert_eq!(found(two), ["p 6:10", "g 7:2", "p 7:10"]);
    let script = "FROM a\nRUN <<EOF\n# dlint ignore=t/g,t/p\nget add x\nget add y\nEOF\n";
    assert_eq!(found(script), ["g 5:1", "p 5:9"]);
    let data = "FROM a\nRUN cat > f <<EOF\n# dlint ignore=t/g\nget add x\nEOF\n";
    assert_eq!(found(data), [""; 0], "a file that a script writes is not the script");
}

#[test]
fn comments_silence_a_stage() {
    let found = |dockerfile: &str| check(&any_get(), dockerfile, &[]);
    let stages = |comment: &str| format!("# {comment}\nFROM a\nRUN get add x\nFROM b\nRUN get add x\n");
    for comment in ["dlint stage ignore=t", "dlint stage ignore=t/g,t/p so", "hadolint stage ignore=DLg, DLp"]
    {
        assert_eq!(found(&stages(comment)), ["g 5:5", "p 5:13"], "{comment}");
    }
    let inner = "FROM a\nRUN get add x\n# dlint stage ignore=all\nCOPY a b\nFROM b\nRUN get add x\n";
    assert_eq!(found(inner), ["g 6:5", "p 6:13"]);
}

/// What is said about the comments of a Dockerfile, and the Dockerfile after all fixes.
fn about_comments(dockerfile: &str, selection: &Selection) -> (Vec<String>, String) {
    let packs = packs(&any_get());
    let settings = Settings { today: Date::parse("2026-11-25"), ..Settings::default() };
    let engine = Engine::new(&packs, &settings, selection);
    let context = Files(BTreeMap::new());
    let check = |file: SourceFile, context: &dyn Context| engine.check(file, context);
    let checked = check(SourceFile::new("Dockerfile", dockerfile), &context);
    let own = checked.diagnostics.iter().filter(|finding| finding.rule.starts_with("dlint/"));
    let said = own.map(|finding| finding.message.clone()).collect();
    let fixed = converge(&[Target { checked, context: &context, check: &check }], Safety::Safe);
    let after = fixed.files.into_iter().next();
    (said, after.map_or(dockerfile.to_owned(), |file| String::from_utf8(file.after).unwrap()))
}

#[test]
fn comments_without_effect_are_told_and_removed() {
    let about = |comment: &str| {
        let (said, after) =
            about_comments(&format!("FROM a\n{comment}\nRUN get add x\n"), &Selection::default());
        (said, after.replace("FROM a\n", "").replace("RUN get add x\n", "").trim_end().to_owned())
    };
    let said = |text: &str, after: &str| (vec![text.to_owned()], after.to_owned());
    let kept = |text: &str| (Vec::new(), text.to_owned());
    for needed in [
        "# dlint ignore=t/g; why",
        "# hadolint ignore=SC2086,DL9999",
        "# check=skip=Other,DLg",
        "# dlint ignore=t",
    ] {
        assert_eq!(about(needed), kept(needed));
    }
    assert_eq!(
        about("# dlint ignore=t/g,t/k"),
        said("no rule is called `t/k`; did you mean `t/g`?", "# dlint ignore=t/g,t/k")
    );
    assert_eq!(about("# dlint ignore=nobody,t/g"), said("no rule is called `nobody`", "# dlint ignore=t/g"));
    assert_eq!(about("# hadolint ignore=dlg").0, ["no rule is called `dlg`; did you mean `DLg`?"]);
    assert_eq!(about("# dlint ignore="), said("this comment names no rule", "# dlint ignore="));
    assert_eq!(
        about("# dlint ignore t/g").0,
        ["this comment silences nothing; write `# dlint ignore=RULE,RULE`"]
    );
    assert_eq!(
        about("# dlint ignore=t/g until=2026-11-25 or so"),
        kept("# dlint ignore=t/g until=2026-11-25 or so")
    );
    assert_eq!(
        about("# dlint ignore=t/g until=2026-11-24"),
        said("this comment counted until 2026-11-24 and silences nothing any more", "")
    );
    assert_eq!(
        about("# dlint ignore=t/g until=2026-11-31").0,
        ["`2026-11-31` is no day; write `until=YYYY-MM-DD`"]
    );

    let unused = |dockerfile: &str| about_comments(dockerfile, &Selection::default());
    let nothing = |name: &str, after: &str| said(&format!("nothing to silence here for {name}"), after);
    assert_eq!(unused("FROM a\n# dlint ignore=t/g\nRUN true\n"), nothing("`t/g`", "FROM a\nRUN true\n"));
    assert_eq!(
        unused("FROM a\nRUN true && \\\n  # dlint ignore=t/g,t/p\n  true\n"),
        nothing("`t/g`, `t/p`", "FROM a\nRUN true && \\\n  true\n")
    );
    let foreign = "FROM a\n# hadolint ignore=DLg\nRUN true\n";
    assert_eq!(unused(foreign), nothing("`DLg`", foreign), "hadolint may find something");
    let select = Selection { select: vec!["t/p".to_owned(), "dlint".to_owned()], ..Selection::default() };
    assert_eq!(about_comments("FROM a\n# dlint ignore=t/g\nRUN true\n", &select).0, [""; 0]);
    assert_eq!(about_comments("FROM a\n# dlint ignore=t\nRUN true\n", &select).0, [""; 0]);
    let global = "# dlint global ignore=dlint\nFROM a\n# dlint ignore=t/g\nRUN true\n";
    assert_eq!(unused(global), kept(global));
}

#[test]
fn hadolint_heeds_comments_more_narrowly() {
    let packs = packs(&any_get());
    let selection = Selection { ignore: vec!["dlint".to_owned(), "t/p".to_owned()], ..Selection::default() };
    let count = |hadolint, without_comments, dockerfile: &str| {
        let settings = Settings { hadolint, without_comments, ..Settings::default() };
        let engine = Engine::new(&packs, &settings, &selection);
        engine.check(SourceFile::new("Dockerfile", dockerfile), &Files(BTreeMap::new())).diagnostics.len()
    };
    let above = "FROM a\n# hadolint ignore=DLg # so\nRUN get add x\n";
    assert_eq!((count(false, false, above), count(true, false, above), count(false, true, above)), (0, 0, 1));
    for apart in [
        "FROM a\n# hadolint ignore=DLg\n\nRUN get add x\n",
        "FROM a\n# hadolint ignore=DLg so\nRUN get add x\n",
        "FROM a\n# hadolint stage ignore=DLg\nRUN get add x\n",
        "FROM a\nRUN true && \\\n# hadolint ignore=DLg\n  get add x\n",
    ] {
        assert_eq!((count(false, false, apart), count(true, false, apart)), (0, 1), "{apart}");
    }
}

/// A rule about `get` without `--fast` that adds it.
fn add_fast() -> String {
    rule(
        "f",
        "[rule.match]\ncommand = { program = \"get\", flags = { lacks = \"--fast\" } }\n[[rule.fix]]\n\
         title = \"F\"\nsafety = \"safe\"\ninsert = { after = \"subcommand\", text = \" --fast\" }",
    )
}

#[test]
fn text_is_inserted_where_the_words_stand() {
    let of = |dockerfile| fixed(&add_fast(), dockerfile, None).0;
    assert_eq!(
        of("FROM a\nRUN get add x && get  del\n"),
        "FROM a\nRUN get add --fast x && get  del --fast\n"
    );
    assert_eq!(
        of("FROM a\r\nRUN get \\\r\n  add \\\r\n  x\r\n"),
        "FROM a\r\nRUN get \\\r\n  add --fast \\\r\n  x\r\n"
    );
    let exec = "FROM a\nRUN [\"get\", \"add\", \"x\"]\n";
    assert_eq!(of(exec), exec);
}

#[test]
fn text_is_rewritten_where_it_was_written() {
    let old = rule(
        "r",
        "[rule.match]\nimage = { tag = { regex = '^(?<old>1)-' } }\n[[rule.fix]]\ntitle = \"R\"\nsafety = \"safe\"\n\
         replace = { field = \"old\", with = \"2\" }",
    );
    let of = |dockerfile| fixed(&old, dockerfile, None).0;
    assert_eq!(of("FROM base:1-slim\n"), "FROM base:2-slim\n");
    assert_eq!(of("ARG V=1\nFROM base:${V}-slim\n"), "ARG V=2\nFROM base:${V}-slim\n");
}

#[test]
fn options_are_removed_with_the_blank_before_them() {
    let remove = rule(
        "d",
        "[rule.match]\ncommand = { program = \"get\", flags = { has = \"--index\" } }\n[[rule.fix]]\ntitle = \"D\"\n\
         safety = \"safe\"\nremove = { flag = \"--index\" }",
    );
    let of = |dockerfile| fixed(&remove, dockerfile, None).0;
    assert_eq!(of("FROM a\nRUN get add --index h x\n"), "FROM a\nRUN get add x\n");
    assert_eq!(of("FROM a\nRUN get add \\\n    --index=h \\\n    x\n"), "FROM a\nRUN get add \\\n    x\n");
}

#[test]
fn lines_are_added_to_the_file_that_names_the_package() {
    let add = |place: &str| {
        rule(
            "a",
            &format!(
                "[rule.match]\npackage = {{ name = \"x\" }}\nunless = [{{ package = {{ name = \"y\" }}, in = \"call\" }}]\n\
                 [[rule.fix]]\ntitle = \"A\"\nsafety = \"safe\"\nadd-line = {{ file = \"requirements\", text = \"y\", where = \"{place}\" }}"
            ),
        )
    };
    let dockerfile = "FROM a\nCOPY . .\nRUN get add -r r.txt\n";
    let of = |place, text| fixed(&add(place), dockerfile, Some(("r.txt", text))).1;
    assert_eq!(of("start", "x\n"), "y\nx\n");
    assert_eq!(of("end", "x"), "x\ny\n");
    assert_eq!(of("after", "x\r\nz\r\n"), "x\r\ny\r\nz\r\n");
    assert_eq!(of("before", "z\nx\n"), "z\ny\nx\n");
}

#[test]
fn a_tag_is_replaced_by_the_nearest_that_exists() {
    let retag = |parts: &str| {
        rule(
            "n",
            &format!(
                "[rule.match]\nimage = {{ exists = false }}\n[[rule.fix]]\ntitle = \"N\"\nsafety = \"safe\"\nretag = {parts}"
            ),
        )
    };
    assert_eq!(fixed(&retag("\"nearest\""), "FROM base:3-slim\n", None).0, "FROM base:4-slim\n");
    assert_eq!(
        fixed(&retag("{ kind = \"full\" }"), "ARG V=3\nFROM base:$V-slim\n", None).0,
        "ARG V=4\nFROM base:$V-full\n"
    );
    assert_eq!(fixed(&retag("\"nearest\""), "FROM base:2-slim\n", None).0, "FROM base:2-slim\n");
}

#[test]
fn many_files_give_the_same_answers_on_any_number_of_threads() {
    let packs = packs(&any_get());
    let (settings, selection) = (Settings::default(), Selection::default());
    let engine = Engine::new(&packs, &settings, &selection);
    let context = Files(BTreeMap::new());
    let answers = |jobs: usize| -> Vec<Vec<String>> {
        let request = |index: usize| {
            let file = if index == 2 { "panic.txt" } else { "r.txt" };
            let text = format!("FROM a\n{}COPY . .\nRUN get add -r {file}\n", "ENV a=b\n".repeat(index));
            Request { dockerfile: SourceFile::new(format!("Dockerfile.{index}"), text), context: &context }
        };
        check_all(&engine, (0..8).map(request).collect(), jobs).iter().map(shown).collect()
    };
    let one = answers(1);
    assert_eq!(one, answers(4));
    assert_eq!(one[2], ["dlint/internal 1:1"]);
    assert!(one[3].contains(&"g 6:5".to_owned()), "{:?}", one[3]);
}
