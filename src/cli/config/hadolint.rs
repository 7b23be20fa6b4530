//! hadolint's configuration, read as hadolint reads it: `.hadolint.yaml` or `.hadolint.yml` in the working directory.
//!
//! Keys that mean nothing to dlint are notes for `--verbose`, never faults.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde_yaml::Value;

use super::super::args::FailOn;
use super::super::failure::Failure;
use super::{Config, Named};
use crate::diagnostic::Severity;
use crate::model::settings::ParameterValue;
use crate::source::{SourceFile, Span};

/// The names under which hadolint looks for it.
pub(in super::super) const NAMES: [&str; 2] = [".hadolint.yaml", ".hadolint.yml"];

/// What such a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Hadolint {
    ignored: Vec<String>,
    /// From the mildest to the worst, so that the worst of several counts.
    severity: Vec<(String, Severity)>,
    fail_on: Option<FailOn>,
    trusted_registries: Vec<String>,
    /// Label and type.
    labels: Vec<(String, String)>,
    strict_labels: bool,
    without_comments: bool,
    /// What dlint does not heed.
    notes: Vec<String>,
}

/// The configuration in the working directory, if there is one.
pub(in super::super) fn find() -> Option<Utf8PathBuf> {
    NAMES.iter().map(Utf8PathBuf::from).find(|path| path.is_file())
}

/// Whether a path is such a configuration.
pub(super) fn is_one(path: &Utf8Path) -> bool {
    matches!(path.extension(), Some("yaml" | "yml"))
}

impl Hadolint {
    /// Reads the text of a configuration.
    pub(in super::super) fn read(file: &SourceFile) -> Result<Self, Failure> {
        let value: Value = serde_yaml::from_str(file.text())
            .map_err(|error| Failure::Unreadable(file.path().to_owned(), error.to_string()))?;
        let mut config = Self::default();
        let Value::Mapping(keys) = value else {
            config.notes.push("it has no keys".to_owned());
            return Ok(config);
        };
        for (key, value) in &keys {
            config.take(key.as_str().unwrap_or_default(), value);
        }
        // hadolint fails on nothing then, whatever the threshold.
        if keys.get("no-fail").is_some_and(is_true) {
            config.fail_on = Some(FailOn::Never);
        }
        Ok(config)
    }

    fn take(&mut self, key: &str, value: &Value) {
        match key {
            "ignored" => self.ignored = texts(value),
            "override" => {
                for level in [Severity::Style, Severity::Info, Severity::Warning, Severity::Error] {
                    let codes = value.get(level.name()).map(texts).unwrap_or_default();
                    self.severity.extend(codes.into_iter().map(|code| (code, level)));
                }
            }
            "failure-threshold" => match value.as_str().unwrap_or_default() {
                "error" => self.fail_on = Some(FailOn::Error),
                "warning" => self.fail_on = Some(FailOn::Warning),
                "info" => self.fail_on = Some(FailOn::Info),
                "style" => self.fail_on = Some(FailOn::Style),
                "ignore" | "none" => self.fail_on = Some(FailOn::Never),
                other => self.notes.push(format!("`failure-threshold: {other}` is none")),
            },
            "trustedRegistries" => self.trusted_registries = texts(value),
            "label-schema" => {
                for (label, kind) in value.as_mapping().into_iter().flatten() {
                    let (label, kind) = (label.as_str().unwrap_or_default(), kind.as_str().unwrap_or("text"));
                    let kind = if kind.is_empty() { "text" } else { kind };
                    self.labels.push((label.to_owned(), kind.to_owned()));
                }
            }
            "strict-labels" => self.strict_labels = is_true(value),
            "disable-ignore-pragma" => self.without_comments = is_true(value),
            // Read by itself, for it outdoes the threshold.
            "no-fail" => {}
            "format" | "formats" | "no-color" | "verbose" => {
                self.notes.push(format!("`{key}` is not heeded; say it on the command line"));
            }
            other => self.notes.push(format!("`{other}` is not known")),
        }
    }

    /// The same for dlint.
    pub(super) fn into_config(self) -> Config {
        let name = |name| Named { name, span: Span::default() };
        let levels = self.severity.into_iter().map(|(code, level)| (name(code), Some(level)));
        let mut shared = Vec::new();
        if !self.trusted_registries.is_empty() {
            shared.push(("trusted-registries".to_owned(), ParameterValue::Texts(self.trusted_registries)));
        }
        shared.extend(super::label_lists(&self.labels, self.strict_labels));
        Config {
            ignore: self.ignored.into_iter().map(name).collect(),
            severity: levels.collect(),
            fail_on: self.fail_on,
            shared,
            without_comments: self.without_comments,
            foreign: true,
            notes: self.notes,
            ..Config::default()
        }
    }

    /// The same as a `dlint.toml`.
    pub(in super::super) fn to_toml(&self) -> String {
        let mut text = String::from("# What `.hadolint.yaml` said, for dlint.\n\n");
        let mut line = |key: &str, value: String| {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{key} = {value}");
        };
        if !self.ignored.is_empty() {
            line("ignore", list(&self.ignored));
        }
        if let Some(threshold) = self.fail_on {
            line("fail-on", quoted(threshold.name()));
        }
        if !self.trusted_registries.is_empty() {
            line("trusted-registries", list(&self.trusted_registries));
        }
        if self.strict_labels {
            line("strict-labels", "true".to_owned());
        }
        if self.without_comments {
            line("comments", "false".to_owned());
        }
        table(&mut text, "compat", &[("hadolint".to_owned(), "true".to_owned())]);
        // A code may be there twice; the worst one counts, and a table wants each once.
        let worst = |code: &String| self.severity.iter().rfind(|(known, _)| known == code);
        let mut levels: Vec<(String, String)> = Vec::new();
        for (code, level) in self.severity.iter().filter_map(|(code, _)| worst(code)) {
            if levels.iter().all(|(known, _)| *known != quoted(code)) {
                levels.push((quoted(code), quoted(level.name())));
            }
        }
        table(&mut text, "severity", &levels);
        let labels = self.labels.iter().map(|(label, kind)| (quoted(label), quoted(kind)));
        table(&mut text, "label-schema", &labels.collect::<Vec<_>>());
        for note in &self.notes {
            let _ = writeln!(text, "\n# Left out: {note}.");
        }
        text
    }
}

fn table(text: &mut String, name: &str, entries: &[(String, String)]) {
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n[{name}]");
    for (key, value) in entries {
        let _ = writeln!(text, "{key} = {value}");
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn texts(value: &Value) -> Vec<String> {
    let one = value.as_str().map(str::to_owned);
    let many = value.as_sequence().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    one.into_iter().chain(many).collect()
}

fn is_true(value: &Value) -> bool {
    let word = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "y" | "on" | "1");
    value.as_bool().unwrap_or_else(|| value.as_str().is_some_and(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "failure-threshold: error\nignored:\n  - DL3008\n  - SC2086\noverride:\n  error: [DL3042]\n  style: [DL3042, DL3015]\n\
                        trustedRegistries: [docker.io, '*.gcr.io']\nlabel-schema:\n  author: text\n  home: url\nstrict-labels: true\nformat: json\n\
                        disable-ignore-pragma: yes\nwhatever: 1\n";

    fn read(text: &str) -> Hadolint {
        Hadolint::read(&SourceFile::new(".hadolint.yaml", text)).unwrap_or_default()
    }

    #[test]
    fn it_says_the_same_to_dlint() {
        let config = read(TEXT).into_config();
        let ignored: Vec<&str> = config.ignore.iter().map(|named| named.name.as_str()).collect();
        assert_eq!(ignored, ["DL3008", "SC2086"]);
        assert_eq!(config.fail_on, Some(FailOn::Error));
        let last = config.severity.iter().rfind(|(named, _)| named.name == "DL3042");
        assert_eq!(last.map(|(_, level)| *level), Some(Some(Severity::Error)));
        let shared: Vec<&str> = config.shared.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            shared,
            ["trusted-registries", "label-schema", "label-schema-text", "strict-labels", "label-schema-url"]
        );
        assert!(config.without_comments);
        assert_eq!(
            config.notes,
            ["`format` is not heeded; say it on the command line", "`whatever` is not known"]
        );
    }

    #[test]
    fn never_failing_outdoes_the_threshold() {
        assert_eq!(read("no-fail: true\nfailure-threshold: error\n").fail_on, Some(FailOn::Never));
        assert_eq!(read("failure-threshold: none\n").fail_on, Some(FailOn::Never));
        assert_eq!(read("").fail_on, None);
    }

    #[test]
    fn its_toml_reads_back() {
        let hadolint = read(TEXT);
        let text = hadolint.to_toml();
        let config =
            super::super::read::read(&SourceFile::new("dlint.toml", text.as_str())).unwrap_or_default();
        let known = hadolint.into_config();
        let names =
            |config: &Config| config.ignore.iter().map(|named| named.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&config), names(&known), "{text}");
        assert_eq!((config.fail_on, &config.shared), (known.fail_on, &known.shared), "{text}");
        assert!(config.hadolint && config.without_comments);
        assert_eq!(config.severity.len(), 2, "{text}");
    }
}
