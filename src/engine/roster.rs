//! Every rule that there is, and whether it speaks in this check.

use super::selection::Selectable;
use crate::rules::nearest;

/// A rule, and whether it speaks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'p> {
    pub rule: Selectable<'p>,
    pub speaks: bool,
}

/// The rules of all packs and dlint's own.
#[derive(Debug, Default)]
pub(super) struct Roster<'p> {
    pub members: Vec<Member<'p>>,
}

impl<'p> Roster<'p> {
    /// The known name that the given one is most likely a slip for: the same in another case, or one nearby.
    pub(super) fn nearest(&self, name: &str) -> Option<&'p str> {
        let mut names: Vec<&'p str> = vec!["all"];
        for member in &self.members {
            names.push(member.rule.id);
            names.extend(member.rule.id.split_once('/').map(|(pack, _)| pack));
            names.extend(member.rule.aliases.iter().map(String::as_str));
        }
        if let Some(same) = names.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            return Some(same);
        }
        let near = nearest(name, &names)?;
        names.iter().find(|known| **known == near).copied()
    }
}
