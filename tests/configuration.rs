//! What a project says once: comments, configuration, and what they leave of the findings, as a user sees it.

mod support;

use support::{Project, assert_snapshot};

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
