//! The command line as a user runs it: exit statuses, both outputs, and the shapes that scripts rely on.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use serde_json::{Value, json};
use support::{Project, Run, assert_snapshot};

/// A conflict that an unsafe or safe fix mends, and a safe finding beside it.
const DOCKERFILE: &str =
    "FROM python:3.10-slim\nWORKDIR /srv\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n";
const REQUIREMENTS: &str = "torch==2.1.2\ntorchvision==0.17.0\n";

fn project() -> Project {
    Project::new(&[("svc/Dockerfile", DOCKERFILE), ("svc/requirements.txt", REQUIREMENTS)])
}

fn rules(document: &Value) -> Vec<&str> {
    let diagnostics = document["diagnostics"].as_array().unwrap();
    diagnostics.iter().map(|diagnostic| diagnostic["rule"].as_str().unwrap()).collect()
}

fn status(run: &Run) -> i32 {
    run.status
}

#[test]
fn help_is_as_documented() {
    let project = Project::new(&[]);
    assert_snapshot("help", &project.run(&["--help"]));
    assert_snapshot("help-check", &project.run(&["check", "-h"]));
    assert_snapshot("help-fix", &project.run(&["fix", "-h"]));
    assert_snapshot("help-build", &project.run(&["build", "-h"]));
    assert_snapshot("help-rules", &project.run(&["rules", "-h"]));
    assert_snapshot("help-stack", &project.run(&["stack", "-h"]));
}

#[test]
fn a_check_tells_people() {
    assert_snapshot("check-text", &project().run(&["check"]));
}

#[test]
fn nothing_found_is_success() {
    let project = Project::new(&[("Dockerfile", "FROM scratch\nCOPY a /a\n")]);
    assert_snapshot("check-clean", &project.run(&["check"]));
    assert_eq!(project.run(&["check", "--quiet"]).stdout, "");
}

#[test]
fn a_folder_without_dockerfiles_is_said_to_be_one() {
    assert_snapshot("check-nothing", &Project::new(&[("a.txt", "")]).run(&["check"]));
}

#[test]
fn json_is_the_contract() {
    let document = project().json(&["check", "--format", "json"]);
    assert_eq!(document["version"], 1);
    assert_eq!(rules(&document), ["pip/no-cache-dir", "torch/family"]);
    let cache = &document["diagnostics"][0];
    assert_eq!(cache["file"], "svc/Dockerfile");
    assert_eq!(cache["aliases"], json!(["DL3042"]));
    assert_eq!(cache["start"], json!({"line": 4, "column": 9, "offset": 67}));
    assert_eq!(
        cache["fixes"][0]["edits"],
        json!([{"file": "svc/Dockerfile", "start": 74, "end": 74, "text": " --no-cache-dir"}])
    );
    let family = &document["diagnostics"][1];
    assert_eq!((&family["category"], &family["severity"]), (&json!("compat"), &json!("error")));
    assert_eq!(family["file"], "svc/requirements.txt");
    assert_eq!(document["summary"]["files"], 1);
    assert_eq!(document["summary"]["errors"], 1);
    assert_eq!(document["summary"]["warnings"], 1);
}

#[test]
fn json_lines_are_the_same_findings() {
    let project = project();
    let document = project.json(&["check", "--format", "json"]);
    let lines = project.run(&["check", "--format", "jsonl"]).stdout;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(document["diagnostics"].as_array().unwrap(), &lines);
}

#[test]
fn every_format_is_written() {
    let project = project();
    for format in ["json", "jsonl", "sarif", "github", "gitlab", "checkstyle", "junit", "text"] {
        let run = project.run(&["check", "--format", format, "--output", "out"]);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (1, "", ""), "{format}");
        assert!(project.read("out").contains("torch"), "{format}");
    }
    assert_snapshot("check-github", &project.run(&["check", "--format", "github"]));
}

#[test]
fn the_threshold_decides_the_status() {
    let project = project();
    let status = |arguments: &[&str]| status(&project.run(&[&["check", "svc"], arguments].concat()));
    assert_eq!(status(&[]), 1);
    assert_eq!(status(&["--fail-on", "error"]), 1);
    assert_eq!(status(&["--fail-on", "never"]), 0);
    assert_eq!(status(&["--fail-on", "error", "--ignore", "torch"]), 0);
    assert_eq!(status(&["--select", "DL3042", "--fail-on", "warning"]), 1);
    assert_eq!(status(&["--select", "python", "--fail-on", "style"]), 0);
}

#[test]
fn rules_are_selected_by_id_alias_and_pack() {
    let project = project();
    let found = |arguments: &[&str]| {
        let document = project.json(&[&["check", "--format", "json"], arguments].concat());
        rules(&document).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found(&["--select", "dl3042"]), ["pip/no-cache-dir"]);
    assert_eq!(found(&["--select", "torch,pip/no-cache-dir"]), ["pip/no-cache-dir", "torch/family"]);
    assert_eq!(found(&["--ignore", "pip"]), ["torch/family"]);
    assert_eq!(found(&["--ignore", "DL9999"]).len(), 2);
    assert_snapshot("check-select-typo", &project.run(&["check", "--select", "torch/famly"]));
}

#[test]
fn wrong_usage_is_status_2() {
    let project = project();
    for arguments in [
        &["check", "--format", "nope"][..],
        &["check", "--nope"],
        &["nope"],
        &[],
        &["check", "--context", "nowhere"],
        &["check", "--build-arg", "=x"],
        &["check", "-", "--files-from", "-"],
        &["check", "--jobs", "0"],
        &["fix", "--diff", "--format", "json"],
    ] {
        assert_eq!(project.run(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn standard_input_is_a_dockerfile() {
    let project = project();
    let run = project.run_with_input(&["check", "-", "--format", "jsonl"], DOCKERFILE);
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("\"file\":\"-\"") && !run.stdout.contains("torch"), "{run}");
    let named = ["check", "-", "--stdin-filename", "svc/Dockerfile", "--format", "json"];
    let run = project.run_with_input(&named, DOCKERFILE);
    assert_eq!(run.stdout, project.run(&["check", "--format", "json"]).stdout);
}

#[test]
fn paths_come_from_a_list() {
    let project = project();
    project.write("other/Dockerfile", "FROM a\nRUNX\n");
    let run = project.run_with_input(&["check", "--files-from", "-", "-q"], "svc/Dockerfile\n");
    assert!(run.stdout.contains("torch") && !run.stdout.contains("RUNX"), "{run}");
    let run = project.run_with_input(&["check", "--files-from", "-"], "svc/Dockerfile\0other/Dockerfile\0");
    assert!(run.stdout.contains("in 2 files"), "{run}");
}

#[test]
fn the_context_can_be_another_folder() {
    let project = Project::new(&[
        (
            "docker/Dockerfile",
            "FROM python:3.10-slim\nCOPY app/requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n",
        ),
        ("app/requirements.txt", REQUIREMENTS),
    ]);
    let document = project.json(&["check", "--format", "json", "--context", "."]);
    assert_eq!(rules(&document), ["torch/family"]);
    assert_eq!(document["diagnostics"][0]["file"], "app/requirements.txt");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let project = Project::new(&[]);
    for index in 0..40 {
        project.write(&format!("{}/{index}/Dockerfile", index % 7), DOCKERFILE);
        project.write(&format!("{}/{index}/requirements.txt", index % 7), REQUIREMENTS);
    }
    for format in ["json", "jsonl"] {
        let one = project.run(&["check", "--format", format, "--jobs", "1"]);
        let many = project.run(&["check", "--format", format, "--jobs", "8"]);
        assert!(one.stdout.contains("torch/family"), "{one}");
        assert!(one.stdout == many.stdout);
    }
}

#[test]
fn configuration_is_the_nearest_one() {
    let project = project();
    project.write("dlint.toml", "ignore = ['torch']\n");
    let document = project.json(&["check", "--format", "json"]);
    assert_eq!(rules(&document), ["pip/no-cache-dir"]);
    project.write("svc/dlint.toml", "[severity]\n'DL3042' = 'off'\n'torch' = 'warning'\n");
    let document = project.json(&["check", "--format", "json"]);
    assert_eq!(rules(&document), ["torch/family"]);
    assert_eq!(document["diagnostics"][0]["severity"], "warning");
    assert_eq!(rules(&project.json(&["check", "--format", "json", "--isolated"])).len(), 2);
    let document = project.json(&["check", "--format", "json", "--config", "dlint.toml"]);
    assert_eq!(rules(&document), ["pip/no-cache-dir"]);
}

#[test]
fn configuration_excludes_what_is_not_named() {
    let project = project();
    project.write("dlint.toml", "exclude = ['svc']\nfail-on = 'never'\n");
    assert_eq!(project.run(&["check"]).stderr, "dlint: no Dockerfile found\n");
    assert!(project.run(&["check", "svc/Dockerfile"]).stdout.contains("torch/family"));
}

#[test]
fn broken_configuration_is_drawn() {
    let project = project();
    project.write("dlint.toml", "fail-on = \"error\"\nignroe = [\"DL3042\"]\n");
    assert_snapshot("config-broken", &project.run(&["check"]));
    project.write("dlint.toml", "[severity]\n\"pip/no-cache\" = \"off\"\n");
    assert_snapshot("config-unknown-rule", &project.run(&["check"]));
}

#[test]
fn a_broken_pack_is_drawn() {
    let project = project();
    project.write(
        "ours.toml",
        "[pack]\nname = \"ours\"\nsummary = \"s\"\n\n[[rule]]\nid = \"x\"\nseverty = \"error\"\n",
    );
    assert_snapshot("pack-broken", &project.run(&["check", "--pack", "ours.toml"]));
}

#[test]
fn a_pack_of_one_s_own_is_applied_and_tested() {
    let pack = r#"
[pack]
name = "ours"
summary = "What our images must not do"

[[rule]]
id = "no-ping"
severity = "error"
category = "correctness"
summary = "the network is not there during a build"
why = "Builds run without network."
[rule.match]
command = { program = "ping" }
[[rule.example]]
bad = "FROM a\nRUN ping -c 1 example.com\n"
[[rule.example]]
good = "FROM a\nRUN true\n"
"#;
    let project = Project::new(&[("Dockerfile", "FROM a:1\nRUN ping b\n"), ("ours.toml", pack)]);
    let document = project.json(&["check", "--pack", "ours.toml", "--format", "json"]);
    assert_eq!(rules(&document), ["ours/no-ping"]);
    assert_snapshot("rules-test", &project.run(&["rules", "test", "ours.toml"]));
    project.write("ours.toml", pack.replace("RUN true", "RUN ping x"));
    assert_snapshot("rules-test-failing", &project.run(&["rules", "test", "ours.toml"]));
    assert_snapshot("rules-show", &project.run(&["rules", "show", "ours/no-ping", "--pack", "ours.toml"]));
}

#[test]
fn rules_are_explained_and_listed() {
    let project = Project::new(&[]);
    assert_snapshot("explain", &project.run(&["explain", "DL3042"]));
    assert_snapshot("explain-typo", &project.run(&["explain", "pip/no-cash-dir"]));
    let listed = project.run(&["rules", "list"]).stdout;
    assert!(listed.lines().any(|line| line.starts_with("pip/no-cache-dir ")), "{listed}");
    assert!(project.json(&["rules", "list", "--json"]).as_array().unwrap().len() == listed.lines().count());
    assert_eq!(project.json(&["rules", "schema"])["title"], "dlint pack");
    assert!(project.run(&["rules", "reference"]).stdout.starts_with("# Reference of the pack format"));
}

#[test]
fn the_log_lists_the_rules_that_speak_as_in_hadolint() {
    let project = Project::new(&[("Dockerfile", "FROM debian:12\nRUN apt-get install -y curl\n")]);
    let aliases = |arguments: &[&str]| {
        let log = project.json(&[&["check", "--format", "sarif"], arguments].concat());
        log["runs"][0]["tool"]["driver"]["rules"].to_string()
    };
    assert!(!aliases(&[]).contains("apt/unpinned"));
    assert!(aliases(&["--hadolint"]).contains("apt/unpinned"));
}

#[test]
fn a_new_pack_is_begun_and_never_overwritten() {
    let project = Project::new(&[("Dockerfile", "FROM debian:12\nVOLUME /data\n")]);
    assert_eq!(project.run(&["rules", "new", "ours"]).status, 0);
    assert_eq!(project.run(&["rules", "test", "ours.toml"]).stdout, "2 examples, 0 failed\n");
    let found = project.json(&["check", "--pack", "ours.toml", "--format", "json"]);
    assert!(rules(&found).contains(&"ours/no-volume"), "{found}");
    let again = project.run(&["rules", "new", "ours"]);
    assert_eq!(again.status, 2, "{}", again.stderr);
    assert_eq!(project.run(&["rules", "new", "Our rules"]).status, 2);
}

#[test]
fn trees_are_json() {
    let project = Project::new(&[("Dockerfile", "FROM a AS b\nRUN c \\\n  d\n"), ("bad", "FROM\n")]);
    let tree = project.json(&["ast", "Dockerfile"]);
    assert_eq!((&tree["ok"], &tree["stages"][0]["name"]), (&json!(true), &json!("b")));
    let run = project.run(&["ast", "Dockerfile", "bad"]);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["path"], &lines[1]["ok"]), (&json!("Dockerfile"), &json!(false)));
    assert_eq!(run.status, 0);
    assert_eq!(project.run_with_input(&["ast", "-"], "FROM a\n").status, 0);
    assert_eq!(
        project.run_with_input(&["ast", "--files-from", "-"], "Dockerfile\n").stdout.lines().count(),
        1
    );
    assert_eq!(project.run(&["ast", "nowhere"]).status, 2);
}

#[test]
fn completions_name_the_commands() {
    let run = Project::new(&[]).run(&["completions", "bash"]);
    assert!(run.status == 0 && run.stdout.contains("--fail-on"));
}

#[test]
fn colours_are_as_asked_for() {
    let project = project();
    assert!(!project.run(&["check"]).stdout.contains('\u{1b}'));
    assert!(project.run(&["check", "--color", "always"]).stdout.contains('\u{1b}'));
}

#[test]
fn the_stack_is_told() {
    let project = project();
    assert_snapshot("stack", &project.run(&["stack", "svc"]));
    let document = project.json(&["stack", "--format", "json", "--gpu", "A100"]);
    let stack = &document["files"][0]["stacks"][0];
    assert_eq!((&stack["verdict"], &stack["repair"]), (&json!("conflict"), &json!(["torchvision 0.16.2"])));
    let components = stack["components"].as_array().unwrap();
    let torch = components.iter().find(|component| component["name"] == "torch").unwrap();
    assert_eq!((&torch["said"], &torch["origins"][0]["line"]), (&json!("2.1.2"), &json!(1)));
    project.write("svc/requirements.txt", "torch==2.1.2\n");
    assert_eq!(project.run(&["stack"]).status, 0);
}

/// The repository itself, in which users try the examples.
#[cfg(unix)]
fn repository() -> Project {
    let project = Project::new(&[]);
    std::os::unix::fs::symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"), project.path("examples"))
        .unwrap();
    project
}

#[cfg(unix)]
#[test]
fn the_examples_are_what_they_say() {
    let repository = repository();
    for (example, expected) in [
        ("clean", &[][..]),
        ("compile", &["cuda/missing-compiler"]),
        ("driver", &["cuda/driver"]),
        ("matrix", &["cuda/missing-image", "torch/numpy-abi"]),
        ("python", &["torch/python-version"]),
        ("vision", &["pip/no-cache-dir", "torch/family"]),
    ] {
        let path = format!("examples/{example}");
        let document = repository.json(&["check", &path, "--format", "json"]);
        assert_eq!(rules(&document), expected, "{example}");
        let mended = repository.run(&["fix", "--diff", "--unsafe", &path]);
        assert_eq!(mended.status == 1, !expected.is_empty(), "{mended}");
    }
}

#[cfg(unix)]
#[test]
fn the_picture_in_the_readme_is_true() {
    let run = repository().run(&["check", "examples/vision"]);
    let readme = include_str!("../README.md");
    let picture =
        readme.split("$ dlint check examples/vision\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(run.stdout, picture);
}
