//! Which engine to build with: what the user names, the environment, the current docker context, the usual sockets.
//!
//! Takes what the surroundings say ([`Surroundings`]) and looks at `~/.docker` and at which sockets exist. Gives an
//! address; nothing is connected to.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::BuildError;

/// Where an engine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A socket of this machine.
    Unix(PathBuf),
    /// `host:port`, over TLS where keys are given.
    Tcp(String, Option<TlsFiles>),
    /// `user@host:port`, where `docker system dial-stdio` reaches it.
    Ssh(String),
}

/// The folder's files that a connection over TLS needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The authority that signed the engine's certificate.
    pub ca: PathBuf,
    /// The client's certificate.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl TlsFiles {
    fn within(folder: &Path) -> Self {
        let [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| folder.join(name));
        Self { ca, cert, key }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(formatter, "unix://{}", path.display()),
            Self::Tcp(address, _) => write!(formatter, "tcp://{address}"),
            Self::Ssh(address) => write!(formatter, "ssh://{address}"),
        }
    }
}

/// What the surroundings say of engines.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// `DOCKER_TLS_VERIFY`, where it is not empty.
    pub tls: bool,
    /// `DOCKER_CERT_PATH`.
    pub cert_path: Option<PathBuf>,
    /// `DOCKER_CONFIG`, else `~/.docker`.
    pub config: PathBuf,
    /// The home of the user.
    pub home: PathBuf,
    /// `XDG_RUNTIME_DIR`, else the usual one of this user.
    pub runtime: PathBuf,
    /// The socket of the system's engine.
    pub system_socket: PathBuf,
    /// The socket of the system's podman.
    pub system_podman: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = variable("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
        let runtime = || PathBuf::from(format!("/run/user/{}", rustix::process::getuid().as_raw()));
        Self {
            docker_host: variable("DOCKER_HOST"),
            docker_context: variable("DOCKER_CONTEXT"),
            tls: variable("DOCKER_TLS_VERIFY").is_some(),
            cert_path: variable("DOCKER_CERT_PATH").map(PathBuf::from),
            config: variable("DOCKER_CONFIG").map_or_else(|| home.join(".docker"), PathBuf::from),
            runtime: variable("XDG_RUNTIME_DIR").map_or_else(runtime, PathBuf::from),
            home,
            system_socket: "/var/run/docker.sock".into(),
            system_podman: "/run/podman/podman.sock".into(),
        }
    }

    /// The engine to build with: what `builder` names, else `DOCKER_HOST`, else the current docker context, else the
    /// first of the usual sockets that exists.
    pub fn endpoint(&self, builder: Option<&str>) -> Result<Address, BuildError> {
        if let Some(text) = builder.or(self.docker_host.as_deref()) {
            if text.contains("://") {
                return self.parse(text);
            }
            return match builder {
                Some(name) => self.of_context(name),
                None => Err(unusable(text, "DOCKER_HOST has no scheme")),
            };
        }
        let current = self.docker_context.clone().or_else(|| self.current_context());
        match current.as_deref() {
            None | Some("" | "default") => self.usual_socket(),
            Some(name) => self.of_context(name),
        }
    }

    fn parse(&self, text: &str) -> Result<Address, BuildError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(unusable(text, "it has no scheme"));
        };
        if rest.is_empty() {
            return Err(unusable(text, "nothing follows the scheme"));
        }
        match scheme {
            "unix" => Ok(Address::Unix(rest.into())),
            "tcp" | "http" | "https" => {
                let tls = self.tls || scheme == "https";
                let folder = || self.cert_path.clone().unwrap_or_else(|| self.config.clone());
                let address = rest.trim_end_matches('/');
                let port = if tls { 2376 } else { 2375 };
                let has_port = address.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
                let address = if has_port { address.to_owned() } else { format!("{address}:{port}") };
                Ok(Address::Tcp(address, tls.then(|| TlsFiles::within(&folder()))))
            }
            "ssh" => Ok(Address::Ssh(rest.trim_end_matches('/').to_owned())),
            "npipe" => Err(unusable(text, "named pipes are Windows's own")),
            "docker-container" | "kube-pod" => {
                Err(unusable(text, "builders of buildx do not answer to the Docker API"))
            }
            _ => Err(unusable(text, "its scheme is not known")),
        }
    }

    /// The context that `docker context use` chose.
    fn current_context(&self) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Config {
            current_context: Option<String>,
        }
        let text = fs::read(self.config.join("config.json")).ok()?;
        serde_json::from_slice::<Config>(&text).ok()?.current_context
    }

    /// The address in `~/.docker/contexts/meta/…/meta.json`. The folders are called by a digest of the name, so all are
    /// looked at.
    fn of_context(&self, name: &str) -> Result<Address, BuildError> {
        if name == "default" {
            return self.usual_socket();
        }
        let contexts = self.config.join("contexts");
        for entry in fs::read_dir(contexts.join("meta")).into_iter().flatten().flatten() {
            let Ok(text) = fs::read(entry.path().join("meta.json")) else { continue };
            let Ok(meta) = serde_json::from_slice::<ContextMeta>(&text) else { continue };
            if meta.name != name {
                continue;
            }
            let Some(host) = meta.endpoints.docker.and_then(|docker| docker.host) else { break };
            let address = self.parse(&host)?;
            let tls = contexts.join("tls").join(entry.file_name()).join("docker");
            return Ok(match address {
                Address::Tcp(address, _) if tls.is_dir() => {
                    Address::Tcp(address, Some(TlsFiles::within(&tls)))
                }
                address => address,
            });
        }
        Err(unusable(name, "there is no docker context of that name"))
    }

    fn usual_socket(&self) -> Result<Address, BuildError> {
        let usual = [
            self.system_socket.clone(),
            self.runtime.join("docker.sock"),
            self.home.join(".docker/run/docker.sock"),
            self.home.join(".docker/desktop/docker.sock"),
            self.runtime.join("podman/podman.sock"),
            self.system_podman.clone(),
        ];
        match usual.iter().find(|socket| socket.exists()) {
            Some(socket) => Ok(Address::Unix(socket.clone())),
            None => Err(BuildError::NoSocket {
                tried: usual.iter().map(|socket| socket.display().to_string()).collect(),
            }),
        }
    }
}

fn unusable(text: &str, reason: &str) -> BuildError {
    BuildError::Endpoint { text: text.to_owned(), reason: reason.to_owned() }
}

/// What is read of a context's `meta.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextMeta {
    name: String,
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Endpoints {
    docker: Option<DockerEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerEndpoint {
    host: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings() -> (tempfile::TempDir, Surroundings) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_owned();
        let surroundings = Surroundings {
            config: path.join(".docker"),
            runtime: path.join("run"),
            system_socket: path.join("docker.sock"),
            system_podman: path.join("podman.sock"),
            home: path,
            ..Surroundings::default()
        };
        (home, surroundings)
    }

    fn shown(surroundings: &Surroundings, builder: Option<&str>) -> String {
        surroundings.endpoint(builder).map_or_else(|error| error.to_string(), |address| address.to_string())
    }

    #[test]
    fn the_option_comes_before_the_environment() {
        let (_home, mut surroundings) = surroundings();
        surroundings.docker_host = Some("unix:///run/a.sock".to_owned());
        assert_eq!(shown(&surroundings, None), "unix:///run/a.sock");
        assert_eq!(shown(&surroundings, Some("tcp://h")), "tcp://h:2375");
        assert_eq!(shown(&surroundings, Some("tcp://h:1/")), "tcp://h:1");
        assert_eq!(shown(&surroundings, Some("ssh://me@h:22")), "ssh://me@h:22");
        assert!(shown(&surroundings, Some("kube-pod://x")).contains("buildx"));
        assert!(shown(&surroundings, Some("nowhere")).contains("no docker context"));
        surroundings.docker_host = Some("h:2375".to_owned());
        assert!(shown(&surroundings, None).contains("no scheme"));
    }

    #[test]
    fn tls_takes_its_keys_from_the_named_folder() {
        let (_home, mut surroundings) = surroundings();
        surroundings.tls = true;
        surroundings.cert_path = Some("/keys".into());
        let tls = Some(TlsFiles::within(Path::new("/keys")));
        assert_eq!(surroundings.endpoint(Some("tcp://h")).unwrap(), Address::Tcp("h:2376".to_owned(), tls));
    }

    #[test]
    fn the_current_context_is_read_from_its_meta_file() {
        let (home, surroundings) = surroundings();
        let meta = home.path().join(".docker/contexts/meta/0a1b");
        fs::create_dir_all(&meta).unwrap();
        let text = r#"{"Name":"far","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://far:2376","SkipTLSVerify":false}}}"#;
        fs::write(meta.join("meta.json"), text).unwrap();
        fs::write(home.path().join(".docker/config.json"), r#"{"currentContext":"far"}"#).unwrap();
        assert_eq!(surroundings.endpoint(None).unwrap(), Address::Tcp("far:2376".to_owned(), None));
        let tls = home.path().join(".docker/contexts/tls/0a1b/docker");
        fs::create_dir_all(&tls).unwrap();
        let expected = Address::Tcp("far:2376".to_owned(), Some(TlsFiles::within(&tls)));
        assert_eq!(surroundings.endpoint(None).unwrap(), expected);
        assert_eq!(surroundings.endpoint(Some("far")).unwrap(), expected);
    }

    #[test]
    fn the_first_usual_socket_is_taken() {
        let (home, surroundings) = surroundings();
        assert!(matches!(surroundings.endpoint(None), Err(BuildError::NoSocket { .. })));
        fs::create_dir_all(home.path().join("run/podman")).unwrap();
        fs::write(home.path().join("run/podman/podman.sock"), "").unwrap();
        assert!(shown(&surroundings, None).ends_with("run/podman/podman.sock"));
        fs::write(home.path().join("docker.sock"), "").unwrap();
        assert!(shown(&surroundings, None).ends_with("/docker.sock"));
    }
}
