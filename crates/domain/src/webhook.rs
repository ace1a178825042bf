//! Webhooks: where an organization's events are sent, and the progress of each delivery (Standard Webhooks 1.0).

use super::{Actor, EventId, Instant, Name, OrganizationId, WebhookDeliveryId, WebhookEndpointId};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A webhook endpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    pub id: WebhookEndpointId,
    pub organization_id: OrganizationId,
    pub url: WebhookUrl,
    pub description: Option<Name>,
    /// The names of the actions that are sent to it. If empty, all.
    pub actions: Vec<String>,
    /// The number of the present secret, which is derived from it.
    pub secret_generation: u32,
    /// When the previous secret was replaced.
    pub rotated_at: Option<Instant>,
    /// When the present series of failures began, if the last attempt failed.
    pub failing_since: Option<Instant>,
    pub disabled: Option<Disabled>,
    /// Who created it, or `None` if it belongs to the organization itself.
    pub created_by: Option<Actor>,
    pub created_at: Instant,
}

/// When and why an endpoint was disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    pub at: Instant,
    pub why: DisabledWhy,
}

/// The reason why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DisabledWhy {
    /// Somebody disabled it.
    ByHand,
    /// The endpoint answered 410: it does not want any more events.
    Gone,
    /// Every attempt failed for [`WebhookEndpoint::PATIENCE_DAYS`].
    Failing,
    /// The member or key that created it is no longer allowed to have webhooks.
    MakerMayNot,
}

/// An absolute web address that events may be sent to, as far as its text shows. What its host name resolves to is
/// checked when connecting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookUrl(String);

/// The delivery of one event to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    pub id: WebhookDeliveryId,
    pub endpoint_id: WebhookEndpointId,
    pub event_id: EventId,
    pub state: WebhookDeliveryState,
    /// The number of attempts begun so far.
    pub attempts: u32,
    /// The number of attempts begun before somebody asked for another one. The schedule counts from there.
    pub tried_before: u32,
    /// When the next attempt is due, while the delivery is pending.
    pub due_at: Instant,
    pub created_at: Instant,
    /// When the delivery ended, successfully or not.
    pub done_at: Option<Instant>,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WebhookDeliveryState {
    Pending,
    Delivered,
    /// All attempts of the schedule failed.
    Failed,
    /// The endpoint was disabled before the delivery succeeded.
    Cancelled,
    /// A backup was restored. Nothing is sent until the operator releases it.
    Held,
}

/// One attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub at: Instant,
    pub milliseconds: u32,
    /// The status of the response, or `None` if there was no response.
    pub status: Option<u16>,
    /// Why there was no response.
    pub error: Option<String>,
    /// The beginning of the response's body.
    pub answer: String,
    /// How long the endpoint asks us to wait.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl WebhookEndpoint {
    /// The number of endpoints that an organization may have.
    pub const MAX: u64 = 50;
    /// The hours for which the previous secret still signs as well.
    pub const OVERLAP_HOURS: i64 = 24;
    /// The days of failed attempts after which an endpoint is disabled.
    pub const PATIENCE_DAYS: i64 = 5;

    /// Returns the description, or without one the host: the rest of the address may be a secret.
    pub fn label(&self) -> String {
        let host = || url::Url::parse(self.url.as_str()).ok().and_then(|url| url.host_str().map(str::to_owned));
        self.description.as_ref().map(ToString::to_string).or_else(host).unwrap_or_default()
    }

    /// Checks whether events with this action are sent to the endpoint.
    pub fn hears(&self, action: &str) -> bool {
        self.disabled.is_none() && (self.actions.is_empty() || self.actions.iter().any(|wanted| wanted == action))
    }

    /// Returns the generations of the secrets that sign at `now`, the present one first.
    pub fn signing(&self, now: Instant) -> Vec<u32> {
        let overlaps = self.rotated_at.is_some_and(|at| now < at + Duration::hours(Self::OVERLAP_HOURS));
        let before = self.secret_generation.checked_sub(1).filter(|_| overlaps);
        std::iter::once(self.secret_generation).chain(before).collect()
    }
}

impl DisabledWhy {
    pub const ALL: &'static [Self] = Self::VARIANTS;

    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl WebhookDeliveryState {
    pub const ALL: &'static [Self] = Self::VARIANTS;

    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the state as a word on a screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Delivered => "Delivered",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Held => "Held",
        }
    }
}

impl Attempt {
    /// Checks whether the endpoint took the event. Only a status of 2xx means success (Standard Webhooks, "Operational
    /// considerations").
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Checks whether the endpoint answered that it does not want any more events.
    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// The seconds to wait after each failed attempt: Svix's schedule plus two days.
const BACKOFF_SECONDS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, 86_400, 86_400];
/// The longest time for which an endpoint can delay a delivery.
const LONGEST_WAIT_HOURS: i64 = 24;

impl WebhookDelivery {
    /// Returns when to try again after `attempt` has failed, or `None` if it was the last one of the schedule. `spread`
    /// in -1.0..=1.0 shifts the time by up to a tenth, so that deliveries that failed together are not retried
    /// together.
    pub fn next(&self, attempt: &Attempt, now: Instant, spread: f64) -> Option<Instant> {
        let tries = self.attempts.saturating_sub(self.tried_before).max(1) as usize;
        let seconds = *BACKOFF_SECONDS.get(tries - 1)?;
        #[expect(clippy::cast_possible_truncation, reason = "at most a day in milliseconds")]
        let wait = (seconds as f64 * 1_000.0 * (1.0 + 0.1 * spread.clamp(-1.0, 1.0))) as i64;
        let asked = attempt.retry_after.unwrap_or_default().min(Duration::hours(LONGEST_WAIT_HOURS));
        Some(now + Duration::milliseconds(wait).max(asked))
    }
}

impl WebhookUrl {
    pub const MAX_BYTES: usize = 2_000;

    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl WebhookUrl {
    /// Parses the text of an address. Where it leads to is not checked; see `vestibule_core::webhook`.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, super::Violation> {
        let text = text.trim();
        let refused = |sentence: &'static str| super::Violation::new(field, "endpoint_url", sentence);
        if text.len() > Self::MAX_BYTES || text.contains(|c: char| c.is_control() || c == '\\') {
            return Err(refused("Write an address of at most 2,000 characters."));
        }
        let url = url::Url::parse(text).map_err(|_| refused("Write an address like https://app.example/webhooks."))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(refused("Write an address that begins with https:// or http://."));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("Leave out user and password: the signature proves who sent it."));
        }
        match url.port() {
            None | Some(80 | 443 | 1_025..) => Ok(Self(url.into())),
            Some(_) => Err(refused("Use port 443, 80, or one above 1024.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(now: Instant) -> WebhookEndpoint {
        WebhookEndpoint {
            id: WebhookEndpointId::new(now),
            organization_id: OrganizationId::new(now),
            url: WebhookUrl::parse("url", "https://app.example/hooks").unwrap(),
            description: None,
            actions: vec!["invitation.accepted".into()],
            secret_generation: 2,
            rotated_at: Some(now),
            failing_since: None,
            disabled: None,
            created_by: None,
            created_at: now,
        }
    }

    #[test]
    fn the_secret_before_signs_for_a_day_more() {
        let now = Instant::UNIX_EPOCH;
        let endpoint = endpoint(now);
        let day = Duration::hours(24);
        assert_eq!(endpoint.signing(now), [2, 1]);
        assert_eq!(endpoint.signing(now + day - Duration::microseconds(1)), [2, 1]);
        assert_eq!(endpoint.signing(now + day), [2]);
        assert_eq!(WebhookEndpoint { rotated_at: None, ..endpoint }.signing(now), [2]);
    }

    #[test]
    fn an_endpoint_hears_what_it_asked_for() {
        let endpoint = endpoint(Instant::UNIX_EPOCH);
        assert!(endpoint.hears("invitation.accepted") && !endpoint.hears("invitation.accept"));
        let all = WebhookEndpoint { actions: vec![], ..endpoint };
        assert!(all.hears("member.left"));
        let off = Disabled { at: Instant::UNIX_EPOCH, why: DisabledWhy::ByHand };
        assert!(!WebhookEndpoint { disabled: Some(off), ..all }.hears("member.left"));
    }

    #[test]
    fn the_schedule_goes_over_days_and_ends() {
        let now = Instant::UNIX_EPOCH;
        let attempt = Attempt {
            at: now,
            milliseconds: 1,
            status: Some(500),
            error: None,
            answer: String::new(),
            retry_after: None,
        };
        let delivery = |attempts, tried_before| WebhookDelivery {
            id: WebhookDeliveryId::new(now),
            endpoint_id: WebhookEndpointId::new(now),
            event_id: EventId::new(now),
            state: WebhookDeliveryState::Pending,
            attempts,
            tried_before,
            due_at: now,
            created_at: now,
            done_at: None,
        };
        let after = |attempts, before| delivery(attempts, before).next(&attempt, now, 0.0).map(|at| at - now);
        assert_eq!(after(1, 0), Some(Duration::seconds(5)));
        assert_eq!(after(9, 0), Some(Duration::days(1)));
        assert_eq!(after(10, 0), None);
        assert_eq!(after(11, 10), Some(Duration::seconds(5)), "a replay begins anew");
        let spread = delivery(2, 0).next(&attempt, now, 1.0).unwrap() - now;
        assert_eq!(spread, Duration::seconds(330));
        let wait = |hours| Attempt { retry_after: Some(Duration::hours(hours)), ..attempt.clone() };
        assert_eq!(delivery(1, 0).next(&wait(1), now, 0.0), Some(now + Duration::hours(1)));
        assert_eq!(delivery(1, 0).next(&wait(900), now, 0.0), Some(now + Duration::hours(24)));
    }

    #[test]
    fn addresses_are_of_the_web_and_bare() {
        for text in
            ["https://app.example/a?b=c", "http://app.example", "https://app.example:8443/", "http://[2001:db8::1]/"]
        {
            assert!(WebhookUrl::parse("url", text).is_ok(), "{text}");
        }
        for text in [
            "",
            "app.example",
            "ftp://app.example",
            "file:///etc/passwd",
            "gopher://app.example",
            "javascript:alert(1)",
            "https://user:secret@app.example",
            "https://user@app.example",
            "https://app.example:22/",
            "https://app.example:1024/",
            "https://app.example/a\r\nHost: evil",
            "https://app.example\\@evil.example",
        ] {
            assert!(WebhookUrl::parse("url", text).is_err(), "{text:?}");
        }
    }
}
