//! Compose files: which Dockerfiles their services build, and how.
//!
//! Takes a Compose file and gives the `build:` of every service, with merge keys, aliases and `extends:` within the
//! file followed. Variables have their defaults; what depends on one without is unknown and left out. Left out
//! too: `include:`, services of other files, contexts that are not folders, `dockerfile_inline` and
//! `additional_contexts`.

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
    /// The Dockerfile, from the context.
    pub dockerfile: String,
    /// Build arguments whose values are known.
    pub args: Vec<(String, String)>,
    /// The stage that is built.
    pub target: Option<String>,
    /// The platform, where there is exactly one.
    pub platform: Option<String>,
    /// What names the Dockerfile, or else the context or the service; empty where its place is not certain.
    pub span: Span,
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
    if layers.is_empty() || layers.iter().any(|layer| field(layer, "dockerfile_inline").is_some()) {
        return Ok(None);
    }
    if layers.iter().any(|layer| matches!(layer, Yaml::Sequence(_) | Yaml::Null)) {
        return Err(format!("`build` of `{}` is neither a folder nor a mapping", name.text));
    }
    let context = layers
        .iter()
        .find_map(|layer| layer.scalar().map_or_else(|| text(layer, "context"), |it| Some(Ok(it))));
    let context = context.transpose()?;
    let dockerfile = first(&layers, "dockerfile")?;
    let known = |scalar: Option<&YamlScalar>, default: &str| {
        scalar.map_or_else(|| Some(default.to_owned()), |scalar| interpolate(&scalar.text, 0))
    };
    let (Some(folder), Some(path)) = (known(context, "."), known(dockerfile, "Dockerfile")) else {
        return Ok(None);
    };
    if is_remote(&folder) {
        return Ok(None);
    }
    let mut args = Vec::new();
    for layer in &layers {
        if let Some(given) = field(layer, "args") {
            add_args(given, &mut args)?;
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
        dockerfile: path,
        args: args.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        target: first(&layers, "target")?.and_then(|scalar| interpolate(&scalar.text, 0)),
        platform: platform.and_then(|scalar| interpolate(&scalar.text, 0)),
        span: scalar_span(dockerfile.or(context).unwrap_or(name)),
    }))
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

/// Adds arguments of a further layer: those that are there already stay, also where their value is unknown.
fn add_args(given: &Yaml, args: &mut Vec<(String, Option<String>)>) -> Result<(), String> {
    let mut add = |name: &str, value: Option<&str>| {
        if args.iter().all(|(known, _)| known != name) {
            args.push((name.to_owned(), value.and_then(|value| interpolate(value, 0))));
        }
    };
    match given {
        Yaml::Null => {}
        Yaml::Scalar(_) => return Err("`args` is neither a list nor a mapping".to_owned()),
        Yaml::Sequence(items) => {
            for item in items {
                let Some(item) = item.scalar() else {
                    return Err("an item of `args` is not a text".to_owned());
                };
                match item.text.split_once('=') {
                    Some((name, value)) => add(name, Some(value)),
                    None => add(&item.text, None),
                }
            }
        }
        Yaml::Mapping(pairs) => {
            for (name, value) in pairs.iter().filter(|(name, _)| name.text != "<<") {
                add(&name.text, value.scalar().map(|value| value.text.as_str()));
            }
            match given.get("<<") {
                Some(base @ Yaml::Mapping(_)) => add_merged_args(base, &mut add),
                Some(bases) => bases.items().iter().for_each(|base| add_merged_args(base, &mut add)),
                None => {}
            }
        }
    }
    Ok(())
}

fn add_merged_args(base: &Yaml, add: &mut impl FnMut(&str, Option<&str>)) {
    if let Yaml::Mapping(pairs) = base {
        for (name, value) in pairs {
            add(&name.text, value.scalar().map(|value| value.text.as_str()));
        }
    }
}

/// The text with the defaults of its variables; `None` where one has none.
fn interpolate(text: &str, depth: usize) -> Option<String> {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        done.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            done.push('$');
            rest = after;
            continue;
        }
        let body = after.strip_prefix('{')?;
        let end = closing_brace(body)?;
        let (name_and_default, after) = (body.get(..end)?, body.get(end + 1..)?);
        let name = name_and_default.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
        let operator = name_and_default.get(name..)?;
        let default = operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-'))?;
        if depth == MAX_DEPTH {
            return None;
        }
        done.push_str(&interpolate(default, depth + 1)?);
        rest = after;
    }
    done.push_str(rest);
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
        assert_eq!(
            (a.context.as_str(), a.dockerfile.as_str(), file.slice(a.span)),
            ("./a", "Dockerfile", "./a")
        );
        assert_eq!((b.context.as_str(), file.slice(b.span)), ("b", "gpu.Dockerfile"));
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
        assert_eq!(interpolate("a$$b${X:-${Y-z}}", 0).as_deref(), Some("a$bz"));
        assert_eq!(interpolate("${X:?needed}", 0), None);
        assert_eq!(interpolate("${X", 0), None);
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
