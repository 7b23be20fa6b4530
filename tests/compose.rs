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
