//! The unified diff that shows what fixing would change.

use std::time::Duration;

use camino::Utf8Path;
use similar::TextDiff;

use super::converge::Changed;

/// Lines shown around a change.
const CONTEXT_LINES: usize = 3;

/// Past this the diff is still right, but may be longer than it need be.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The change to one file as `patch -p1` reads it.
pub fn render_diff(changed: &Changed) -> Vec<u8> {
    let diff = TextDiff::configure()
        .timeout(TIMEOUT)
        .diff_lines(changed.before.as_slice(), changed.after.as_slice());
    let path = header_path(&changed.path);
    let mut bytes = Vec::new();
    let mut unified = diff.unified_diff();
    unified.context_radius(CONTEXT_LINES).header(&format!("a/{path}"), &format!("b/{path}"));
    // Writing into memory does not fail.
    let _ = unified.to_writer(&mut bytes);
    bytes
}

/// The path with `/` between its parts and none at the front.
fn header_path(path: &Utf8Path) -> String {
    path.as_str().replace('\\', "/").trim_start_matches("./").trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        let changed = Changed {
            path: "./svc/Dockerfile".into(),
            before: before.as_bytes().to_vec(),
            after: after.as_bytes().to_vec(),
        };
        String::from_utf8(render_diff(&changed)).unwrap()
    }

    #[test]
    fn a_missing_last_newline_is_marked() {
        assert_eq!(
            diff("FROM a\nRUN b", "FROM a\nRUN c\n"),
            "--- a/svc/Dockerfile\n+++ b/svc/Dockerfile\n@@ -1,2 +1,2 @@\n FROM a\n-RUN b\n\\ No newline at end of file\n+RUN c\n"
        );
    }

    #[test]
    fn line_endings_are_kept() {
        assert_eq!(
            diff("a\r\nb\r\n", "a\r\nc\r\n"),
            "--- a/svc/Dockerfile\n+++ b/svc/Dockerfile\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"
        );
    }
}
