//! Compose files on the command line: each service's Dockerfile is checked as that service builds it.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use serde_json::Value;
use support::Project;

const DOCKERFILE: &str = "ARG TORCH=2.1.2\nFROM python:3.10-slim\nARG TORCH\nWORKDIR /srv\n\
    RUN pip install --no-cache-dir torch==${TORCH} torchvision==0.16.2\n";

fn project(compose: &str) -> Project {
    Project::new(&[("deploy/compose.yaml", compose), ("svc/Dockerfile", DOCKERFILE)])
}

fn found(project: &Project, arguments: &[&str]) -> Vec<(String, String)> {
    let all = [&["check", "deploy/compose.yaml", "--format", "json"], arguments].concat();
    let document = project.json(&all);
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = document["diagnostics"].as_array().unwrap().iter();
    findings.map(|finding| (text(finding, "rule"), text(finding, "file"))).collect()
}

#[test]
fn a_service_brings_its_arguments_and_the_command_line_wins() {
    let one = |torch| {
        project(&format!("services:\n  a:\n    build:\n      context: ../svc\n      args: [TORCH={torch}]\n"))
    };
    let conflict = [("torch/family".to_owned(), "svc/Dockerfile".to_owned())];
    let select = ["--select", "torch/family"];
    assert_eq!(found(&one("2.1.2"), &select), []);
    assert_eq!(found(&one("2.2.0"), &select), conflict);
    assert_eq!(found(&one("2.2.0"), &[&select[..], &["--build-arg", "TORCH=2.1.2"]].concat()), []);
}

#[test]
fn what_two_services_share_is_told_once() {
    let project = project(
        "services:\n  a: {build: ../svc}\n  b:\n    build: {context: .., dockerfile: svc/Dockerfile}\n",
    );
    project.write("svc/Dockerfile", "FROM python:3.12-slim\nRUN pip install flask\n");
    let select = ["--select", "pip/no-cache-dir"];
    assert_eq!(found(&project, &select).len(), 1);
    assert_eq!(project.run(&["fix", "deploy/compose.yaml", "--select", "pip/no-cache-dir"]).status, 0);
    assert_eq!(
        project.read("svc/Dockerfile"),
        "FROM python:3.12-slim\nRUN pip install --no-cache-dir flask\n"
    );
}

#[test]
fn each_line_of_jsonl_is_new_and_so_is_what_a_baseline_counts() {
    let project = project("services:\n  a: {build: ../svc}\n  b: {build: ../svc}\n");
    project.write("svc/Dockerfile", "FROM python:3.12-slim\nRUN pip install flask\n");
    let check = ["check", "deploy/compose.yaml", "svc", "--select", "pip/no-cache-dir"];
    let lines = project.run(&[&check[..], &["--format", "jsonl"]].concat()).stdout;
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert_eq!(project.run(&["baseline", "deploy/compose.yaml", "--select", "pip/no-cache-dir"]).status, 0);
    assert_eq!(project.run(&check).status, 0);
}

const INLINE: &str = "services:
  web:
    build:
      context: ../svc
      args: {TORCH: 2.2.0}
      dockerfile_inline: |
        ARG TORCH
        FROM python:3.10-slim
        ARG TORCH
        WORKDIR /srv

        COPY requirements.txt .
        RUN pip install -r requirements.txt torch==$${TORCH}
    ports: [80]
";

#[test]
fn a_dockerfile_in_the_compose_file_is_checked_and_fixed_there() {
    let project = project(INLINE);
    project.write("svc/requirements.txt", "torchvision==0.16.2\n");
    let select = ["--select", "torch/family,pip/no-cache-dir"];
    let files = found(&project, &select);
    let at = |rule: &str, file: &str| (rule.to_owned(), file.to_owned());
    let expected =
        [at("pip/no-cache-dir", "deploy/compose.yaml"), at("torch/family", "svc/requirements.txt")];
    assert_eq!(files, expected);
    let fixed =
        project.run(&["fix", "deploy/compose.yaml", "--unsafe", "--select", "torch/family,pip/no-cache-dir"]);
    assert_eq!(fixed.status, 0, "{}", fixed.stdout);
    let line = "RUN pip install -r";
    assert_eq!(
        project.read("deploy/compose.yaml"),
        INLINE.replace(line, "RUN pip install --no-cache-dir -r")
    );
    assert_eq!(project.read("svc/requirements.txt"), "torchvision==0.17.0\n");
}

#[test]
fn what_an_inline_dockerfile_gets_fits_into_the_block() {
    let text = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM ubuntu:24.04\n        RUN apt-get update && apt-get install -y curl=1\n  b:\n    build: {dockerfile_inline: \"FROM ubuntu\\n\"}\n";
    let project = project(text);
    let rules = ["--select", "apt/lists,apt/recommends,image/untagged"];
    let rules_of = |found: Vec<(String, String)>| found.into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    let before = rules_of(found(&project, &rules));
    assert!(before.len() > 1, "{before:?}");
    project.run(&[&["fix", "deploy/compose.yaml", "--unsafe"], &rules[..]].concat());
    let after = project.read("deploy/compose.yaml");
    assert!(after.contains("\n        RUN apt-get update"), "{after}");
    assert_eq!(project.run(&["check", "deploy/compose.yaml", "--select", "syntax/invalid"]).status, 0);
    // Where each byte of a text stands is known of a literal block alone.
    assert!(after.ends_with("  b:\n    build: {dockerfile_inline: \"FROM ubuntu\\n\"}\n"), "{after}");
    insta::with_settings!({ snapshot_path => "../snapshots/cli", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("compose-inline", after);
    });
}

#[test]
fn a_further_context_is_no_image() {
    let contexts = |value: &str| {
        let text = format!(
            "services:\n  a:\n    build:\n      context: ../svc\n      additional_contexts:\n        base: {value}\n"
        );
        let project = project(&text);
        project.write("svc/Dockerfile", "FROM base\nUSER app\n");
        found(&project, &[])
    };
    let untagged = ("image/untagged".to_owned(), "svc/Dockerfile".to_owned());
    assert_eq!(contexts("docker-image://debian"), std::slice::from_ref(&untagged));
    assert_eq!(contexts("docker-image://debian:12"), []);
    assert_eq!(contexts("../base"), []);
}

#[test]
fn what_compose_refuses_is_a_finding() {
    for compose in ["services:\n  a:\n    build: nowhere\n", "services:\n  a:\n    build: [x]\n", "a: b: c\n"]
    {
        let project = project(compose);
        let invalid = [("syntax/invalid".to_owned(), "deploy/compose.yaml".to_owned())];
        assert_eq!(found(&project, &[]), invalid, "{compose}");
        assert_eq!(project.run(&["check", "deploy/compose.yaml"]).status, 1);
    }
    assert_eq!(project("").run(&["check", "missing/compose.yaml"]).status, 2);
}
