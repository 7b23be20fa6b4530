//! Findings in a text that stands inside another file, told as findings in that file.
//!
//! A Dockerfile written in a Compose file is checked by itself; people, and the edits that mend it, need its places in
//! the Compose file.

use super::{Checked, Diagnostic, Edit, Fix, Related};
use crate::source::{FileId, Location, Mapped, SourceFile, Sources, Span};

/// A text inside another file.
#[derive(Clone, Copy, Debug)]
pub struct Embedded<'a> {
    /// The file.
    pub host: &'a SourceFile,
    /// The text, line by line at its place; without it nothing more is known than where it is.
    pub place: Option<&'a Mapped>,
    /// Where it is, roughly.
    pub span: Span,
    /// How a text is written in the host, so that it is read as it is.
    pub write: fn(&str) -> String,
}

impl Embedded<'_> {
    /// What was found in the text, which was the first file, as found in the host.
    ///
    /// Where places are not known, fixes are left out.
    pub fn told_of_host(&self, checked: Checked) -> Checked {
        let mut sources = Sources::default();
        for (id, file) in checked.sources.iter() {
            sources.add(if id == FileId(0) { self.host.clone() } else { file.clone() });
        }
        let mut diagnostics: Vec<_> =
            checked.diagnostics.into_iter().map(|found| self.diagnostic(found)).collect();
        // What is known of the text alone stands at one place.
        diagnostics.dedup();
        Checked { sources, diagnostics }
    }

    fn diagnostic(&self, found: Diagnostic) -> Diagnostic {
        let related = |related: Related| Related { at: self.location(related.at), ..related };
        Diagnostic {
            at: self.location(found.at),
            related: found.related.into_iter().map(related).collect(),
            fixes: found.fixes.into_iter().filter_map(|fix| self.fix(&fix)).collect(),
            ..found
        }
    }

    fn location(&self, at: Location) -> Location {
        if at.file != FileId(0) {
            return at;
        }
        let span = match self.place {
            Some(place) if at.span.is_empty() => Span::at(host_offset(place, at.span.start as usize)),
            Some(place) => place.span(at.span.range()),
            None => self.span,
        };
        Location { span, ..at }
    }

    fn fix(&self, fix: &Fix) -> Option<Fix> {
        let edits = fix.edits().iter().map(|edit| match edit.file {
            FileId(0) => self.edit(self.place?, edit),
            _ => Some(edit.clone()),
        });
        Fix::new(fix.title.as_str(), fix.safety, edits.collect::<Option<_>>()?)
    }

    /// The edit with its lines indented as those of the text are.
    fn edit(&self, place: &Mapped, edit: &Edit) -> Option<Edit> {
        let text = place.as_str();
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let starts_line = start == 0 || text.get(..start)?.ends_with('\n');
        let at_end = end == text.len() && text.ends_with('\n');
        let indent = self.indent(place)?;
        let mut span = Span::new(host_offset(place, start), host_offset(place, end));
        let mut new = (self.write)(&edit.text).replace('\n', &format!("\n{indent}"));
        let ends_line = at_end || text.get(end..)?.starts_with('\n');
        if ends_line && edit.text.ends_with('\n') {
            // What follows needs no indentation, or has its own.
            new.truncate(new.len() - indent.len());
        }
        let line = self.line_start(span.start);
        let vanishes = starts_line && ends_line && new.is_empty();
        if vanishes && at_end {
            span.start = line;
        } else if starts_line && !vanishes {
            // A blank line, and the one behind the last, need not be indented yet.
            new.insert_str(0, indent.get((span.start - line) as usize..).unwrap_or_default());
        }
        if at_end && !vanishes && !new.ends_with('\n') {
            new.push('\n');
        }
        Some(Edit { file: edit.file, span, text: new })
    }

    /// What stands before each line of the text.
    fn indent(&self, place: &Mapped) -> Option<String> {
        let first = place.as_str().find(|next| next != '\n')?;
        let start = place.offset(first);
        let before = Span::new(self.line_start(start), start);
        Some(self.host.slice(before).to_owned())
    }

    /// Where the line of the host begins in which that byte is.
    fn line_start(&self, offset: u32) -> u32 {
        let line = self.host.position(offset).line;
        self.host.line_span(line).map_or(offset, |line| line.start)
    }
}

/// Where byte `at` of the text stands; its end is behind its last byte.
fn host_offset(place: &Mapped, at: usize) -> u32 {
    if at > 0 && at == place.as_str().len() { place.offset(at - 1) + 1 } else { place.offset(at) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::{Category, Safety, Severity};

    /// The lines below `k: |`, and what stands behind them.
    fn host(lines: &[&str], rest: &str) -> (SourceFile, Mapped) {
        let mut text = "k: |\n".to_owned();
        let mut place = Mapped::default();
        for line in lines {
            let indent = if line.is_empty() { "" } else { "    " };
            place.push(line, (text.len() + indent.len()) as u32);
            place.push("\n", (text.len() + indent.len() + line.len()) as u32);
            text.extend([indent, *line, "\n"]);
        }
        text += rest;
        (SourceFile::new("host", text.into_bytes()), place)
    }

    fn embedded<'a>(host: &'a SourceFile, place: Option<&'a Mapped>) -> Embedded<'a> {
        Embedded { host, place, span: Span::new(0, 1), write: |text| text.replace('$', "$$") }
    }

    /// The host after an edit to the text.
    fn edited(lines: &[&str], rest: &str, span: Span, new: &str) -> String {
        let (host, place) = host(lines, rest);
        let edit = Edit { file: FileId(0), span, text: new.to_owned() };
        let edit = embedded(&host, Some(&place)).edit(&place, &edit).unwrap();
        let mut text = host.text().to_owned();
        text.replace_range(edit.span.range(), &edit.text);
        text
    }

    #[test]
    fn lines_that_come_are_indented_and_written_as_the_host_has_them() {
        let rest = "z: 1\n";
        let lines = ["FROM a", "RUN b"];
        assert_eq!(
            edited(&lines, rest, Span::new(11, 12), "$c \\\n  && d"),
            "k: |\n    FROM a\n    RUN $$c \\\n      && d\nz: 1\n"
        );
        assert_eq!(
            edited(&lines, rest, Span::at(7), "USER u\n"),
            "k: |\n    FROM a\n    USER u\n    RUN b\nz: 1\n"
        );
        assert_eq!(
            edited(&lines, rest, Span::at(13), "USER u\n"),
            "k: |\n    FROM a\n    RUN b\n    USER u\nz: 1\n"
        );
        assert_eq!(edited(&lines, rest, Span::new(7, 13), ""), "k: |\n    FROM a\nz: 1\n");
        assert_eq!(edited(&lines, rest, Span::new(0, 7), ""), "k: |\n    RUN b\nz: 1\n");
    }

    #[test]
    fn places_are_those_of_the_host() {
        let (file, place) = host(&["FROM a", "RUN b"], "");
        let mut sources = Sources::default();
        let text = sources.add(SourceFile::new("host", place.as_str().as_bytes()));
        let at = Location { file: text, span: Span::new(11, 12) };
        let edit = Edit { file: text, span: at.span, text: "c".to_owned() };
        let found = Diagnostic {
            rule: "a/b".to_owned(),
            aliases: Vec::new(),
            category: Category::Style,
            severity: Severity::Style,
            message: String::new(),
            note: None,
            at,
            related: vec![Related { at, message: String::new() }],
            fixes: Fix::new("t", Safety::Safe, vec![edit]).into_iter().collect(),
        };
        let checked = Checked { sources, diagnostics: vec![found] };
        let told = embedded(&file, Some(&place)).told_of_host(checked.clone());
        let [told] = told.diagnostics.as_slice() else { panic!("{told:?}") };
        assert_eq!(file.slice(told.at.span), "b");
        assert_eq!(told.related[0].at.span, told.at.span);
        assert_eq!(told.fixes[0].edits()[0].span, told.at.span);
        let told = embedded(&file, None).told_of_host(checked);
        assert_eq!((told.diagnostics[0].at.span, told.diagnostics[0].fixes.len()), (Span::new(0, 1), 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_edit_in_the_host_is_one_in_the_text(
            lines in prop::collection::vec("[a-c]{0,3}", 1..5),
            (start, length) in (0_usize..20, 0_usize..20),
            new in "[d\n]{0,6}",
        ) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            prop_assume!(lines.iter().any(|line| !line.is_empty()));
            let mut text = lines.join("\n") + "\n";
            let start = start.min(text.len());
            let end = (start + length).min(text.len());
            let after = edited(&lines, "z: 1\n", (start..end).into(), &new);
            text.replace_range(start..end, &new);
            let read = after.strip_prefix("k: |\n").unwrap().strip_suffix("z: 1\n").unwrap();
            let ended = if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" };
            prop_assert_eq!(read.replace(' ', ""), ended);
            prop_assert!(after.lines().skip(1).all(|line| line.is_empty() || line.starts_with("    ") || line == "z: 1"));
        }
    }
}
