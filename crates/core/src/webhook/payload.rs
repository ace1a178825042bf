//! An event as programs see it, in the API, in its stream, and as a webhook.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use vestibule_domain::{Actor, Event, clock};

/// The one who did something.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
#[schema(as = Actor)]
pub enum ActorBody {
    /// A person, by the id of the user.
    User {
        id: Uuid,
        name: String,
    },
    ApiKey {
        id: Uuid,
        name: String,
    },
    Invitee,
    System,
}

impl From<Actor> for ActorBody {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Member { id, name } => Self::User { id: id.uuid(), name: name.to_string() },
            Actor::ApiKey { id, name } => Self::ApiKey { id: id.uuid(), name: name.to_string() },
            Actor::Invitee => Self::Invitee,
            Actor::System => Self::System,
        }
    }
}

/// One entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventBody {
    pub id: Uuid,
    /// The number of the event, counted per organization, without gaps except where a backup was restored.
    pub number: u64,
    /// What happened, like `invitation.accepted`.
    #[schema(example = "invitation.accepted")]
    pub action: &'static str,
    #[serde(serialize_with = "clock::write")]
    pub at: DateTime<Utc>,
    pub actor: ActorBody,
    pub invitation_id: Option<Uuid>,
    pub member_id: Option<Uuid>,
    /// The details of the event, with fields that depend on the action.
    #[schema(value_type = Object)]
    pub data: Value,
    /// The SHA-256 hash of the previous event's hash and of this event. Keep it to verify later that no event up to
    /// this one was changed.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

impl From<Event> for EventBody {
    fn from(event: Event) -> Self {
        let data = serde_json::to_value(&event.fact).ok().and_then(|mut fact| fact.get_mut("data").map(Value::take));
        Self {
            id: event.id.uuid(),
            number: event.number,
            action: event.fact.action(),
            at: event.at,
            actor: event.actor.into(),
            invitation_id: event.invitation_id.map(|id| id.uuid()),
            member_id: event.member_id.map(|id| id.uuid()),
            data: data.unwrap_or_default(),
            hash: event.hash.to_string(),
        }
    }
}

/// The body of a webhook: the action, the time, the organization, and the event in the API's form. Every attempt sends
/// the same bytes.
#[derive(Debug, Serialize)]
struct Payload {
    #[serde(rename = "type")]
    action: &'static str,
    timestamp: DateTime<Utc>,
    organization_id: Uuid,
    data: EventBody,
}

impl From<Event> for Payload {
    fn from(event: Event) -> Self {
        let (action, timestamp, organization_id) = (event.fact.action(), event.at, event.organization_id.uuid());
        Self { action, timestamp, organization_id, data: event.into() }
    }
}

/// Returns the JSON body that is sent for the event.
pub fn payload(event: Event) -> String {
    serde_json::to_string(&Payload::from(event)).unwrap_or_default()
}

/// Returns the same JSON, indented for reading.
pub fn pretty_payload(event: Event) -> String {
    serde_json::to_string_pretty(&Payload::from(event)).unwrap_or_default()
}
