//! An engine that answers: connected to, known by name and version, with room on its disk.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use bollard::errors::Error;
use bollard::{API_DEFAULT_VERSION, Docker};

use super::dial;
use super::endpoint::Address;
use super::error::BuildError;

/// How long an engine may take to say that it is there. One that starts needs some seconds.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long the engine may take to begin its answer: a big context is uploaded first.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(24 * 3600);

/// Less room than this, in MiB, is no room to build in.
const LEAST_FREE: u64 = 200;

/// An engine and what it is.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The API.
    pub docker: Docker,
    /// `Docker` or `Podman`.
    pub name: String,
    /// Its version as it says it.
    pub version: String,
    /// Whether it builds with BuildKit.
    pub buildkit: bool,
    /// Whether it can give GPUs to containers, as far as it says so.
    pub gpus: bool,
    /// Where it listens.
    pub address: String,
}

impl Engine {
    /// Connects, and makes sure that somebody answers who can build.
    pub async fn connect(address: &Address, sudo: bool) -> Result<Self, BuildError> {
        let shown = address.to_string();
        let docker = open(address, sudo)?.with_timeout(PATIENCE);
        let silent = || BuildError::Silent { endpoint: shown.clone(), seconds: PATIENCE.as_secs() };
        let answer = tokio::time::timeout(PATIENCE, docker.negotiate_version()).await;
        let docker = answer.map_err(|_| silent())?.map_err(|error| refused(&shown, error))?;
        let version = docker.version().await.map_err(|error| refused(&shown, error))?;
        let components = version.components.unwrap_or_default();
        let podman = components.iter().any(|component| component.name.contains("Podman"));
        let wanted = std::env::var("DOCKER_BUILDKIT").map_or(true, |value| value != "0");
        let buildkit = wanted && !podman && version.os.as_deref() != Some("windows");
        // An engine that does not tell about itself can still build.
        let info = docker.info().await.unwrap_or_default();
        if let (Address::Unix(_), Some(root)) = (address, &info.docker_root_dir) {
            check_room(root)?;
        }
        let runtimes = info.runtimes.unwrap_or_default();
        let gpus = runtimes.keys().any(|runtime| runtime != "runc" && runtime.contains("nvidia"));
        Ok(Self {
            docker: docker.with_timeout(REQUEST_TIMEOUT),
            name: if podman { "Podman" } else { "Docker" }.to_owned(),
            version: version.version.unwrap_or_default(),
            buildkit,
            gpus,
            address: shown,
        })
    }

    /// Major and minor version; zeros where it says none.
    pub fn release(&self) -> (u32, u32) {
        let mut numbers = self.version.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
    }
}

/// A client for the address; a socket of this machine is tried first, since the system says best what is wrong with it.
fn open(address: &Address, sudo: bool) -> Result<Docker, BuildError> {
    let shown = address.to_string();
    let seconds = PATIENCE.as_secs();
    if let Some(command) = dial::command(address, sudo) {
        let transport = move |request| dial::request(command.clone(), request);
        return Docker::connect_with_custom_transport(
            transport,
            Some("http://docker"),
            seconds,
            API_DEFAULT_VERSION,
        )
        .map_err(|error| refused(&shown, error));
    }
    match address {
        Address::Unix(path) => {
            try_socket(path)?;
            Docker::connect_with_unix(&path.to_string_lossy(), seconds, API_DEFAULT_VERSION)
        }
        Address::Tcp(address, None) => {
            Docker::connect_with_http(&format!("tcp://{address}"), seconds, API_DEFAULT_VERSION)
        }
        Address::Tcp(address, Some(tls)) => {
            let address = format!("tcp://{address}");
            Docker::connect_with_ssl(&address, &tls.key, &tls.cert, &tls.ca, seconds, API_DEFAULT_VERSION)
        }
        Address::Ssh(_) => return Err(BuildError::Engine("no way to it".to_owned())),
    }
    .map_err(|error| refused(&shown, error))
}

fn try_socket(path: &Path) -> Result<(), BuildError> {
    let socket = path.display().to_string();
    match UnixStream::connect(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound => BuildError::NoSocket { tried: vec![socket] },
            ErrorKind::PermissionDenied => BuildError::PermissionDenied { socket },
            _ => BuildError::NotRunning { endpoint: socket, reason: words(&error) },
        }),
    }
}

/// What a failed first request means.
fn refused(endpoint: &str, error: Error) -> BuildError {
    let endpoint = endpoint.to_owned();
    match error {
        Error::RequestTimeoutError => BuildError::Silent { endpoint, seconds: PATIENCE.as_secs() },
        Error::JsonDataError { message, .. } => BuildError::NoEngine { endpoint, reason: message },
        Error::DockerResponseServerError { status_code, message } => {
            BuildError::NoEngine { endpoint, reason: format!("{status_code}: {message}") }
        }
        error => BuildError::NotRunning { endpoint, reason: chain(&error) },
    }
}

/// The error and what it came from, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// What the system says, without its error number.
pub(super) fn words(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// Refuses to build where the next layer would not fit. What cannot be asked, such as an engine's folder inside a
/// virtual machine, is not in the way.
fn check_room(root: &str) -> Result<(), BuildError> {
    let Ok(disk) = rustix::fs::statvfs(root) else { return Ok(()) };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    if free < LEAST_FREE {
        return Err(BuildError::DiskFull { path: root.to_owned(), free });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connected(address: &Address) -> Result<Engine, BuildError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Engine::connect(address, false))
    }

    #[test]
    fn each_trouble_with_a_socket_has_its_own_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let address = Address::Unix(path.clone());
        assert!(matches!(connected(&address), Err(BuildError::NoSocket { .. })));
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        drop(listener);
        assert!(matches!(connected(&address), Err(BuildError::NotRunning { .. })));
    }

    #[test]
    fn somebody_who_is_no_engine_is_told_from_nobody() {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Address::Tcp(listener.local_addr().unwrap().to_string(), None);
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno");
        });
        assert!(matches!(connected(&address), Err(BuildError::NoEngine { .. })));
        assert!(matches!(connected(&address), Err(BuildError::NotRunning { .. })));
    }
}
