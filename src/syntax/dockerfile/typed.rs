//! What an instruction means: its flags and arguments by name.
//!
//! [`Instruction::typed`] is lenient: it reads what it can of a faulty instruction, and ignores flags it
//! does not know. What BuildKit would refuse is found elsewhere, and listed in `Dockerfile::faults`.
//! Nothing is expanded here.

use super::kind::InstructionKind;
use super::mount::Mount;
use super::stages;
use super::tree::{Args, Heredoc, Instruction, Pair};
use super::word::Word;
use crate::source::Mapped;

/// An instruction by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed<'a> {
    /// `ADD`
    Add(Transfer<'a>),
    /// `ARG`
    Arg(&'a [Pair]),
    /// `CMD`
    Cmd(Command<'a>),
    /// `COPY`
    Copy(Transfer<'a>),
    /// `ENTRYPOINT`
    Entrypoint(Command<'a>),
    /// `ENV`
    Env(&'a [Pair]),
    /// `EXPOSE`: the ports.
    Expose(&'a [Word]),
    /// `FROM`
    From(From<'a>),
    /// `HEALTHCHECK`
    Healthcheck(Healthcheck<'a>),
    /// `LABEL`
    Label(&'a [Pair]),
    /// `MAINTAINER`: the name.
    Maintainer(&'a Word),
    /// `ONBUILD`: the instruction for later.
    Onbuild(&'a Instruction),
    /// `RUN`
    Run(Run<'a>),
    /// `SHELL`: the shell and its arguments.
    Shell(&'a [Word]),
    /// `STOPSIGNAL`: the signal.
    Stopsignal(&'a Word),
    /// `USER`: the user, with the group behind a colon.
    User(&'a Word),
    /// `VOLUME`: the paths.
    Volume(&'a [Word]),
    /// `WORKDIR`: the path.
    Workdir(&'a Word),
}

/// A command in one of its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Text for a shell; empty where nothing is written.
    Shell(&'a Mapped),
    /// A program and its arguments.
    Exec(&'a [Word]),
}

/// `FROM [--platform=…] image [AS alias]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct From<'a> {
    /// The image or stage.
    pub image: &'a Word,
    /// The value of `--platform`.
    pub platform: Option<&'a Word>,
    /// The name given to the stage, as written.
    pub alias: Option<&'a Word>,
}

/// `COPY` and `ADD`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// What is copied, words that open heredocs included.
    pub sources: &'a [Word],
    /// Where it goes: the last argument.
    pub destination: &'a Word,
    /// `--from` (COPY)
    pub from: Option<&'a Word>,
    /// `--chown`
    pub chown: Option<&'a Word>,
    /// `--chmod`
    pub chmod: Option<&'a Word>,
    /// `--link`
    pub link: bool,
    /// `--parents` (COPY)
    pub parents: bool,
    /// `--exclude`, each time it is given
    pub excludes: Vec<&'a Word>,
    /// `--checksum` (ADD)
    pub checksum: Option<&'a Word>,
    /// `--keep-git-dir` (ADD)
    pub keep_git_dir: bool,
    /// `--unpack` (ADD), where it is given
    pub unpack: Option<bool>,
    /// The files written in place.
    pub heredocs: &'a [Heredoc],
}

/// `RUN`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// The command.
    pub command: Command<'a>,
    /// `--mount`, each time it is given
    pub mounts: Vec<Mount>,
    /// `--network`
    pub network: Option<&'a Word>,
    /// `--security`
    pub security: Option<&'a Word>,
    /// `--device`, each time it is given
    pub devices: Vec<&'a Word>,
    /// The heredocs of the command.
    pub heredocs: &'a [Heredoc],
}

impl<'a> Run<'a> {
    /// The heredoc that is the script, where the command is nothing but the word that opens it.
    pub fn script(&self) -> Option<&'a Heredoc> {
        match (self.command, self.heredocs) {
            (Command::Shell(command), [heredoc]) if command.full_span() == heredoc.span => Some(heredoc),
            _ => None,
        }
    }
}

/// `HEALTHCHECK`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Healthcheck<'a> {
    /// The command; `None` for `HEALTHCHECK NONE`.
    pub command: Option<Command<'a>>,
    /// `--interval`
    pub interval: Option<&'a Word>,
    /// `--timeout`
    pub timeout: Option<&'a Word>,
    /// `--start-period`
    pub start_period: Option<&'a Word>,
    /// `--start-interval`
    pub start_interval: Option<&'a Word>,
    /// `--retries`
    pub retries: Option<&'a Word>,
}

impl Instruction {
    /// What the instruction means; `None` where it is unknown or lacks what it cannot do without.
    pub fn typed(&self) -> Option<Typed<'_>> {
        use InstructionKind as Kind;
        Some(match self.kind? {
            Kind::Add => Typed::Add(self.transfer()?),
            Kind::Arg => Typed::Arg(self.pairs()),
            Kind::Cmd => Typed::Cmd(self.command()),
            Kind::Copy => Typed::Copy(self.transfer()?),
            Kind::Entrypoint => Typed::Entrypoint(self.command()),
            Kind::Env => Typed::Env(self.pairs()),
            Kind::Expose => Typed::Expose(self.words()),
            Kind::From => Typed::From(From {
                image: self.words().first()?,
                platform: self.flag("platform"),
                alias: stages::alias(self.words()),
            }),
            Kind::Healthcheck => Typed::Healthcheck(self.healthcheck()?),
            Kind::Label => Typed::Label(self.pairs()),
            Kind::Maintainer => Typed::Maintainer(self.words().first()?),
            Kind::Onbuild => Typed::Onbuild(self.onbuild.as_deref()?),
            Kind::Run => Typed::Run(Run {
                command: self.command(),
                mounts: self.flags_named("mount").filter_map(Mount::read).collect(),
                network: self.flag("network"),
                security: self.flag("security"),
                devices: self.flags_named("device").filter_map(|flag| flag.value.as_ref()).collect(),
                heredocs: &self.heredocs,
            }),
            Kind::Shell => Typed::Shell(self.exec()?),
            Kind::Stopsignal => Typed::Stopsignal(self.words().first()?),
            Kind::User => Typed::User(self.words().first()?),
            Kind::Volume => Typed::Volume(self.words()),
            Kind::Workdir => Typed::Workdir(self.words().first()?),
        })
    }

    fn command(&self) -> Command<'_> {
        match &self.args {
            Args::Json(words) => Command::Exec(words),
            _ => Command::Shell(&self.body),
        }
    }

    fn transfer(&self) -> Option<Transfer<'_>> {
        let (destination, sources) = self.words().split_last()?;
        Some(Transfer {
            sources,
            destination,
            from: self.flag("from"),
            chown: self.flag("chown"),
            chmod: self.flag("chmod"),
            link: self.switch("link") == Some(true),
            parents: self.switch("parents") == Some(true),
            excludes: self.flags_named("exclude").filter_map(|flag| flag.value.as_ref()).collect(),
            checksum: self.flag("checksum"),
            keep_git_dir: self.switch("keep-git-dir") == Some(true),
            unpack: self.switch("unpack"),
            heredocs: &self.heredocs,
        })
    }

    fn healthcheck(&self) -> Option<Healthcheck<'_>> {
        let none = self.check_type.as_ref()?.text.eq_ignore_ascii_case("none");
        Some(Healthcheck {
            command: (!none).then(|| self.command()),
            interval: self.flag("interval"),
            timeout: self.flag("timeout"),
            start_period: self.flag("start-period"),
            start_interval: self.flag("start-interval"),
            retries: self.flag("retries"),
        })
    }

    /// Whether the flag called `name`, which takes `true` or `false`, is on; `None` where it is not given.
    fn switch(&self, name: &str) -> Option<bool> {
        let flag = self.flags_named(name).next()?;
        Some(flag.value.as_ref().is_none_or(|value| value.text.eq_ignore_ascii_case("true")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use crate::syntax::dockerfile::parse;

    /// Hands the typed form of the second of two instructions to `check`, with its file.
    fn second(text: &str, check: impl FnOnce(&SourceFile, Typed)) {
        let file = SourceFile::new("Dockerfile", format!("FROM scratch\n{text}\n"));
        let tree = parse(&file);
        check(&file, tree.instructions[1].typed().expect("a typed instruction"));
    }

    #[test]
    fn mounts_have_keys_with_spans() {
        let text = "RUN --mount=type=cache,DST=/a,id='b c',ro --mount=\"type=bind,\\\"source=x,y\\\"\" make";
        second(text, |file, typed| {
            let Typed::Run(run) = typed else { panic!("{typed:?}") };
            let [cache, bind] = run.mounts.as_slice() else { panic!("{:?}", run.mounts) };
            assert_eq!(cache.kind(), "cache");
            let target = cache.target().expect("a target");
            assert_eq!((target.text.as_str(), file.slice(target.span)), ("/a", "/a"));
            let id = cache.id().expect("an id");
            assert_eq!(file.slice(id.span_of(2..3)), "c");
            assert!(cache.field(&["ro"]).is_some_and(|field| field.value.is_none()));
            assert_eq!(bind.source().map(Word::as_str), Some("x,y"));
            assert_eq!(
                run.command,
                Command::Shell(&Mapped::verbatim("make", file.text().find("make").unwrap() as u32))
            );
        });
    }

    #[test]
    fn copies_have_sources_and_a_destination() {
        second("COPY --from=build --link --exclude=*.md --chown=a:b x y /z/", |_, typed| {
            let Typed::Copy(copy) = typed else { panic!("{typed:?}") };
            let sources: Vec<&str> = copy.sources.iter().map(Word::as_str).collect();
            assert_eq!((sources, copy.destination.as_str()), (vec!["x", "y"], "/z/"));
            assert_eq!(copy.from.map(Word::as_str), Some("build"));
            assert!(copy.link && !copy.parents && copy.excludes.len() == 1);
        });
    }

    #[test]
    fn a_lone_heredoc_is_the_script() {
        second("RUN <<EOF\nmake\nEOF", |_, typed| {
            let Typed::Run(run) = typed else { panic!("{typed:?}") };
            assert_eq!(run.script().map(|heredoc| heredoc.content.as_str()), Some("make\n"));
        });
        second("RUN cat <<EOF\nmake\nEOF", |_, typed| {
            let Typed::Run(run) = typed else { panic!("{typed:?}") };
            assert_eq!(run.script(), None);
        });
    }

    #[test]
    fn a_faulty_instruction_is_still_read() {
        second("RUN --bogus make", |_, typed| {
            assert!(
                matches!(typed, Typed::Run(Run { command: Command::Shell(text), .. }) if text.as_str() == "make")
            );
        });
    }

    #[test]
    fn health_checks_have_a_command_or_none() {
        second("HEALTHCHECK --interval=5s CMD [\"a\"]", |_, typed| {
            let Typed::Healthcheck(check) = typed else { panic!("{typed:?}") };
            assert_eq!(check.interval.map(Word::as_str), Some("5s"));
            assert!(matches!(check.command, Some(Command::Exec([word])) if word.text == "a"));
        });
        second("HEALTHCHECK none", |_, typed| {
            assert!(matches!(typed, Typed::Healthcheck(Healthcheck { command: None, .. })));
        });
    }
}
