//! Text, numbers and moments that nobody means, in the ways in which they can be sent.

use super::{Acme, Setup, TestApp};
use std::num::NonZeroU32;
use vestibule_domain::{EventFilter, MailFilter};

/// Invitations, events and mails.
pub type Footprints = (u64, u64, u64);

/// So many values where one is asked for.
pub const MANY: usize = 1_100;

/// In place of a value in JSON, as it is written there. Those with U+0000 in them come first.
pub fn in_json() -> Vec<String> {
    let mut values: Vec<String> = [
        r#""\u0000""#,
        r#""\u0000a""#,
        r#""a\u0000@example.com""#,
        r#"["\u0000"]"#,
        r#"{"\u0000":1}"#,
        r#"{"a":{"b":["a\u0000b"]}}"#,
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        r#""\ufeff""#,
        r#""a\u202eb\u2066c\u200b""#,
        r#""\\u0000""#,
        r#""%00""#,
        "1e400",
        "-1",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        r#""+10000-01-01T00:00:00Z""#,
        r#""-0001-01-01T00:00:00Z""#,
        r#""0000-01-01T00:00:00Z""#,
        r#""9999-12-31T23:59:60Z""#,
        r#""+262142-12-31T23:59:59Z""#,
        "null",
        "true",
        "{}",
        "[]",
        r#""""#,
    ]
    .map(str::to_owned)
    .to_vec();
    values.push(format!("\"{}\"", "x".repeat(10_000)));
    values.push(format!("\"{}\"", "%_\\\\".repeat(5_000)));
    values.push(format!("[{}]", vec!["\"x\""; MANY].join(",")));
    values.push(format!("[{}]", vec!["\"member\""; MANY].join(",")));
    values.push(format!("{}1{}", "[".repeat(200), "]".repeat(200)));
    values
}

/// In place of a value in a query, encoded. Those with U+0000 in them come first.
pub fn in_query() -> Vec<String> {
    let mut values: Vec<String> = [
        "%00",
        "%00a",
        "a%00b%40example.com",
        "%ff%fe",
        "%ed%a0%80",
        "%EF%BB%BF",
        "a%E2%80%AEb",
        "%25%5F%5C",
        "%zz",
        "-1",
        "1e400",
        "9223372036854775808",
        "18446744073709551616",
        "%2B10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-01-01",
        "9999-12-31T23:59:60Z",
        "9999-12-31",
        "%2B262142-12-31",
        "262143-12-31",
        "%2B262142-12-31T23:59:59Z",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push("x".repeat(10_000));
    values.push("x".repeat(60_000));
    values.push("%25".repeat(10_000));
    values.push((0..MANY).map(|n| format!("a{n}%40x.example")).collect::<Vec<_>>().join(","));
    values
}

/// In place of a part of a path, encoded; the first two hold U+0000.
pub fn in_path() -> [String; 7] {
    let long = "x".repeat(10_000);
    ["%00", "acme%00", "%ff", "%ed%a0%80", "%EF%BB%BF", "18446744073709551616", &long].map(str::to_owned)
}

/// All values with U+0000 in them for each place, and some of the others: the next place gets the next ones.
pub struct Turns {
    nul: Vec<String>,
    others: Vec<String>,
    at: usize,
}

impl Turns {
    const OTHERS: usize = 10;

    pub fn of(values: Vec<String>) -> Self {
        let (nul, others) = values.into_iter().partition(|value| has_nul(value));
        Self { nul, others, at: 0 }
    }

    pub fn next(&mut self) -> Vec<String> {
        let others = self.others.iter().cycle().skip(self.at).take(Self::OTHERS);
        let values = self.nul.iter().chain(others).cloned().collect();
        self.at = (self.at + Self::OTHERS) % self.others.len();
        values
    }
}

/// Whether a value of [`in_json`] or [`in_query`] holds U+0000.
pub fn has_nul(value: &str) -> bool {
    value.contains("%00") && !value.starts_with('"') || value.replace("\\\\", "").contains("\\u0000")
}

impl TestApp {
    /// One that lets a generator ask as often as it likes.
    pub async fn patient(database: super::Database) -> Self {
        let settings = |settings: &mut vestibule_core::service::Settings| {
            settings.api_requests_per_minute = NonZeroU32::new(10_000_000).unwrap();
            settings.invitations_per_hour = 1_000_000;
        };
        Self::with(Setup { database, settings: Box::new(settings), ..Setup::default() }).await
    }

    /// How many invitations, events and mails there are, however many.
    pub async fn footprints(&self, at: &Acme) -> Footprints {
        let head = self.vestibule.audit().page(&at.scope, &EventFilter::default(), None, 1).await.unwrap().head;
        let mails = self.vestibule.outbox().page(&at.scope, &MailFilter::default(), None, 1).await.unwrap();
        (self.count_invitations(at).await, head.number, mails.counts.of(None).number)
    }
}

/// Stamps a test with `app` made by [`TestApp::patient`], for both databases.
macro_rules! both_patient {
    ($(async fn $name:ident($app:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn scene($app: $crate::harness::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                scene($crate::harness::TestApp::patient($crate::harness::Database::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                scene($crate::harness::TestApp::patient($crate::harness::Database::Postgres).await).await;
            }
        }
    )*};
}
