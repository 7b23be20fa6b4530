//! Findings in shell scripts, by a program that stands in for `shellcheck`: it finds every `cat $…`.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use support::{Project, Run};

/// Notes how it was called and what it was given, and answers as `json1`.
const FAKE: &str = r#"#!/bin/sh
echo call >> "${0%/*}/calls"
printf '{"comments":['
for file; do
  case $file in *.sh) ;; *) continue ;; esac
  cat "$file" >> "${0%/*}/scripts"
  awk -v file="$file" '{
    if (at = index($0, "cat $")) {
      printf "{\"file\":\"%s\",\"line\":%d,\"endLine\":%d,\"column\":%d,\"endColumn\":%d,", file, NR, NR, at + 4, at + 6
      printf "\"level\":\"info\",\"code\":2086,\"message\":\"quote it\",\"fix\":null},"
    }
  }' "$file"
done
printf '{"file":"none","line":1,"endLine":1,"column":1,"endColumn":1,"level":"error","code":1000,"message":""}]}'
exit 1
"#;

const DOCKERFILE: &str = "FROM debian:12\nARG x=1\nSHELL [\"/bin/bash\", \"-c\"]\nRUN true && \\\n    # why\n    cat $x\n\
                          RUN <<EOF\n#!/bin/dash -e\n# hadolint ignore=SC2086\ncat $x\n\ncat $x\nEOF\n\
                          RUN <<EOF\n#!/usr/bin/env python3\ncat $x\nEOF\n\
                          # hadolint ignore=SC2086\nRUN cat $x\nSHELL [\"pwsh\", \"-c\"]\nRUN cat $x\n";

fn project(program: Option<&str>) -> (Project, String) {
    let project = Project::new(&[("Dockerfile", DOCKERFILE), ("bin/empty", "")]);
    if let Some(text) = program {
        project.write("bin/shellcheck", text);
        fs::set_permissions(project.path("bin/shellcheck"), Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", project.path("bin").display());
    (project, path)
}

fn check(project: &Project, path: &str, when: &str, more: &[&str]) -> Run {
    let arguments = ["check", "--select", "SC2086,shellcheck,pip", "--format", "json", "--shellcheck", when];
    project.run_with(&[("PATH", path)], &[&arguments[..], more].concat())
}

/// Rule, severity and place of each finding.
fn found(run: &Run) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let diagnostics = document["diagnostics"].as_array().unwrap();
    let shown = diagnostics.iter().map(|finding| {
        let start = &finding["start"];
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        assert_eq!(finding["aliases"][0], text("rule").replace("shellcheck/", ""));
        format!("{} {} {}:{}", text("rule"), text("severity"), start["line"], start["column"])
    });
    shown.collect()
}

#[test]
fn remarks_stand_where_the_script_stands() {
    let (project, path) = project(Some(FAKE));
    let run = check(&project, &path, "on", &[]);
    assert_eq!(found(&run), ["shellcheck/SC2086 info 6:9", "shellcheck/SC2086 info 12:5"], "{run}");
    assert_eq!(project.read("bin/calls"), "call\n", "one process for a Dockerfile");
    let scripts = project.read("bin/scripts");
    let shells: Vec<&str> = scripts.lines().filter(|line| line.starts_with("#!")).collect();
    assert_eq!(shells, ["#!/bin/bash", "#!/bin/dash", "#!/bin/bash"]);
    assert!(scripts.contains("export x=1\n"));
}

#[test]
fn who_does_not_want_it_is_not_bothered() {
    let (project, path) = project(Some(FAKE));
    assert_eq!(found(&check(&project, &path, "auto", &[])).len(), 2);
    assert_eq!(found(&check(&project, &path, "off", &[])), [""; 0]);
    assert_eq!(found(&check(&project, &path, "auto", &["--ignore", "sc2086"])), [""; 0]);
    assert_eq!(project.read("bin/calls"), "call\ncall\n");
    assert_eq!(found(&check(&project, &path, "auto", &["--ignore", "shellcheck,SC2086"])), [""; 0]);
    assert_eq!(project.read("bin/calls"), "call\ncall\n", "nobody would hear it");
    project.write("dlint.toml", "shellcheck = 'off'\n");
    let run =
        project.run_with(&[("PATH", &path), ("DLINT_SHELLCHECK", "auto")], &["check", "--format", "json"]);
    assert!(run.stdout.contains("SC2086"), "the command line and the environment come first: {run}");
}

#[test]
fn without_it_there_is_silence_or_a_failure() {
    let (project, _) = project(None);
    let path = project.path("bin").display().to_string();
    assert_eq!(found(&check(&project, &path, "auto", &[])), [""; 0]);
    let run = check(&project, &path, "on", &[]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert_eq!(run.stderr, "dlint: --shellcheck on: there is no `shellcheck` on the PATH\n");
}

#[test]
fn a_broken_one_is_silent_unless_somebody_insists() {
    let (project, path) = project(Some("#!/bin/sh\necho 'no such option' >&2\nexit 4\n"));
    let run = check(&project, &path, "auto", &[]);
    assert_eq!((run.status, found(&run)), (0, Vec::new()));
    let run = check(&project, &path, "on", &[]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.ends_with("bin/shellcheck: no such option\n"), "{run}");
}
