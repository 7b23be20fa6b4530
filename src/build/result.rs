//! What became of a build, as scripts read it. The names are a contract.

use serde::Serialize;

use super::smoke::SmokeReport;

/// The whole job.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BuildResult {
    /// Whether there is an image, and it passed.
    pub success: bool,
    /// What it is called; nothing where there is none.
    pub image_name: Option<String>,
    /// `sha256:…`.
    pub image_id: Option<String>,
    /// How long all of it took: `245.3s`.
    pub build_time: String,
    /// How many builds were needed; one that was repeated for a transient failure counts once.
    pub attempts: u32,
    /// The edits that stand, in the order in which they were made.
    pub fixes_applied: Vec<AppliedFix>,
    /// Edits that were taken back, because a build showed that they do not help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixes_withdrawn: Vec<AppliedFix>,
    /// Every build.
    pub attempt_log: Vec<AttemptLog>,
    /// The last smoke test.
    pub smoke_test: Option<SmokeReport>,
    /// Why there is no image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What a person can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// What would be written, as a patch; only where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The files that were written.
    pub files_changed: Vec<String>,
}

/// An edit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AppliedFix {
    /// The first build that had it.
    pub attempt: u32,
    /// The rule or diagnosis that proposed it.
    pub rule: String,
    /// What kind of edit it is: `replace_base_image`, `edit_run`, `edit_requirements`.
    pub action: String,
    /// Why.
    pub reason: String,
    /// The file.
    pub file: String,
    /// The text that went.
    pub old: String,
    /// The text that came.
    pub new: String,
}

/// A build.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AttemptLog {
    /// Its number, from 1. One that repeats another for a transient failure has the same.
    pub attempt: u32,
    /// Whether it gave an image that passed.
    pub success: bool,
    /// What failed, in one line.
    pub error: Option<String>,
    /// What that means.
    pub diagnosis: Option<String>,
    /// The rule that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Where the whole log is, where somebody asked for it.
    pub log: Option<String>,
    /// How long it took.
    pub seconds: f64,
}
