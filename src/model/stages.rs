//! Which stages the target needs.

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
