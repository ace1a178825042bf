//! The organization's events as server-sent events, for as long as the listener has access to them.

use super::context::{AppState, OrganizationScope, is_still_there};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{self, Sse};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::{Stream, StreamExt, future::ready};
use std::convert::Infallible;
use vestibule_domain::{Event, Fact};
use vestibule_islands::SAID;

/// Streams the organization's events. A client without access gets 204, which browsers treat as the end of the stream:
/// after any other status they would report an error or reconnect.
pub async fn feed(
    State(state): State<AppState>,
    headers: HeaderMap,
    at: Result<OrganizationScope, Response>,
) -> Result<impl IntoResponse, StatusCode> {
    let at = at.map_err(|_| StatusCode::NO_CONTENT)?;
    let until = Box::pin(state.vestibule.stopping());
    Ok(Sse::new(messages(state, headers, &at).take_until(until)).keep_alive(sse::KeepAlive::default()))
}

/// Returns the messages, at most one a second. After each batch, an empty one too, it checks again whether the
/// listener has access; if the session or the membership has ended, so does the stream.
fn messages(
    state: AppState,
    headers: HeaderMap,
    at: &OrganizationScope,
) -> impl Stream<Item = Result<sse::Event, Infallible>> + use<> {
    let slug = at.scope.organization().slug.clone();
    let batches = state.vestibule.feed().for_page(&at.scope);
    batches
        .then(move |batch| {
            let (state, headers, slug) = (state.clone(), headers.clone(), slug.clone());
            async move {
                let stays = is_still_there(&state.vestibule, &headers, slug.as_str()).boxed().await;
                batch.ok().filter(|_| stays.unwrap_or(false))
            }
        })
        .take_while(|batch| ready(batch.is_some()))
        .filter_map(|batch| ready(batch.filter(|batch| !batch.is_empty()).map(|batch| Ok(message(&batch)))))
}

/// Builds the message for a batch: the sentence for the toast if there is one, as most events only change the page.
/// Browsers ignore an event without data, so there is always some.
fn message(batch: &[Event]) -> sse::Event {
    match batch.iter().rev().find_map(|event| sentence(&event.fact)) {
        Some(sentence) => sse::Event::default().event(SAID).data(sentence),
        None => sse::Event::default().data("changed"),
    }
}

/// Returns the sentence that is announced. Only invitees' answers have one.
fn sentence(fact: &Fact) -> Option<String> {
    match fact {
        // a line break in a name would end the data field
        Fact::InvitationAccepted { name } => Some(format!("{} has accepted", name.replace(['\r', '\n'], " "))),
        Fact::InvitationCreated { .. }
        | Fact::InvitationSent { .. }
        | Fact::InvitationDeliveryFailed { .. }
        | Fact::InvitationOpened {}
        | Fact::InvitationReminded {}
        | Fact::InvitationResent { .. }
        | Fact::InvitationEdited { .. }
        | Fact::InvitationDeclined { .. }
        | Fact::InvitationRevoked {}
        | Fact::InvitationExpired {}
        | Fact::InvitationChangeUndone { .. }
        | Fact::MemberAdded { .. }
        | Fact::MemberRolesChanged { .. }
        | Fact::MemberRemoved { .. }
        | Fact::MemberEdited { .. }
        | Fact::MemberLeft { .. }
        | Fact::SignInFailed { .. }
        | Fact::SignInLockedOut { .. }
        | Fact::OrganizationEdited { .. }
        | Fact::RoleCreated { .. }
        | Fact::RoleEdited { .. }
        | Fact::RoleDeleted { .. }
        | Fact::ResourceCreated { .. }
        | Fact::ResourceEdited { .. }
        | Fact::ResourceDeleted { .. }
        | Fact::ApiKeyCreated { .. }
        | Fact::ApiKeyEdited { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::WebhookCreated { .. }
        | Fact::WebhookEdited { .. }
        | Fact::WebhookSecretRotated { .. }
        | Fact::WebhookDisabled { .. }
        | Fact::WebhookDeleted { .. }
        | Fact::PersonErased { .. }
        | Fact::PersonEventsRedacted { .. }
        | Fact::OrganizationRestored { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_of_invitees_are_said_aloud() {
        let accepted = Fact::InvitationAccepted { name: "Mei-Ling Zhou".to_owned() };
        assert_eq!(sentence(&accepted).as_deref(), Some("Mei-Ling Zhou has accepted"));
        assert_eq!(sentence(&Fact::InvitationExpired {}), None);
    }
}
