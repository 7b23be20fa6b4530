//! Stacks that break and near misses that do not: how many are told apart, and how many of the broken are repaired.
//!
//! Each case is a Dockerfile with its context, what the command line says, and whether its versions conflict. A
//! conflict is a finding of the category `compat`; it is repaired when none is left after every fix, the unsafe ones
//! included, has been applied.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use dlint::builtin;
use dlint::diagnostic::{Category, Checked, Safety};
use dlint::engine::{Engine, Selection};
use dlint::fix::{Target, converge};
use dlint::model::context::Context;
use dlint::model::settings::Settings;
use dlint::source::SourceFile;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    files: BTreeMap<String, String>,
    expect_conflict: bool,
    #[serde(default)]
    args: Vec<String>,
    why: String,
}

impl Context for Case {
    fn read(&self, path: &Utf8Path) -> Option<Result<Vec<u8>, String>> {
        self.files.get(path.as_str()).map(|text| Ok(text.clone().into_bytes()))
    }

    fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.to_owned()
    }

    fn is_folder(&self, path: &Utf8Path) -> bool {
        self.files
            .keys()
            .any(|file| Utf8Path::new(file).parent().is_some_and(|parent| parent.starts_with(path)))
    }
}

/// The command line's options as settings; `None` for one that is not known here.
fn settings(args: &[String]) -> Option<Settings> {
    let mut settings = Settings::default();
    for pair in args.chunks(2) {
        let [option, value] = pair else { return None };
        let mut given = |name: &str| settings.given.push((name.to_owned(), value.clone()));
        match option.as_str() {
            "--gpu" => given("gpu"),
            "--cuda-driver" => given("driver"),
            "--python-version" => given("python"),
            "--platform" => settings.platform = Some(value.clone()),
            "--target" => settings.target = Some(value.clone()),
            "--build-arg" => {
                let (name, value) = value.split_once('=')?;
                settings.build_args.push((name.to_owned(), value.to_owned()));
            }
            _ => return None,
        }
    }
    Some(settings)
}

/// The conflicts that are told, as `rule: message`.
fn conflicts(checked: &Checked) -> Vec<String> {
    let compat = checked.diagnostics.iter().filter(|finding| finding.category == Category::Compat);
    compat.map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
}

#[derive(Default)]
struct Score {
    found: usize,
    missed: usize,
    imagined: usize,
    silent: usize,
    repaired: usize,
    /// What went wrong with which case.
    wrong: Vec<String>,
}

#[test]
fn conflicts_are_told_from_near_misses() {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let text = ["compat/cases.jsonl", "compat_more.jsonl"]
        .map(|name| std::fs::read_to_string(folder.join(name)).unwrap())
        .concat();
    let packs = builtin::load_with([]).unwrap_or_else(|broken| panic!("{:?}", broken[0].errors));
    let selection = Selection::default();
    let usual_settings = Settings::default();
    let usual = Engine::new(&packs, &usual_settings, &selection);
    let mut score = Score::default();
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        if case.args.is_empty() {
            judge(&case, &usual, &mut score);
        } else {
            judge(&case, &Engine::new(&packs, &settings(&case.args).unwrap(), &selection), &mut score);
        }
    }
    for wrong in &score.wrong {
        eprintln!("{wrong}");
    }
    let Score { found, missed, imagined, silent, repaired, .. } = score;
    eprintln!("found {found}, missed {missed}, imagined {imagined}, silent {silent}, repaired {repaired}");
    // Crying wolf is the worst of the three: none may be imagined. The others may only get better.
    assert_eq!(imagined, 0);
    assert!(missed <= 5 && found - repaired <= 8);
}

fn judge(case: &Case, engine: &Engine<'_>, score: &mut Score) {
    let check = |file: SourceFile, context: &dyn Context| engine.check(file, context);
    let dockerfile = SourceFile::new("Dockerfile", case.files["Dockerfile"].as_bytes());
    let checked = engine.check(dockerfile, case);
    let told = conflicts(&checked);
    match (case.expect_conflict, told.is_empty()) {
        (true, true) => {
            score.missed += 1;
            score.wrong.push(format!("MISSED {}: {}", case.name, case.why));
        }
        (false, false) => {
            score.imagined += 1;
            score.wrong.push(format!("IMAGINED {}: {}\n    {told:?}", case.name, case.why));
        }
        (false, true) => score.silent += 1,
        (true, false) => {
            score.found += 1;
            let fixed = converge(&[Target { checked, context: case, check: &check }], Safety::Unsafe);
            let left: Vec<String> = fixed.checked.iter().flat_map(|checked| conflicts(checked)).collect();
            if left.is_empty() {
                score.repaired += 1;
            } else {
                score.wrong.push(format!("NOT REPAIRED {}: {}\n    {left:?}", case.name, case.why));
            }
        }
    }
}
