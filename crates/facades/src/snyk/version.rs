//! The release of an operation that a request selects by `version`, and the headers that describe it.

use super::fault::Fault;
use crate::FacadeState;
use crate::json_api::Source;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use chrono::{Days, NaiveDate};
use vestibule_domain::Instant;
use vestibule_web::extract::pairs;

const REQUESTED: HeaderName = HeaderName::from_static("snyk-version-requested");
const SERVED: HeaderName = HeaderName::from_static("snyk-version-served");
const STAGE: HeaderName = HeaderName::from_static("snyk-version-lifecycle-stage");
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// How stable a release is, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stability {
    Wip,
    Experimental,
    Beta,
    Ga,
}

/// A release of an operation. The date has the form of ISO 8601.
#[derive(Debug, PartialEq, Eq)]
pub struct Release {
    date: &'static str,
    stability: Stability,
}

/// All releases of an operation, oldest first.
pub type Releases = &'static [Release];

// From Snyk's own document of 2026-03-25: `x-snyk-api-releases` of each operation.
pub const LIST_ORGS: Releases = &[experimental("2022-04-06"), beta("2022-12-15"), ga("2023-05-29"), ga("2024-02-28")];
pub const SHOW_ORG: Releases = &[experimental("2022-04-06"), beta("2022-12-15"), ga("2023-05-29")];
pub const LIST_INVITES: Releases = &[ga("2022-11-14")];
pub const CREATE_INVITE: Releases = &[ga("2022-06-01"), ga("2023-04-28"), ga("2024-06-21")];
pub const CANCEL_INVITE: Releases = &[ga("2022-11-14")];
pub const LIST_MEMBERSHIPS: Releases = &[experimental("2024-05-09"), ga("2024-08-25")];
pub const LIST_ROLES: Releases = &[beta("2024-10-15")];

const fn experimental(date: &'static str) -> Release {
    Release { date, stability: Stability::Experimental }
}

const fn beta(date: &'static str) -> Release {
    Release { date, stability: Stability::Beta }
}

const fn ga(date: &'static str) -> Release {
    Release { date, stability: Stability::Ga }
}

/// The version that a request asks for.
#[derive(Debug, PartialEq, Eq)]
struct Requested<'a> {
    /// `None`: the newest release.
    date: Option<&'a str>,
    stability: Stability,
}

impl Stability {
    fn read(word: &str) -> Option<Self> {
        match word {
            "wip" | "work-in-progress" => Some(Self::Wip),
            "experimental" => Some(Self::Experimental),
            "beta" => Some(Self::Beta),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Wip => "wip",
            Self::Experimental => "experimental",
            Self::Beta => "beta",
            Self::Ga => "ga",
        }
    }

    /// Returns for how many days a release remains available after its successor came out, as in Snyk's own versioning
    /// tool (vervet).
    fn kept_days(self) -> u64 {
        match self {
            Self::Wip => 0,
            Self::Experimental => 31,
            Self::Beta => 91,
            Self::Ga => 181,
        }
    }
}

impl<'a> Requested<'a> {
    /// Parses a version by the pattern of Snyk's document, which allows months up to 19.
    fn read(text: &'a str) -> Option<Self> {
        if let Some(stability) = Stability::read(text) {
            return Some(Self { date: None, stability });
        }
        let (date, stability) = match text.split_once('~') {
            Some((date, word)) => (date, Stability::read(word)?),
            None => (text, Stability::Ga),
        };
        is_date(date).then_some(Self { date: Some(date), stability })
    }

    /// Returns the newest release on or before the date that is at least as stable as requested.
    fn resolve(&self, releases: Releases) -> Option<&'static Release> {
        let fits = |release: &&Release| {
            release.stability >= self.stability && self.date.is_none_or(|date| release.date <= date)
        };
        releases.iter().rfind(fits)
    }
}

fn is_date(text: &str) -> bool {
    let figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let lengths = (year.len(), month.len(), day.len()) == (4, 2, 2);
    lengths && [year, month, day].into_iter().all(figures) && month < "20" && ("01"..="31").contains(&day)
}

impl Release {
    /// Returns the next release that is at least as stable: the one that replaced this one.
    fn successor(&self, releases: Releases) -> Option<&'static Release> {
        releases.iter().find(|other| other.date > self.date && other.stability >= self.stability)
    }

    fn name(&self) -> String {
        match self.stability {
            Stability::Ga => self.date.to_owned(),
            stability => format!("{}~{}", self.date, stability.as_str()),
        }
    }

    /// Adds the headers that state the served version, and when it was or will be retired.
    fn write_headers(&self, releases: Releases, now: Instant, headers: &mut HeaderMap) {
        put(headers, SERVED, &self.name());
        let Some(successor) = self.successor(releases) else {
            return put(headers, STAGE, self.stability.as_str());
        };
        put(headers, DEPRECATION, &format!("{}T00:00:00Z", successor.date));
        let replaced: Option<NaiveDate> = successor.date.parse().ok();
        let sunset = replaced.and_then(|date| date.checked_add_days(Days::new(self.stability.kept_days())));
        if let Some(sunset) = sunset {
            put(headers, SUNSET, &sunset.to_string());
        }
        let is_over = sunset.is_some_and(|sunset| sunset <= now.date_naive());
        put(headers, STAGE, if is_over { "sunset" } else { "deprecated" });
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Wraps an operation so that it runs only when the request selects one of its releases.
pub fn versioned(
    operation: MethodRouter<FacadeState>,
    state: &FacadeState,
    releases: Releases,
) -> MethodRouter<FacadeState> {
    operation.layer(from_fn_with_state((state.clone(), releases), serve))
}

async fn serve(State((state, releases)): State<(FacadeState, Releases)>, request: Request, next: Next) -> Response {
    let pairs = pairs(request.uri());
    let asked: Vec<_> = pairs.iter().filter(|(name, _)| name == "version").map(|(_, value)| value).collect();
    let [text] = &asked[..] else {
        return unversioned("Send one version, like version=2024-06-21.").into_response();
    };
    let Some(requested) = Requested::read(text) else {
        return unversioned("version must be a date like 2024-06-21, optionally followed by ~beta or ~experimental.")
            .into_response();
    };
    let mut response = match requested.resolve(releases) {
        Some(release) => {
            let mut response = next.run(request).await;
            release.write_headers(releases, state.vestibule.now(), response.headers_mut());
            response
        }
        None => Fault::not_found("This operation was released after the requested version.").into_response(),
    };
    put(response.headers_mut(), REQUESTED, text);
    response
}

fn unversioned(sentence: &str) -> Fault {
    Fault::bad_request("version", sentence).at(Source::parameter("version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_the_documents_pattern() {
        for text in ["2024-06-21", "2024-19-31", "2024-06-21~beta", "2024-06-21~work-in-progress", "wip", "beta"] {
            assert!(Requested::read(text).is_some(), "{text}");
        }
        for text in [
            "",
            "ga",
            "2024-6-21",
            "2024-20-01",
            "2024-06-00",
            "2024-06-32",
            "2024-06-21~",
            "2024-06-21~ga",
            "2024-06-21~beta~beta",
            "2024-06-21 ",
            "24-06-21",
            "2024-06-2१",
            "~beta",
            "2024/06/21",
            "2024-06-21-01",
        ] {
            assert_eq!(Requested::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_newest_release_that_is_settled_enough_is_served() {
        let served = |releases: Releases, text: &str| {
            let release = Requested::read(text).unwrap().resolve(releases);
            release.map_or_else(String::new, Release::name)
        };
        for (releases, asked, wanted) in [
            (CREATE_INVITE, "2024-06-21", "2024-06-21"),
            (CREATE_INVITE, "2026-03-25", "2024-06-21"),
            (CREATE_INVITE, "2024-06-20", "2023-04-28"),
            (CREATE_INVITE, "2022-06-01", "2022-06-01"),
            (CREATE_INVITE, "2022-05-31", ""),
            (CREATE_INVITE, "2024-06-21~experimental", "2024-06-21"),
            (CREATE_INVITE, "beta", "2024-06-21"),
            (LIST_INVITES, "2026-03-25", "2022-11-14"),
            (LIST_INVITES, "2022-11-13", ""),
            (LIST_ORGS, "2023-01-01", ""),
            (LIST_ORGS, "2023-01-01~beta", "2022-12-15~beta"),
            (LIST_ORGS, "2022-05-01~experimental", "2022-04-06~experimental"),
            (LIST_ORGS, "2022-05-01~beta", ""),
            (LIST_ORGS, "2023-06-01~experimental", "2023-05-29"),
            (LIST_ROLES, "2026-03-25", ""),
            (LIST_ROLES, "2026-03-25~beta", "2024-10-15~beta"),
            (LIST_ROLES, "experimental", "2024-10-15~beta"),
        ] {
            assert_eq!(served(releases, asked), wanted, "{asked}");
        }
    }

    #[test]
    fn a_release_that_was_replaced_says_by_when_to_leave_it() {
        let told = |releases: Releases, asked: &str, now: &str| {
            let mut headers = HeaderMap::new();
            let release = Requested::read(asked).unwrap().resolve(releases).unwrap();
            release.write_headers(releases, now.parse().unwrap(), &mut headers);
            [STAGE, DEPRECATION, SUNSET]
                .map(|name| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned())
        };
        assert_eq!(told(CREATE_INVITE, "2024-06-21", "2026-11-26T00:00:00Z"), ["ga", "", ""]);
        let replaced = ["deprecated", "2024-06-21T00:00:00Z", "2024-12-19"];
        assert_eq!(told(CREATE_INVITE, "2024-01-01", "2024-12-18T23:59:59Z"), replaced);
        assert_eq!(told(CREATE_INVITE, "2024-01-01", "2024-12-19T00:00:00Z")[0], "sunset");
        let experiment = ["sunset", "2024-08-25T00:00:00Z", "2024-09-25"];
        assert_eq!(told(LIST_MEMBERSHIPS, "2024-06-01~experimental", "2026-11-26T00:00:00Z"), experiment);
    }
}
