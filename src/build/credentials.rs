//! Who the user is at the registries: `~/.docker/config.json` and the credential helpers that it names.
//!
//! Only registries that the Dockerfile takes images from are asked for, so that no helper asks for a password in vain.
//! What cannot be read is as if it were not there: the registry then says that it wants to know more.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard::auth::DockerCredentials;
use serde::Deserialize;

/// The name of Docker Hub in configuration files.
const HUB: &str = "https://index.docker.io/v1/";

/// Hosts by which Docker Hub is asked for, in addition to its name.
const HUB_HOSTS: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: BTreeMap<String, Entry>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

/// What a credential helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Credentials, by the names under which the engine asks for them.
#[derive(Clone, Debug, Default)]
pub struct Credentials(pub(super) HashMap<String, DockerCredentials>);

/// The host of the registry that an image comes from; that of Docker Hub is `docker.io`.
pub fn registry_of(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

/// The credentials for those registries.
pub fn read(config: &Path, registries: &[&str]) -> Credentials {
    let text = std::fs::read(config.join("config.json")).unwrap_or_default();
    let config: Config = serde_json::from_slice(&text).unwrap_or_default();
    let mut found = HashMap::new();
    for registry in registries {
        let hub = HUB_HOSTS.contains(registry);
        let name = if hub { HUB } else { registry };
        let Some(credentials) = config.find(name) else { continue };
        if hub {
            found.extend(HUB_HOSTS.map(|host| (host.to_owned(), credentials.clone())));
        }
        found.insert(name.to_owned(), credentials);
    }
    Credentials(found)
}

impl Credentials {
    /// The secrets among them.
    pub fn secrets(&self) -> Vec<String> {
        let values = self.0.values().flat_map(|credentials| {
            [&credentials.password, &credentials.identitytoken, &credentials.registrytoken]
        });
        let mut secrets: Vec<String> = values.flatten().cloned().collect();
        secrets.sort();
        secrets.dedup();
        secrets
    }
}

impl Config {
    fn find(&self, name: &str) -> Option<DockerCredentials> {
        let helper = self.cred_helpers.get(name).or(self.creds_store.as_ref());
        if let Some(credentials) = helper.and_then(|helper| ask(helper, name)) {
            return Some(credentials);
        }
        let entry = self.auths.iter().find(|(key, _)| *key == name || host_of(key) == name);
        entry.and_then(|(_, entry)| entry.credentials(name))
    }
}

/// The host of `https://host/v1/`.
fn host_of(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

impl Entry {
    fn credentials(&self, name: &str) -> Option<DockerCredentials> {
        let decoded = STANDARD.decode(&self.auth).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|text| text.trim_end_matches('\0').split_once(':'));
        let (username, password) = pair.unwrap_or((&self.username, &self.password));
        if username.is_empty() && self.identitytoken.is_empty() {
            return None;
        }
        Some(made(name, username, password, &self.identitytoken))
    }
}

fn made(name: &str, username: &str, password: &str, token: &str) -> DockerCredentials {
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    DockerCredentials {
        username: filled(username),
        password: filled(password),
        identitytoken: filled(token),
        serveraddress: Some(name.to_owned()),
        ..DockerCredentials::default()
    }
}

/// Asks `docker-credential-HELPER get`.
fn ask(helper: &str, name: &str) -> Option<DockerCredentials> {
    let mut child = Command::new(format!("docker-credential-{helper}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(name.as_bytes()).ok()?;
    let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
    let answer: Answer = serde_json::from_slice(&output.stdout).ok()?;
    Some(match answer.username.as_str() {
        "<token>" => made(name, "", "", &answer.secret),
        username => made(name, username, &answer.secret, ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, registries: &[&str]) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), config).unwrap();
        let credentials = read(folder.path(), registries);
        let mut found: Vec<_> = credentials
            .0
            .into_iter()
            .map(|(host, credentials)| {
                let secret = credentials.password.or(credentials.identitytoken).unwrap_or_default();
                (host, format!("{} {secret}", credentials.username.unwrap_or_default()))
            })
            .collect();
        found.sort();
        found
    }

    #[test]
    fn images_say_their_registry() {
        assert_eq!(registry_of("debian:12"), "docker.io");
        assert_eq!(registry_of("pytorch/pytorch:2"), "docker.io");
        assert_eq!(registry_of("nvcr.io/nvidia/pytorch:24.01-py3"), "nvcr.io");
        assert_eq!(registry_of("127.0.0.1:5000/a"), "127.0.0.1:5000");
        assert_eq!(registry_of("localhost/a"), "localhost");
    }

    #[test]
    fn entries_are_found_under_each_of_their_spellings() {
        let config = r#"{"auths": {"ghcr.io": {"auth": "bWU6c2VjcmV0"}, "https://r.example/v1/": {"identitytoken": "tok"},
            "https://index.docker.io/v1/": {"auth": "aHViOnB3"}}}"#;
        let pair = |host: &str, text: &str| (host.to_owned(), text.to_owned());
        assert_eq!(
            found(config, &["ghcr.io", "r.example", "nvcr.io"]),
            [pair("ghcr.io", "me secret"), pair("r.example", " tok")]
        );
        let hub = found(config, &["docker.io"]);
        assert!(hub.contains(&pair("registry-1.docker.io", "hub pw")), "{hub:?}");
        assert!(hub.contains(&pair(HUB, "hub pw")));
    }

    #[test]
    fn a_broken_file_gives_nothing() {
        assert!(found("{", &["docker.io"]).is_empty());
        assert!(found(r#"{"auths": {"a.b": {"auth": "!"}}}"#, &["a.b"]).is_empty());
        assert!(found(r#"{"credsStore": "surely-not-there"}"#, &["a.b"]).is_empty());
    }
}
