//! The organization's events as server-sent events, for as long as whoever listens may hear them.

use crate::app::{
    context::{AppState, Entered, is_still_there, sent},
    layout::live::News,
};
use crate::domain::{Event, Fact};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{self, Sse};
use futures::{Stream, StreamExt, future::ready};
use std::convert::Infallible;

/// Each batch of events, and each pause of two seconds, is a moment to check again: a session that ended or a
/// membership that was lost closes the stream then.
pub async fn feed(
    State(state): State<AppState>,
    headers: HeaderMap,
    at: Entered,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let slug = at.scope.organization().slug.clone();
    let batches = state.vestibule.feed(&at.scope);
    let messages = batches
        .then(move |batch| {
            let (state, headers, slug) = (state.clone(), headers.clone(), slug.clone());
            async move {
                let stays = sent(is_still_there(&state.vestibule, &headers, slug.as_str())).await;
                batch.ok().filter(|_| stays.unwrap_or(false) && !state.vestibule.is_stopping())
            }
        })
        .take_while(|batch| ready(batch.is_some()))
        .filter_map(|batch| ready(batch.filter(|batch| !batch.is_empty()).map(|batch| Ok(message(&batch)))));
    Sse::new(messages).keep_alive(sse::KeepAlive::default())
}

fn message(batch: &[Event]) -> sse::Event {
    let news: Vec<News> = batch.iter().map(news).collect();
    sse::Event::default().json_data(news).unwrap_or_default()
}

fn news(event: &Event) -> News {
    let name = match &event.fact {
        Fact::InvitationAccepted { name } => Some(name.clone()),
        Fact::InvitationCreated { .. }
        | Fact::InvitationSent { .. }
        | Fact::InvitationDeliveryFailed { .. }
        | Fact::InvitationOpened {}
        | Fact::InvitationResent { .. }
        | Fact::InvitationEdited { .. }
        | Fact::InvitationDeclined { .. }
        | Fact::InvitationRevoked {}
        | Fact::InvitationExpired {}
        | Fact::MemberAdded { .. }
        | Fact::MemberRolesChanged { .. }
        | Fact::MemberRemoved { .. }
        | Fact::MemberLeft { .. } => None,
    };
    News { action: event.fact.action().to_owned(), name }
}
