//! What is to be said about the comments that silence rules: that they silence nothing, name no rule, or are over.

use super::comment::{Form, Ignore};
use super::{Suppression, means};
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::engine::own::{EXPIRED_SUPPRESSION, INVALID_SUPPRESSION, UNUSED_SUPPRESSION};
use crate::engine::roster::{Member, Roster};
use crate::engine::scripts::may_be_judged;
use crate::engine::selection::Selection;
use crate::model::facts::Facts;
use crate::source::{FileId, Location, Span};

/// The findings about comments, one for each comment and kind of trouble.
pub(super) fn findings(
    facts: &Facts,
    comments: &[Suppression<'_>],
    roster: &Roster<'_>,
    selection: &Selection,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for comment in comments.iter().filter(|comment| comment.judged) {
        let reporter = Reporter { facts, comment, roster, selection };
        let Some(ignore) = &comment.ignore else {
            let message = "this comment silences nothing; write `# dlint ignore=RULE,RULE`".to_owned();
            found.extend(INVALID_SUPPRESSION.finding(selection, comment.at, message));
            continue;
        };
        found.extend(reporter.bad_names(ignore));
        found.extend(reporter.bad_day(ignore));
        found.extend(if comment.expired { reporter.expired(ignore) } else { reporter.unused(ignore) });
    }
    found
}

struct Reporter<'a, 'f> {
    facts: &'a Facts,
    comment: &'a Suppression<'f>,
    roster: &'a Roster<'a>,
    selection: &'a Selection,
}

/// How a name in a comment fares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It silenced something, or what it means did not all speak, so nobody knows.
    Needed,
    Unused,
    /// It means no rule.
    Unknown,
}

impl Reporter<'_, '_> {
    fn fate(&self, index: usize, name: &str, form: Form) -> Fate {
        if self.comment.used.get(index) == Some(&true) {
            return Fate::Needed;
        }
        let meant = || self.roster.members.iter().filter(|member| means(name, form, member.rule));
        if meant().next().is_none() {
            return if is_foreign(name, form, self.roster) { Fate::Needed } else { Fate::Unknown };
        }
        // Rules about comments are dealt with after the comments.
        if form == Form::Dlint && meant().all(|member| member.rule.id.starts_with("dlint/")) {
            return Fate::Needed;
        }
        let by_name = |member: &Member<'_>| {
            member.rule.id == name || member.rule.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
        };
        let silent = |member: &Member<'_>| !member.speaks && (member.rule.default || by_name(member));
        if meant().any(silent) { Fate::Needed } else { Fate::Unused }
    }

    /// The indices of the names that fare like that.
    fn names(&self, ignore: &Ignore<'_>, fate: Fate) -> Vec<usize> {
        let names = ignore.names.iter().enumerate();
        let fares = names.filter(|(index, (name, _))| self.fate(*index, name, ignore.form) == fate);
        fares.map(|(index, _)| index).collect()
    }

    fn unused(&self, ignore: &Ignore<'_>) -> Option<Diagnostic> {
        let names = self.names(ignore, Fate::Unused);
        let first = *names.first()?;
        let message = format!("nothing to silence here for {}", list(ignore, &names));
        let at =
            if names.len() == ignore.names.len() { self.comment.at } else { self.name_at(ignore, first)? };
        let found = UNUSED_SUPPRESSION.finding(self.selection, at, message)?;
        // The other tool may find what dlint knows to be right, and another Dockerfile may install the same file.
        let alone = ignore.form == Form::Dlint && self.comment.at.file == FileId::default();
        let safety = if alone { Safety::Safe } else { Safety::Unsafe };
        let fixes = self.removal(ignore, &names, safety).into_iter().collect();
        Some(Diagnostic { fixes, ..found })
    }

    fn expired(&self, ignore: &Ignore<'_>) -> Option<Diagnostic> {
        let (until, _) = ignore.until.as_ref()?;
        let message = format!("this comment counted until {until} and silences nothing any more");
        let found = EXPIRED_SUPPRESSION.finding(self.selection, self.comment.at, message)?;
        let all: Vec<usize> = (0..ignore.names.len()).collect();
        let fixes = self.removal(ignore, &all, Safety::Safe).into_iter().collect();
        Some(Diagnostic { fixes, ..found })
    }

    fn bad_day(&self, ignore: &Ignore<'_>) -> Option<Diagnostic> {
        let (until, range) = ignore.until.as_ref().filter(|_| ignore.last_day().is_none())?;
        let message = format!("`{until}` is no day; write `until=YYYY-MM-DD`");
        INVALID_SUPPRESSION.finding(self.selection, self.place(range.start, range.end), message)
    }

    fn bad_names(&self, ignore: &Ignore<'_>) -> Vec<Diagnostic> {
        if ignore.names.is_empty() {
            let message = "this comment names no rule".to_owned();
            return INVALID_SUPPRESSION
                .finding(self.selection, self.comment.at, message)
                .into_iter()
                .collect();
        }
        let names = self.names(ignore, Fate::Unknown);
        names.into_iter().filter_map(|index| self.bad_name(ignore, index)).collect()
    }

    fn bad_name(&self, ignore: &Ignore<'_>, index: usize) -> Option<Diagnostic> {
        let (name, _) = ignore.names.get(index)?;
        let at = self.name_at(ignore, index)?;
        let near = self.roster.nearest(name);
        let message = match near {
            Some(near) => format!("no rule is called `{name}`; did you mean `{near}`?"),
            None => format!("no rule is called `{name}`"),
        };
        let found = INVALID_SUPPRESSION.finding(self.selection, at, message)?;
        let fix = match near {
            // That silences a rule, so somebody should look at it.
            Some(near) => {
                let edit = Edit { file: at.file, span: at.span, text: near.to_owned() };
                Fix::new(format!("Write `{near}`"), Safety::Unsafe, vec![edit])
            }
            None => self.removal(ignore, &[index], Safety::Safe),
        };
        Some(Diagnostic { fixes: fix.into_iter().collect(), ..found })
    }

    /// A fix that removes the names, and the comment with the last of them.
    fn removal(&self, ignore: &Ignore<'_>, names: &[usize], safety: Safety) -> Option<Fix> {
        let file = self.comment.at.file;
        let edit = |span| Edit { file, span, text: String::new() };
        if names.len() == ignore.names.len() {
            let span = self.comment_span(ignore)?;
            return Fix::new("Remove the comment", safety, vec![edit(span)]);
        }
        let mut edits = Vec::new();
        for (index, (_, range)) in ignore.names.iter().enumerate().filter(|(index, _)| names.contains(index))
        {
            // With the comma behind it; with the one before it where none of those behind it stays.
            let stays_behind = (index + 1..ignore.names.len()).any(|behind| !names.contains(&behind));
            let next = ignore.names.get(index + 1).filter(|_| stays_behind);
            let previous = index.checked_sub(1).and_then(|previous| ignore.names.get(previous));
            let (start, end) = match (next, previous) {
                (Some((_, next)), _) => (range.start, next.start),
                (None, Some((_, previous))) => (previous.end, range.end),
                (None, None) => (range.start, range.end),
            };
            edits.push(edit(self.place(start, end).span));
        }
        Fix::new("Remove what silences nothing", safety, edits)
    }

    /// What goes with the comment: its line, or the blanks before it where it stands behind something.
    fn comment_span(&self, ignore: &Ignore<'_>) -> Option<Span> {
        let Location { file, span } = self.comment.at;
        let source = self.facts.sources.get(file);
        if ignore.form == Form::Check && source.slice(span).contains(';') {
            // Further options stand beside the names.
            return None;
        }
        let line = source.line_span(source.position(span.start).line)?;
        let before = source.slice(Span::new(line.start, span.start));
        if before.trim().is_empty() {
            return Some(line);
        }
        let kept = before.trim_end().len() as u32;
        Some(Span::new(line.start + kept, span.end))
    }

    fn place(&self, start: usize, end: usize) -> Location {
        let span = Span::new(self.comment.start + start as u32, self.comment.start + end as u32);
        Location { file: self.comment.at.file, span }
    }

    fn name_at(&self, ignore: &Ignore<'_>, index: usize) -> Option<Location> {
        let (_, range) = ignore.names.get(index)?;
        Some(self.place(range.start, range.end))
    }
}

/// Names that mean nothing to dlint but may mean something to others: codes of shell findings, and in the comments of
/// other tools whatever is no slip of case.
fn is_foreign(name: &str, form: Form, roster: &Roster<'_>) -> bool {
    let slip = || roster.nearest(name).is_some_and(|near| near.eq_ignore_ascii_case(name));
    may_be_judged(name) || (form != Form::Dlint && !slip())
}

fn list(ignore: &Ignore<'_>, names: &[usize]) -> String {
    let names = names.iter().filter_map(|index| ignore.names.get(*index));
    names.map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_others_are_theirs() {
        let roster = Roster::default();
        assert!(is_foreign("SC2086", Form::Dlint, &roster));
        assert!(is_foreign("DL9999", Form::Hadolint, &roster));
        assert!(!is_foreign("DL9999", Form::Dlint, &roster));
    }
}
