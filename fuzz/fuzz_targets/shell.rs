//! Any text as a script.

#![no_main]

use dlint::source::Mapped;
use dlint::syntax::shell;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let script = shell::parse(&Mapped::verbatim(text, 0));
    for found in script.commands() {
        assert!(found.command.span.end as usize <= text.len(), "{:?}", found.command.span);
    }
});
