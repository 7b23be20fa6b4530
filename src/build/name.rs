//! What the image is called: `--tag auto` is the project's name with its release, its commit, or the time.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::date::Date;

/// The name of the project and a tag for what is in the folder now.
///
/// The name is that of the git remote, else of the folder; the tag is the git tag of the commit, else the commit with
/// `-dirty` where files differ from it, else the time.
pub fn auto(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let remote = git(&folder, &["config", "--get", "remote.origin.url"]);
    let root = git(&folder, &["rev-parse", "--show-toplevel"]);
    let base = |path: &str| path.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
    let name = remote
        .map(|url| base(url.trim_end_matches('/').trim_end_matches(".git")))
        .or_else(|| root.map(|root| base(&root)))
        .unwrap_or_else(|| base(&folder.to_string_lossy()));
    let commit = || {
        let commit = git(&folder, &["rev-parse", "--short", "HEAD"])?;
        Some(if is_dirty(&folder) { format!("{commit}-dirty") } else { commit })
    };
    let release = || git(&folder, &["describe", "--tags", "--exact-match"]).filter(|_| !is_dirty(&folder));
    let tag = release().or_else(commit).unwrap_or_else(|| timestamp(SystemTime::now()));
    format!("{}:{}", repository(&name), tag_of(&tag))
}

fn is_dirty(folder: &Path) -> bool {
    git(folder, &["status", "--porcelain", "--untracked-files=no"]).is_some()
}

/// What git prints in that folder; `None` where it fails or prints nothing.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The name as a repository may be called: lower case, letters and digits with single marks between them.
fn repository(name: &str) -> String {
    let mut repository = String::new();
    for character in name.to_lowercase().chars() {
        if character.is_ascii_alphanumeric() {
            repository.push(character);
        } else if !repository.is_empty() && !repository.ends_with(['-', '_', '.']) {
            repository.push(if matches!(character, '_' | '.') { character } else { '-' });
        }
    }
    let repository = repository.trim_end_matches(['-', '_', '.']);
    if repository.is_empty() { "image".to_owned() } else { repository.to_owned() }
}

/// The text as a tag may be: at most 128 letters, digits, `_`, `.` and `-`, the first no mark.
fn tag_of(text: &str) -> String {
    let legal = |character: char| {
        if character.is_ascii_alphanumeric() || "_.-".contains(character) { character } else { '-' }
    };
    let tag: String = text.chars().map(legal).take(128).collect();
    let tag = tag.trim_start_matches(['.', '-']);
    if tag.is_empty() { "latest".to_owned() } else { tag.to_owned() }
}

/// `20240213-143022`, in UTC.
fn timestamp(now: SystemTime) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let day = Date::of_seconds(seconds).map(|date| date.to_string().replace('-', "")).unwrap_or_default();
    let time = seconds % 86_400;
    format!("{day}-{:02}{:02}{:02}", time / 3600, time / 60 % 60, time % 60)
}

/// Whether the text can name an image; the words say why not.
pub fn check(name: &str) -> Result<(), String> {
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    let legal = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "._-".contains(character)
    };
    let is_part =
        |part: &str| part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.chars().all(legal);
    // The first of several parts may be a registry with a port.
    let path = match repository.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => path,
        _ => repository,
    };
    let repository_is_good = path.split('/').all(is_part);
    if !repository_is_good {
        return Err(format!(
            "`{repository}` is no repository: lower case letters, digits, `.`, `_` and `-` are allowed"
        ));
    }
    match tag {
        Some(tag) if tag_of(tag) != tag => {
            Err(format!("`{tag}` is no tag: letters, digits, `_`, `.` and `-` are allowed, 128 at most"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn run(folder: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=n", "-c", "user.email=e@example.com"];
        let status =
            Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap().status;
        assert!(status.success(), "{arguments:?}");
    }

    #[test]
    fn names_follow_what_git_knows() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("My Project_");
        std::fs::create_dir(&folder).unwrap();
        let (name, tag) = auto(&folder).split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!((name.as_str(), tag.len()), ("my-project", 15));
        run(&folder, &["init", "-q"]);
        std::fs::write(folder.join("f"), "1").unwrap();
        run(&folder, &["add", "f"]);
        run(&folder, &["commit", "-q", "-m", "x"]);
        let commit = auto(&folder);
        assert!(commit.starts_with("my-project:") && !commit.ends_with("-dirty"), "{commit}");
        run(&folder, &["tag", "v1.2.3"]);
        run(&folder, &["remote", "add", "origin", "git@example.com:team/My.App.git"]);
        assert_eq!(auto(&folder), "my.app:v1.2.3");
        std::fs::write(folder.join("f"), "2").unwrap();
        assert!(auto(&folder).ends_with("-dirty"));
    }

    #[test]
    fn times_are_written_without_marks() {
        assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(1_707_834_622)), "20240213-143022");
    }

    #[test]
    fn names_of_the_user_are_checked() {
        for name in ["a", "a/b:1.2", "host.example:5000/a/b", "localhost:5000/x:Y_1"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
        for name in ["", "A", "a:", "a:-x", "a//b", "a:b c", "a b"] {
            assert!(check(name).is_err(), "{name}");
        }
        assert_eq!(tag_of("feature/x y"), "feature-x-y");
        assert_eq!(repository("__"), "image");
    }
}
