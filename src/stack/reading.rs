//! What facts say about components by the sources that packs declare, once somebody has matched them.
//!
//! The matching of a source takes conditions over the whole Dockerfile, which is `engine`'s trade; so the engine hands
//! the matches in.

use crate::model::facts::Index;
use crate::model::schema::Kind;
use crate::model::value::Value;

/// One fact that says which version of a component a stack has.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The component.
    pub component: String,
    /// The kind of the fact.
    pub kind: Kind,
    /// The fact.
    pub index: Index,
    /// The versions: alternatives, each a set, a version or a word; an empty text when the version is no longer
    /// known. `None`: those of the package.
    pub versions: Option<Vec<String>>,
    /// Where the text behind the versions was written: what the source captured, in its order.
    pub captures: Vec<Value>,
}
