//! Why no build could be tried: the reason in words, and what a person can do about it.
//!
//! A build that was tried and failed is no error but a [`result`](super::result).

use camino::Utf8PathBuf;

/// What keeps dlint from building.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// None of the usual sockets is there.
    #[error("there is no Docker engine to build with: no socket at {}", .tried.join(", "))]
    NoSocket {
        /// Where it was looked for.
        tried: Vec<String>,
    },
    /// The socket belongs to somebody else.
    #[error("this user may not use the engine's socket `{socket}`")]
    PermissionDenied {
        /// The socket.
        socket: String,
    },
    /// Nobody listens.
    #[error("no engine listens at {endpoint}: {reason}")]
    NotRunning {
        /// Where.
        endpoint: String,
        /// What the system says.
        reason: String,
    },
    /// Somebody listens and does not answer.
    #[error("the engine at {endpoint} does not answer within {seconds} seconds")]
    Silent {
        /// Where.
        endpoint: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// Somebody answers who is no Docker engine, or in a way that cannot be understood.
    #[error("what answers at {endpoint} is no Docker engine: {reason}")]
    NoEngine {
        /// Where.
        endpoint: String,
        /// What it says.
        reason: String,
    },
    /// The text names no endpoint.
    #[error("`{text}` names no engine: {reason}")]
    Endpoint {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine lacks what the Dockerfile uses.
    #[error("the engine {engine} is too old for line {line} of `{path}`: {feature} needs {needs}")]
    TooOld {
        /// Its name and version.
        engine: String,
        /// The Dockerfile.
        path: Utf8PathBuf,
        /// The line that needs more.
        line: u32,
        /// What it uses.
        feature: &'static str,
        /// Since when there is such a thing.
        needs: String,
    },
    /// There is no Dockerfile to build.
    #[error("there is no Dockerfile in `{path}`")]
    NoDockerfile {
        /// Where it was looked for.
        path: Utf8PathBuf,
    },
    /// There are several, and nobody says which.
    #[error("a build takes one Dockerfile, and there are several: {}", .found.join(", "))]
    SeveralDockerfiles {
        /// Them.
        found: Vec<String>,
    },
    /// A file of the build context cannot be read.
    #[error("the build context cannot be read: `{path}`: {reason}")]
    Context {
        /// The file or folder.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// No room for an image.
    #[error("the disk of the engine is nearly full: {free} MiB are left at `{path}`")]
    DiskFull {
        /// Where the engine keeps its images.
        path: String,
        /// How much is left.
        free: u64,
    },
    /// Something that this engine or this dlint cannot do.
    #[error("{what} cannot be done: {reason}")]
    Unsupported {
        /// What was asked for.
        what: String,
        /// Why not.
        reason: String,
    },
    /// The engine refuses or broke off.
    #[error("the engine says: {0}")]
    Engine(String),
    /// The log cannot be written.
    #[error("cannot write the log `{path}`: {reason}")]
    Log {
        /// The file.
        path: Utf8PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Somebody pressed Ctrl-C, or asked the process to end.
    #[error("interrupted; no file was changed")]
    Interrupted,
}

impl BuildError {
    /// What to do about it, in a sentence or two.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::NoSocket { .. } => {
                "install Docker or podman and start it (`systemctl start docker`), or say where an engine is with \
                 `--builder` or DOCKER_HOST"
            }
            Self::PermissionDenied { .. } => {
                "pass `--use-sudo`, or have this user added to the group of the socket (`sudo usermod -aG docker $USER`, \
                 then log in again); members of that group are as good as root"
            }
            Self::NotRunning { .. } => {
                "start the engine (`systemctl start docker`), or name another with `--builder`"
            }
            Self::Silent { .. } => "look at the engine's own log (`journalctl -u docker`), and restart it",
            Self::NoEngine { .. } => {
                "name the address of a Docker or podman API: unix://, tcp:// or ssh://, or a docker context"
            }
            Self::Endpoint { .. } => {
                "addresses are `unix:///path/to/socket`, `tcp://host:2375`, `ssh://user@host`, or the name of a docker \
                 context"
            }
            Self::TooOld { .. } => {
                "update the engine, begin the file with `# syntax=docker/dockerfile:1` if it can reach Docker Hub, or do \
                 without"
            }
            Self::NoDockerfile { .. } => "name the Dockerfile: `dlint build path/to/Dockerfile`",
            Self::SeveralDockerfiles { .. } => "name one of them",
            Self::Context { .. } => {
                "make it readable, or leave it out of the context with a line in `.dockerignore`"
            }
            Self::DiskFull { .. } => "make room, for instance with `docker system prune`",
            Self::Engine(_) | Self::Unsupported { .. } | Self::Log { .. } | Self::Interrupted => return None,
        };
        Some(help.to_owned())
    }
}
