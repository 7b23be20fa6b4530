//! TOML to [`Config`], with every fault at its place: a `dlint.toml`, or `[tool.dlint]` of a Python project.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::Deserialize;
use toml::Spanned;

use super::super::args::{FailOn, Shellcheck};
use super::super::failure::Spot;
use super::{Config, Named, Override};
use crate::diagnostic::Severity;
use crate::model::settings::ParameterValue;
use crate::rules::nearest;
use crate::source::{SourceFile, Span};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Raw {
    select: Vec<Spanned<String>>,
    extend_select: Vec<Spanned<String>>,
    ignore: Vec<Spanned<String>>,
    fail_on: Option<FailOn>,
    packs: Vec<Utf8PathBuf>,
    exclude: Vec<Spanned<String>>,
    context: Option<Utf8PathBuf>,
    keep: Vec<String>,
    comments: Option<bool>,
    baseline: Option<Utf8PathBuf>,
    shellcheck: Option<Shellcheck>,
    trusted_registries: Option<Vec<String>>,
    strict_labels: bool,
    severity: BTreeMap<Spanned<String>, Level>,
    rule: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, RawValue>>,
    target: RawTarget,
    build_args: BTreeMap<String, String>,
    label_schema: BTreeMap<String, LabelType>,
    compat: RawCompat,
    overrides: Vec<RawOverride>,
}

/// The part of a Python project's file that is dlint's.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RawProject {
    tool: RawTools,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawTools {
    dlint: Raw,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct RawCompat {
    hadolint: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawOverride {
    paths: Vec<Spanned<String>>,
    #[serde(default)]
    extend_select: Vec<Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    #[serde(default)]
    severity: BTreeMap<Spanned<String>, Level>,
}

/// The value of a parameter of a rule.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole number, a text, or a list of texts")]
enum RawValue {
    Number(usize),
    Text(String),
    Texts(Vec<String>),
}

/// What the value of a label has to be.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LabelType {
    Text,
    Url,
    Rfc3339,
    Semver,
    Hash,
    Spdx,
    Email,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawTarget {
    gpu: Option<String>,
    cuda_driver: Option<String>,
    python: Option<String>,
    platform: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Error,
    Warning,
    Info,
    Style,
    Off,
}

/// The configuration that the text says, or what is wrong with it.
pub(super) fn read(file: &SourceFile) -> Result<Config, Vec<Spot>> {
    toml::from_str(file.text()).map(config).map_err(|error| vec![spot(&error)])
}

/// The configuration that the file of a Python project says, or what is wrong with it.
pub(super) fn read_project(file: &SourceFile) -> Result<Config, Vec<Spot>> {
    let project = toml::from_str(file.text()).map_err(|error| vec![spot(&error)])?;
    let RawProject { tool: RawTools { dlint } } = project;
    Ok(config(dlint))
}

fn config(raw: Raw) -> Config {
    let labels = raw.label_schema.into_iter().map(|(label, kind)| (label, kind.name().to_owned()));
    let registries = raw.trusted_registries.map(|list| (REGISTRIES.to_owned(), ParameterValue::Texts(list)));
    let labels = super::label_lists(&labels.collect::<Vec<_>>(), raw.strict_labels);
    let parameters = raw.rule.into_iter().flat_map(|(rule, values)| {
        let rule = name(rule);
        values.into_iter().map(move |(parameter, value)| (rule.clone(), name(parameter), value.value()))
    });
    Config {
        select: named(raw.select),
        extend_select: named(raw.extend_select),
        ignore: named(raw.ignore),
        fail_on: raw.fail_on,
        packs: raw.packs,
        context: raw.context,
        keep: raw.keep,
        severity: levels(raw.severity),
        overrides: raw.overrides.into_iter().map(RawOverride::read).collect(),
        gpu: raw.target.gpu,
        cuda_driver: raw.target.cuda_driver,
        python: raw.target.python,
        platform: raw.target.platform,
        build_args: raw.build_args.into_iter().collect(),
        parameters: parameters.collect(),
        shared: registries.into_iter().chain(labels).collect(),
        hadolint: raw.compat.hadolint,
        without_comments: raw.comments == Some(false),
        baseline: raw.baseline,
        shellcheck: raw.shellcheck,
        exclude: named(raw.exclude),
        ..Config::default()
    }
}

/// The setting that says where images may come from.
const REGISTRIES: &str = "trusted-registries";

fn levels(severity: BTreeMap<Spanned<String>, Level>) -> Vec<(Named, Option<Severity>)> {
    severity.into_iter().map(|(rule, level)| (name(rule), level.severity())).collect()
}

impl RawOverride {
    fn read(self) -> Override {
        Override {
            paths: named(self.paths),
            extend_select: named(self.extend_select),
            ignore: named(self.ignore),
            severity: levels(self.severity),
            ..Override::default()
        }
    }
}

impl RawValue {
    fn value(self) -> ParameterValue {
        match self {
            Self::Number(number) => ParameterValue::Number(number),
            Self::Text(text) => ParameterValue::Texts(vec![text]),
            Self::Texts(texts) => ParameterValue::Texts(texts),
        }
    }
}

impl LabelType {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Url => "url",
            Self::Rfc3339 => "rfc3339",
            Self::Semver => "semver",
            Self::Hash => "hash",
            Self::Spdx => "spdx",
            Self::Email => "email",
        }
    }
}

fn named(texts: Vec<Spanned<String>>) -> Vec<Named> {
    texts.into_iter().map(name).collect()
}

fn name(text: Spanned<String>) -> Named {
    Named { span: text.span().into(), name: text.into_inner() }
}

impl Level {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Style => Some(Severity::Style),
            Self::Off => None,
        }
    }
}

fn spot(error: &toml::de::Error) -> Spot {
    let span = error.span().map_or_else(Span::default, Span::from);
    let message = error.message().lines().next().unwrap_or_default();
    let (message, known) = message.split_once(", expected ").unwrap_or((message, ""));
    Spot { span, message: message.to_owned(), help: help(message, known) }
}

/// Serde names the unknown word and then the known ones, all in backticks.
fn help(message: &str, known: &str) -> Option<String> {
    let words =
        |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let known = words(known);
    let unknown = words(message);
    match nearest(unknown.first()?, &known) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None => (!known.is_empty()).then(|| format!("known: {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> (String, String, Option<String>) {
        let file = SourceFile::new("dlint.toml", text.as_bytes());
        let spots = read(&file).unwrap_err();
        let Spot { span, message, help } = spots.into_iter().next().unwrap();
        (file.slice(span).to_owned(), message, help)
    }

    #[test]
    fn everything_is_read() {
        let text = "select = ['all']\nfail-on = 'never'\n[severity]\n'pip/x' = 'off'\n[target]\ngpu = 'H100'\n[build-args]\nA = '1'\n";
        let config = read(&SourceFile::new("dlint.toml", text.as_bytes())).unwrap();
        assert_eq!(config.select.first().map(|name| name.name.as_str()), Some("all"));
        assert_eq!(config.fail_on, Some(FailOn::Never));
        let (rule, severity) = config.severity.first().unwrap();
        assert_eq!((rule.name.as_str(), *severity), ("pip/x", None));
        assert_eq!(&text[rule.span.range()], "'pip/x'");
        assert_eq!(config.gpu.as_deref(), Some("H100"));
        assert_eq!(config.build_args, [("A".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn a_python_project_says_the_same() {
        let text = "[project]\nname = 'x'\n[tool.other]\na = 1\n[tool.dlint]\nignore = ['DL3008']\n[tool.dlint.rule.'a/b']\nn = 3\n";
        let file = SourceFile::new("pyproject.toml", text.as_bytes());
        let config = read_project(&file).unwrap();
        assert_eq!(config.ignore.first().map(|name| file.slice(name.span)), Some("'DL3008'"));
        let (rule, parameter, value) = config.parameters.first().unwrap();
        assert_eq!(
            (rule.name.as_str(), parameter.name.as_str(), value),
            ("a/b", "n", &ParameterValue::Number(3))
        );
    }

    #[test]
    fn settings_are_lists_for_rules() {
        let text = "trusted-registries = []\nstrict-labels = true\n[label-schema]\na = 'url'\nb = 'text'\n";
        let config = read(&SourceFile::new("dlint.toml", text.as_bytes())).unwrap();
        let texts = |list: &[&str]| ParameterValue::Texts(list.iter().map(|&text| text.to_owned()).collect());
        let list = |name: &str, list: &[&str]| (name.to_owned(), texts(list));
        assert_eq!(
            config.shared,
            [
                list("trusted-registries", &[]),
                list("label-schema", &["a", "b"]),
                list("label-schema-url", &["a"]),
                list("strict-labels", &["a", "b"]),
                list("label-schema-text", &["b"]),
            ]
        );
    }

    #[test]
    fn what_a_project_begins_with_says_nothing_and_could_say_all() {
        let beginning = include_str!("beginning.toml");
        let config = read(&SourceFile::new("dlint.toml", beginning.as_bytes())).unwrap();
        assert!(config.select.is_empty() && config.overrides.is_empty());
        let said: String = beginning
            .lines()
            .map(|line| {
                line.strip_prefix("# ")
                    .filter(|line| line.contains('[') || line.contains(" = "))
                    .unwrap_or("")
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        let file = SourceFile::new("dlint.toml", said.as_bytes());
        let config = read(&file).unwrap_or_else(|spots| unreachable!("{spots:?}\n{said}"));
        assert_eq!(config.overrides.len(), 1);
    }

    #[test]
    fn slips_are_shown_and_guessed() {
        assert_eq!(
            fault("ignroe = []\n"),
            (
                "ignroe".to_owned(),
                "unknown field `ignroe`".to_owned(),
                Some("did you mean `ignore`?".to_owned())
            )
        );
        let (text, _, help) = fault("fail-on = 'warn'\n");
        assert_eq!(text, "'warn'");
        assert!(help.is_some_and(|help| help.contains("warning")));
        assert_eq!(fault("[target]\ngpus = 'x'\n").2.as_deref(), Some("did you mean `gpu`?"));
        assert_eq!(fault("select = [1]\n").0, "1");
        assert_eq!(fault("[[overrides]]\npath = ['a']\n").2.as_deref(), Some("did you mean `paths`?"));
        assert_eq!(fault("[compat]\nhadolnt = true\n").2.as_deref(), Some("did you mean `hadolint`?"));
        assert_eq!(fault("[rule.'a/b']\nx = 1.5\n").1, "expected a whole number, a text, or a list of texts");
        assert_eq!(fault("select = [\n").2, None);
    }
}
