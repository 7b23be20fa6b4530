//! Durations as Go writes them: `1m30s`, `500ms`, `0`.

/// A millisecond in nanoseconds.
pub(super) const MILLISECOND: i64 = 1_000_000;

/// The duration in nanoseconds, or what is wrong with it in the words of Go.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let number_length = rest
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(number_length).unwrap_or((rest, ""));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return Err(invalid());
        }
        let unit_length = after
            .find(|character: char| character == '.' || character.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(unit_length).unwrap_or((after, ""));
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {text:?}"));
        }
        let scale = scale(unit).ok_or_else(|| format!("time: unknown unit {unit:?} in duration {text:?}"))?;
        let whole = if whole.is_empty() { 0 } else { whole.parse::<i64>().map_err(|_| invalid())? };
        total += i128::from(whole) * i128::from(scale) + part(fraction, scale);
        if total > i128::from(i64::MAX) {
            return Err(invalid());
        }
        rest = after;
    }
    let total = i64::try_from(total).map_err(|_| invalid())?;
    Ok(if negative { -total } else { total })
}

fn scale(unit: &str) -> Option<i64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => MILLISECOND,
        "s" => 1_000 * MILLISECOND,
        "m" => 60_000 * MILLISECOND,
        "h" => 3_600_000 * MILLISECOND,
        _ => return None,
    })
}

/// The digits behind a point as nanoseconds. More than fifteen of them change nothing.
fn part(digits: &str, scale: i64) -> i128 {
    let digits = digits.get(..digits.len().min(15)).unwrap_or_default();
    let numerator: i128 = digits.parse().unwrap_or(0);
    numerator * i128::from(scale) / 10_i128.pow(digits.len() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(parse("1m30s"), Ok(90_000 * MILLISECOND));
        assert_eq!(parse("1.5s"), Ok(1_500 * MILLISECOND));
        assert_eq!(parse(".5ms"), Ok(MILLISECOND / 2));
        assert_eq!(parse("-1s"), Ok(-1_000 * MILLISECOND));
        assert_eq!(parse("0"), Ok(0));
        assert_eq!(parse("5"), Err("time: missing unit in duration \"5\"".to_owned()));
        assert_eq!(parse("5x"), Err("time: unknown unit \"x\" in duration \"5x\"".to_owned()));
        assert_eq!(parse("$x"), Err("time: invalid duration \"$x\"".to_owned()));
        assert_eq!(parse("9999999999999h"), Err("time: invalid duration \"9999999999999h\"".to_owned()));
    }
}
