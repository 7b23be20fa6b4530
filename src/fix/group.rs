//! Which Dockerfiles are fixed together: those that share a file, since what is changed for one is seen by the other.

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::diagnostic::Checked;

/// Splits the checks into groups, as indices, in the order of their first members.
pub fn groups(checks: &[Checked]) -> Vec<Vec<usize>> {
    let mut first_reader: BTreeMap<&Utf8Path, usize> = BTreeMap::new();
    let mut parents: Vec<usize> = (0..checks.len()).collect();
    for (index, checked) in checks.iter().enumerate() {
        for (_, file) in checked.sources.iter() {
            let first = *first_reader.entry(file.path()).or_insert(index);
            join(&mut parents, first, index);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..checks.len() {
        groups.entry(root(&parents, index)).or_default().push(index);
    }
    groups.into_values().collect()
}

/// Makes both trees one. A parent is never greater than its child.
fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    if let Some(parent) = parents.get_mut(a.max(b)) {
        *parent = a.min(b);
    }
}

/// The smallest index of the tree.
fn root(parents: &[usize], mut index: usize) -> usize {
    while let Some(parent) = parents.get(index).filter(|parent| **parent != index) {
        index = *parent;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceFile, Sources};

    fn reads(paths: &[&str]) -> Checked {
        let mut sources = Sources::default();
        for path in paths {
            sources.add(SourceFile::new(*path, b"".as_slice()));
        }
        Checked { sources, ..Checked::default() }
    }

    #[test]
    fn a_shared_file_joins() {
        let checks = [reads(&["a", "x"]), reads(&["b", "y"]), reads(&["c"]), reads(&["d", "y", "x"])];
        assert_eq!(groups(&checks), [vec![0, 1, 3], vec![2]]);
    }
}
