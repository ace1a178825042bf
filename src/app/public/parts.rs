//! Components that several public pages share.

use super::layout::{Part, part};
use crate::app::component::{Avatar, Notice, NoticeKind, TextField};
use crate::app::form::Input;
use chrono::{Datelike, SecondsFormat};
use leptos::prelude::*;
use vestibule_domain::{EmailAddress, Instant, User};
use vestibule_functions::server::Wait;

/// How precisely a time is shown. It is always in UTC, since a page without scripts doesn't know the reader's time
/// zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimePrecision {
    /// `Saturday, 28 November, 09:44 UTC (in 7 days)`
    Whole,
    /// `28 November, 09:44 UTC`
    ToTheMinute,
    /// `28 November`
    Day,
}

/// Shows a time as text, with the year if it is not the current one.
#[component]
pub fn Moment(at: Instant, now: Instant, precision: TimePrecision) -> impl IntoView {
    view! { <time datetime=at.to_rfc3339_opts(SecondsFormat::Secs, true)>{words(at, now, precision)}</time> }
}

fn words(at: Instant, now: Instant, precision: TimePrecision) -> String {
    let year = if at.year() == now.year() { "" } else { " %Y" };
    let form = match precision {
        TimePrecision::Whole => format!("%A, %-d %B{year}, %H:%M UTC ({})", distance(at, now)),
        TimePrecision::ToTheMinute => format!("%-d %B{year}, %H:%M UTC"),
        TimePrecision::Day => format!("%-d %B{year}"),
    };
    at.format(&form).to_string()
}

/// Returns how far away a time is: `in 7 days`, `3 hours ago`, `just now`.
fn distance(at: Instant, now: Instant) -> String {
    let seconds = (at - now).num_seconds().abs();
    if seconds < 60 {
        return (if at > now { "in less than a minute" } else { "just now" }).to_owned();
    }
    let (unit, name) = match seconds {
        ..5_400 => (60, "minute"),
        5_400..129_600 => (3_600, "hour"),
        129_600.. => (86_400, "day"),
    };
    let number = (seconds + unit / 2) / unit;
    let plural = if number == 1 { "" } else { "s" };
    if at > now { format!("in {number} {name}{plural}") } else { format!("{number} {name}{plural} ago") }
}

/// Returns `Editor`, `Editor and Reviewer`, or `Editor, Reviewer and Admin`.
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Shows who is signed in. `children` are at the end of the line.
#[component]
pub fn SignedInAs(user: User, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <div class="signed-in">
            <Avatar name=user.name.clone()/>
            <span>
                "Signed in as " <bdi>{user.name.to_string()}</bdi> <br/>
                <bdi class="muted small">{user.email.typed().to_owned()}</bdi>
            </span>
            {children.map(|children| children())}
        </div>
    }
}

/// A hidden input that tells password managers whose password this is. They consider only inputs that could be visible.
#[component]
pub fn Username<'a>(email: &'a EmailAddress) -> impl IntoView + use<> {
    let address = email.typed().to_owned();
    view! { <input type="email" name="username" autocomplete="username" value=address readonly hidden/> }
}

/// A password input with its label. It is never filled in again.
#[component]
pub fn PasswordField(
    input: Input,
    #[prop(into)] label: String,
    /// Whether the password is being chosen, so that password managers suggest one.
    is_new: bool,
    /// The `id` in the page, if there are two.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    let (id, input) = (id.unwrap_or(input.name), Input { value: None, ..input });
    let (autocomplete, hint) = if is_new {
        ("new-password", "At least 12 characters. A few words in a row are good.")
    } else {
        ("current-password", "")
    };
    if is_new {
        view! { <TextField input id label kind="password" autocomplete hint/> }.into_any()
    } else {
        view! { <TextField input id label kind="password" autocomplete/> }.into_any()
    }
}

/// Shows why and how long to wait.
pub fn wait_notice(wait: &Wait) -> Part {
    let (title, text) = (wait.title, wait.sentence.clone());
    part(move || view! { <Notice tone=NoticeKind::Danger title text news=true/> })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    #[test]
    fn moments_are_said_in_utc_and_with_the_year_when_it_is_another() {
        let at = Utc.with_ymd_and_hms(2026, 11, 28, 9, 44, 0).unwrap();
        let later = Utc.with_ymd_and_hms(2027, 1, 2, 0, 0, 0).unwrap();
        assert_eq!(words(at, at, TimePrecision::Whole), "Saturday, 28 November, 09:44 UTC (just now)");
        assert_eq!(words(later, at, TimePrecision::Whole), "Saturday, 2 January 2027, 00:00 UTC (in 35 days)");
        assert_eq!(words(at, at, TimePrecision::ToTheMinute), "28 November, 09:44 UTC");
        assert_eq!(words(at, later, TimePrecision::Day), "28 November 2026");
    }

    #[test]
    fn a_distance_is_said_in_the_unit_that_people_count_in() {
        let now = Utc.with_ymd_and_hms(2026, 11, 28, 9, 44, 0).unwrap();
        for (seconds, words) in [
            (7 * 86_400, "in 7 days"),
            (7 * 86_400 - 90, "in 7 days"),
            (129_599, "in 36 hours"),
            (5_400, "in 2 hours"),
            (5_399, "in 90 minutes"),
            (60, "in 1 minute"),
            (59, "in less than a minute"),
            (-59, "just now"),
            (-60, "1 minute ago"),
            (-3 * 86_400, "3 days ago"),
        ] {
            assert_eq!(distance(now + chrono::Duration::seconds(seconds), now), words, "{seconds}");
        }
    }

    #[test]
    fn several_roles_are_listed_as_one_would_say_them() {
        let listed = |names: &[&str]| listed(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(listed(&["Editor"]), "Editor");
        assert_eq!(listed(&["Editor", "Reviewer", "Admin"]), "Editor, Reviewer and Admin");
    }
}
