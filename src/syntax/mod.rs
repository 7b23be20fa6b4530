//! Bytes to trees. Nothing here knows what a rule is; nothing outside here names a pest type.

pub mod dockerfile;
pub mod requirements;
pub mod shell;
