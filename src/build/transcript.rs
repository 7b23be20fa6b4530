//! What the engine tells of a build, as lines of a log.
//!
//! BuildKit's events become the lines that its plain form has: `#7 [2/3] RUN pip install x`, `#7 0.512 text`,
//! `#7 ERROR: …`. The classic builder and podman send lines, which stay as they are but for colours.

use std::collections::BTreeMap;

use bollard::moby::buildkit::v1::{StatusResponse, Vertex};
use bollard::models::{BuildInfo, BuildInfoAux};

use crate::diagnose::without_escapes;

/// A part of a line that is longer than this is told as a line, so that a program that never ends its line cannot fill
/// the memory.
const LONGEST_PART: usize = 64 << 10;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Without its end.
    pub text: String,
    /// Whether it begins or ends a step.
    pub mark: bool,
}

/// Turns events into lines.
#[derive(Debug, Default)]
pub struct Transcript {
    steps: BTreeMap<String, Step>,
    numbers: usize,
    /// What a line stream has sent of a line that has not ended.
    open: Vec<u8>,
    /// The step that is under way, as a person reads it.
    current: Option<String>,
    failed: Option<String>,
    /// The image that the engine named last.
    pub image_id: Option<String>,
}

#[derive(Debug)]
struct Step {
    number: usize,
    name: String,
    started: Option<f64>,
    done: bool,
    /// What its streams have sent of lines that have not ended.
    open: [Vec<u8>; 2],
    last_time: f64,
}

impl Transcript {
    /// The step that began last.
    pub fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    /// The name of the step that failed.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Adds the lines of an event.
    pub fn event(&mut self, event: BuildInfo, lines: &mut Vec<Line>) {
        match event.aux {
            Some(BuildInfoAux::BuildKit(status)) => self.status(status, lines),
            Some(BuildInfoAux::Default(image)) => self.image_id = image.id.or(self.image_id.take()),
            None => {}
        }
        if let Some(text) = event.stream {
            self.stream(&text, lines);
        }
        // Progress of a pull is told many times a second; its stages are enough.
        if let (Some(status), None) = (event.status, event.progress_detail.and_then(|detail| detail.total)) {
            let id = event.id.filter(|id| !id.is_empty() && !id.starts_with("moby."));
            let text = id.map_or_else(|| status.clone(), |id| format!("{id}: {status}"));
            lines.push(Line { text: plain(text.as_bytes()), mark: false });
        }
    }

    /// Adds the line of the error with which the engine ends.
    pub fn error(&mut self, error: &str, buildkit: bool, lines: &mut Vec<Line>) {
        self.end(lines);
        let mut parts = error.lines();
        let first = parts.next().unwrap_or_default();
        let first = match buildkit {
            true if first.starts_with("failed to solve") => format!("ERROR: {first}"),
            true => format!("ERROR: failed to solve: {first}"),
            false => first.to_owned(),
        };
        lines.push(Line { text: plain(first.as_bytes()), mark: true });
        lines.extend(parts.map(|part| Line { text: plain(part.as_bytes()), mark: true }));
    }

    /// Adds the lines that were begun and never ended.
    pub fn end(&mut self, lines: &mut Vec<Line>) {
        if !self.open.is_empty() {
            let text = plain(&std::mem::take(&mut self.open));
            lines.push(Line { text, mark: false });
        }
        for step in self.steps.values_mut() {
            step.flush(lines);
        }
    }

    fn stream(&mut self, text: &str, lines: &mut Vec<Line>) {
        self.open.extend_from_slice(text.as_bytes());
        for line in take_lines(&mut self.open) {
            let text = plain(&line);
            let begins = ["Step ", "STEP "].iter().any(|word| text.starts_with(word));
            if begins {
                self.current = text.split_once([':']).map(|(_, step)| step.trim().to_owned());
            }
            lines.push(Line { mark: begins, text });
        }
    }

    fn status(&mut self, status: StatusResponse, lines: &mut Vec<Line>) {
        for vertex in &status.vertexes {
            self.vertex(vertex, lines);
        }
        for log in status.logs {
            let Some(step) = self.steps.get_mut(&log.vertex) else { continue };
            let time = log.timestamp.as_ref().map_or(0.0, |time| instant(time.seconds, time.nanos));
            step.last_time = (time - step.started.unwrap_or(time)).max(0.0);
            let Some(open) = step.open.get_mut(usize::from(log.stream == 2)) else { continue };
            open.extend_from_slice(&log.msg);
            let (number, time) = (step.number, step.last_time);
            for line in take_lines(open) {
                lines.push(Line { text: format!("#{number} {time:.3} {}", plain(&line)), mark: false });
            }
        }
        // A step's output comes before its end, though both are in one event.
        for vertex in &status.vertexes {
            self.completed(vertex, lines);
        }
    }

    fn vertex(&mut self, vertex: &Vertex, lines: &mut Vec<Line>) {
        let begun = vertex.started.is_some() || vertex.cached || !vertex.error.is_empty();
        if !begun {
            return;
        }
        let numbers = &mut self.numbers;
        let known = self.steps.contains_key(&vertex.digest);
        let step = self.steps.entry(vertex.digest.clone()).or_insert_with(|| {
            *numbers += 1;
            Step {
                number: *numbers,
                name: plain(vertex.name.replace('\n', " ").as_bytes()),
                started: None,
                done: false,
                open: [Vec::new(), Vec::new()],
                last_time: 0.0,
            }
        });
        step.started = step.started.or(vertex.started.as_ref().map(|time| instant(time.seconds, time.nanos)));
        if !known {
            lines.push(Line { text: format!("#{} {}", step.number, step.name), mark: true });
            self.current = Some(step.name.clone());
        }
    }

    fn completed(&mut self, vertex: &Vertex, lines: &mut Vec<Line>) {
        let Some(step) = self.steps.get_mut(&vertex.digest) else { return };
        let ended = vertex.completed.is_some() || vertex.cached || !vertex.error.is_empty();
        if step.done || !ended {
            return;
        }
        step.done = true;
        step.flush(lines);
        let number = step.number;
        let error = vertex.error.as_str();
        let text = if error.ends_with("context canceled") {
            format!("#{number} CANCELED")
        } else if !error.is_empty() {
            self.failed.get_or_insert_with(|| step.name.clone());
            format!("#{number} ERROR: {}", plain(error.replace('\n', " ").as_bytes()))
        } else if vertex.cached {
            format!("#{number} CACHED")
        } else {
            let end = vertex.completed.as_ref().map_or(0.0, |time| instant(time.seconds, time.nanos));
            format!("#{number} DONE {:.1}s", (end - step.started.unwrap_or(end)).max(0.0))
        };
        lines.push(Line { text, mark: true });
    }
}

impl Step {
    fn flush(&mut self, lines: &mut Vec<Line>) {
        for open in &mut self.open {
            if !open.is_empty() {
                let text = format!("#{} {:.3} {}", self.number, self.last_time, plain(&std::mem::take(open)));
                lines.push(Line { text, mark: false });
            }
        }
    }
}

/// Takes the lines that have ended.
pub(super) fn take_lines(open: &mut Vec<u8>) -> Vec<Vec<u8>> {
    let end = match open.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => end + 1,
        None if open.len() > LONGEST_PART => open.len(),
        None => return Vec::new(),
    };
    let rest = open.split_off(end);
    let ended = std::mem::replace(open, rest);
    let ended = ended.strip_suffix(b"\n").unwrap_or(&ended);
    ended.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// The line without colours and other control characters. Of a line that was written over, the last form.
fn plain(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end_matches('\r');
    let text = text.rsplit('\r').find(|part| !part.trim().is_empty()).unwrap_or(text);
    let visible = |character: &char| *character == '\t' || !character.is_control();
    without_escapes(text).chars().filter(visible).collect()
}

/// Seconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit")]
fn instant(seconds: i64, nanos: i32) -> f64 {
    seconds as f64 + f64::from(nanos) / 1e9
}

#[cfg(test)]
mod tests {
    use bollard::moby::buildkit::v1::VertexLog;

    use super::*;

    fn told(events: Vec<BuildInfo>) -> Vec<String> {
        let mut transcript = Transcript::default();
        let mut lines = Vec::new();
        for event in events {
            transcript.event(event, &mut lines);
        }
        transcript.end(&mut lines);
        lines.into_iter().map(|line| line.text).collect()
    }

    fn stream(text: &str) -> BuildInfo {
        BuildInfo { stream: Some(text.to_owned()), ..BuildInfo::default() }
    }

    fn status(vertexes: Vec<Vertex>, logs: Vec<(&str, &str)>) -> BuildInfo {
        let logs = logs.into_iter().map(|(vertex, text)| VertexLog {
            vertex: vertex.to_owned(),
            msg: text.as_bytes().to_vec(),
            stream: 1,
            ..VertexLog::default()
        });
        let status = StatusResponse { vertexes, logs: logs.collect(), ..StatusResponse::default() };
        BuildInfo { aux: Some(BuildInfoAux::BuildKit(status)), ..BuildInfo::default() }
    }

    fn vertex(digest: &str, name: &str, error: &str) -> Vertex {
        let cached = error == "cached";
        let error = if cached { "" } else { error }.to_owned();
        let (digest, name) = (digest.to_owned(), name.to_owned());
        let mut vertex = Vertex { digest, name, error, cached, ..Vertex::default() };
        vertex.started.get_or_insert_default();
        vertex
    }

    #[test]
    fn events_of_steps_become_numbered_lines() {
        let told = told(vec![
            status(vec![Vertex { digest: "z".to_owned(), ..Vertex::default() }], vec![]),
            status(vec![vertex("a", "[1/2] FROM x", "cached"), vertex("b", "[2/2] RUN y", "")], vec![]),
            status(vec![], vec![("b", "one\ntw")]),
            status(vec![vertex("b", "[2/2] RUN y", "exit code: 1")], vec![("b", "o\n50%\r100%")]),
            status(vec![vertex("c", "[3/3] RUN z", "context canceled")], vec![]),
        ]);
        assert_eq!(
            told,
            [
                "#1 [1/2] FROM x",
                "#2 [2/2] RUN y",
                "#1 CACHED",
                "#2 0.000 one",
                "#2 0.000 two",
                "#2 0.000 100%",
                "#2 ERROR: exit code: 1",
                "#3 [3/3] RUN z",
                "#3 CANCELED",
            ]
        );
    }

    #[test]
    fn streams_become_lines_without_colours() {
        let told = told(vec![
            stream("Step 1/2 : FROM x\n"),
            stream("The re"),
            stream("\u{1b}[0m\u{1b}[91mquested\u{1b}[0m\nlast"),
        ]);
        assert_eq!(told, ["Step 1/2 : FROM x", "The requested", "last"]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let mut transcript = Transcript::default();
        let mut lines = Vec::new();
        for _ in 0..100 {
            transcript.event(stream(&"x".repeat(10_000)), &mut lines);
            lines.clear();
            assert!(transcript.open.len() <= LONGEST_PART + 10_000);
        }
    }

    #[test]
    fn errors_say_that_they_are_the_end() {
        let error = |error, buildkit| {
            let mut lines = Vec::new();
            Transcript::default().error(error, buildkit, &mut lines);
            lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("|")
        };
        assert_eq!(error("failed to solve: x", true), "ERROR: failed to solve: x");
        assert_eq!(error("x\ny", true), "ERROR: failed to solve: x|y");
        assert_eq!(error("The command failed", false), "The command failed");
    }
}
