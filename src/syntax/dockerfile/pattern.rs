//! The patterns of `${NAME#pattern}` and `${NAME/pattern/text}`.
//!
//! `*` is any text, `?` any character, and `\` takes the meaning from either, from itself, and from the
//! `}` or `/` that would end the pattern. Brackets have no meaning. Nothing here matches a line feed.

use regex::Regex;

/// Cuts what `pattern` matches off the front (`#`) or the back (`%`) of `value`: the shortest match, or
/// the longest where `pattern` begins with the operator once more.
pub(super) fn trim(pattern: &str, value: &str, operator: char) -> Result<String, String> {
    let (pattern, longest) = match pattern.strip_prefix(operator) {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    if operator == '#' {
        return trim_front(pattern, value, longest);
    }
    // A regular expression finds the leftmost match, so both are turned round to cut at the back.
    let turned: String = value.chars().rev().collect();
    let trimmed = trim_front(&turn(pattern), &turned, longest)?;
    Ok(trimmed.chars().rev().collect())
}

fn trim_front(pattern: &str, value: &str, longest: bool) -> Result<String, String> {
    let regex = compile(pattern, longest, true)?;
    let end = regex.find(value).map_or(0, |found| found.end());
    Ok(value.get(end..).unwrap_or_default().to_owned())
}

/// Replaces the first longest match of `pattern` in `value`, or all of them.
pub(super) fn replace(pattern: &str, value: &str, replacement: &str, all: bool) -> Result<String, String> {
    let regex = compile(pattern, true, false)?;
    if all {
        return Ok(regex.replace_all(value, replacement).into_owned());
    }
    Ok(regex.replace(value, regex::NoExpand(replacement)).into_owned())
}

/// The pattern back to front, with each `\` still before what it escapes.
fn turn(pattern: &str) -> String {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let escaped = if character == '\\' { characters.next() } else { None };
        parts.push((character, escaped));
    }
    parts
        .into_iter()
        .rev()
        .flat_map(|(character, escaped)| std::iter::once(character).chain(escaped))
        .collect()
}

fn compile(pattern: &str, longest: bool, anchored: bool) -> Result<Regex, String> {
    let fault = |reason: String| format!("invalid pattern ({pattern}) in substitution: {reason}");
    let mut regex = String::with_capacity(pattern.len() + 8);
    if anchored {
        regex.push('^');
    }
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' => regex.push_str(if longest { ".*" } else { ".*?" }),
            '?' => regex.push('.'),
            '\\' => match characters.peek() {
                Some('}' | '/') => {}
                Some(escaped @ ('*' | '?' | '\\')) => {
                    regex.push('\\');
                    regex.push(*escaped);
                    characters.next();
                }
                escaped => {
                    let escaped = escaped.copied().unwrap_or(char::REPLACEMENT_CHARACTER);
                    return Err(fault(format!("invalid escape '\\{escaped}'")));
                }
            },
            _ => regex.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        }
    }
    Regex::new(&regex).map_err(|error| fault(error.to_string()))
}
