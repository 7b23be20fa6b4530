//! What a project says once: comments, configuration, and what they leave of the findings, as a user sees it.

mod support;

use serde_json::Value;
use support::{Project, Run, assert_snapshot};

/// An install whose cache stays in the image, and a package without a version.
const DOCKERFILE: &str = "FROM python:3.12-slim\nRUN pip install six==1.17.0\n";

/// Aliases or rules of the findings, in order.
fn found(run: &Run) -> Vec<String> {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| unreachable!("{run}"));
    let diagnostics = document["diagnostics"].as_array().cloned().unwrap_or_default();
    let name = |finding: &Value| {
        format!("{} {}", finding["rule"].as_str().unwrap_or(""), finding["severity"].as_str().unwrap_or(""))
    };
    diagnostics.iter().map(name).collect()
}

fn check(project: &Project, path: &str) -> Vec<String> {
    found(&project.run(&["check", "--format", "json", "--fail-on", "never", path]))
}

#[test]
fn comments_that_silence_are_looked_after() {
    let dockerfile = "# dlint global ignore=pip/no-cache-dri\nFROM python:3.12-slim\n\
                      # dlint ignore=DL3042 until=2001-01-01; the cache is small\nRUN pip install six==1.17.0\n\
                      # dlint ignore=pip/no-cache-dir; it is a cache mount\n\
                      RUN --mount=type=cache,target=/root/.cache/pip pip install idna==3.10\n";
    let project = Project::new(&[("Dockerfile", dockerfile)]);
    assert_snapshot("suppressions", &project.run(&["check", "--select", "dlint,DL3042"]));
    assert_snapshot("suppressions-fix", &project.run(&["fix", "--diff", "--select", "dlint"]));
}

#[test]
fn overrides_hold_for_some_paths() {
    let toml = "severity = { DL3042 = 'info' }\n[[overrides]]\npaths = ['services/**', '!services/b/**']\n\
                severity = { 'pip/no-cache-dir' = 'error' }\n[[overrides]]\npaths = ['*.dev']\nignore = ['pip']\n";
    let project = Project::new(&[
        ("dlint.toml", toml),
        ("Dockerfile", DOCKERFILE),
        ("Dockerfile.dev", DOCKERFILE),
        ("services/a/Dockerfile", DOCKERFILE),
        ("services/b/Dockerfile", DOCKERFILE),
    ]);
    assert_eq!(check(&project, "Dockerfile"), ["pip/no-cache-dir info"]);
    assert_eq!(check(&project, "services/a"), ["pip/no-cache-dir error"]);
    assert_eq!(check(&project, "services/b"), ["pip/no-cache-dir info"]);
    assert_eq!(check(&project, "Dockerfile.dev"), [""; 0]);
}

#[test]
fn slips_in_overrides_and_parameters_are_shown() {
    let toml = "[[overrides]]\npaths = ['nothing/**']\nseverity = { 'pip/no-cache-dri' = 'off' }\n";
    let project = Project::new(&[("dlint.toml", toml), ("Dockerfile", DOCKERFILE)]);
    assert_snapshot("config-override-slip", &project.run(&["check"]));
    project.write("dlint.toml", "[rule.'pip/no-cache-dir']\nlimit = 3\n[rule.'pip/no-cache']\nx = 1\n");
    assert_snapshot("config-parameter-slip", &project.run(&["check"]));
}

#[test]
fn a_parameter_is_given_to_its_rule_or_to_all() {
    let pack = "[pack]\nname = 'ours'\nsummary = 'Ours'\n[[rule]]\nid = 'registry'\nseverity = 'error'\n\
                category = 'security'\nsummary = 'no trusted registry'\nwhy = 'so'\n\
                [rule.parameters.trusted-registries]\ndoc = 'Where images may come from.'\n\
                [rule.match]\nimage = { registry = { not = { among = 'trusted-registries' } } }\n\
                [[rule.example]]\ngood = 'FROM scratch\\n'\n";
    let dockerfile = "FROM ghcr.io/a/b:1\n";
    let project = Project::new(&[("ours.toml", pack), ("Dockerfile", dockerfile)]);
    let ours = |toml: &str| {
        project.write("dlint.toml", format!("packs = ['ours.toml']\nselect = ['ours']\n{toml}"));
        check(&project, "Dockerfile")
    };
    assert_eq!(ours(""), [""; 0], "nothing is said about registries");
    assert_eq!(ours("trusted-registries = ['docker.io']\n"), ["ours/registry error"]);
    assert_eq!(ours("trusted-registries = ['docker.io', 'ghcr.io']\n"), [""; 0]);
    let own =
        "trusted-registries = ['docker.io']\n[rule.'ours/registry']\ntrusted-registries = ['ghcr.io']\n";
    assert_eq!(ours(own), [""; 0]);
}

#[test]
fn a_python_project_holds_the_configuration() {
    let project = Project::new(&[
        ("pyproject.toml", "[project]\nname = 'x'\n\n[tool.dlint]\nignore = ['DL3042']\n"),
        ("a/pyproject.toml", "[project]\nname = 'y'\n"),
        ("a/Dockerfile", DOCKERFILE),
        ("b/dlint.toml", ""),
        ("b/pyproject.toml", "[tool.dlint]\nignroe = []\n"),
        ("b/Dockerfile", DOCKERFILE),
    ]);
    assert_eq!(check(&project, "a"), [""; 0]);
    assert_eq!(check(&project, "b"), ["pip/no-cache-dir warning"], "a file of its own comes first");
    assert_snapshot("config-pyproject", &project.run(&["check", "--config", "b/pyproject.toml", "a"]));
}

const HADOLINT: &str = "failure-threshold: error\nignored: [DL3008, DL9999]\noverride:\n  info: [DL3042]\n  error: [SC9999]\n\
                        trustedRegistries: [docker.io]\nformat: json\nnews: 1\n";

#[test]
fn the_configuration_of_hadolint_is_read_where_there_is_no_other() {
    let project = Project::new(&[(".hadolint.yaml", HADOLINT), ("Dockerfile", DOCKERFILE)]);
    assert_eq!(check(&project, "Dockerfile"), ["pip/no-cache-dir info"]);
    let run = project.run(&["check", "--verbose", "--fail-on", "warning"]);
    assert_eq!(
        (run.status, run.stderr.as_str()),
        (
            0,
            ".hadolint.yaml: `format` is not heeded; say it on the command line\n.hadolint.yaml: `news` is not known\n\
             checked Dockerfile\n"
        )
    );
    assert_eq!(project.run(&["check", "--isolated"]).status, 1);
    project.write(
        "Dockerfile",
        "FROM python:3.12-slim\n# hadolint ignore=DL3042\nRUN pip install six==1.17.0\n",
    );
    assert_eq!(check(&project, "Dockerfile"), [""; 0]);
    project.write(".hadolint.yaml", "disable-ignore-pragma: true\n");
    assert_eq!(check(&project, "Dockerfile"), ["pip/no-cache-dir warning"]);
    project.write("dlint.toml", "ignore = ['pip']\n");
    assert_eq!(check(&project, "Dockerfile"), [""; 0]);
}

#[test]
fn a_configuration_is_begun_but_never_replaced() {
    let project = Project::new(&[("Dockerfile", DOCKERFILE)]);
    assert_snapshot("init", &project.run(&["init"]));
    assert_eq!(check(&project, "Dockerfile"), ["pip/no-cache-dir warning"]);
    let text = project.read("dlint.toml");
    assert_snapshot("init-again", &project.run(&["init"]));
    assert_eq!(project.read("dlint.toml"), text);

    let project = Project::new(&[("Dockerfile", DOCKERFILE)]);
    assert_snapshot("init-no-hadolint", &project.run(&["init", "--from-hadolint"]));
    project.write(".hadolint.yml", HADOLINT.replace("SC9999", "DL3059"));
    assert_eq!(project.run(&["init", "--from-hadolint"]).status, 0);
    assert_eq!(
        project.read("dlint.toml"),
        "# What `.hadolint.yaml` said, for dlint.\n\nignore = [\"DL3008\", \"DL9999\"]\nfail-on = \"error\"\n\
         trusted-registries = [\"docker.io\"]\n\n[compat]\nhadolint = true\n\n[severity]\n\"DL3042\" = \"info\"\n\
         \"DL3059\" = \"error\"\n\n# Left out: `format` is not heeded; say it on the command line.\n\n\
         # Left out: `news` is not known.\n"
    );
}

#[test]
fn known_findings_do_not_count() {
    let project = Project::new(&[("a/Dockerfile", DOCKERFILE), ("b/Dockerfile", DOCKERFILE)]);
    let recorded = project.run(&["baseline"]);
    assert_eq!(
        (recorded.status, recorded.stdout.as_str()),
        (0, "recorded 2 findings in .dlint-baseline.json\n")
    );
    assert_eq!(project.run(&["check"]).status, 0);
    project.write("a/Dockerfile", format!("# a line above\n{DOCKERFILE}RUN pip install idna==3.10\n"));
    let run = project.run(&["check", "--format", "json", "a"]);
    assert_eq!((run.status, found(&run)), (1, vec!["pip/no-cache-dir warning".to_owned()]));
    assert!(run.stdout.contains("\"line\": 4"), "{run}");
    assert_eq!(found(&project.run(&["check", "--format", "json", "--isolated", "a"])).len(), 2);

    project.write("b/Dockerfile", "FROM python:3.12-slim\n");
    let run = project.run(&["check", "--verbose", "b"]);
    let gone = "gone from .dlint-baseline.json: b/Dockerfile pip/no-cache-dir: RUN pip install six==1.17.0\n";
    assert_eq!((run.status, run.stderr), (0, format!("checked b/Dockerfile\n{gone}")));
    project.write(".dlint-baseline.json", "{}");
    assert_snapshot("baseline-broken", &project.run(&["check", "b"]));
}

#[test]
fn the_configuration_names_the_baseline() {
    let project =
        Project::new(&[("s/dlint.toml", "baseline = 'known.json'\n"), ("s/a/Dockerfile", DOCKERFILE)]);
    assert_eq!(project.run(&["baseline", "s"]).stdout, "recorded 1 finding in s/known.json\n");
    let known: Value = serde_json::from_str(&project.read("s/known.json")).unwrap_or_default();
    assert_eq!(known["findings"][0]["file"], "a/Dockerfile");
    assert_eq!(project.run(&["check", "s/a/Dockerfile"]).status, 0);
}
