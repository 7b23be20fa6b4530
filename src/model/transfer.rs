//! `COPY`, `ADD` and `RUN --mount`: which files of the build context appear where in the image.

use std::rc::Rc;

use super::builder::Builder;
use super::context::ignore_file;
use super::expand::{expand, expand_heredoc, place, plain};
use super::facts::{Copied, Copy, Index, Mount};
use super::paths::{self, Extent, Placement, Source};
use super::value::Value;
use crate::source::Mapped;
use crate::syntax::dockerfile::{self as tree, Heredoc, Transfer};
use crate::syntax::dockerignore::Ignore;

/// Where the files of an instruction come from.
#[derive(Clone, Copy)]
enum Origin {
    Context,
    Stage(Index),
    Elsewhere,
}

impl Builder<'_> {
    /// `COPY` or `ADD`.
    pub(super) fn transfer(&mut self, transfer: &Transfer<'_>, instruction: Index, keyword: &'static str) {
        let destination = expand(transfer.destination, &self.state.scope, self.escape);
        let from = transfer.from.map(|from| expand(from, &self.state.scope, self.escape));
        let origin = self.origin(from.as_ref(), instruction, "copy");
        let target = destination.known().and_then(|path| paths::join(self.state.directory.as_deref(), path));
        let into_folder = transfer.sources.len() > 1
            || target == self.state.directory
            || destination.text.ends_with('/')
            || matches!(paths::base_name(&destination.text), "." | "..");
        if let (Some(mentioned), Some(target), Some(_)) = (self.mentioned.last_mut(), &target, &from) {
            mentioned.insert(target.as_str().into());
        }
        let mut sources = Vec::new();
        for word in transfer.sources {
            let heredoc = transfer.heredocs.iter().find(|heredoc| heredoc.span == word.span);
            let source = match heredoc {
                Some(_) => plain(word),
                None => expand(word, &self.state.scope, self.escape),
            };
            if heredoc.is_none() {
                let path = from.is_none().then(|| context_path(&source)).flatten();
                let ignored = path.as_ref().is_some_and(|path| self.is_ignored(path));
                self.facts.copied.push(Copied {
                    instruction,
                    copy: self.facts.copies.len(),
                    text: source.clone(),
                    path,
                    ignored,
                });
            }
            if let Some(target) = &target {
                match heredoc {
                    Some(heredoc) => self.place_heredoc(heredoc, target, into_folder),
                    None => self.place(&source, target, into_folder, transfer.parents, origin),
                }
            }
            sources.push(source);
        }
        let slash = if destination.text.len() > 1 && destination.text.ends_with('/') { "/" } else { "" };
        let at = self.facts.instructions.get(instruction).map(|instruction| instruction.at);
        self.facts.copies.push(Copy {
            instruction,
            stage: self.current_stage(),
            keyword,
            sources,
            target: paths::absolute(target.as_deref()).map(|target| target + slash),
            destination: Some(destination),
            from,
            from_stage: match origin {
                Origin::Stage(stage) => Some(stage),
                _ => None,
            },
            at: at.unwrap_or_default(),
        });
    }

    /// Whether `.dockerignore` leaves the path out of the build context.
    fn is_ignored(&mut self, path: &str) -> bool {
        let ignore = match self.ignore.take() {
            Some(ignore) => ignore,
            None => self.read_ignore(),
        };
        // With exceptions there is no telling what of a folder is left.
        let ignored = !ignore.has_exceptions() && ignore.leaves_out(path);
        self.ignore = Some(ignore);
        ignored
    }

    fn read_ignore(&self) -> Ignore {
        let dockerfile = self.facts.sources.get(super::expand::DOCKERFILE).path();
        let bytes = ignore_file(self.context, dockerfile).and_then(Result::ok);
        Ignore::parse(&bytes.unwrap_or_default())
    }

    fn origin(&mut self, from: Option<&Value>, instruction: Index, role: &'static str) -> Origin {
        match from {
            None => Origin::Context,
            Some(from) => match self.read_from(from, instruction, role) {
                Some(stage) => Origin::Stage(stage),
                None => Origin::Elsewhere,
            },
        }
    }

    /// What one source brings to the image.
    fn place(&mut self, source: &Value, target: &str, into_folder: bool, parents: bool, origin: Origin) {
        let Some(written) = source.known() else {
            self.put(target.to_owned(), Extent::Folder, Source::Unknown);
            return;
        };
        let remote = is_remote(written);
        if remote || matches!(origin, Origin::Elsewhere) {
            let named = paths::join(Some(target), paths::base_name(written));
            for target in [Some(target.to_owned()), named].into_iter().flatten() {
                self.put(target, Extent::File, Source::Unknown);
            }
            if !remote {
                self.put(target.to_owned(), Extent::Folder, Source::Unknown);
            }
            return;
        }
        let root = if matches!(origin, Origin::Context) { "" } else { "/" };
        let Some(path) = paths::join(Some(root), written.trim_start_matches('/')) else { return };
        let at = |path: &str| match origin {
            Origin::Stage(stage) => Source::Stage(stage, path.to_owned()),
            _ => Source::Context(path.to_owned()),
        };
        let kept = written.split_once("/./").map_or(written, |(_, kept)| kept);
        let target = match parents.then(|| paths::join(Some(target), kept.trim_start_matches('/'))) {
            Some(Some(target)) => target,
            _ => target.to_owned(),
        };
        let name = paths::base_name(&path);
        if name.contains(['*', '?', '[']) {
            let pattern = name.to_owned();
            let folder = if parents { paths::parent(&target).to_owned() } else { target };
            self.put(folder, Extent::Matching(pattern), at(paths::parent(&path)));
            return;
        }
        let is_context = matches!(origin, Origin::Context);
        if is_context && self.context.is_folder(path.as_str().into()) {
            self.put(target, Extent::Folder, at(&path));
            return;
        }
        // Whether it is a file or a folder is seen by what is asked of it.
        if !is_context || !self.context.is_folder("".into()) {
            self.put(target.clone(), Extent::Folder, at(&path));
        }
        // Docker copies a file into the target if that is a folder by then, which may be the image's doing.
        if !into_folder || parents {
            self.put(target.clone(), Extent::File, at(&path));
        }
        if let Some(inside) = paths::join(Some(&target), name).filter(|_| !parents) {
            self.put(inside, Extent::File, at(&path));
        }
    }

    fn place_heredoc(&mut self, heredoc: &Heredoc, target: &str, into_folder: bool) {
        let body = self.heredoc_text(heredoc);
        let body = if heredoc.chomp { without_tabs(&body) } else { body };
        let text = if heredoc.expand {
            expand_heredoc(&body, &self.state.scope, self.escape)
        } else {
            Value::mapped(&body, super::expand::DOCKERFILE)
        };
        let inside = if into_folder { paths::join(Some(target), &heredoc.name) } else { None };
        self.put(inside.unwrap_or_else(|| target.to_owned()), Extent::File, Source::Text(Rc::new(text)));
    }

    /// The body of a heredoc, byte for byte as long as it is in the file.
    pub(super) fn heredoc_text(&self, heredoc: &Heredoc) -> Mapped {
        Mapped::verbatim(self.facts.sources.slice(place(heredoc.body)), heredoc.body.start)
    }

    /// Puts something at a path of the current stage.
    pub(super) fn put(&mut self, target: String, extent: Extent, source: Source) {
        if let Some(layers) = self.layers.last_mut() {
            layers.placements.push(Placement { target, extent, source });
        }
    }

    /// `RUN --mount`; what it brings is there for the one instruction.
    pub(super) fn mount(&mut self, mount: &tree::Mount, instruction: Index) {
        let value = |word: &tree::Word, builder: &Self| expand(word, &builder.state.scope, builder.escape);
        let from = mount.from().map(|from| value(from, self));
        let source = mount.source().map(|source| value(source, self));
        let target = mount.target().map(|target| value(target, self));
        let kind = mount.kind();
        let origin = self.origin(from.as_ref(), instruction, "mount");
        let known = target.as_ref().and_then(Value::known);
        if let Some(path) = known.and_then(|path| paths::join(self.state.directory.as_deref(), path)) {
            let bound = source.as_ref().map_or(Some("/"), Value::known);
            let below = |root: &str| paths::join(Some(root), bound?.trim_start_matches('/'));
            let source = match origin {
                Origin::Context if kind == "bind" => below("").map(Source::Context),
                Origin::Stage(stage) if kind == "bind" => below("/").map(|path| Source::Stage(stage, path)),
                _ => None,
            };
            self.put(path, Extent::Folder, source.unwrap_or(Source::Unknown));
        }
        let option = |field: &tree::MountField| {
            let text = field.value.as_ref().map(|word| value(word, self));
            (
                field.key.text.to_ascii_lowercase().into(),
                text.unwrap_or_else(|| Value::empty(place(field.key.span))),
            )
        };
        self.facts.mounts.push(Mount {
            instruction,
            stage: self.current_stage(),
            options: mount.fields.iter().map(option).collect(),
            kind,
            target,
            source,
            from,
            at: place(mount.span),
        });
    }
}

/// The path of a source in the build context; the context itself is `.`.
fn context_path(source: &Value) -> Option<String> {
    let written = source.known().filter(|written| !is_remote(written))?;
    let path = paths::join(Some("/"), written)?;
    let path = path.trim_start_matches('/');
    Some(if path.is_empty() { ".".to_owned() } else { path.to_owned() })
}

/// Whether a source is an address.
fn is_remote(source: &str) -> bool {
    source.contains("://") || source.starts_with("git@")
}

/// A text whose lines have lost the tabs before them.
fn without_tabs(text: &Mapped) -> Mapped {
    let mut shorn = Mapped::default();
    let mut at = 0;
    for line in text.as_str().split_inclusive('\n') {
        let end = at + line.len();
        let start = end - line.trim_start_matches('\t').len();
        shorn.append(&text.slice(start..end));
        at = end;
    }
    shorn
}
