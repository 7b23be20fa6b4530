//! What the user says about the build and the machine that the image shall run on.

use serde::{Deserialize, Serialize};

use crate::date::Date;

/// The value of a parameter of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterValue {
    /// A whole number.
    Number(usize),
    /// Texts; a single text is a list of one.
    Texts(Vec<String>),
}

/// Assumptions under which a Dockerfile is read and judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// `--build-arg`: name and value.
    pub build_args: Vec<(String, String)>,
    /// Further build contexts by name: what `FROM` and `--from` find under it in place of an image.
    pub contexts: Vec<(String, String)>,
    /// `--target`: the stage that is built; the last one if not given.
    pub target: Option<String>,
    /// `--platform`: `linux/amd64` unless given.
    pub platform: Option<String>,
    /// Facts about the target machine: component and version set (`driver`, `gpu`, `python`), from `--cuda-driver`, `--gpu`,
    /// `--python-version`.
    pub given: Vec<(String, String)>,
    /// `--keep`: components that no repair may move.
    pub keep: Vec<String>,
    /// `--hadolint`: rules that hadolint has too give its verdicts.
    pub hadolint: bool,
    /// Values that the configuration gives to parameters of rules: rule, parameter, value. The last one counts.
    pub parameters: Vec<(String, String, ParameterValue)>,
    /// What parameters of that name have unless their rule is given its own: settings of the whole project, such as the
    /// registries that it trusts.
    pub shared: Vec<(String, ParameterValue)>,
    /// No comment silences a rule.
    pub without_comments: bool,
    /// The day of the check, on which comments may have run out; without it they do not.
    pub today: Option<Date>,
}

impl Settings {
    /// The texts of a setting of the whole project.
    pub fn shared_texts(&self, name: &str) -> &[String] {
        match self.shared.iter().find(|(shared, _)| shared == name) {
            Some((_, ParameterValue::Texts(texts))) => texts,
            _ => &[],
        }
    }
}
