//! Compose files: which Dockerfiles their services build, and how.
//!
//! Takes a Compose file and gives the `build:` of every service, with merge keys, aliases and `extends:` within the
//! file followed. Variables have their defaults; what depends on one without is unknown and left out. Left out
//! too: `include:`, services of other files, and contexts that are not folders.

use super::yaml::{self, Yaml, YamlScalar};
use crate::source::{Mapped, SourceFile, Span};

/// How many `extends:` or merge keys are followed from one service.
const MAX_DEPTH: usize = 16;

/// What the services of a file build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compose {
    /// The builds whose Dockerfile is known, in the order of their services.
    pub builds: Vec<Build>,
    /// What Compose would refuse.
    pub faults: Vec<ComposeFault>,
}

/// One service's `build:`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// The service.
    pub service: String,
    /// The folder of the build context, as it is written.
    pub context: String,
    /// The Dockerfile.
    pub dockerfile: Dockerfile,
    /// Further contexts: the name that a `FROM` or `--from` uses, and what it stands for.
    pub contexts: Vec<(String, String)>,
    /// Build arguments whose values are known.
    pub args: Vec<(String, String)>,
    /// The stage that is built.
    pub target: Option<String>,
    /// The platform, where there is exactly one.
    pub platform: Option<String>,
    /// What names the Dockerfile, or else the context or the service; empty where its place is not certain.
    pub span: Span,
}

/// Where the Dockerfile of a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dockerfile {
    /// In a file, whose path begins at the context.
    File(String),
    /// In the Compose file itself.
    Inline(Inline),
}

impl Default for Dockerfile {
    fn default() -> Self {
        Self::File("Dockerfile".to_owned())
    }
}

/// A Dockerfile that is written in a Compose file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    /// What the builder is given.
    pub text: String,
    /// The text with its place in the Compose file; `None` where that is not certain.
    pub place: Option<Mapped>,
}

/// Something that Compose would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposeFault {
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

/// Reads a Compose file.
pub fn parse(file: &SourceFile) -> Compose {
    let mut compose = Compose::default();
    let document = match yaml::parse(file) {
        Ok(document) => document,
        Err(fault) => {
            compose.faults.push(ComposeFault { span: fault.span, message: fault.message });
            return compose;
        }
    };
    let services = match document.get("services") {
        Some(services @ Yaml::Mapping(_)) => services,
        None | Some(Yaml::Null) => return compose,
        Some(other) => {
            let message = "`services` is not a mapping of names to services".to_owned();
            compose.faults.push(ComposeFault { span: span_of(other), message });
            return compose;
        }
    };
    if let Yaml::Mapping(pairs) = services {
        for (name, service) in pairs {
            match build(services, name, service) {
                Ok(build) => compose.builds.extend(build),
                Err(message) => compose.faults.push(ComposeFault { span: scalar_span(name), message }),
            }
        }
    }
    compose
}

/// The build of a service; nothing where it builds nothing or what it builds is not known.
fn build(services: &Yaml, name: &YamlScalar, service: &Yaml) -> Result<Option<Build>, String> {
    let chain = chain(services, service);
    let layers: Vec<&Yaml> = chain.iter().filter_map(|service| field(service, "build")).collect();
    if layers.is_empty() {
        return Ok(None);
    }
    if layers.iter().any(|layer| matches!(layer, Yaml::Sequence(_) | Yaml::Null)) {
        return Err(format!("`build` of `{}` is neither a folder nor a mapping", name.text));
    }
    let context = layers
        .iter()
        .find_map(|layer| layer.scalar().map_or_else(|| text(layer, "context"), |it| Some(Ok(it))));
    let context = context.transpose()?;
    let (dockerfile, written) = dockerfile(&layers)?;
    let folder = context.map_or_else(|| Some(".".to_owned()), known);
    let (Some(folder), Some(dockerfile)) = (folder, dockerfile) else { return Ok(None) };
    if is_remote(&folder) {
        return Ok(None);
    }
    let (mut args, mut contexts) = (Vec::new(), Vec::new());
    for layer in &layers {
        for (key, pairs) in [("args", &mut args), ("additional_contexts", &mut contexts)] {
            if let Some(given) = field(layer, key) {
                add_pairs(key, given, pairs)?;
            }
        }
    }
    let platforms: Vec<&Yaml> = layers
        .iter()
        .find_map(|layer| field(layer, "platforms"))
        .map_or_else(Vec::new, |list| list.items().iter().collect());
    let platform = match platforms.as_slice() {
        [one] => one.scalar(),
        [] => first(&chain, "platform")?,
        _ => None,
    };
    Ok(Some(Build {
        service: name.text.clone(),
        context: folder,
        dockerfile,
        args: args.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        contexts: contexts.into_iter().map(|(name, value)| (name, value.unwrap_or_default())).collect(),
        target: first(&layers, "target")?.and_then(known),
        platform: platform.and_then(known),
        span: scalar_span(written.or(context).unwrap_or(name)),
    }))
}

/// The Dockerfile, if what names or holds it is known; and that, if there is anything.
fn dockerfile<'a>(layers: &[&'a Yaml]) -> Result<(Option<Dockerfile>, Option<&'a YamlScalar>), String> {
    match (first(layers, "dockerfile")?, first(layers, "dockerfile_inline")?) {
        (Some(_), Some(_)) => Err("`dockerfile` and `dockerfile_inline` exclude each other".to_owned()),
        (None, None) => Ok((Some(Dockerfile::default()), None)),
        (Some(path), None) => Ok((known(path).map(Dockerfile::File), Some(path))),
        (None, Some(written)) => {
            let inline = match &written.place {
                Some(place) => interpolate(place, 0)
                    .map(|place| Inline { text: place.as_str().to_owned(), place: Some(place) }),
                None => known(written).map(|text| Inline { text, place: None }),
            };
            Ok((inline.map(Dockerfile::Inline), Some(written)))
        }
    }
}

/// The service and those of this file that it extends, nearest first.
fn chain<'a>(services: &'a Yaml, service: &'a Yaml) -> Vec<&'a Yaml> {
    let mut chain = vec![service];
    let mut last = service;
    while chain.len() < MAX_DEPTH {
        let base = match field(last, "extends") {
            Some(Yaml::Scalar(name)) => Some(name),
            Some(extends) if field(extends, "file").is_none() => {
                field(extends, "service").and_then(Yaml::scalar)
            }
            _ => None,
        };
        let Some(base) = base.and_then(|name| services.get(&name.text)) else { break };
        chain.push(base);
        last = base;
    }
    chain
}

/// The value of a key, also one that a merge key brings.
fn field<'a>(value: &'a Yaml, key: &str) -> Option<&'a Yaml> {
    merged(value, key, 0)
}

fn merged<'a>(value: &'a Yaml, key: &str, depth: usize) -> Option<&'a Yaml> {
    if depth == MAX_DEPTH {
        return None;
    }
    value.get(key).or_else(|| match value.get("<<")? {
        Yaml::Sequence(items) => items.iter().find_map(|item| merged(item, key, depth + 1)),
        other => merged(other, key, depth + 1),
    })
}

/// The text under a key.
fn text<'a>(value: &'a Yaml, key: &str) -> Option<Result<&'a YamlScalar, String>> {
    match field(value, key)? {
        Yaml::Null => None,
        Yaml::Scalar(scalar) => Some(Ok(scalar)),
        _ => Some(Err(format!("`{key}` is not a text"))),
    }
}

/// The text under a key in the first of the layers that has it.
fn first<'a>(layers: &[&'a Yaml], key: &str) -> Result<Option<&'a YamlScalar>, String> {
    layers.iter().find_map(|layer| text(layer, key)).transpose()
}

/// Adds the pairs under a key of a further layer: those that are there already stay, also where their value is unknown.
fn add_pairs(key: &str, given: &Yaml, pairs: &mut Vec<(String, Option<String>)>) -> Result<(), String> {
    let mut add = |name: &str, value: Option<&str>| {
        if pairs.iter().all(|(known, _)| known != name) {
            let value = value.and_then(|value| interpolate(&Mapped::verbatim(value, 0), 0));
            pairs.push((name.to_owned(), value.map(|value| value.as_str().to_owned())));
        }
    };
    match given {
        Yaml::Null => {}
        Yaml::Scalar(_) => return Err(format!("`{key}` is neither a list nor a mapping")),
        Yaml::Sequence(items) => {
            for item in items {
                let Some(item) = item.scalar() else {
                    return Err(format!("an item of `{key}` is not a text"));
                };
                match item.text.split_once('=') {
                    Some((name, value)) => add(name, Some(value)),
                    None => add(&item.text, None),
                }
            }
        }
        Yaml::Mapping(own) => {
            for (name, value) in own.iter().filter(|(name, _)| name.text != "<<") {
                add(&name.text, value.scalar().map(|value| value.text.as_str()));
            }
            match given.get("<<") {
                Some(base @ Yaml::Mapping(_)) => add_merged(base, &mut add),
                Some(bases) => bases.items().iter().for_each(|base| add_merged(base, &mut add)),
                None => {}
            }
        }
    }
    Ok(())
}

fn add_merged(base: &Yaml, add: &mut impl FnMut(&str, Option<&str>)) {
    if let Yaml::Mapping(pairs) = base {
        for (name, value) in pairs {
            add(&name.text, value.scalar().map(|value| value.text.as_str()));
        }
    }
}

/// How a text is written in a Compose file, so that it is read as it is.
pub fn written(text: &str) -> String {
    text.replace('$', "$$")
}

/// The text of a scalar, if it is known.
fn known(scalar: &YamlScalar) -> Option<String> {
    interpolate(&Mapped::verbatim(scalar.text.as_str(), 0), 0).map(|text| text.as_str().to_owned())
}

/// The text with the defaults of its variables; `None` where one has none.
fn interpolate(text: &Mapped, depth: usize) -> Option<Mapped> {
    let mut done = Mapped::default();
    let mut at = 0;
    while let Some(length) = text.as_str().get(at..)?.find('$') {
        let dollar = at + length;
        let after = text.as_str().get(dollar + 1..)?;
        if after.starts_with('$') {
            done.append(&text.slice(at..dollar + 1));
            at = dollar + 2;
            continue;
        }
        done.append(&text.slice(at..dollar));
        let body = after.strip_prefix('{')?;
        let end = closing_brace(body)?;
        let name_and_default = body.get(..end)?;
        let name = name_and_default.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        let operator = name_and_default.get(name..)?;
        let default = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'))?;
        if depth == MAX_DEPTH {
            return None;
        }
        at = dollar + 2 + end + 1;
        done.append(&interpolate(&text.slice(at - 1 - default.len()..at - 1), depth + 1)?);
    }
    done.append(&text.slice(at..text.as_str().len()));
    Some(done)
}

/// Where the brace closes that was opened before the text.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a context is fetched from somewhere.
fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}

fn span_of(value: &Yaml) -> Span {
    value.scalar().map_or_else(Span::default, scalar_span)
}

fn scalar_span(scalar: &YamlScalar) -> Span {
    scalar.place.as_ref().map_or_else(Span::default, Mapped::full_span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (SourceFile, Compose) {
        let file = SourceFile::new("compose.yaml", text.as_bytes());
        let compose = parse(&file);
        (file, compose)
    }

    #[test]
    fn both_forms_of_build_are_read() {
        let (file, compose) = read(
            "services:\n  a:\n    build: ./a\n  b:\n    platform: linux/arm64\n    build:\n      context: b\n      dockerfile: gpu.Dockerfile\n      target: run\n      args: [X=1, Y, 'Z=${Z:-3}', 'W=${W}']\n  c:\n    image: redis\n",
        );
        assert_eq!(compose.faults, []);
        let [a, b] = compose.builds.as_slice() else { panic!("{compose:?}") };
        assert_eq!((a.context.as_str(), file.slice(a.span)), ("./a", "./a"));
        assert_eq!(a.dockerfile, Dockerfile::default());
        assert_eq!((b.context.as_str(), file.slice(b.span)), ("b", "gpu.Dockerfile"));
        assert_eq!(b.dockerfile, Dockerfile::File("gpu.Dockerfile".to_owned()));
        assert_eq!(b.args, [("X".to_owned(), "1".to_owned()), ("Z".to_owned(), "3".to_owned())]);
        assert_eq!((b.target.as_deref(), b.platform.as_deref()), (Some("run"), Some("linux/arm64")));
    }

    #[test]
    fn merge_keys_and_extends_are_followed() {
        let (_, compose) = read(
            "x-args: &args {A: 1, B: 2}\nservices:\n  base:\n    build:\n      context: src\n      args:\n        <<: *args\n        B: 3\n  gpu:\n    extends: {service: base}\n    build:\n      args: {A: 9}\n  loop:\n    extends: loop\n",
        );
        let args: Vec<Vec<(&str, &str)>> = compose
            .builds
            .iter()
            .map(|build| build.args.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
            .collect();
        assert_eq!(args, [vec![("B", "3"), ("A", "1")], vec![("A", "9"), ("B", "3")]]);
        assert!(compose.builds.iter().all(|build| build.context == "src"));
    }

    #[test]
    fn unknown_and_remote_contexts_are_left_out() {
        let (_, compose) = read(
            "services:\n  a: {build: '${DIR}'}\n  b: {build: 'https://example.com/r.git'}\n  c: {build: '$DIR'}\n",
        );
        assert_eq!(compose, Compose::default());
        let interpolated = |text| {
            let known = interpolate(&Mapped::verbatim(text, 0), 0)?;
            Some((known.as_str().to_owned(), known.offset(known.as_str().len() - 1)))
        };
        assert_eq!(interpolated("a$$b${X:-${Y-z}}!"), Some(("a$bz!".to_owned(), 16)));
        assert_eq!(interpolated("${X:?needed}"), None);
        assert_eq!(interpolated("${X"), None);
    }

    #[test]
    fn a_dockerfile_may_stand_in_the_file() {
        let (file, compose) = read(
            "services:\n  a:\n    build:\n      context: src\n      additional_contexts: [base=docker-image://python:3.12]\n      dockerfile_inline: |\n        FROM base\n        RUN echo $$HOME\n  b:\n    build: {dockerfile_inline: \"FROM scratch\\n\"}\n",
        );
        let inline = |index: usize| match compose.builds.get(index).map(|build| &build.dockerfile) {
            Some(Dockerfile::Inline(inline)) => inline,
            other => panic!("{other:?}"),
        };
        assert_eq!(inline(0).text, "FROM base\nRUN echo $HOME\n");
        assert_eq!(inline(0).place.as_ref().map(|place| file.slice(place.span(19..24))), Some("$$HOME"));
        assert_eq!((inline(1).text.as_str(), &inline(1).place), ("FROM scratch\n", &None));
        let contexts = compose.builds.first().map(|build| build.contexts.as_slice());
        assert_eq!(contexts, Some([("base".to_owned(), "docker-image://python:3.12".to_owned())].as_slice()));
    }

    #[test]
    fn two_dockerfiles_are_one_too_many() {
        let (_, compose) = read("services:\n  a:\n    build: {dockerfile: x, dockerfile_inline: FROM y}\n");
        assert_eq!((compose.builds.len(), compose.faults.len()), (0, 1));
    }

    #[test]
    fn wrong_shapes_are_faults() {
        assert_eq!(read("services: [a]\n").1.faults.len(), 1);
        let (file, compose) = read("services:\n  a:\n    build: [x]\n");
        assert_eq!(compose.faults.iter().map(|fault| file.slice(fault.span)).collect::<Vec<_>>(), ["a"]);
        assert_eq!(read("services: {a: {build: {context: [x]}}}\n").1.faults.len(), 1);
        assert_eq!(read("a: b: c\n").1.faults.len(), 1);
    }
}
