//! The patterns of `${name#…}` and its like, as far as `*`, `?` and plain text go.

/// A pattern without bracket expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
    /// The text that it matches, if that is only one.
    text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// This character.
    One(char),
    /// `?`
    Any,
    /// `*`
    Many,
}

impl Pattern {
    /// Makes a pattern of pieces of text, each with whether it is quoted and so plain. `None` if there is
    /// a bracket, whose meaning depends on the shell and the locale.
    pub(super) fn new<'a>(pieces: impl Iterator<Item = (&'a str, bool)>) -> Option<Self> {
        let mut tokens = Vec::new();
        for (text, quoted) in pieces {
            for character in text.chars() {
                tokens.push(match character {
                    '[' | '(' | '\\' if !quoted => return None,
                    '*' if !quoted => Token::Many,
                    '?' if !quoted => Token::Any,
                    other => Token::One(other),
                });
            }
        }
        let text = tokens
            .iter()
            .map(|token| match token {
                Token::One(character) => Some(*character),
                Token::Any | Token::Many => None,
            })
            .collect();
        Some(Self { tokens, text })
    }

    /// The text that it matches, if that is only one.
    pub(super) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Where the shortest or longest beginning of `value` that matches ends.
    pub(super) fn prefix(&self, value: &str, longest: bool) -> Option<usize> {
        let mut ends = boundaries(value);
        let matches = |end: &usize| self.matches(value.get(..*end).unwrap_or_default());
        if longest { ends.rfind(matches) } else { ends.find(matches) }
    }

    /// Where the shortest or longest end of `value` that matches begins.
    pub(super) fn suffix(&self, value: &str, longest: bool) -> Option<usize> {
        let mut starts = boundaries(value);
        let matches = |start: &usize| self.matches(value.get(*start..).unwrap_or_default());
        if longest { starts.find(matches) } else { starts.rfind(matches) }
    }

    /// Whether all of `value` matches. Going back to the last `*` alone is enough, and keeps this at the
    /// product of the two lengths.
    fn matches(&self, value: &str) -> bool {
        let value: Vec<char> = value.chars().collect();
        let (mut at, mut token) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while at < value.len() {
            match self.tokens.get(token) {
                Some(Token::Many) => {
                    star = Some((token, at));
                    token += 1;
                    continue;
                }
                Some(Token::Any) => {}
                Some(Token::One(wanted)) if value.get(at) == Some(wanted) => {}
                _ => match star {
                    Some((back, from)) => {
                        star = Some((back, from + 1));
                        (token, at) = (back + 1, from + 1);
                        continue;
                    }
                    None => return false,
                },
            }
            (token, at) = (token + 1, at + 1);
        }
        self.tokens.iter().skip(token).all(|token| *token == Token::Many)
    }
}

/// The byte offsets between the characters of `value`, both ends included.
fn boundaries(value: &str) -> impl DoubleEndedIterator<Item = usize> + '_ {
    value.char_indices().map(|(index, _)| index).chain(std::iter::once(value.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(std::iter::once((text, false))).unwrap()
    }

    #[test]
    fn cuts_at_the_nearer_or_the_farther_match() {
        assert_eq!(pattern(".*").suffix("12.4.1", false), Some(4));
        assert_eq!(pattern(".*").suffix("12.4.1", true), Some(2));
        assert_eq!(pattern("*.").prefix("12.4.1", false), Some(3));
        assert_eq!(pattern("*.").prefix("12.4.1", true), Some(5));
        assert_eq!(pattern("v").prefix("12", false), None);
        assert_eq!(pattern("?2").prefix("12.4", false), Some(2));
    }

    #[test]
    fn brackets_are_beyond_it() {
        assert_eq!(Pattern::new(std::iter::once(("[0-9]", false))), None);
        assert_eq!(Pattern::new(std::iter::once(("[", true))).unwrap().text(), Some("["));
    }
}
