//! Bytes to trees. Nothing here knows what a rule is; nothing outside here names a pest type.

pub mod compose;
pub mod conda;
pub mod dockerfile;
pub mod dockerignore;
pub mod pyproject;
pub mod requirements;
pub mod setup;
pub mod shell;
pub mod yaml;
