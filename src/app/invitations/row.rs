//! One row of the list.

use super::revoke::PickForm;
use crate::app::component::{Badge, HomographWarning, MailStateBadge, Person, TimeLeft, When, WhenStyle};
use crate::app::portal_context::use_portal_frame;
use leptos::prelude::*;
use vestibule_domain::{Actor, Instant, InvitationId, InvitationRow, State};

/// The row. Users who can invite can select it, unless the invitation offers more than they can grant. Its `id` lets a
/// refresh find the row again.
#[component]
pub fn Row(row: InvitationRow, now: Instant, may_pick: bool) -> impl IntoView {
    let here = use_portal_frame();
    let slug = here.organization.slug.to_string();
    let invitation = row.invitation.clone();
    let (id, name) = (invitation.id, invitation.invitee());
    let may_change = here.may_change(&invitation);
    view! {
        <tr role="row" id=format!("row-{id}")>
            {may_pick.then(|| view! { <Pick id name may_change/> })}
            <td role="cell" class="table__lead table__wide">
                <Person
                    name=invitation.name.map(|name| name.to_string())
                    address=invitation.email.to_string()
                    href=format!("/o/{slug}/invitations/{id}")
                />
                <HomographWarning domain=invitation.email.mixed_scripts()/>
            </td>
            <td role="cell" class="table__side">
                <Badge status=row.status plain=true/>
                <StatusNote row=row.clone() now/>
            </td>
            <td role="cell">{row.role_names().join(", ")}</td>
            <td role="cell" class="table__end"><MailStateBadge state=invitation.mail_state/></td>
            <td role="cell" class="nowrap table__mid"><When at=invitation.issued_at now style=WhenStyle::Brief/></td>
            <td role="cell" class="nowrap table__low"><bdi>{row.inviter.to_string()}</bdi></td>
        </tr>
    }
    .into_any()
}

#[component]
fn Pick(id: InvitationId, name: String, may_change: bool) -> impl IntoView {
    view! {
        <td role="cell" class="table__check">
            {may_change.then(|| view! {
                <label>
                    <input type="checkbox" name=PickForm::id().name value=id.to_string()/>
                    <span class="sr">"Select " {name}</span>
                </label>
            })}
        </td>
    }
    .into_any()
}

/// Shown next to the status: how long the invitation stays open, or when and by whom it was closed.
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
