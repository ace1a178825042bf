//! Times as people write them. The server writes UTC; once scripts run, `browser/times.rs` replaces it by the viewer's
//! own time zone, in the same words.

use chrono::{Datelike, Timelike};
use leptos::prelude::*;
use vestibule_domain::Instant;

/// The level of detail of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenStyle {
    /// The form for lists: `Today 09:41`, `Yesterday`, `14 Nov`, `14 Nov 2025`.
    Brief,
    /// The form with the time of day: `Today, 09:41`, `14 Nov, 18:40`.
    Exact,
    /// The complete form: `Saturday 28 November, 09:44`.
    Full,
}

/// Shows a time, relative to `now`.
#[component]
pub fn When(
    at: Instant,
    now: Instant,
    style: WhenStyle,
    #[prop(optional)] class: Option<&'static str>,
) -> impl IntoView {
    view! { <time class=class datetime=rfc3339(at) data-when=style.as_str()>{say(at, now, style)}</time> }
}

/// Shows how long something is open: `5 days left`, `Expires tomorrow`, `Expires today, 18:40`. The last two are
/// highlighted.
#[component]
pub fn TimeLeft(until: Instant, now: Instant) -> impl IntoView {
    let (words, is_soon) = time_left(until, now);
    view! { <time class="table__note" class=(SOON, is_soon) datetime=rfc3339(until) data-when="left">{words}</time> }
}

/// The class of the highlighted form.
pub const SOON: &str = "table__note--soon";

/// Returns the time that is this many seconds after 1970.
pub fn instant(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 0).unwrap_or_default()
}

/// Returns the time in UTC, to the second.
pub fn rfc3339(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

impl WhenStyle {
    /// Returns the name that the page passes to the browser.
    fn as_str(self) -> &'static str {
        match self {
            Self::Brief => "brief",
            Self::Exact => "exact",
            Self::Full => "full",
        }
    }

    /// Parses the name from a page.
    pub fn read(text: &str) -> Option<Self> {
        [Self::Brief, Self::Exact, Self::Full].into_iter().find(|style| style.as_str() == text)
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Words the time. Both times are read by their UTC fields.
pub fn say(at: Instant, now: Instant, style: WhenStyle) -> String {
    let days = days_between(at, now);
    match (style, days) {
        (WhenStyle::Brief, 0) => format!("Today {}", clock(at)),
        (WhenStyle::Brief, 1) => "Yesterday".to_owned(),
        (WhenStyle::Brief, _) => short_date(at, now),
        (WhenStyle::Exact, 0) => format!("Today, {}", clock(at)),
        (WhenStyle::Exact, 1) => format!("Yesterday, {}", clock(at)),
        (WhenStyle::Exact, _) => format!("{}, {}", short_date(at, now), clock(at)),
        (WhenStyle::Full, _) => full(at, now),
    }
}

/// Returns the words, and whether to highlight them. Both times are read by their UTC fields.
pub fn time_left(until: Instant, now: Instant) -> (String, bool) {
    match days_between(now, until) {
        ..=0 => (format!("Expires today, {}", clock(until)), true),
        1 => ("Expires tomorrow".to_owned(), true),
        days => (format!("{days} days left"), false),
    }
}

/// Counts the midnights from `from` to `to`.
fn days_between(from: Instant, to: Instant) -> i64 {
    (to.date_naive() - from.date_naive()).num_days()
}

fn clock(at: Instant) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn month(at: Instant) -> &'static str {
    MONTHS[at.month0() as usize]
}

fn short_date(at: Instant, now: Instant) -> String {
    let year = if at.year() == now.year() { String::new() } else { format!(" {}", at.year()) };
    format!("{} {}{year}", at.day(), &month(at)[..3])
}

fn full(at: Instant, now: Instant) -> String {
    let weekday = WEEKDAYS[at.weekday().num_days_from_monday() as usize];
    let year = if at.year() == now.year() { String::new() } else { format!(" {}", at.year()) };
    format!("{weekday} {} {}{year}, {}", at.day(), month(at), clock(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    fn at(month: u32, day: u32, hour: u32) -> Instant {
        Utc.with_ymd_and_hms(2026, month, day, hour, 44, 0).unwrap()
    }

    #[test]
    fn moments_are_said_as_people_say_them() {
        let now = at(11, 21, 9);
        for (moment, style, words) in [
            (at(11, 21, 8), WhenStyle::Brief, "Today 08:44"),
            (at(11, 20, 23), WhenStyle::Brief, "Yesterday"),
            (at(11, 14, 18), WhenStyle::Brief, "14 Nov"),
            (at(11, 14, 18), WhenStyle::Exact, "14 Nov, 18:44"),
            (at(11, 28, 9), WhenStyle::Exact, "28 Nov, 09:44"),
            (at(11, 28, 9), WhenStyle::Full, "Saturday 28 November, 09:44"),
        ] {
            assert_eq!(say(moment, now, style), words);
        }
        assert_eq!(say(Utc.with_ymd_and_hms(2025, 3, 1, 0, 0, 0).unwrap(), now, WhenStyle::Brief), "1 Mar 2025");
    }

    #[test]
    fn the_last_two_days_ask_for_attention() {
        let now = at(11, 21, 9);
        assert_eq!(time_left(at(11, 26, 8), now), ("5 days left".to_owned(), false));
        assert_eq!(time_left(at(11, 22, 23), now), ("Expires tomorrow".to_owned(), true));
        assert_eq!(time_left(at(11, 21, 18), now), ("Expires today, 18:44".to_owned(), true));
    }
}
