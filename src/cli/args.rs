//! The command line as clap reads it. Names and meanings are a contract that scripts rely on.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::session::Query;
use crate::diagnostic::Severity;

/// Finds what cannot work in Dockerfiles and the packages they install, says why, and mends it.
#[derive(Debug, Parser)]
#[command(name = "dlint", version, about, max_term_width = 100, disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// When to use colours; `auto` asks the terminal, `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, value_enum, default_value = "auto", global = true, value_name = "WHEN")]
    pub(super) color: When,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Report what is wrong
    Check(CheckArguments),
    /// Apply fixes, in Dockerfiles and in the requirement files that they install
    Fix(FixArguments),
    /// Fix, build, read why it failed, repair and build again, and prove that the image runs
    #[cfg(feature = "build")]
    Build(BuildArguments),
    /// Show which versions an image assembles, where each comes from, and whether they fit
    Stack(StackArguments),
    /// Say what the log of a failed build means, and what would mend it
    Diagnose(DiagnoseArguments),
    /// Show one rule's page: what, why, and examples before and after
    Explain(ExplainArguments),
    /// List, show and test rules, or print the schema of packs
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Record what is found today, so that only new findings count
    Baseline(BaselineArguments),
    /// Write a configuration to begin with
    Init(InitArguments),
    /// Print the syntax tree as JSON
    Ast(AstArguments),
    /// Print a script that completes dlint's command line
    Completions(CompletionsArguments),
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub(super) input: InputArguments,
    #[command(flatten)]
    pub(super) rules: RuleArguments,
    #[command(flatten)]
    pub(super) assumptions: AssumptionArguments,
    #[command(flatten)]
    pub(super) output: OutputArguments,
}

#[derive(Debug, Args)]
pub(super) struct FixArguments {
    /// Apply unsafe fixes as well: they may change what the image does
    #[arg(long)]
    pub(super) r#unsafe: bool,
    /// Print what would change as a unified diff and write nothing
    #[arg(long, conflicts_with = "format")]
    pub(super) diff: bool,
    /// Build the image, repair what fails, and write the fixes only if it builds and runs
    #[cfg(feature = "build")]
    #[arg(long, help_heading = "Build")]
    pub(super) build: bool,
    #[cfg(feature = "build")]
    #[command(flatten)]
    pub(super) options: BuildOptionArguments,
    #[command(flatten)]
    pub(super) check: CheckArguments,
}

#[cfg(feature = "build")]
#[derive(Debug, Args)]
pub(super) struct BuildArguments {
    /// Build the files as they are; say what a failure means and change nothing
    #[arg(long)]
    pub(super) no_fix: bool,
    /// Print what would be written as a unified diff and write nothing
    #[arg(long, conflicts_with = "format")]
    pub(super) diff: bool,
    #[command(flatten)]
    pub(super) options: BuildOptionArguments,
    #[command(flatten)]
    pub(super) check: CheckArguments,
}

/// How to build.
#[cfg(feature = "build")]
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Build")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct BuildOptionArguments {
    /// What to call the image: a name, or `auto` for the project's name with its release, commit or the time
    /// [default: auto]
    #[arg(long, value_name = "auto|NAME")]
    pub(super) tag: Option<String>,
    /// How many builds to try [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) max_attempts: Option<u32>,
    /// Build on this image instead of the one that the Dockerfile names
    #[arg(long, value_name = "IMAGE")]
    pub(super) base_image: Option<String>,
    /// Run every step, though its result may be there
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Ask the registry for newer base images
    #[arg(long)]
    pub(super) pull: bool,
    /// The network of `RUN` instructions, as `docker build` takes it
    #[arg(long, value_name = "MODE")]
    pub(super) network: Option<String>,
    /// A secret for `RUN --mount=type=secret`: id=NAME[,src=FILE|,env=VARIABLE]
    #[arg(long = "secret", value_name = "SECRET")]
    pub(super) secrets: Vec<String>,
    /// An agent for `RUN --mount=type=ssh`: `default`
    #[arg(long = "ssh", value_name = "AGENT")]
    pub(super) ssh: Vec<String>,
    /// The engine: unix://, tcp:// or ssh:// and an address, or a docker context [default: `DOCKER_HOST`, the
    /// current docker context, the usual sockets of Docker and podman]
    #[arg(long, value_name = "URL")]
    pub(super) builder: Option<String>,
    /// Reach the engine through `sudo docker system dial-stdio`
    #[arg(long)]
    pub(super) use_sudo: bool,
    /// Do not run the image
    #[arg(long, conflicts_with_all = ["smoke", "gpus"])]
    pub(super) no_smoke_test: bool,
    /// A shell command that must succeed in the image
    #[arg(long, value_name = "COMMAND")]
    pub(super) smoke: Option<String>,
    /// GPUs for the smoke test: `all`, a number, or device=ID
    #[arg(long, value_name = "GPUS")]
    pub(super) gpus: Option<String>,
    /// Give a build or a smoke test up after this long without any sign: 90s, 30m, 2h [default: 60m]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(super) timeout: Option<std::time::Duration>,
    /// Write the fixes even if the build fails
    #[arg(long, conflicts_with = "diff")]
    pub(super) keep_going: bool,
    /// Write the log of every build to a file
    #[arg(long, value_name = "FILE")]
    pub(super) log: Option<Utf8PathBuf>,
    /// Print the result as one JSON object, and nothing else on standard output
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
}

/// What to read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct InputArguments {
    /// Dockerfiles, Compose files, folders to search for Dockerfiles (.gitignore is honoured), or `-` for standard input
    /// [default: .]
    #[arg(value_name = "PATH", help_heading = "Arguments")]
    pub(super) paths: Vec<Utf8PathBuf>,
    /// Read further paths from a file, or `-` for standard input, separated by newlines or NULs
    #[arg(long, value_name = "FILE")]
    pub(super) files_from: Option<Utf8PathBuf>,
    /// The path by which standard input is known, for messages and for finding its context and configuration
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_filename: Option<Utf8PathBuf>,
    /// The build context [default: the folder of the Dockerfile]
    #[arg(long, value_name = "DIR")]
    pub(super) context: Option<Utf8PathBuf>,
    /// Use this configuration instead of the nearest `dlint.toml` above each file
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(super) config: Option<Utf8PathBuf>,
    /// Read no configuration
    #[arg(long)]
    pub(super) isolated: bool,
}

/// What to look for.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Rules")]
pub(super) struct RuleArguments {
    /// Apply only these: rule ids, aliases such as DL3042, packs such as `pip`, or `all`
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Do not apply these
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Load a further pack of rules
    #[arg(long = "pack", value_name = "FILE")]
    pub(super) packs: Vec<Utf8PathBuf>,
    /// Whether to ask shellcheck about shell scripts [default: auto, where it is on the PATH]
    #[arg(long, value_enum, value_name = "WHEN", env = "DLINT_SHELLCHECK", hide_env = true)]
    pub(super) shellcheck: Option<Shellcheck>,
}

/// What holds where the image is built and run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Assumptions")]
pub(super) struct AssumptionArguments {
    /// A build argument, as `docker build` takes it
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = parse_build_arg)]
    pub(super) build_args: Vec<(String, String)>,
    /// The stage that is built [default: the last one]
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// The platform that is built for [default: linux/amd64]
    #[arg(long, value_name = "PLATFORM")]
    pub(super) platform: Option<String>,
    /// The Python version, where the Dockerfile does not say it
    #[arg(long, value_name = "VERSION")]
    pub(super) python_version: Option<String>,
    /// The version of the GPU driver on the machine that runs the image
    #[arg(long, value_name = "VERSION")]
    pub(super) cuda_driver: Option<String>,
    /// The GPU that runs the image: a name, or a compute capability such as 9.0
    #[arg(long, value_name = "NAME|CC")]
    pub(super) gpu: Option<String>,
    /// A package that no fix may move
    #[arg(long, value_name = "PACKAGE")]
    pub(super) keep: Vec<String>,
    /// Give hadolint's own verdicts where those of dlint differ
    #[arg(long, help_heading = "Rules")]
    pub(super) hadolint: bool,
    /// A registry that images may come from; `*` stands for any text
    #[arg(long = "trusted-registry", value_name = "REGISTRY", help_heading = "Rules")]
    pub(super) trusted_registries: Vec<String>,
    /// A label that images must have, with its type: text, url, rfc3339, semver, hash, spdx or email
    #[arg(
        long = "require-label",
        value_name = "NAME:TYPE",
        value_parser = parse_label,
        help_heading = "Rules"
    )]
    pub(super) required_labels: Vec<(String, String)>,
    /// Allow no labels but the required ones
    #[arg(long, help_heading = "Rules")]
    pub(super) strict_labels: bool,
}

/// What to print.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArguments {
    /// The format of the report
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
    /// Write the report to a file
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<Utf8PathBuf>,
    /// The least severity that makes the exit status 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
    /// How many files to check at once [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Print findings and nothing else
    #[arg(long, short, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say on standard error what is read
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct BaselineArguments {
    #[command(flatten)]
    pub(super) input: InputArguments,
    #[command(flatten)]
    pub(super) rules: RuleArguments,
    #[command(flatten)]
    pub(super) assumptions: AssumptionArguments,
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// Say what the `.hadolint.yaml` in this folder says
    #[arg(long)]
    pub(super) from_hadolint: bool,
}

#[derive(Debug, Args)]
pub(super) struct StackArguments {
    #[command(flatten)]
    pub(super) input: InputArguments,
    #[command(flatten)]
    pub(super) assumptions: AssumptionArguments,
    /// Load a further pack of rules
    #[arg(long = "pack", value_name = "FILE")]
    pub(super) packs: Vec<Utf8PathBuf>,
    /// The format of the report
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: StackFormat,
}

#[derive(Debug, Args)]
pub(super) struct DiagnoseArguments {
    /// The log of a build, or of a command that failed in an image; `-` for standard input
    #[arg(value_name = "LOG")]
    pub(super) log: Utf8PathBuf,
    /// The Dockerfile that was built [default: that of the context or of the working directory, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) dockerfile: Option<Utf8PathBuf>,
    /// The build context [default: the folder of the Dockerfile]
    #[arg(long, value_name = "DIR")]
    pub(super) context: Option<Utf8PathBuf>,
    /// Make the first repair that is offered
    #[arg(long)]
    pub(super) apply: bool,
    /// The format of the report
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: DiagnoseFormat,
    #[command(flatten)]
    pub(super) assumptions: AssumptionArguments,
    /// Load a further pack of rules
    #[arg(long = "pack", value_name = "FILE")]
    pub(super) packs: Vec<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// A rule id, or an alias such as DL3042
    pub(super) rule: String,
    /// Load a further pack of rules
    #[arg(long = "pack", value_name = "FILE")]
    pub(super) packs: Vec<Utf8PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List the rules
    List {
        /// Load a further pack of rules
        #[arg(long = "pack", value_name = "FILE")]
        packs: Vec<Utf8PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one rule as its pack has it
    Show {
        /// A rule id, or an alias such as DL3042
        rule: String,
        /// Load a further pack of rules
        #[arg(long = "pack", value_name = "FILE")]
        packs: Vec<Utf8PathBuf>,
    },
    /// Start a new pack: write NAME.toml with one rule and its examples
    New {
        /// The name of the pack, which is that of the file too
        name: String,
    },
    /// Run the examples of packs; without a file, those of the built-in ones
    Test {
        /// Packs
        #[arg(value_name = "FILE")]
        packs: Vec<Utf8PathBuf>,
    },
    /// Print the JSON Schema of packs
    Schema,
    /// Print the reference of the pack format as Markdown
    Reference,
}

#[derive(Debug, Args)]
pub(super) struct AstArguments {
    /// Dockerfiles, or `-` for standard input
    #[arg(value_name = "PATH", required_unless_present = "files_from")]
    pub(super) paths: Vec<Utf8PathBuf>,
    /// Read further paths from a file, or `-` for standard input, separated by newlines or NULs
    #[arg(long, value_name = "FILE")]
    pub(super) files_from: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Shellcheck {
    /// Where it is on the `PATH`
    Auto,
    /// Yes; without it dlint fails
    On,
    /// No
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiagnoseFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StackFormat {
    /// A table for people
    Text,
    /// One JSON object
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// One JSON object a finding, each as soon as its file is done
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// Code quality report of GitLab
    Gitlab,
    /// Checkstyle XML
    Checkstyle,
    /// Test results as XML, for build servers
    Junit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FailOn {
    Error,
    Warning,
    Info,
    Style,
    Never,
}

impl CheckArguments {
    /// What the session needs to know of them.
    pub(super) fn query(&self) -> Query<'_> {
        Query {
            input: &self.input,
            rules: &self.rules,
            assumptions: &self.assumptions,
            fail_on: self.output.fail_on,
            jobs: self.output.jobs,
        }
    }
}

impl BaselineArguments {
    /// What the session needs to know of them.
    pub(super) fn query(&self) -> Query<'_> {
        let Self { input, rules, assumptions } = self;
        Query { input, rules, assumptions, fail_on: None, jobs: None }
    }
}

impl FailOn {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Style => "style",
            Self::Never => "never",
        }
    }

    /// Whether a finding of that severity makes the run fail.
    pub(super) fn includes(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Info => severity >= Severity::Info,
            Self::Style => severity >= Severity::Style,
            Self::Never => false,
        }
    }
}

/// `90`, `90s`, `30m` or `2h`.
#[cfg(feature = "build")]
fn parse_duration(text: &str) -> Result<std::time::Duration, String> {
    let (number, unit) = match text.char_indices().find(|(_, character)| !character.is_ascii_digit()) {
        Some((place, _)) => text.split_at(place),
        None => (text, "s"),
    };
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("a time is a number with `s`, `m` or `h`".to_owned()),
    };
    let seconds =
        number.parse::<u32>().ok().filter(|number| *number > 0).map(|number| u64::from(number) * factor);
    seconds
        .map(std::time::Duration::from_secs)
        .ok_or_else(|| "the number is missing, or too large".to_owned())
}

/// `NAME=VALUE`, or `NAME` alone for the value that the environment gives it.
fn parse_build_arg(text: &str) -> Result<(String, String), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (text, std::env::var(text).map_err(|_| format!("`{text}` has no value and is not set"))?),
    };
    if name.is_empty() {
        return Err("the name is missing".to_owned());
    }
    Ok((name.to_owned(), value))
}

/// `name:type`; without a type, any text will do.
fn parse_label(text: &str) -> Result<(String, String), String> {
    const TYPES: [&str; 7] = ["text", "url", "rfc3339", "semver", "hash", "spdx", "email"];
    let (name, kind) = text.rsplit_once(':').unwrap_or((text, ""));
    let kind = if kind.is_empty() { "text" } else { kind };
    if !TYPES.contains(&kind) {
        return Err(format!("`{kind}` is no type of labels; those are {}", TYPES.join(", ")));
    }
    Ok((name.to_owned(), kind.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[cfg(feature = "build")]
    #[test]
    fn times_have_units() {
        let seconds = |text| parse_duration(text).map(|time| time.as_secs()).ok();
        assert_eq!(["90", "90s", "30m", "2h"].map(seconds), [Some(90), Some(90), Some(1800), Some(7200)]);
        assert_eq!(["", "m", "0", "1d", "-1", "99999999999s"].map(seconds), [None; 6]);
    }

    #[test]
    fn build_arguments_are_names_and_values() {
        assert_eq!(parse_build_arg("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert!(parse_build_arg("=b").is_err());
        assert!(parse_build_arg("DLINT_SURELY_NOT_SET").is_err());
    }
}
