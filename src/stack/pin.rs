//! What was said about the components of one environment, and where.

use super::world::{ComponentId, Known, World};
use crate::knowledge::Component;
use crate::model::facts::{Facts, Index};
use crate::model::schema::{Kind, Order};
use crate::model::value::Value;
use crate::source::Location;
use crate::version::{Specifiers, Version, VersionSet};

/// One thing that was said about a component.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The component.
    pub component: ComponentId,
    /// The versions admitted.
    pub versions: VersionSet,
    /// Who says so.
    pub origin: Origin,
    /// Where; the start of the Dockerfile for what no file says.
    pub at: Location,
    /// Whether it narrows the component only if something else brings it.
    pub constraint: bool,
}

/// Who says something about a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The image of that index, by its tag.
    Image(Index),
    /// The package of that index, by its version specifiers.
    Package(Index),
    /// A fact that a pack's source reads, and the texts that it captured.
    Reading(Kind, Index, Vec<Value>),
    /// The user, of the machine that the image shall run on, in these words.
    Given(String),
}

/// Reads versions as packs and people write them: specifiers, a bare version, or a word that the component has for
/// one; every version where there is no text. `None` for anything else.
pub fn versions(component: Option<&Component>, text: &str) -> Option<VersionSet> {
    let text = text.trim();
    if text.is_empty() {
        return Some(VersionSet::all());
    }
    let named = text.strip_prefix("==").unwrap_or(text);
    if let Some(version) = component.and_then(|component| word(component, named)) {
        return Some(VersionSet::exactly(version));
    }
    if let Ok(specifiers) = Specifiers::parse(text) {
        return Some(VersionSet::from(specifiers));
    }
    Version::parse(text).ok().map(VersionSet::exactly)
}

/// The version that a word of the component stands for, whatever its case, blanks and dashes. Part of a word will do
/// where it is the end of just one: `5090` for `RTX 5090`.
pub fn word(component: &Component, text: &str) -> Option<Version> {
    let plain = |text: &str| -> String {
        text.chars().filter(|next| !matches!(next, ' ' | '-' | '_')).flat_map(char::to_lowercase).collect()
    };
    let text = plain(text);
    let known = || component.words.iter().map(|(word, version)| (plain(word), version));
    if let Some((_, version)) = known().find(|(word, _)| *word == text) {
        return Some(version.clone());
    }
    let mut ends = known().filter(|(word, _)| text.len() > 2 && word.ends_with(&text));
    match (ends.next(), ends.next()) {
        (Some((_, version)), None) => Some(version.clone()),
        _ => None,
    }
}

/// The set that a list of alternatives stands for.
pub fn alternatives(component: Option<&Component>, texts: &[String]) -> Option<VersionSet> {
    if let [text] = texts {
        return versions(component, text);
    }
    let sets: Option<Vec<VersionSet>> = texts.iter().map(|text| versions(component, text)).collect();
    let specifiers = sets?.into_iter().map(|set| set.specifiers().cloned().collect::<Specifiers>());
    Some(VersionSet::any_of(specifiers))
}

impl Origin {
    /// Where it stands in the order of the build; the user comes before everything.
    pub fn order(&self, facts: &Facts) -> Option<Order> {
        match self {
            Self::Image(index) => Some(Kind::Image.order(facts, *index)),
            Self::Package(index) => Some(Kind::Package.order(facts, *index)),
            Self::Reading(kind, index, _) => Some(kind.order(facts, *index)),
            Self::Given(_) => None,
        }
    }
}

impl Pin {
    /// The component.
    pub fn known<'w, 'k>(&self, world: &'w World<'k>) -> Option<&'w Known<'k>> {
        world.components.get(self.component)
    }
}
