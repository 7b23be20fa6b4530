//! `[[rule.example]]`: from TOML to [`Example`].

use super::error::PackFault;
use super::read_common::pairs;
use super::reader::{Node, Reader, Text};
use super::rule::Example;
use crate::model::settings::{ParameterValue, Settings};

/// The options of an example that take no value.
const HADOLINT: &str = "--hadolint";
const STRICT_LABELS: &str = "--strict-labels";

/// Reads one example.
pub(super) fn example(table: Reader<'_>) -> Option<Example> {
    let (text, bad) = match (table.text("bad"), table.text("good")) {
        (Some(text), None) => (text.text.to_owned(), true),
        (None, Some(text)) => (text.text.to_owned(), false),
        _ => {
            senseless(table, "an example is either `bad` or `good`");
            return None;
        }
    };
    let fixed = table.text("fixed").map(|text| text.text.to_owned());
    let fixed_files = table.get("fixed-files").map(pairs).unwrap_or_default();
    if !bad && (fixed.is_some() || !fixed_files.is_empty() || table.get("at").is_some()) {
        senseless(table, "a good example has nothing to report and nothing to fix");
    }
    Some(Example {
        text,
        bad,
        at: table
            .get("at")
            .map(|node| node.texts().into_iter().filter_map(|text| position(text, node)).collect()),
        fixed,
        takes_unsafe: table.flag("unsafe").unwrap_or(false),
        files: table.get("files").map(pairs).unwrap_or_default(),
        fixed_files,
        settings: table.get("args").map(settings).unwrap_or_default(),
        span: table.span,
    })
}

/// `2:5`, or `requirements.txt:1:1`.
fn position(text: Text<'_>, node: Node<'_>) -> Option<(Option<String>, u32, u32)> {
    let mut parts = text.text.rsplitn(3, ':');
    let column = parts.next().and_then(|column| column.parse().ok());
    let line = parts.next().and_then(|line| line.parse().ok());
    if let (Some(column), Some(line)) = (column, line) {
        return Some((parts.next().map(str::to_owned), line, column));
    }
    let message = format!("`{}` is not `line:column` or `file:line:column`", text.text);
    node.log.note(text.span, PackFault::BadValue { what: "position", message });
    None
}

/// The options of the command line that change what is reported.
fn settings(node: Node<'_>) -> Settings {
    const KNOWN: [&str; 11] = [
        "--build-arg",
        "--target",
        "--platform",
        "--keep",
        "--gpu",
        "--cuda-driver",
        "--python-version",
        "--trusted-registry",
        "--require-label",
        STRICT_LABELS,
        HADOLINT,
    ];
    let mut settings = Settings::default();
    let mut words = node.texts().into_iter();
    while let Some(option) = words.next() {
        if !KNOWN.contains(&option.text) {
            let known = KNOWN.iter().map(|&option| option.to_owned()).collect();
            let fault = PackFault::UnknownWord { what: "option", word: option.text.to_owned(), known };
            node.log.note(option.span, fault);
            continue;
        }
        if [HADOLINT, STRICT_LABELS].contains(&option.text) {
            settings.hadolint |= option.text == HADOLINT;
            if option.text == STRICT_LABELS {
                let labels = ParameterValue::Texts(settings.shared_texts("label-schema").to_vec());
                settings.shared.push(("strict-labels".to_owned(), labels));
            }
            continue;
        }
        let Some(value) = words.next() else {
            let message = format!("`{}` takes a value", option.text);
            node.log.note(option.span, PackFault::Senseless { message, help: None });
            break;
        };
        let value = value.text.to_owned();
        match option.text {
            "--build-arg" => {
                let (name, value) = value.split_once('=').unwrap_or((&value, ""));
                settings.build_args.push((name.to_owned(), value.to_owned()));
            }
            "--trusted-registry" => {
                let registries = ParameterValue::Texts(vec![value]);
                settings.shared.push(("trusted-registries".to_owned(), registries));
            }
            "--require-label" => {
                let (name, kind) = value.split_once(':').unwrap_or((&value, "text"));
                add_label(&mut settings, "label-schema", name);
                add_label(&mut settings, &format!("label-schema-{kind}"), name);
            }
            "--target" => settings.target = Some(value),
            "--platform" => settings.platform = Some(value),
            "--keep" => settings.keep.push(value),
            "--gpu" => settings.given.push(("gpu".to_owned(), value)),
            "--cuda-driver" => settings.given.push(("driver".to_owned(), value)),
            _ => settings.given.push(("python".to_owned(), value)),
        }
    }
    settings
}

/// Adds a label to one of the lists that the labels of a schema make.
fn add_label(settings: &mut Settings, list: &str, label: &str) {
    let known = settings.shared.iter_mut().find(|(name, _)| name == list);
    if let Some((_, ParameterValue::Texts(labels))) = known {
        labels.push(label.to_owned());
    } else {
        settings.shared.push((list.to_owned(), ParameterValue::Texts(vec![label.to_owned()])));
    }
}

fn senseless(table: Reader<'_>, message: &str) {
    table.fault(PackFault::Senseless { message: message.to_owned(), help: None });
}
