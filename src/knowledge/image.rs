//! What an image's name and tag say about its contents, and which tags exist.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::packed::{Expression, Packed};
use super::program::Name;

/// One family of images: a repository and the grammar of its tags.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImagePattern {
    /// Repositories as they are written in `FROM`, without `docker.io/` and `library/`.
    pub repository: Vec<Name>,
    /// The grammar of a tag; named groups are the *parts* of the image.
    pub tag: Expression,
    /// How a tag is spelt from its parts: `{cuda}[-{cudnn}]-{flavour}-{os}`; brackets go away with an empty part.
    pub write: Option<String>,
    /// What a stage built on such an image has in its stack; all that apply count, in order.
    pub provides: Vec<Provision>,
    /// Which tags exist, where that is known.
    pub tags: Option<Tags>,
}

/// What an image brings when its parts are these.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Provision {
    /// Parts that must have one of these values; none: always.
    pub when: Vec<(String, Vec<Name>)>,
    /// Component to version set, a template over the parts: `=={cuda}`.
    pub components: BTreeMap<String, String>,
    /// Variables that the image sets.
    pub variables: BTreeMap<String, String>,
    /// Further parts that follow from the written ones.
    pub parts: BTreeMap<String, String>,
}

/// The tags of a repository that exist.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tags {
    /// Whether a tag of the grammar that no row admits is known not to exist.
    pub complete: bool,
    /// Tags outside the grammar that match this do not exist either.
    pub shape: Option<Expression>,
    /// Each row admits the product of its values.
    pub rows: Packed<Vec<TagRow>>,
    /// Where this was read.
    pub source: String,
}

/// Part to the values it may have together with the other parts of the row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TagRow {
    /// In the order of the pack; an empty string stands for an absent part.
    pub parts: Vec<(String, Vec<String>)>,
}
