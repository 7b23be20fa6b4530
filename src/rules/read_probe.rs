//! `[[probe]]`: from TOML to [`Probe`].

use super::reader::Reader;
use crate::knowledge::Probe;

/// Reads one probe.
pub(super) fn probe(table: Reader<'_>) -> Probe {
    let own = |key: &str| table.text(key).map(|text| text.text.trim().to_owned()).unwrap_or_default();
    Probe {
        packages: table.strings("packages"),
        module: table.string("module"),
        exercise: own("exercise"),
        cuda: own("cuda"),
        cuda_build: own("cuda-build"),
        gpu_exercise: own("gpu-exercise"),
    }
}
