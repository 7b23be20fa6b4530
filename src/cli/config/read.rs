//! TOML to [`Config`], with every fault at its place.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::Deserialize;
use toml::Spanned;

use super::super::args::FailOn;
use super::super::failure::Spot;
use super::{Config, Named};
use crate::diagnostic::Severity;
use crate::rules::nearest;
use crate::source::{SourceFile, Span};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    #[serde(default)]
    select: Vec<Spanned<String>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    fail_on: Option<FailOn>,
    #[serde(default)]
    packs: Vec<Utf8PathBuf>,
    #[serde(default)]
    exclude: Vec<Spanned<String>>,
    context: Option<Utf8PathBuf>,
    #[serde(default)]
    keep: Vec<String>,
    #[serde(default)]
    severity: BTreeMap<Spanned<String>, Level>,
    #[serde(default)]
    target: RawTarget,
    #[serde(default)]
    build_args: BTreeMap<String, String>,
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
    let raw: Raw = toml::from_str(file.text()).map_err(|error| vec![spot(&error)])?;
    Ok(Config {
        file: None,
        select: named(raw.select),
        ignore: named(raw.ignore),
        fail_on: raw.fail_on,
        packs: raw.packs,
        context: raw.context,
        keep: raw.keep,
        severity: raw.severity.into_iter().map(|(rule, level)| (name(rule), level.severity())).collect(),
        gpu: raw.target.gpu,
        cuda_driver: raw.target.cuda_driver,
        python: raw.target.python,
        platform: raw.target.platform,
        build_args: raw.build_args.into_iter().collect(),
        exclude: named(raw.exclude),
        excluded: None,
    })
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
        assert_eq!(fault("select = [\n").2, None);
    }
}
