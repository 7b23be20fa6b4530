//! Secrets do not leave: what is told of a build passes here first.
//!
//! Hidden are the values that dlint was handed as secrets, the values of build arguments that are not plainly none,
//! and whatever an address carries for its user. The text that is diagnosed is the whole one and stays inside.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// Shorter values cannot be hidden: they are part of too many words.
const SHORTEST: usize = 4;

/// Shorter values of build arguments are no secrets, unless the name says so.
const SHORTEST_ARGUMENT: usize = 8;

/// `user:password@` of an address, and parameters that are called like a secret.
#[expect(clippy::expect_used, reason = "the expressions are constants, and a test compiles them")]
static ADDRESSES: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        r"(?P<before>[A-Za-z][A-Za-z0-9+.-]*://)[^/?#@\s]+@",
        r"(?i)(?P<before>[?&](?:[a-z_-]*(?:token|secret|password|passwd|apikey|api_key|signature|sig))=)[^&\s]+",
    ]
    .map(|expression| Regex::new(expression).expect("a valid expression"))
});

/// Hides secrets in texts.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    /// Longest first, so that none leaves a part of another.
    secrets: Vec<String>,
}

impl Redactor {
    /// Hides those values, each line of them too, and each as it stands in an address.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets: Vec<String> = Vec::new();
        for value in values {
            for text in std::iter::once(value.trim()).chain(value.lines().map(str::trim)) {
                if text.len() >= SHORTEST {
                    secrets.push(text.to_owned());
                    secrets.push(percent_encoded(text));
                }
            }
        }
        secrets.sort_by(|a, b| (b.len(), a).cmp(&(a.len(), b)));
        secrets.dedup();
        Self { secrets }
    }

    /// The text without secrets.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = Cow::Owned(text.replace(secret.as_str(), HIDDEN));
            }
        }
        if text.contains("://") || text.contains('=') {
            for address in ADDRESSES.iter() {
                if let Cow::Owned(hidden) = address.replace_all(&text, "${before}***@") {
                    text = Cow::Owned(hidden.replace("=***@", "=***"));
                }
            }
        }
        text
    }
}

/// The values of build arguments that may be secrets: all but those that the sources say themselves, and those that
/// are plainly versions, platforms, numbers or words.
pub fn secret_arguments(arguments: &[(String, String)], is_public: impl Fn(&str) -> bool) -> Vec<&str> {
    let secret = |(name, value): &&(String, String)| {
        let named = ["token", "secret", "passw", "key", "auth", "cred"];
        let name = name.to_lowercase();
        if named.iter().any(|word| name.contains(word)) {
            return true;
        }
        value.len() >= SHORTEST_ARGUMENT && !is_plain(value) && !is_public(value)
    };
    arguments.iter().filter(secret).map(|(_, value)| value.as_str()).collect()
}

/// A version, a number, an image with its tag, a platform.
fn is_plain(value: &str) -> bool {
    #[expect(clippy::expect_used, reason = "the expression is a constant, and a test compiles it")]
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        let parts = [
            r"v?\d{1,8}(\.\d{1,8})*([-+.]?[a-z]{1,8}\d{0,4}(\.\d{1,4})*){0,4}",
            r"[a-z0-9.:-]{1,40}(/[a-z0-9._-]{1,40}){1,3}(:[A-Za-z0-9._-]{1,40})?",
            r"[a-z]{1,20}(:[a-z0-9._-]{1,30})",
        ];
        Regex::new(&format!("^({})$", parts.join("|"))).expect("a valid expression")
    });
    PLAIN.is_match(value)
}

/// The text as it stands in an address.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_whole_and_in_addresses() {
        let redactor = Redactor::new(["hunter2!", "one\ntwo-lines", "abc"]);
        let hidden = |text| redactor.hide(text).into_owned();
        assert_eq!(hidden("x hunter2! y hunter2%21"), "x *** y ***");
        assert_eq!(hidden("two-lines"), "***");
        assert_eq!(hidden("abc"), "abc", "too short to hide");
        assert_eq!(
            hidden("Looking in indexes: https://me:tok@pypi.example/simple"),
            "Looking in indexes: https://***@pypi.example/simple"
        );
        assert_eq!(hidden("GET /x?access_token=abcd&b=c"), "GET /x?access_token=***&b=c");
        assert_eq!(hidden("a=b https://host/path@2"), "a=b https://host/path@2");
    }

    #[test]
    fn build_arguments_are_secret_unless_plain() {
        let secret = |name: &str, value: &str| {
            !secret_arguments(&[(name.to_owned(), value.to_owned())], |text| text == "production").is_empty()
        };
        assert!(secret("NPM_TOKEN", "x1"));
        assert!(secret("X", "s3cr3t-v4lue-9"));
        assert!(secret("X", "ghp_abcdefABCDEF0123456789"));
        assert!(secret("X", "https://u:p@h/simple"));
        for plain in
            ["3.11", "12.4.1", "2.5.1+cu124", "12.4.1-devel-ubuntu22.04", "linux/amd64", "true", "20240213"]
        {
            assert!(!secret("X", plain), "{plain}");
        }
        for plain in ["nvidia/cuda:12.4.1-devel-ubuntu22.04", "python:3.11-slim", "production"] {
            assert!(!secret("X", plain), "{plain}");
        }
    }
}
