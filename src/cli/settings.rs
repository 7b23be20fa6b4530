//! What the command line and the configuration assume about the build and the machine, put together.

use std::time::{SystemTime, UNIX_EPOCH};

use super::args::AssumptionArguments;
use super::config::{Config, label_lists};
use crate::date::Date;
use crate::model::settings::{ParameterValue, Settings};
use crate::syntax::compose::Build;

/// The settings that both make together; the command line comes first.
pub(super) fn settings(arguments: &AssumptionArguments, config: &Config) -> Settings {
    let mut build_args = arguments.build_args.clone();
    for (name, value) in &config.build_args {
        if build_args.iter().all(|(known, _)| known != name) {
            build_args.push((name.clone(), value.clone()));
        }
    }
    let given = [
        ("python", arguments.python_version.as_ref().or(config.python.as_ref())),
        ("driver", arguments.cuda_driver.as_ref().or(config.cuda_driver.as_ref())),
        ("gpu", arguments.gpu.as_ref().or(config.gpu.as_ref())),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone())));
    Settings {
        build_args,
        contexts: Vec::new(),
        target: arguments.target.clone(),
        platform: arguments.platform.clone().or_else(|| config.platform.clone()),
        given: given.collect(),
        keep: arguments.keep.iter().chain(&config.keep).cloned().collect(),
        hadolint: arguments.hadolint || config.hadolint,
        parameters: Vec::new(),
        shared: shared(arguments, config),
        without_comments: config.without_comments,
        today: today(),
    }
}

/// The settings of the whole project that rules read; those of the command line stand in place of the configuration's.
fn shared(arguments: &AssumptionArguments, config: &Config) -> Vec<(String, ParameterValue)> {
    let registries = ParameterValue::Texts(arguments.trusted_registries.clone());
    let trusted = !arguments.trusted_registries.is_empty();
    let mut shared = label_lists(&arguments.required_labels, arguments.strict_labels);
    shared.extend(trusted.then(|| ("trusted-registries".to_owned(), registries)));
    let labelled = !arguments.required_labels.is_empty();
    let replaced = |name: &str| if name.contains("label") { labelled } else { trusted };
    shared.extend(config.shared.iter().filter(|(name, _)| !replaced(name)).cloned());
    shared
}

/// The settings under which a service is built: the command line first, then the service, then the configuration.
pub(super) fn service_settings(
    settings: &Settings,
    arguments: &AssumptionArguments,
    build: &Build,
) -> Settings {
    let mut settings = settings.clone();
    for (name, value) in &build.args {
        if arguments.build_args.iter().all(|(given, _)| given != name) {
            settings.build_args.retain(|(known, _)| known != name);
            settings.build_args.push((name.clone(), value.clone()));
        }
    }
    settings.contexts.clone_from(&build.contexts);
    settings.target = arguments.target.clone().or_else(|| build.target.clone());
    settings.platform = arguments.platform.clone().or_else(|| build.platform.clone()).or(settings.platform);
    settings
}

/// The day of the check: that of `SOURCE_DATE_EPOCH` where somebody wants the same answer every day.
fn today() -> Option<Date> {
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|passed| passed.as_secs());
    given.or_else(now).and_then(Date::of_seconds)
}
