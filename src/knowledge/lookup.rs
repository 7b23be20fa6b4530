//! Texts by texts, for what has no structure but that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::packed::Packed;

/// One such list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lookup {
    /// The name by which packs call it.
    pub name: String,
    /// The entries.
    pub entries: Packed<BTreeMap<String, String>>,
}
