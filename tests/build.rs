//! Images built for real: what fails is repaired or explained, and nothing else changes.
//!
//! The builds need an engine with the images of `.ci/docker.sh`; where there is none they say so and are left out.

#![cfg(feature = "build")]
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Project, Run};

/// Says why there is nothing to build with, once for all tests; `None` where there is an engine.
fn obstacle() -> Option<&'static str> {
    static OBSTACLE: OnceLock<Option<String>> = OnceLock::new();
    let find = || {
        let images = ["debian:bookworm-slim", "python:3.11-slim", "127.0.0.1:5000/library/python:3.11-slim"];
        let missing = images.into_iter().find(|image| docker(&["image", "inspect", image]).is_none());
        let obstacle = missing.map(|image| {
            docker(&["version"])
                .map_or("no Docker engine answers".to_owned(), |_| format!("there is no image {image}"))
        });
        if let Some(obstacle) = &obstacle {
            // Tests that pass keep what they print to themselves, but for this handle.
            let skipped = "the tests of tests/build.rs that build are skipped";
            let _ = writeln!(std::io::stderr(), "{skipped}: {obstacle}; .ci/docker.sh makes what they need");
        }
        obstacle
    };
    OBSTACLE.get_or_init(find).as_deref()
}

/// What Docker's own client prints; `None` where it fails or is not there.
fn docker(arguments: &[&str]) -> Option<String> {
    let output = Command::new("docker").args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn git(project: &Project, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "init.defaultBranch=main"];
    let output =
        Command::new("git").current_dir(project.path("")).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The files in a repository.
fn repository(files: &[(&str, &str)]) -> Project {
    let project = Project::new(files);
    git(&project, &["init", "-q"]);
    git(&project, &["add", "-f", "."]);
    git(&project, &["commit", "-q", "-m", "begin"]);
    project
}

/// Builds and gives the run with its result; the image is removed.
fn build(project: &Project, arguments: &[&str]) -> (Run, Value) {
    let tag = format!(
        "dlint-test:{}",
        project.path("").file_name().unwrap().to_string_lossy().trim_start_matches('.')
    );
    let common = ["build", "--isolated", "--json", "--tag", &tag];
    let run = project.run(&[&common, arguments].concat());
    let result = serde_json::from_str(&run.stdout).unwrap_or_default();
    docker(&["image", "rm", "-f", &tag]);
    (run, result)
}

/// The rules of the edits that stand.
fn applied(result: &Value) -> Vec<&str> {
    let fixes = result["fixes_applied"].as_array().unwrap();
    fixes.iter().filter_map(|fix| fix["rule"].as_str()).collect()
}

/// Builds, and checks that it worked in at most three attempts and that each edit is in the file that it names.
fn repaired(project: &Project, arguments: &[&str], rule: &str) -> Value {
    let (run, result) = build(project, arguments);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(result["success"], true, "{run}");
    assert!(result["attempts"].as_u64().unwrap() <= 3, "{run}");
    assert!(result["image_id"].as_str().unwrap().starts_with("sha256:"), "{run}");
    assert!(applied(&result).contains(&rule), "{run}");
    for fix in result["fixes_applied"].as_array().unwrap() {
        let text = project.read(fix["file"].as_str().unwrap());
        assert!(text.contains(fix["new"].as_str().unwrap()), "{run}\n{text}");
    }
    let changed = git(project, &["diff", "--name-only"]);
    let told: Vec<_> = result["files_changed"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(changed.lines().collect::<Vec<_>>(), told, "{run}");
    result
}

/// Builds, and checks that it failed for that reason and left every byte as it was.
fn explained(project: &Project, arguments: &[&str], words: &str) -> Value {
    let (run, result) = build(project, arguments);
    assert_eq!(run.status, 1, "{run}");
    assert_eq!((&result["success"], &result["image_name"]), (&Value::Bool(false), &Value::Null), "{run}");
    assert!(result["error"].as_str().unwrap().contains(words), "{run}");
    assert_eq!(git(project, &["status", "--porcelain"]), "", "{run}");
    result
}

#[test]
fn a_release_that_does_not_exist_becomes_the_nearest() {
    if obstacle().is_some() {
        return;
    }
    let files = [
        (
            "Dockerfile",
            "FROM python:3.11-slim\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n",
        ),
        ("requirements.txt", "# ours\nPyYAML==6.0.222\n"),
    ];
    let (shown, project) = (repository(&files), repository(&files));
    let (run, result) = build(&shown, &["--diff"]);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(git(&shown, &["status", "--porcelain"]), "");
    shown.write("patch", result["diff"].as_str().unwrap());
    git(&shown, &["apply", "patch"]);
    let result = repaired(&project, &[], "pip/no-such-version");
    assert_eq!(project.read("requirements.txt"), shown.read("requirements.txt"));
    assert!(result["smoke_test"]["imports"]["yaml"].as_str().unwrap().starts_with("6."));
    assert_eq!(result["attempt_log"][0]["success"], false);
}

#[test]
fn a_tag_that_does_not_exist_becomes_the_nearest() {
    if obstacle().is_some() {
        return;
    }
    let pack = "[pack]\nname = \"ours\"\nsummary = \"Ours\"\n[[image]]\nrepository = \"127.0.0.1:5000/library/python\"\n\
        tag = '(?<python>\\d+\\.\\d+)-(?<flavour>\\w+)'\nwrite = \"{python}-{flavour}\"\n[image.tags]\ncomplete = true\n\
        rows = [{ python = \"3.11\", flavour = \"slim\" }]\nsource = \"ours\"\nread = 2026-11-25\n";
    let dockerfile = "FROM 127.0.0.1:5000/library/python:3.11-slimm\nRUN true\n";
    let project = repository(&[("Dockerfile", dockerfile), ("ours.toml", pack)]);
    repaired(&project, &["--pack", "ours.toml"], "base/no-such-tag");
    assert!(project.read("Dockerfile").starts_with("FROM 127.0.0.1:5000/library/python:3.11-slim\n"));
}

#[test]
fn what_only_running_shows_is_repaired() {
    if obstacle().is_some() {
        return;
    }
    let project = repository(&[
        ("Dockerfile", "FROM python:3.11-slim\nCOPY look.py /\n"),
        ("look.py", "import ctypes\nctypes.CDLL('libGL.so.1')\n"),
    ]);
    let result = repaired(&project, &["--smoke", "python3 /look.py"], "imports/shared-library");
    assert_eq!(result["smoke_test"]["success"], true);
}

#[test]
fn a_python_of_the_distribution_is_used_as_it_allows() {
    if obstacle().is_some() {
        return;
    }
    let mark = "python3 -c 'import sysconfig; print(sysconfig.get_path(\"stdlib\"))'";
    let dockerfile = format!(
        "FROM python:3.11-slim\nRUN touch \"$({mark})/EXTERNALLY-MANAGED\"\nRUN pip install --no-cache-dir six==1.16.0\n"
    );
    let project = repository(&[("Dockerfile", &dockerfile)]);
    repaired(&project, &[], "pip/externally-managed");
}

#[test]
fn a_missing_compiler_is_installed_and_then_what_it_misses() {
    if obstacle().is_some() {
        return;
    }
    let setup = "from setuptools import Extension, setup\nsetup(name='fast', version='1.0', ext_modules=[Extension('fast', ['fast.c'])])\n";
    let source = "#include <Python.h>\nstatic struct PyModuleDef m = {PyModuleDef_HEAD_INIT, \"fast\", 0, -1, 0};\n\
        PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&m); }\n";
    let dockerfile =
        "FROM python:3.11-slim\nCOPY fast fast\nRUN pip install --no-cache-dir --no-build-isolation ./fast\n";
    let files = [("Dockerfile", dockerfile), ("fast/setup.py", setup), ("fast/fast.c", source)];
    let result =
        repaired(&repository(&files), &["--smoke", "python3 -c 'import fast'"], "toolchain/compiler");
    assert!(applied(&result).contains(&"toolchain/header"));
}

#[test]
fn packages_that_exclude_each_other_are_built_in_releases_that_do_not() {
    if obstacle().is_some() {
        return;
    }
    let pack = "[pack]\nname = \"ours\"\nsummary = \"Ours\"\n[[table]]\nname = \"core\"\nsource = \"its metadata\"\nread = 2026-11-25\n\
        key = [\"pydantic\"]\ncolumns = [\"pydantic-core\"]\nrows = [[\"2.9.2\", \"2.23.4\"], [\"2.8.2\", \"2.20.1\"]]\n\
        [[rule]]\nid = \"core\"\nseverity = \"error\"\ncategory = \"compat\"\nsummary = \"they are made for each other\"\nwhy = \"One exact release.\"\n\
        [rule.match]\nstack = { table = \"core\" }\n[[rule.fix]]\ntitle = \"Use the releases that belong together\"\nsafety = \"safe\"\n\
        choose = [\"pydantic-core\"]\n";
    let project = repository(&[
        (
            "Dockerfile",
            "FROM python:3.11-slim\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n",
        ),
        ("requirements.txt", "pydantic==2.9.2\npydantic-core==2.20.1\n"),
        ("ours.toml", pack),
    ]);
    let result = repaired(&project, &["--pack", "ours.toml"], "ours/core");
    assert_eq!(result["attempts"], 1);
    assert_eq!(project.read("requirements.txt"), "pydantic==2.9.2\npydantic-core==2.23.4\n");
}

#[test]
fn a_file_that_dockerignore_leaves_out_is_explained() {
    if obstacle().is_some() {
        return;
    }
    let files = [
        ("Dockerfile", "FROM debian:bookworm-slim\nCOPY a.csv /a/\n"),
        ("a.csv", "1"),
        (".dockerignore", "*.csv\n"),
    ];
    let result = explained(&repository(&files), &[], ".dockerignore");
    assert!(result["advice"].as_str().unwrap().contains('!'));
    assert_eq!(result["attempt_log"][0]["rule"], "context/ignored-source");
}

#[test]
fn what_nobody_understands_leaves_every_byte() {
    if obstacle().is_some() {
        return;
    }
    let dockerfile = "FROM debian:bookworm-slim\nRUN cd /tmp && exit 3\n";
    explained(&repository(&[("Dockerfile", dockerfile)]), &[], "exit code: 3");
    explained(&repository(&[("Dockerfile", dockerfile)]), &["--no-fix"], "exit code: 3");
}

#[test]
fn secrets_are_told_nowhere() {
    if obstacle().is_some() {
        return;
    }
    let dockerfile = "FROM debian:bookworm-slim\nARG API_TOKEN\nARG OTHER\n\
        RUN echo \"$API_TOKEN $OTHER https://me:hunter22@example.com/\" && exit 4\n";
    let project = repository(&[("Dockerfile", dockerfile)]);
    let arguments = [
        "--verbose",
        "--log",
        "log.txt",
        "--build-arg",
        "API_TOKEN=tok1234567",
        "--build-arg",
        "OTHER=Zx9-qqqq-zz+zz",
    ];
    let (run, result) = build(&project, &arguments);
    assert_eq!((run.status, result["attempt_log"][0]["log"].as_str()), (1, Some("log.txt")), "{run}");
    let told = format!("{run}{}", project.read("log.txt"));
    assert!(told.contains("*** *** https://***@example.com/"), "{told}");
    for secret in ["tok1234567", "Zx9-qqqq", "hunter22"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

/// Starts a build, interrupts it once a line of its status has the words, and waits for its end.
fn interrupted(project: &Project, arguments: &[&str], words: &str) {
    let heard = tempfile::NamedTempFile::new().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_dlint"))
        .args(["build", "--isolated", "--verbose"])
        .args(arguments)
        .current_dir(project.path(""))
        .env("DLINT_SHELLCHECK", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(heard.reopen().unwrap())
        .spawn()
        .unwrap();
    let said = || std::fs::read_to_string(heard.path()).unwrap_or_default();
    let begun = Instant::now();
    while !said().contains(words) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", said());
        std::thread::sleep(Duration::from_millis(100));
    }
    std::thread::sleep(Duration::from_millis(500));
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{}", said());
    assert!(said().contains("interrupted"), "{}", said());
}

#[test]
fn an_interrupt_leaves_nothing_behind() {
    if obstacle().is_some() {
        return;
    }
    let marker = format!("31536{}", std::process::id());
    let dockerfile = format!("FROM debian:bookworm-slim\nRUN sleep {marker}\n");
    let project = repository(&[("Dockerfile", &dockerfile)]);
    interrupted(&project, &[], "RUN sleep");
    assert_eq!(git(&project, &["status", "--porcelain"]), "");
    let begun = Instant::now();
    let runs = || {
        Command::new("pgrep")
            .args(["-f", &format!("sleep {marker}")])
            .status()
            .is_ok_and(|status| status.success())
    };
    while runs() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the step goes on");
        std::thread::sleep(Duration::from_millis(200));
    }
    let project = repository(&[("Dockerfile", "FROM debian:bookworm-slim\n")]);
    interrupted(&project, &["--smoke", "sleep 600"], "Running smoke test");
    let left = docker(&["ps", "-aq", "--filter", "label=dlint.smoke-test"]).unwrap();
    assert_eq!(left, "");
}

#[test]
fn the_context_is_the_one_that_docker_sends() {
    if obstacle().is_some() {
        return;
    }
    let ignore = "# ours\n*.md\n!README.md\nbuild/\n**/cache\n!deep/cache/keep\n/top\nx?z\n[ab].txt\nsp ace\n!never/there\n\\!odd\n";
    let paths = [
        "README.md",
        "a.md",
        "sub/a.md",
        "build/x",
        "cache/x",
        "deep/cache/x",
        "deep/cache/keep",
        "top",
        "sub/top",
        "xyz",
        "xyyz",
        "sub/xyz",
        "a.txt",
        "c.txt",
        "sp ace",
        "!odd",
        "plain",
    ];
    let mut files = vec![(
        "Dockerfile",
        "FROM debian:bookworm-slim\nCOPY . /c/\nRUN cd /c && find . -type f | sort && ls -l plain\n",
    )];
    files.push((".dockerignore", ignore));
    files.extend(paths.map(|path| (path, "x")));
    let project = Project::new(&files);
    let listed = |log: &str| -> Vec<String> {
        let lines =
            log.lines().filter_map(|line| line.split_once(" ./").map(|(_, path)| path.trim().to_owned()));
        lines.collect()
    };
    let run = project.run(&[
        "build",
        "--isolated",
        "--no-cache",
        "--verbose",
        "--tag",
        "dlint-test:context",
        "--no-smoke-test",
    ]);
    assert_eq!(run.status, 0, "{run}");
    let client = Command::new("docker")
        .args(["build", "--no-cache", "--progress=plain", "-t", "dlint-test:context", "."])
        .env("DOCKER_BUILDKIT", "1")
        .current_dir(project.path(""))
        .output()
        .unwrap();
    docker(&["image", "rm", "-f", "dlint-test:context"]);
    if client.status.success() {
        assert_eq!(listed(&run.stderr), listed(&String::from_utf8_lossy(&client.stderr)));
    }
    assert!(listed(&run.stderr).contains(&"deep/cache/keep".to_owned()), "{run}");
}

#[test]
fn without_an_engine_the_status_is_2_and_the_way_out_is_told() {
    let project = Project::new(&[("Dockerfile", "FROM debian:12\n")]);
    let build = |arguments: &[&str]| project.run(&[&["build", "--isolated"], arguments].concat());
    let run = build(&["--builder", "unix:///surely/not/there.sock"]);
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stderr.contains("no socket at") && run.stderr.contains("--builder"), "{run}");
    let run = build(&["--builder", "tcp://127.0.0.1:9", "--json"]);
    assert_eq!(run.status, 2, "{run}");
    let result: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(result["success"], false);
    assert!(result["error"].as_str().unwrap().contains("tcp://127.0.0.1:9"));
    assert_eq!(build(&["--builder", "ftp://x"]).status, 2);
    assert_eq!(build(&["nothing/here"]).status, 2);
    assert_eq!(project.run(&["fix", "--tag", "x"]).status, 2);
    let several = Project::new(&[("a/Dockerfile", "FROM a\n"), ("b/Dockerfile", "FROM b\n")]);
    let run = several.run(&["build", "--isolated"]);
    assert!(run.status == 2 && run.stderr.contains("several"), "{run}");
}
