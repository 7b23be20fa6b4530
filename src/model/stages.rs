//! Which stages the target needs, and which need one another.

use super::facts::{Index, Stage};

/// Marks the target, the last stage unless another one is chosen, and whatever it needs.
pub(super) fn reach(stages: &mut [Stage], chosen: Option<Index>) {
    let Some(target) = chosen.or(stages.len().checked_sub(1)) else { return };
    let mut needed = vec![target];
    while let Some(index) = needed.pop() {
        let Some(stage) = stages.get_mut(index) else { continue };
        if std::mem::replace(&mut stage.reached, true) {
            continue;
        }
        stage.target = index == target;
        needed.extend(stage.parent);
        needed.extend(&stage.reads);
    }
}

/// Tells every stage which others start from it and read it.
pub(super) fn connect(stages: &mut [Stage]) {
    for index in 0..stages.len() {
        let Some(stage) = stages.get(index) else { continue };
        let (parent, reads) = (stage.parent, stage.reads.clone());
        if let Some(parent) = parent.and_then(|parent| stages.get_mut(parent)) {
            parent.children.push(index);
        }
        for read in reads {
            if let Some(read) = stages.get_mut(read) {
                read.readers.push(index);
            }
        }
    }
}
