//! `EXPOSE`: ports taken apart.

use super::builder::Builder;
use super::expand::expand;
use super::facts::{Index, Port};
use super::value::Value;
use crate::syntax::dockerfile::Word;

impl Builder<'_> {
    /// The ports of an `EXPOSE`. A variable may hold several.
    pub(super) fn ports(&mut self, words: &[Word], instruction: Index) {
        for word in words {
            let value = expand(word, &self.state.scope, self.escape);
            for text in parts(&value) {
                self.facts.ports.push(port(text, instruction));
            }
        }
    }
}

/// The texts between blanks.
fn parts(value: &Value) -> Vec<Value> {
    if !value.text.contains(char::is_whitespace) || !value.is_known() {
        return vec![value.clone()];
    }
    let words = value.text.split_whitespace();
    let start = |word: &str| word.as_ptr() as usize - value.text.as_ptr() as usize;
    words.map(|word| value.slice(start(word)..start(word) + word.len())).collect()
}

/// `[host:]container[/protocol]`
fn port(text: Value, instruction: Index) -> Port {
    let slash = text.text.rfind('/');
    let end = slash.unwrap_or(text.text.len());
    let colon = text.text.get(..end).and_then(|before| before.rfind(':'));
    Port {
        instruction,
        container: text.slice(colon.map_or(0, |colon| colon + 1)..end),
        host: text.slice(0..colon.unwrap_or(0)),
        protocol: slash.map(|slash| text.slice(slash + 1..text.text.len())),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Location;

    #[test]
    fn ports_fall_into_parts() {
        let parts = |text: &str| {
            let port = port(Value::literal(text, Location::default()), 0);
            (port.host.text, port.container.text, port.protocol.map(|protocol| protocol.text))
        };
        let texts = |host: &str, container: &str| (host.into(), container.into());
        let check = |text: &str, host, container, protocol: Option<&str>| {
            let (host, container) = texts(host, container);
            assert_eq!(parts(text), (host, container, protocol.map(Into::into)), "{text}");
        };
        check("80", "", "80", None);
        check("80-90/TCP", "", "80-90", Some("TCP"));
        check("127.0.0.1:8080:80/udp", "127.0.0.1:8080", "80", Some("udp"));
        check(":80", "", "80", None);
        check("", "", "", None);
    }
}
