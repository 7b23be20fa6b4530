//! From the plan of a fix to edits of bytes.
//!
//! A fix that cannot be built (its place is not there, a text is not known, no file says it) is simply not
//! offered.

use super::condition::holds;
use super::place::{command, instruction, lines, locate};
use super::scope::FactIndex;
use crate::diagnostic::{Edit, Fix};
use crate::knowledge::Knowledge;
use crate::model::schema::Kind;
use crate::rules::{Anchor, EditPlan, FixPlan, LinePosition, Place, Scene, Template};
use crate::source::{Location, SourceFile, Span};
use crate::stack::image::{Tag, nearest};

/// The fixes of a rule that can be offered for a subject, best first.
pub(super) fn fixes(
    plans: &[FixPlan],
    index: &FactIndex<'_>,
    knowledge: &Knowledge,
    scene: &Scene<'_>,
) -> Vec<Fix> {
    // Only conflicts of the stack are mended by moving components.
    fixes_with(plans, index, knowledge, scene, &|_| None)
}

/// The same for a conflict of the stack: `repair` gives the edits that move some of the named components.
pub(super) fn fixes_with(
    plans: &[FixPlan],
    index: &FactIndex<'_>,
    knowledge: &Knowledge,
    scene: &Scene<'_>,
    repair: &dyn Fn(&[String]) -> Option<Vec<Edit>>,
) -> Vec<Fix> {
    plans
        .iter()
        .filter_map(|plan| {
            let mut scene = Scene { captures: scene.captures.clone(), ..*scene };
            holds(&plan.guard, index, &mut scene).then_some(())?;
            let mut edits = Vec::new();
            for edit in &plan.edits {
                edits.extend(match edit {
                    EditPlan::Choose { components } => repair(components)?,
                    edit => build(edit, knowledge, &scene)?,
                });
            }
            Fix::new(scene.render(&plan.title)?, plan.safety, edits)
        })
        .collect()
}

fn build(plan: &EditPlan, knowledge: &Knowledge, scene: &Scene<'_>) -> Option<Vec<Edit>> {
    match plan {
        EditPlan::Insert { after, place, text } => insert(*after, place, text, scene).map(|edit| vec![edit]),
        EditPlan::Replace { place, with } => replace(place, with, scene),
        EditPlan::Remove { place: Place::Anchor(Anchor::BlankLines) } => remove_blank_lines(scene),
        EditPlan::Remove { place } => remove(place, scene).map(|edit| vec![edit]),
        EditPlan::AddLine { text, position } => add_line(text, *position, scene).map(|edit| vec![edit]),
        EditPlan::Retag { parts, slip } => retag(parts, *slip, knowledge, scene),
        EditPlan::Choose { .. } => None,
    }
}

fn insert(after: bool, place: &Place, text: &Template, scene: &Scene<'_>) -> Option<Edit> {
    let at = locate(place, scene)?;
    let text = scene.render(text)?;
    let among_words = matches!(place, Place::Anchor(anchor) if is_in_words(*anchor));
    if among_words && !fits_among_words(&text, scene) {
        return None;
    }
    let offset = if after { at.span.end } else { at.span.start };
    Some(Edit {
        file: at.file,
        span: Span::at(offset),
        text: with_line_endings(scene.facts.sources.get(at.file), &text),
    })
}

/// Whether the anchor stands among the words of a command.
fn is_in_words(anchor: Anchor) -> bool {
    matches!(
        anchor,
        Anchor::Program | Anchor::Subcommand | Anchor::Command | Anchor::LastOperand | Anchor::Script
    )
}

/// Whether text can go among the words of the subject's command: not into the elements of a JSON array, and into
/// a script inside quotes only without quotes of its own.
fn fits_among_words(text: &str, scene: &Scene<'_>) -> bool {
    let Some(subject) = scene.subject else { return false };
    let exec = instruction(scene.facts, subject).is_some_and(|instruction| instruction.form == "exec");
    let wrapped = command(scene.facts, subject).is_some_and(|command| !command.through.is_empty());
    let quoted = wrapped && text.contains(['\'', '"', '`', '$', '\\']);
    !exec && !quoted
}

fn replace(place: &Place, with: &Template, scene: &Scene<'_>) -> Option<Vec<Edit>> {
    let text = scene.render(with)?;
    if let Place::Text(source) = place {
        let value = scene.value(source)?;
        if value.text == text {
            return None;
        }
        let changes = value.rewrite(&text)?;
        return Some(
            changes.into_iter().map(|(at, text)| Edit { file: at.file, span: at.span, text }).collect(),
        );
    }
    let at = locate(place, scene)?;
    let text = with_line_endings(scene.facts.sources.get(at.file), &text);
    Some(vec![Edit { file: at.file, span: at.span, text }])
}

fn remove(place: &Place, scene: &Scene<'_>) -> Option<Edit> {
    let at = locate(place, scene)?;
    if let Place::Anchor(Anchor::Instruction | Anchor::Line) = place {
        let at = lines(scene.facts, at)?;
        return Some(Edit { file: at.file, span: at.span, text: String::new() });
    }
    let span = with_blanks(scene.facts.sources.get(at.file), at.span, scene.facts.tree.escape.char());
    Some(Edit { file: at.file, span, text: String::new() })
}

/// Takes away the blank lines between the continued lines of the subject's instruction.
fn remove_blank_lines(scene: &Scene<'_>) -> Option<Vec<Edit>> {
    let lines = &instruction(scene.facts, scene.subject?)?.blank_lines;
    let edit = |at: &Location| Edit { file: at.file, span: at.span, text: String::new() };
    Some(lines.iter().map(edit).collect())
}

/// The span with the blanks before it; where nothing else stands on its line, the whole line.
fn with_blanks(file: &SourceFile, span: Span, escape: char) -> Span {
    let text = file.text();
    let before = text.get(..span.start as usize).unwrap_or_default();
    let after = text.get(span.end as usize..).unwrap_or_default();
    let start = before.trim_end_matches([' ', '\t']).len() as u32;
    let first = start == 0 || before.get(..start as usize).is_some_and(|before| before.ends_with('\n'));
    if !first {
        return Span::new(start, span.end);
    }
    let rest = after.trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix(escape).map_or(rest, |rest| rest.trim_start_matches([' ', '\t']));
    match rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
        Some(rest) => Span::new(start, (text.len() - rest.len()) as u32),
        None => span,
    }
}

fn add_line(text: &Template, position: LinePosition, scene: &Scene<'_>) -> Option<Edit> {
    let (Kind::Package, index) = scene.subject? else { return None };
    let package = scene.facts.packages.get(index)?;
    let file = scene.facts.files.get(package.file?)?.file?;
    let source = scene.facts.sources.get(file);
    let ending = source.line_ending();
    let line = with_line_endings(source, &scene.render(text)?);
    let at = Location { file, span: package.at.span };
    let own = || lines(scene.facts, at).filter(|_| package.at.file == file).map(|at| at.span);
    let offset = match position {
        LinePosition::Start if source.text().starts_with('\u{feff}') => 3,
        LinePosition::Start => 0,
        LinePosition::End => source.bytes().len() as u32,
        LinePosition::Before => own()?.start,
        LinePosition::After => own()?.end,
    };
    let open = offset > 0 && !source.slice(Span::new(0, offset)).ends_with(['\n', '\u{feff}']);
    let text = if open { format!("{ending}{line}{ending}") } else { format!("{line}{ending}") };
    Some(Edit { file, span: Span::at(offset), text })
}

fn retag(
    parts: &[(String, Template)],
    only_slip: bool,
    knowledge: &Knowledge,
    scene: &Scene<'_>,
) -> Option<Vec<Edit>> {
    let (Kind::Image, index) = scene.subject? else { return None };
    let image = scene.facts.images.get(index)?;
    // With a digest, the tag is but a remark.
    let tag = image.tag.as_ref().filter(|tag| tag.is_known() && image.digest.is_none())?;
    let pattern = knowledge.images.get(image.pattern?)?;
    let mut wanted = Vec::new();
    for (part, value) in parts {
        wanted.push((part.as_str(), scene.render(value)?));
    }
    let suits =
        |part: &str, value: &str, tag: &Tag| tag.parts.get(part).map_or(value.is_empty(), |own| own == value);
    let found = nearest(pattern, &tag.text, |tag| wanted.iter().all(|(part, value)| suits(part, value, tag)));
    let new = slip(&tag.text, &found)
        .or(found.first().filter(|_| !only_slip))
        .filter(|new| new.text != tag.text)?;
    let changes = tag.rewrite(&new.text)?;
    Some(changes.into_iter().map(|(at, text)| Edit { file: at.file, span: at.span, text }).collect())
}

/// The tag for which the written one is most likely a slip: a letter or two apart, every digit the same.
fn slip<'t>(written: &str, tags: &'t [Tag]) -> Option<&'t Tag> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let own = digits(written);
    tags.iter()
        .filter(|tag| digits(&tag.text) == own)
        .map(|tag| (strsim::damerau_levenshtein(written, &tag.text), tag))
        .filter(|(distance, _)| *distance <= 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, tag)| tag)
}

/// The text with the line endings of the file into which it goes.
fn with_line_endings(file: &SourceFile, text: &str) -> String {
    match file.line_ending() {
        "\n" => text.to_owned(),
        ending => text.replace('\n', ending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(text: &str, word: &str) -> String {
        let file = SourceFile::new("Dockerfile", text.as_bytes());
        let at = text.find(word).unwrap_or_default();
        let span = with_blanks(&file, Span::new(at as u32, (at + word.len()) as u32), '\\');
        format!("{}{}", &text[..span.start as usize], &text[span.end as usize..])
    }

    #[test]
    fn what_is_removed_leaves_no_gap() {
        assert_eq!(removed("RUN a --x b\n", "--x"), "RUN a b\n");
        assert_eq!(removed("RUN a \\\n  --x \\\n  b\n", "--x"), "RUN a \\\n  b\n");
        assert_eq!(removed("RUN a \\\r\n  --x \\\r\n  b\r\n", "--x"), "RUN a \\\r\n  b\r\n");
        assert_eq!(removed("RUN a \\\n  --x b\n", "--x"), "RUN a \\\n   b\n");
    }
}
