//! Days of the calendar: for how long something holds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A day, in the order of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day in `2027-01-31`; nothing for any other text, and for days that no calendar has.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let digits = |text: &str, count: usize| -> Option<u16> {
            let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse().ok())?
        };
        let (year, month, day) = (digits(year, 4)?, digits(month, 2)? as u8, digits(day, 2)? as u8);
        let known = (1..=days_of_month(year, month)).contains(&day);
        known.then_some(Self { year, month, day })
    }

    /// The day of a moment in seconds since 1970 began, in UTC; nothing after the year 9999.
    pub fn of_seconds(seconds: u64) -> Option<Self> {
        let mut days = seconds / 86_400;
        let mut year = 1970;
        loop {
            let length = if is_leap(year) { 366 } else { 365 };
            if days < length {
                break;
            }
            days -= length;
            year += 1;
            if year > 9999 {
                return None;
            }
        }
        let mut month = 1;
        while days >= u64::from(days_of_month(year, month)) {
            days -= u64::from(days_of_month(year, month));
            month += 1;
        }
        Some(Self { year, month, day: days as u8 + 1 })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// The number of days of a month counted from 1; none for a month that there is not.
fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_ordered() {
        let date = |text| Date::parse(text).map(|date| date.to_string());
        assert_eq!(date("2027-01-31").as_deref(), Some("2027-01-31"));
        assert_eq!(date("2028-02-29").as_deref(), Some("2028-02-29"));
        for text in
            ["2027-02-29", "2027-13-01", "2027-00-01", "2027-1-1", "+027-01-01", "soon", "2027-01-01x"]
        {
            assert_eq!(date(text), None, "{text}");
        }
        assert!(Date::parse("2026-12-31") < Date::parse("2027-01-01"));
    }

    #[test]
    fn moments_have_days() {
        let date = |seconds| Date::of_seconds(seconds).map(|date| date.to_string());
        assert_eq!(date(0).as_deref(), Some("1970-01-01"));
        assert_eq!(date(951_782_400).as_deref(), Some("2000-02-29"));
        assert_eq!(date(1_798_761_599).as_deref(), Some("2026-12-31"));
        assert_eq!(date(u64::MAX), None);
    }
}
