//! The organization's events as server-sent events, for as long as whoever listens may hear them.

use super::context::{AppState, Entered, is_still_there, sent};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{self, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt, future::ready};
use std::convert::Infallible;
use vestibule_domain::{Event, Fact};
use vestibule_islands::SAID;

/// Who may not listen is told so in the way that browsers take for an end, by 204: after any other answer they would
/// complain, or come again.
pub async fn feed(
    State(state): State<AppState>,
    headers: HeaderMap,
    at: Result<Entered, Response>,
) -> Result<impl IntoResponse, StatusCode> {
    let at = at.map_err(|_| StatusCode::NO_CONTENT)?;
    let until = Box::pin(state.vestibule.stopping());
    Ok(Sse::new(messages(state, headers, &at).take_until(until)).keep_alive(sse::KeepAlive::default()))
}

/// Each batch of events, and each pause of two seconds, is a moment to check again: a session that ended or a
/// membership that was lost closes the stream then.
fn messages(
    state: AppState,
    headers: HeaderMap,
    at: &Entered,
) -> impl Stream<Item = Result<sse::Event, Infallible>> + use<> {
    let slug = at.scope.organization().slug.clone();
    let batches = state.vestibule.feed(&at.scope);
    batches
        .then(move |batch| {
            let (state, headers, slug) = (state.clone(), headers.clone(), slug.clone());
            async move {
                let stays = sent(is_still_there(&state.vestibule, &headers, slug.as_str())).await;
                batch.ok().filter(|_| stays.unwrap_or(false))
            }
        })
        .take_while(|batch| ready(batch.is_some()))
        .filter_map(|batch| ready(batch.filter(|batch| !batch.is_empty()).map(|batch| Ok(message(&batch)))))
}

/// The sentence for the toast, where there is one: most events have none, as the page itself shows them. An event
/// without data would not be heard.
fn message(batch: &[Event]) -> sse::Event {
    match batch.iter().rev().find_map(|event| sentence(&event.fact)) {
        Some(sentence) => sse::Event::default().event(SAID).data(sentence),
        None => sse::Event::default().data("changed"),
    }
}

/// Only answers of invitees are said aloud.
fn sentence(fact: &Fact) -> Option<String> {
    match fact {
        // a name may hold line breaks, which would end the data
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
