//! One build on the engine: the context goes up, events come back, an image or a failure is the end.
//!
//! Dropping the future cancels the build on the engine: its processes are gone within seconds.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bollard::errors::Error;
use bollard::models::BuildInfo;
use bollard::query_parameters::{BuildImageOptions, BuilderVersion, RemoveImageOptions, TagImageOptions};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::archive::BuildContext;
use super::connect::{Engine, chain};
use super::credentials::Credentials;
use super::error::BuildError;
use super::transcript::{Line, Transcript};

/// Bytes of the context that wait for the engine, in chunks.
const CHUNK: usize = 64 << 10;

/// How many chunks may wait: the context is read no faster than the engine takes it.
const WAITING_CHUNKS: usize = 16;

/// How an image is built.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Build arguments.
    pub arguments: Vec<(String, String)>,
    /// The stage; the last one if nothing is said.
    pub target: Option<String>,
    /// The platform; the engine's if nothing is said.
    pub platform: Option<String>,
    /// Whether steps are run though their result is there.
    pub no_cache: bool,
    /// Whether images are asked for though they are there.
    pub pull: bool,
    /// The network of `RUN`.
    pub network: Option<String>,
    /// After how long without any sign the build is given up.
    pub patience: Duration,
}

/// How a build ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With an image.
    Built {
        /// `sha256:…`.
        image_id: String,
    },
    /// With an error.
    Failed {
        /// What the engine says of it.
        error: String,
        /// The step that failed, where the engine names it.
        step: Option<String>,
    },
    /// Nothing happened any more.
    Silent {
        /// The step that was under way.
        step: Option<String>,
    },
}

/// Who hears of a build while it goes on.
pub trait Watch {
    /// A line of the log, and the step that is under way.
    fn line(&mut self, line: &Line, step: Option<&str>);
}

/// Builds an image without a name.
pub async fn build(
    engine: &Engine,
    context: Arc<BuildContext>,
    options: &BuildOptions,
    credentials: &Credentials,
    watch: &mut dyn Watch,
) -> Result<Outcome, BuildError> {
    let sent = Arc::new(AtomicU64::new(0));
    let dockerfile = context.dockerfile.to_string_lossy().into_owned();
    let (sender, receiver) = mpsc::channel(WAITING_CHUNKS);
    let upload = {
        let sent = Arc::clone(&sent);
        std::thread::spawn(move || {
            let written = context.write_tar(Upload { sender: sender.clone(), chunk: Vec::new(), sent });
            if let Err(error) = &written {
                // The engine must not take what it has so far for the whole.
                let _ = sender.blocking_send(Err(io::Error::other(error.to_string())));
            }
            written
        })
    };
    let body = bollard::body_try_stream(stream_of(receiver));
    let request = request(engine, options, dockerfile);
    let mut events = engine.docker.build_image(request, Some(credentials.0.clone()), Some(body));
    let told = listen(&mut events, engine.buildkit, options.patience, &sent, watch).await;
    drop(events);
    // Without a reader the thread ends at its next chunk.
    let uploaded = tokio::task::spawn_blocking(move || upload.join()).await;
    match uploaded {
        Ok(Ok(Err(error))) => Err(error),
        _ => told,
    }
}

fn request(engine: &Engine, options: &BuildOptions, dockerfile: String) -> BuildImageOptions {
    let arguments: HashMap<String, String> = options.arguments.iter().cloned().collect();
    BuildImageOptions {
        dockerfile,
        nocache: options.no_cache,
        pull: options.pull.then(|| "1".to_owned()),
        rm: true,
        forcerm: true,
        buildargs: Some(arguments).filter(|arguments| !arguments.is_empty()),
        networkmode: options.network.clone(),
        platform: options.platform.clone().unwrap_or_default(),
        target: options.target.clone().unwrap_or_default(),
        version: if engine.buildkit { BuilderVersion::BuilderBuildKit } else { BuilderVersion::BuilderV1 },
        session: engine.buildkit.then(random_name),
        ..BuildImageOptions::default()
    }
}

/// A name that nobody else uses.
pub(super) fn random_name() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    // The standard library seeds every such state at random.
    let part = || RandomState::new().build_hasher().finish();
    format!("dlint-{:016x}{:016x}", part(), part())
}

async fn listen(
    events: &mut (impl Stream<Item = Result<BuildInfo, Error>> + Unpin),
    buildkit: bool,
    patience: Duration,
    sent: &AtomicU64,
    watch: &mut dyn Watch,
) -> Result<Outcome, BuildError> {
    let mut transcript = Transcript::default();
    let mut lines = Vec::new();
    let mut uploaded = 0;
    let outcome = loop {
        let event = match tokio::time::timeout(patience, events.next()).await {
            Ok(event) => event,
            Err(_) if sent.load(Ordering::Relaxed) != uploaded => {
                uploaded = sent.load(Ordering::Relaxed);
                continue;
            }
            Err(_) => break Ok(Outcome::Silent { step: transcript.current().map(str::to_owned) }),
        };
        match event {
            None => break ended(&transcript),
            Some(Ok(event)) => transcript.event(event, &mut lines),
            Some(Err(error)) => match said(error) {
                Ok(error) => {
                    transcript.error(&error, buildkit, &mut lines);
                    break Ok(Outcome::Failed { error, step: transcript.failed().map(str::to_owned) });
                }
                Err(error) => break Err(error),
            },
        }
        tell(&mut lines, &transcript, watch);
    };
    transcript.end(&mut lines);
    tell(&mut lines, &transcript, watch);
    outcome
}

fn tell(lines: &mut Vec<Line>, transcript: &Transcript, watch: &mut dyn Watch) {
    for line in lines.drain(..) {
        watch.line(&line, transcript.current());
    }
}

fn ended(transcript: &Transcript) -> Result<Outcome, BuildError> {
    match &transcript.image_id {
        Some(image_id) => Ok(Outcome::Built { image_id: image_id.clone() }),
        None => Err(BuildError::Engine("it closed the connection before the build was done".to_owned())),
    }
}

/// What the engine says of the build; an error where it is the engine that failed.
fn said(error: Error) -> Result<String, BuildError> {
    match error {
        Error::DockerStreamError { error } => Ok(error),
        Error::DockerResponseServerError { status_code: 401 | 403 | 404, message } => {
            Err(BuildError::Engine(message))
        }
        Error::DockerResponseServerError { message, .. } => Ok(message),
        error => Err(BuildError::Engine(format!("the connection broke off: {}", chain(&error)))),
    }
}

/// Gives the image its name.
pub async fn tag(engine: &Engine, image_id: &str, name: &str) -> Result<(), BuildError> {
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, "latest"),
    };
    let options = TagImageOptions { repo: Some(repository.to_owned()), tag: Some(tag.to_owned()) };
    engine.docker.tag_image(image_id, Some(options)).await.map_err(|error| BuildError::Engine(chain(&error)))
}

/// Removes an image that is not wanted. One that has names, or that a container uses, stays.
pub async fn discard(engine: &Engine, image_id: &str) {
    let options = RemoveImageOptions { force: false, noprune: true, ..RemoveImageOptions::default() };
    let _ = engine.docker.remove_image(image_id, Some(options), None).await;
}

/// The chunks as a stream.
fn stream_of(
    receiver: mpsc::Receiver<io::Result<Bytes>>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    })
}

/// Hands over what is written, chunk by chunk.
struct Upload {
    sender: mpsc::Sender<io::Result<Bytes>>,
    chunk: Vec<u8>,
    sent: Arc<AtomicU64>,
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = std::mem::take(&mut self.chunk);
        self.sent.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        self.sender.blocking_send(Ok(chunk.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
