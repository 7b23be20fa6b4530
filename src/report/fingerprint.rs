//! A name for a finding that outlives changes elsewhere in its file.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::{Finding, Report};

/// A fingerprint for every finding of the report, in its order.
///
/// It is made of the rule, the path and the text of the line, so it stays when lines are added above. Findings that
/// agree in all three are numbered.
pub(super) fn fingerprints(report: &Report<'_>) -> Vec<String> {
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    let mut fingerprint = |finding: &Finding<'_>| {
        let hash = hash_of(finding, finding.file().path());
        let count = seen.entry(hash).or_insert(0);
        *count += 1;
        format!("{hash:016x}:{count}")
    };
    report.findings.iter().map(&mut fingerprint).collect()
}

/// What rule, path and line give; the path is a parameter, for it depends on who looks.
pub(super) fn hash_of(finding: &Finding<'_>, path: &Utf8Path) -> u64 {
    hash(&[&finding.diagnostic.rule, path.as_str(), finding.line().trim()])
}

/// FNV-1a, 64 bits: small, and the same on every machine and in every version, which the standard library's hasher
/// does not promise.
fn hash(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_known_one() {
        // "foobar" and the separator: FNV-1a of "foobar" is 0x85944171f73967e8.
        let known = 0x8594_4171_f739_67e8_u64;
        assert_eq!(hash(&["foobar"]), known.wrapping_mul(0x0000_0100_0000_01b3));
    }
}
