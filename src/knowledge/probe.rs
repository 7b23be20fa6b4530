//! What shows that a package works: the module to import, and what to try with it.

use serde::{Deserialize, Serialize};

/// How an image is asked whether a package works in it. Every text but the first two is Python, and may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The packages, or components of a stack, that bring the module.
    pub packages: Vec<String>,
    /// The module.
    pub module: String,
    /// Statements that must not fail once it is imported.
    pub exercise: String,
    /// An expression: whether a GPU can be used.
    pub cuda: String,
    /// An expression: for which CUDA it was built; nothing where for none.
    pub cuda_build: String,
    /// Statements that must not fail where a GPU can be used.
    pub gpu_exercise: String,
}
