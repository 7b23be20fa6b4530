//! Platforms such as `linux/arm64/v8`: what BuildKit reads in them and says of them.

use super::value::Value;
use crate::source::Location;

/// The operating systems by the names that Go has for them, which are Docker's.
const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];
/// The architectures, likewise.
const ARCHITECTURES: [&str; 20] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc", "ppc64",
    "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm", "armbe",
];

/// The platform arguments that BuildKit sets for every `FROM`, for a platform such as `linux/arm64/v8`.
pub(super) fn arguments(platform: &str) -> Vec<(String, Value)> {
    let mut parts = platform.splitn(3, '/');
    let os = parts.next().unwrap_or_default();
    let architecture = parts.next().unwrap_or_default();
    let variant = parts.next().unwrap_or_default();
    let mut arguments = Vec::new();
    for side in ["BUILD", "TARGET"] {
        for (name, text) in [("PLATFORM", platform), ("OS", os), ("ARCH", architecture), ("VARIANT", variant)]
        {
            arguments.push((format!("{side}{name}"), Value::given(text, Location::default())));
        }
    }
    arguments
}

/// Operating system and architecture of a platform as a user may write it; `None` where Docker would refuse it.
pub(super) fn parse(written: &str) -> Option<(String, String)> {
    let lower = written.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('/').collect();
    let is_word = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    };
    if parts.len() > 3 || !parts.iter().all(is_word) {
        return None;
    }
    let (system, architecture) = match parts.as_slice() {
        [one] if SYSTEMS.contains(one) => (*one, "amd64"),
        [one] if *one == "macos" => ("darwin", "amd64"),
        [one] if ARCHITECTURES.contains(&known_architecture(one)) => ("linux", *one),
        [system, architecture, ..] => (if *system == "macos" { "darwin" } else { *system }, *architecture),
        _ => return None,
    };
    Some((system.to_owned(), known_architecture(architecture).to_owned()))
}

/// The name that Docker uses, for one that others do.
fn known_architecture(name: &str) -> &str {
    match name {
        "i386" => "386",
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" | "armel" => "arm",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_fall_into_parts() {
        let arguments = arguments("linux/arm64/v8");
        let get = |name: &str| arguments.iter().find(|(key, _)| key == name).map(|(_, value)| &*value.text);
        assert_eq!(get("TARGETPLATFORM"), Some("linux/arm64/v8"));
        assert_eq!(get("TARGETARCH"), Some("arm64"));
        assert_eq!(get("BUILDVARIANT"), Some("v8"));
    }

    #[test]
    fn platforms_are_read_as_docker_reads_them() {
        let read = |text: &str| parse(text).map(|(system, architecture)| format!("{system} {architecture}"));
        assert_eq!(read("linux/arm64/v8").as_deref(), Some("linux arm64"));
        assert_eq!(read("X86_64").as_deref(), Some("linux amd64"));
        assert_eq!(read("windows").as_deref(), Some("windows amd64"));
        assert_eq!(read("macos/aarch64").as_deref(), Some("darwin arm64"));
        assert_eq!(read("nonsense"), None);
        assert_eq!(read("linux//arm64"), None);
        assert_eq!(read("a/b/c/d"), None);
    }
}
