//! A set of small numbers: the values of one variable that are still possible.

/// A set of numbers below a bound that is fixed when the set is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// No number; room for those below `size`.
    pub fn none(size: usize) -> Self {
        Self { words: vec![0; size.div_ceil(64)] }
    }

    /// Every number below `size`.
    pub fn all(size: usize) -> Self {
        (0..size).fold(Self::none(size), |mut bits, value| {
            bits.insert(value);
            bits
        })
    }

    /// The numbers below `size` of which `holds` is true.
    pub fn filter(size: usize, mut holds: impl FnMut(usize) -> bool) -> Self {
        let mut bits = Self::none(size);
        for value in 0..size {
            if holds(value) {
                bits.insert(value);
            }
        }
        bits
    }

    /// Adds a number; one beyond the room is left out.
    pub fn insert(&mut self, value: usize) {
        if let Some(word) = self.words.get_mut(value / 64) {
            *word |= 1 << (value % 64);
        }
    }

    /// Whether the number is in the set.
    pub fn contains(&self, value: usize) -> bool {
        self.words.get(value / 64).is_some_and(|word| word >> (value % 64) & 1 == 1)
    }

    /// How many numbers are in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether the two have a number in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(left, right)| left & right != 0)
    }

    /// Takes out what is not in `other`; whether that was something.
    pub fn intersect(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (index, word) in self.words.iter_mut().enumerate() {
            let kept = *word & other.words.get(index).copied().unwrap_or(0);
            changed |= kept != *word;
            *word = kept;
        }
        changed
    }

    /// Adds what is in `other` and has room here.
    pub fn unite(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// The numbers, smallest first.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| index * 64 + bit)
        })
    }
}
