//! One invitation in the list.

use crate::app::component::{Badge, MailStateMark, Person, TimeLeft, When, WhenStyle};
use crate::app::layout::use_whereabouts;
use crate::domain::{Actor, Instant, InvitationId, InvitationRow, MailState, State, Status};
use leptos::prelude::*;
use std::collections::HashSet;

/// What makes a row another one: when any of it changes, the row is drawn anew.
pub type RowKey = (InvitationId, Status, MailState, u32, Instant, Vec<String>);

pub fn key(row: &InvitationRow) -> RowKey {
    let invitation = &row.invitation;
    (invitation.id, row.status, invitation.mail_state, invitation.generation, invitation.expires_at, row.roles.clone())
}

/// Who this is for: the name as the inviter knows it, else the address.
pub fn invitee(row: &InvitationRow) -> String {
    row.invitation.name.as_ref().map_or_else(|| row.invitation.email.to_string(), ToString::to_string)
}

/// `picked` is none for those who may not change invitations: then nothing can be picked.
#[component]
pub fn Row(row: InvitationRow, now: Instant, picked: Option<RwSignal<HashSet<InvitationId>>>) -> impl IntoView {
    let slug = use_whereabouts().get_untracked().organization.slug;
    let invitation = row.invitation.clone();
    let (id, name) = (invitation.id, invitee(&row));
    view! {
        <tr role="row">
            {picked.map(|picked| view! { <Pick id name picked/> })}
            <td role="cell" class="table__lead table__wide">
                <Person
                    name=invitation.name.map(|name| name.to_string())
                    address=invitation.email.to_string()
                    href=format!("/o/{slug}/invitations/{id}")
                />
            </td>
            <td role="cell" class="table__side">
                <Badge status=row.status plain=true/>
                <StatusNote row=row.clone() now/>
            </td>
            <td role="cell">{row.roles.join(", ")}</td>
            <td role="cell" class="table__end"><MailStateMark state=invitation.mail_state/></td>
            <td role="cell" class="nowrap table__mid"><When at=invitation.issued_at now style=WhenStyle::Brief/></td>
            <td role="cell" class="nowrap table__low"><bdi>{row.inviter.to_string()}</bdi></td>
        </tr>
    }
    .into_any()
}

#[component]
fn Pick(id: InvitationId, name: String, picked: RwSignal<HashSet<InvitationId>>) -> impl IntoView {
    let toggle = move |event| {
        picked.update(|picked| {
            if event_target_checked(&event) {
                picked.insert(id)
            } else {
                picked.remove(&id)
            };
        });
    };
    view! {
        <td role="cell" class="table__check">
            <label>
                <input
                    type="checkbox"
                    name="id"
                    value=id.to_string()
                    prop:checked=move || picked.read().contains(&id)
                    on:change=toggle
                />
                <span class="sr">"Select " {name}</span>
            </label>
        </td>
    }
    .into_any()
}

/// Beside the status: how long it stays open, or when and by whom it was closed.
#[component]
fn StatusNote(row: InvitationRow, now: Instant) -> impl IntoView {
    let by = match &row.invitation.state {
        State::Revoked { by: Actor::Member { name, .. }, .. } => format!(", by {name}"),
        State::Revoked { .. }
        | State::Pending
        | State::Accepted { .. }
        | State::Declined { .. }
        | State::Expired { .. } => String::new(),
    };
    match row.invitation.closed_at(now) {
        None => view! { <TimeLeft until=row.invitation.expires_at now/> }.into_any(),
        Some(at) => view! {
            <span class="table__note">
                <When at now style=WhenStyle::Brief/>
                {by}
            </span>
        }
        .into_any(),
    }
}
