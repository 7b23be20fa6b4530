//! Paths of the image, and which file of the build context (or which text of the Dockerfile) stands at one of them.
//!
//! A path is absolute, or relative to the working directory that the image itself sets, which nobody knows: with
//! `COPY requirements.txt .` and no `WORKDIR`, both the copy and the install that reads it speak of the same relative
//! path. What commands do to files is known only as far as a redirection writes a text that stands there.

use std::rc::Rc;

use super::value::Value;

/// Longer paths are not followed, as Linux does not: each of many `cd a` would copy all those before it.
const LONGEST_PATH: usize = 4096;

/// Resolves `path` against a directory; `None` where the directory is not known, `..` leads out of a relative one, or
/// the path is longer than systems allow.
pub(super) fn join(directory: Option<&str>, path: &str) -> Option<String> {
    let absolute = path.starts_with('/');
    let base = if absolute { "" } else { directory? };
    if base.len() + path.len() > LONGEST_PATH {
        return None;
    }
    let rooted = absolute || base.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.is_empty() && !rooted => return None,
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    Some(if rooted { format!("/{joined}") } else { joined })
}

/// The folder in which a path stands.
pub(super) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) => "/",
        Some(slash) => path.get(..slash).unwrap_or_default(),
        None => "",
    }
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// The path if it is absolute, as facts tell it.
pub(super) fn absolute(path: Option<&str>) -> Option<String> {
    path.filter(|path| path.starts_with('/')).map(str::to_owned)
}

/// What of `path` lies below `folder`: the empty text for the folder itself.
pub(super) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return (!path.starts_with('/')).then_some(path);
    }
    if folder == "/" {
        return path.strip_prefix('/');
    }
    match path.strip_prefix(folder)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

/// Where the bytes at a path of the image come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A path of the build context, relative to its root.
    Context(String),
    /// A path of a stage.
    Stage(usize, String),
    /// A text of the Dockerfile.
    Text(Rc<Value>),
    /// Nobody knows.
    Unknown,
    /// What was there, but a command may have changed it.
    Altered,
}

/// What a placement covers.
#[derive(Clone, Debug)]
pub(super) enum Extent {
    /// The file at the target alone.
    File,
    /// Everything below the target, as it lies below the source.
    Folder,
    /// The files in the target whose name matches, as they lie beside the source.
    Matching(String),
}

/// Something put at a path of the image.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    pub(super) target: String,
    pub(super) extent: Extent,
    pub(super) source: Source,
}

/// The files of one stage: its placements, in order, upon those of its parent.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) parent: Option<usize>,
    pub(super) placements: Vec<Placement>,
}

/// What stands at a path.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// A file of the context that is there.
    Context(String),
    /// A text of the Dockerfile.
    Text(Rc<Value>),
    /// The path belongs to a copied folder, but the context has no such file.
    Missing(String),
    /// Nobody knows.
    Unknown,
}

/// A path looked up.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    pub(super) found: Found,
    /// Whether a command may have changed it since.
    pub(super) altered: bool,
}

/// Finds what stands at `path` of a stage; `is_file` tells which files the context has.
pub(super) fn look_up(
    layers: &[Layers],
    stage: usize,
    path: &str,
    is_file: &mut dyn FnMut(&str) -> bool,
) -> Lookup {
    let mut search = Search { layers, is_file, missing: None, altered: false, steps: 0 };
    let found = search.stage(stage, path).unwrap_or(Found::Unknown);
    let found = match (found, search.missing) {
        (Found::Unknown, Some(missing)) => Found::Missing(missing),
        (found, _) => found,
    };
    Lookup { found, altered: search.altered }
}

/// How many stages one search goes through, whichever way they hang together.
const MOST_STEPS: usize = 1000;

struct Search<'a> {
    layers: &'a [Layers],
    is_file: &'a mut dyn FnMut(&str) -> bool,
    missing: Option<String>,
    altered: bool,
    steps: usize,
}

impl Search<'_> {
    /// Looks in a stage and its parents; `None` where nothing was put at the path.
    fn stage(&mut self, stage: usize, path: &str) -> Option<Found> {
        let layers = self.layers;
        let mut next = Some(stage);
        while let Some(layer) = next.and_then(|stage| layers.get(stage)) {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Some(Found::Unknown);
            }
            for placement in layer.placements.iter().rev() {
                if let Some(found) = covered(placement, path).and_then(|rest| self.source(placement, rest)) {
                    return Some(found);
                }
            }
            next = layer.parent;
        }
        None
    }

    /// What a placement that covers the path has for it; `None` where what lay there before shows.
    fn source(&mut self, placement: &Placement, rest: &str) -> Option<Found> {
        match &placement.source {
            Source::Unknown => Some(Found::Unknown),
            Source::Altered => {
                self.altered = true;
                None
            }
            Source::Text(text) => Some(Found::Text(Rc::clone(text))),
            Source::Stage(stage, source) => self.stage(*stage, &join(Some(source), rest)?),
            Source::Context(source) => {
                let path = join(Some(source), rest)?;
                if (self.is_file)(&path) {
                    return Some(Found::Context(path));
                }
                self.missing.get_or_insert(path);
                None
            }
        }
    }
}

/// What of `path` a placement adds to its source; `None` where it does not cover the path.
fn covered<'p>(placement: &Placement, path: &'p str) -> Option<&'p str> {
    match &placement.extent {
        Extent::File => (path == placement.target).then_some(""),
        Extent::Folder => below(path, &placement.target),
        Extent::Matching(pattern) => {
            below(path, &placement.target).filter(|rest| !rest.contains('/') && matches(pattern, rest))
        }
    }
}

/// Whether a file name matches a pattern with `*` and `?`; a set in brackets matches any one character.
///
/// Going back to the last `*` alone is enough, and keeps this at the product of the two lengths.
fn matches(pattern: &str, name: &str) -> bool {
    let tokens = tokens(pattern);
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut token) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = name.get(at) {
        match tokens.get(token) {
            Some(Token::Many) => {
                star = Some((token + 1, at));
                token += 1;
            }
            Some(Token::Any) => (token, at) = (token + 1, at + 1),
            Some(Token::One(wanted)) if wanted == character => (token, at) = (token + 1, at + 1),
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (token, at) = (after, from + 1);
            }
        }
    }
    tokens.iter().skip(token).all(|token| *token == Token::Many)
}

#[derive(PartialEq)]
enum Token {
    Many,
    Any,
    One(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Many,
            '?' => Token::Any,
            '[' => {
                characters.by_ref().find(|next| *next == ']');
                Token::Any
            }
            character => Token::One(character),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_as_the_image_sees_them() {
        assert_eq!(join(Some("/app"), "../tmp/./x").as_deref(), Some("/tmp/x"));
        assert_eq!(join(Some("/app"), "/etc//x/").as_deref(), Some("/etc/x"));
        assert_eq!(join(Some(""), "a/b").as_deref(), Some("a/b"));
        assert_eq!(join(Some(""), "..").as_deref(), None);
        assert_eq!(join(Some("/"), "../..").as_deref(), Some("/"));
        assert_eq!(join(None, "a"), None);
    }

    #[test]
    fn what_lies_below_a_folder() {
        assert_eq!(below("/app/x", "/app"), Some("x"));
        assert_eq!(below("/app", "/app"), Some(""));
        assert_eq!(below("/apple", "/app"), None);
        assert_eq!(below("x/y", ""), Some("x/y"));
        assert_eq!(below("/x", ""), None);
        assert_eq!(below("/x", "/"), Some("x"));
    }

    #[test]
    fn file_names_match_patterns() {
        assert!(matches("req*.txt", "requirements.txt") && matches("*", "") && matches("a?[bc]d", "axbd"));
        assert!(matches("*a*ab", "aaab") && !matches("*.txt", "a.txt.in") && !matches("a", "ab"));
    }

    fn placement(target: &str, extent: Extent, source: Source) -> Placement {
        Placement { target: target.to_owned(), extent, source }
    }

    fn find(layers: &[Layers], stage: usize, path: &str) -> String {
        let files = ["requirements.txt", "sub/requirements.txt"];
        match look_up(layers, stage, path, &mut |path| files.contains(&path)).found {
            Found::Context(path) => path,
            Found::Missing(path) => format!("missing {path}"),
            Found::Text(text) => text.text.to_string(),
            Found::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn later_placements_win_where_they_have_the_file() {
        let context = |path: &str| Source::Context(path.to_owned());
        let layers = [
            Layers { parent: None, placements: vec![placement("/app", Extent::Folder, context(""))] },
            Layers {
                parent: Some(0),
                placements: vec![
                    placement("/app", Extent::Folder, context("sub")),
                    placement("/app", Extent::Folder, context("empty")),
                    placement("/b", Extent::Folder, Source::Stage(0, "/app".to_owned())),
                    placement("/c", Extent::Matching("req*.txt".to_owned()), context("")),
                ],
            },
        ];
        assert_eq!(find(&layers, 0, "/app/requirements.txt"), "requirements.txt");
        assert_eq!(find(&layers, 1, "/app/requirements.txt"), "sub/requirements.txt");
        assert_eq!(find(&layers, 1, "/b/requirements.txt"), "requirements.txt");
        assert_eq!(find(&layers, 1, "/c/requirements.txt"), "requirements.txt");
        assert_eq!(find(&layers, 1, "/c/other.txt"), "unknown");
        assert_eq!(find(&layers, 0, "/app/other.txt"), "missing other.txt");
    }
}
