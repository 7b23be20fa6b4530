//! BuildKit's progress as JSON (`--progress=rawjson`) to the lines of its plain progress.
//!
//! Takes a line, which is an object with what has changed; gives the lines that the plain progress has for it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// What has changed.
#[derive(Debug, Deserialize)]
struct Status {
    #[serde(default)]
    vertexes: Vec<Vertex>,
    #[serde(default)]
    logs: Vec<Log>,
}

#[derive(Debug, Deserialize)]
struct Vertex {
    digest: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    error: String,
    completed: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Log {
    vertex: String,
    /// Base64.
    #[serde(default)]
    data: String,
}

/// Numbers the vertexes as they are met.
#[derive(Debug, Default)]
pub(super) struct RawJson {
    numbers: BTreeMap<String, usize>,
}

impl RawJson {
    /// The plain lines of an object; `None` for a line that is no such object.
    pub(super) fn lines(&mut self, line: &str) -> Option<Vec<String>> {
        let known = ["{\"vertexes\":", "{\"logs\":", "{\"statuses\":", "{\"warnings\":"];
        if !known.iter().any(|start| line.starts_with(start)) {
            return None;
        }
        let status: Status = serde_json::from_str(line).ok()?;
        let mut lines = Vec::new();
        for vertex in status.vertexes {
            let number = self.number(vertex.digest);
            lines.push(format!("#{number} {}", vertex.name));
            if !vertex.error.is_empty() {
                lines.push(format!("#{number} ERROR: {}", vertex.error));
            } else if vertex.completed.is_some() {
                lines.push(format!("#{number} DONE"));
            }
        }
        for log in status.logs {
            let number = self.number(log.vertex);
            let bytes = STANDARD.decode(log.data).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            lines.extend(text.lines().map(|line| format!("#{number} 0.0 {line}")));
        }
        // What the step said stands before how it ended.
        lines.sort_by_key(|line| line.contains(" ERROR: ") || line.ends_with(" DONE"));
        Some(lines)
    }

    fn number(&mut self, digest: String) -> usize {
        let next = self.numbers.len() + 1;
        *self.numbers.entry(digest).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_become_lines() {
        let mut json = RawJson::default();
        let lines = json.lines(
            r#"{"vertexes":[{"digest":"sha256:a","name":"[2/2] RUN x","error":"exit code: 1"}],"logs":[{"vertex":"sha256:a","data":"b25lCnR3bwo="}]}"#,
        );
        let expected = ["#1 [2/2] RUN x", "#1 0.0 one", "#1 0.0 two", "#1 ERROR: exit code: 1"];
        assert_eq!(lines.unwrap_or_default(), expected);
        assert_eq!(json.lines("plain"), None);
        assert_eq!(json.lines(r#"{"logs": 1}"#), None);
    }
}
