//! The filter of events, as it is written in a query.

use super::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use url::form_urlencoded::Serializer;
use utoipa::IntoParams;
use uuid::Uuid;
use vestibule_core::service::Error;
use vestibule_domain::bounds::few;
use vestibule_domain::clock;
use vestibule_domain::{Actor, EventFilter, Fact, Violation};
use vestibule_web::extract;

/// The event filter of a query, not yet checked.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Actions like `invitation.accepted`, or nouns like `invitation` for all of their actions. Separate them with
    /// commas, or repeat the parameter.
    #[param(example = "invitation.accepted,member")]
    action: Option<String>,
    /// Who did it: the id of a person or of a key, `invitee`, or `system`.
    actor_id: Option<String>,
    invitation_id: Option<Uuid>,
    member_id: Option<Uuid>,
    /// Words of the name or email address of the person that the event is about, or of the name of the thing that it is
    /// about, in any order. Case and accents don't matter. A word of one or two letters is the beginning of one, a longer
    /// word may stand inside another.
    #[param(max_length = 300)]
    q: Option<String>,
    /// Events at this time or later.
    #[serde(default, deserialize_with = "clock::read")]
    from: Option<DateTime<Utc>>,
    /// Events before this time.
    #[serde(default, deserialize_with = "clock::read")]
    to: Option<DateTime<Utc>>,
}

/// The parameters that belong to [`Filter`].
const NAMES: [&str; 7] = ["action", "actor_id", "invitation_id", "member_id", "q", "from", "to"];

/// A query that holds a `T` and an event filter. Repeated `action` parameters count as one list.
pub struct FilteredQuery<T>(pub T, pub Filter);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for FilteredQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = extract::pairs(&parts.uri);
        let (filter, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| NAMES.contains(&&**name));
        let (actions, filter): (Vec<_>, Vec<_>) = filter.into_iter().partition(|(name, _)| name == "action");
        let mut text = Serializer::new(String::new());
        if !actions.is_empty() {
            let actions: Vec<_> = actions.into_iter().map(|(_, value)| value).collect();
            text.append_pair("action", &actions.join(","));
        }
        let filter = text.extend_pairs(filter).finish();
        let rest = Serializer::new(String::new()).extend_pairs(rest).finish();
        Ok(Self(extract::query(&rest)?, extract::query(&filter)?))
    }
}

impl Filter {
    /// Returns the filter for the service. Fails when an action or an actor does not exist.
    pub fn read(self) -> Result<EventFilter, Problem> {
        let unknown = |field, sentence: String| Error::invalid(Violation::new(field, "unknown", sentence));
        let mut actions = Vec::new();
        let names: Vec<&str> = self.action.iter().flat_map(|names| names.split(',')).collect();
        few("action", &names).map_err(Error::from)?;
        for name in names {
            let named = Fact::actions_named(name.trim());
            if named.is_empty() {
                return Err(unknown("action", format!("There is no action \"{name}\".")).into());
            }
            actions.extend(named);
        }
        actions.sort_unstable();
        actions.dedup();
        let actor = |text: &str| {
            let sentence = "Send the id of a person or of a key, \"invitee\" or \"system\".".to_owned();
            Actor::parse_key(text).ok_or_else(|| unknown("actor_id", sentence))
        };
        Ok(EventFilter {
            actions,
            actor_id: self.actor_id.as_deref().map(actor).transpose()?,
            text: self.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            invitation_id: self.invitation_id.map(Into::into),
            member_id: self.member_id.map(Into::into),
            from: self.from,
            to: self.to,
        })
    }
}
