//! From the paths on the command line to the Dockerfiles to check.

use camino::{Utf8Path, Utf8PathBuf};
use ignore::WalkBuilder;

use super::context::without_dots;
use super::failure::Failure;
use super::files::STDIN;

/// A Dockerfile to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its path.
    pub(super) path: Utf8PathBuf,
    /// Whether it was named, and not met in a folder.
    pub(super) named: bool,
}

/// The Dockerfiles and Compose files that the paths mean, each once, in the order of their paths; and what could not be looked at.
///
/// A file is taken whatever it is called; a folder is searched for Dockerfiles by name, leaving out what
/// `.gitignore` does.
pub(super) fn discover(paths: &[Utf8PathBuf]) -> (Vec<Found>, Vec<Failure>) {
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for path in paths {
        if path == STDIN {
            found.push(Found { path: path.clone(), named: true });
        } else if path.is_dir() {
            search(path, &mut found, &mut failures);
        } else {
            found.push(Found { path: without_dots(path), named: true });
        }
    }
    // By their text, as people and scripts sort paths; by their parts `a/x` would come before `a-b`.
    found.sort_by(|a, b| (a.path.as_str(), !a.named).cmp(&(b.path.as_str(), !b.named)));
    found.dedup_by(|a, b| a.path == b.path);
    (found, failures)
}

fn search(folder: &Utf8Path, found: &mut Vec<Found>, failures: &mut Vec<Failure>) {
    // A folder need not be a repository for its .gitignore to say what is not meant.
    let walk = WalkBuilder::new(folder).hidden(false).require_git(false).build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {}
            Ok(entry) => {
                // What is not UTF-8 is not called Dockerfile.
                if let Ok(path) = Utf8PathBuf::from_path_buf(entry.into_path())
                    && path.file_name().is_some_and(is_dockerfile_name)
                    && path.is_file()
                    && !path.components().any(|part| part.as_str() == ".git")
                {
                    found.push(Found { path: without_dots(&path), named: false });
                }
            }
            Err(error) => failures.push(Failure::Plain(format!("cannot search `{folder}`: {error}"))),
        }
    }
}

/// Whether a file of that name is a Dockerfile. A `.dockerignore` that belongs to one is not.
fn is_dockerfile_name(name: &str) -> bool {
    let named = ["Dockerfile", "Containerfile"]
        .iter()
        .any(|base| name == *base || name.strip_prefix(base).is_some_and(|rest| rest.starts_with('.')));
    let suffixed = [".Dockerfile", ".dockerfile"].iter().any(|suffix| name.ends_with(suffix));
    (named || suffixed) && !name.ends_with(".dockerignore")
}

/// Whether a file that was named is a Compose file.
pub(super) fn is_compose_file(path: &Utf8Path) -> bool {
    let stem = path.file_stem().unwrap_or_default();
    let called = |part| matches!(part, "compose" | "docker-compose");
    let yaml = matches!(path.extension(), Some("yml" | "yaml"));
    yaml && (stem.split('.').next().is_some_and(called) || stem.rsplit('.').next().is_some_and(called))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockerfiles_are_known_by_name() {
        let yes = [
            "Dockerfile",
            "Dockerfile.gpu",
            "api.Dockerfile",
            "api.dockerfile",
            "Containerfile",
            "Containerfile.x",
        ];
        assert!(yes.iter().all(|name| is_dockerfile_name(name)));
        let no =
            ["dockerfile", "Dockerfile-old", "MyDockerfile", "Dockerfile.gpu.dockerignore", "Dockerfiles"];
        assert!(!no.iter().any(|name| is_dockerfile_name(name)));
    }

    #[test]
    fn compose_files_are_known_by_name() {
        let yes = ["compose.yaml", "docker-compose.yml", "a/docker-compose.gpu.yml", "gpu.compose.yaml"];
        assert!(yes.iter().all(|path| is_compose_file(Utf8Path::new(path))));
        let no = ["compose", "compose.json", "compose/Dockerfile", "my-compose.yaml", "environment.yml"];
        assert!(!no.iter().any(|path| is_compose_file(Utf8Path::new(path))));
    }

    #[test]
    fn folders_are_searched_and_ignored_files_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        for path in ["b/Dockerfile", "a/Dockerfile.gpu", "vendor/Dockerfile", "a/Dockerfile/x", "c/other"] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "FROM scratch\n").unwrap();
        }
        std::fs::write(root.join(".gitignore"), "vendor/\n").unwrap();
        let (found, failures) =
            discover(&[root.to_owned(), root.join("b/./Dockerfile"), root.join("c/other")]);
        assert!(failures.is_empty());
        let found: Vec<_> = found
            .iter()
            .map(|found| (found.path.strip_prefix(root).unwrap().as_str(), found.named))
            .collect();
        assert_eq!(found, [("a/Dockerfile.gpu", false), ("b/Dockerfile", true), ("c/other", true)]);
    }
}
