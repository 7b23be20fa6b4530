//! Any bytes as a Dockerfile: the whole check, with the built-in packs.

#![no_main]

use std::sync::LazyLock;

use dlint::engine::{Engine, Selection};
use dlint::model::context::NoContext;
use dlint::model::settings::Settings;
use dlint::rules::Packs;
use dlint::source::SourceFile;
use libfuzzer_sys::fuzz_target;

static PACKS: LazyLock<Packs> = LazyLock::new(|| dlint::builtin::load_with([]).expect("the packs are sound"));
static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);
static SELECTION: LazyLock<Selection> = LazyLock::new(Selection::default);
static ENGINE: LazyLock<Engine<'static>> = LazyLock::new(|| Engine::new(&PACKS, &SETTINGS, &SELECTION));

fuzz_target!(|bytes: &[u8]| {
    let checked = ENGINE.check(SourceFile::new("Dockerfile", bytes), &NoContext);
    for diagnostic in &checked.diagnostics {
        let file = checked.sources.get(diagnostic.at.file);
        assert!(diagnostic.at.span.end as usize <= file.bytes().len(), "{diagnostic:?}");
    }
});
