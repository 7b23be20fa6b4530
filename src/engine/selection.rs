//! Which rules speak, and how loud.

use crate::diagnostic::{Category, Severity};
use crate::model::settings::Settings;
use crate::rules::{Packs, Rule};

/// What the user says about rules. A name is a rule's full name, an alias, a pack, a category, or `all`.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these speak; empty: those that speak by default.
    pub select: Vec<String>,
    /// These speak as well.
    pub extend: Vec<String>,
    /// These do not.
    pub ignore: Vec<String>,
    /// How bad these are; `None` silences.
    pub severity: Vec<(String, Option<Severity>)>,
}

/// What can be selected: a rule of a pack, or one of dlint's own.
#[derive(Clone, Copy, Debug)]
pub struct Selectable<'a> {
    /// `pack/rule`.
    pub id: &'a str,
    /// Other names.
    pub aliases: &'a [String],
    /// Kind of trouble.
    pub category: Category,
    /// How bad it is, unless the user says otherwise.
    pub severity: Severity,
    /// Whether it speaks unless selected.
    pub default: bool,
}

impl<'a> From<&'a Rule> for Selectable<'a> {
    fn from(rule: &'a Rule) -> Self {
        Self {
            id: &rule.id,
            aliases: &rule.aliases,
            category: rule.category,
            severity: rule.severity,
            default: rule.default,
        }
    }
}

impl<'a> Selectable<'a> {
    /// A rule as the settings have it: with the severity and the default of hadolint where its verdicts are asked for.
    pub fn under(rule: &'a Rule, settings: &Settings) -> Self {
        let own = Self::from(rule);
        rule.variant(settings).map_or(own, |variant| Self {
            severity: variant.severity.unwrap_or(own.severity),
            default: variant.default,
            ..own
        })
    }
}

impl Selectable<'_> {
    /// Whether the name means this rule. A full name wins over an alias, that over a pack or a category.
    fn closeness(&self, name: &str) -> Option<Closeness> {
        if self.id == name {
            return Some(Closeness::Rule);
        }
        if self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name)) {
            return Some(Closeness::Alias);
        }
        let pack = self.id.split_once('/').map_or("", |(pack, _)| pack);
        let group = name == pack || name == self.category.name();
        (group || name == "all").then_some(if group { Closeness::Group } else { Closeness::All })
    }

    /// Whether the name means this rule.
    pub fn is_called(&self, name: &str) -> bool {
        self.closeness(name).is_some()
    }
}

/// How closely a name means a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    All,
    Group,
    Alias,
    Rule,
}

impl Selection {
    /// How bad the rule is under this selection; `None` where it does not speak.
    ///
    /// Where `select` and `ignore` both mean a rule, the closer name wins, and `ignore` on a par.
    pub fn severity_of(&self, rule: Selectable<'_>) -> Option<Severity> {
        let closest = |names: &[String]| names.iter().filter_map(|name| rule.closeness(name)).max();
        let given = self
            .severity
            .iter()
            .filter_map(|(name, severity)| Some((rule.closeness(name)?, *severity)))
            .max_by_key(|(closeness, _)| *closeness);
        let selected = match closest(&self.select).max(closest(&self.extend)) {
            Some(closeness) => Some(closeness),
            None if !self.select.is_empty() => return None,
            // Whoever gives a severity to a rule by name wants to hear it.
            None if rule.default || given.is_some_and(|(closeness, _)| closeness >= Closeness::Alias) => None,
            None => return None,
        };
        if closest(&self.ignore).is_some_and(|ignored| selected.is_none_or(|selected| ignored >= selected)) {
            return None;
        }
        given.map_or(Some(rule.severity), |(_, severity)| severity)
    }

    /// The names that mean no rule at all.
    pub fn unknown<'a>(&'a self, packs: &Packs) -> Vec<&'a str> {
        let names = self.select.iter().chain(&self.extend).chain(&self.ignore);
        let names = names.chain(self.severity.iter().map(|(name, _)| name));
        names
            .map(String::as_str)
            .filter(|name| {
                let mut rules = packs.rules.iter().map(Selectable::from);
                let mut own = super::own::RULES.iter().map(super::own::OwnRule::selectable);
                let known = rules.any(|rule| rule.is_called(name)) || own.any(|rule| rule.is_called(name));
                !known && !super::scripts::may_be_judged(name)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(select: &[&str], ignore: &[&str], severity: &[(&str, Option<Severity>)]) -> Option<Severity> {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let selection = Selection {
            select: own(select),
            extend: Vec::new(),
            ignore: own(ignore),
            severity: severity.iter().map(|&(name, severity)| (name.to_owned(), severity)).collect(),
        };
        let aliases = ["DL3042".to_owned()];
        selection.severity_of(Selectable {
            id: "pip/no-cache-dir",
            aliases: &aliases,
            category: Category::Size,
            severity: Severity::Warning,
            default: true,
        })
    }

    #[test]
    fn the_closer_name_wins() {
        let yes = Some(Severity::Warning);
        assert_eq!(severity(&[], &[], &[]), yes);
        assert_eq!(severity(&["conda"], &[], &[]), None);
        assert_eq!(severity(&["size"], &[], &[]), yes);
        assert_eq!(severity(&[], &["dl3042"], &[]), None);
        assert_eq!(severity(&["pip/no-cache-dir"], &["pip"], &[]), yes);
        assert_eq!(severity(&["pip"], &["pip/no-cache-dir"], &[]), None);
        assert_eq!(severity(&["all"], &["pip"], &[]), None);
    }

    #[test]
    fn further_rules_can_be_selected() {
        let extend = |names: &[&str], default: bool| {
            let extend = names.iter().map(|&name| name.to_owned()).collect();
            let selection = Selection { extend, ignore: vec!["b".to_owned()], ..Selection::default() };
            let rule = Selectable {
                id: "a/x",
                aliases: &[],
                category: Category::Size,
                severity: Severity::Info,
                default,
            };
            selection.severity_of(rule).is_some()
        };
        assert!(extend(&["a/x"], false) && extend(&["size"], false) && extend(&["c"], true));
        assert!(!extend(&["c"], false));
    }

    #[test]
    fn severities_can_be_given() {
        let given = [("pip", Some(Severity::Info)), ("pip/no-cache-dir", Some(Severity::Error))];
        assert_eq!(severity(&[], &[], &given), Some(Severity::Error));
        assert_eq!(severity(&[], &[], &[("DL3042", None)]), None);
    }
}
