//! The rows of the list.

use super::{Matching, PickForm, bulk_bar::BulkBar};
use leptos::prelude::*;
use vestibule_components::{Badge, Column, HomographWarning, MailStateBadge, Person, Table, TimeLeft, When, WhenStyle};
use vestibule_domain::{Actor, Instant, InvitationId, InvitationList, InvitationRow, State, Total};

const COLUMNS: &[Column] = &[
    Column::of_class("Invitee", "table__wide"),
    Column::new("Status"),
    Column::new("Roles"),
    Column::new("Mail"),
    Column::of_class("Invited", "table__mid"),
    Column::of_class("Invited by", "table__low"),
];

/// The rows, and what can be done to several of them. `path` is that of the list, and `here` the URL of this page. If the
/// list has further pages, `matching` is what can be done to all `total` that match.
#[component]
pub fn Rows(
    list: InvitationList,
    may_pick: bool,
    picked: Vec<InvitationId>,
    path: String,
    here: String,
    matching: Vec<Matching>,
    total: Total,
) -> impl IntoView {
    let InvitationList { page, power, now, .. } = list;
    let action = format!("{path}/resend");
    let bar = may_pick.then(|| view! { <BulkBar path=path.clone() here matching total/> });
    let rows = page.items.into_iter().map(|row| {
        let may_change = power.may_offer(&row.roles, &row.invitation.resource_ids);
        let is_picked = may_pick.then(|| picked.contains(&row.invitation.id));
        view! { <Row row path=path.clone() now is_picked may_change/> }
    });
    let rows = rows.collect_view();
    let first = move || may_pick.then(|| view! { <PickAll/> });
    view! {
        <form class="list" method="post" action=action>
            <Table caption="Invitations, newest first" columns=COLUMNS first>{rows}</Table>
            {bar}
        </form>
    }
    .into_any()
}

/// The checkbox that selects every row of the page. It needs scripts.
#[component]
fn PickAll() -> impl IntoView {
    view! {
        <th role="columnheader" scope="col" class="table__check">
            <label class="scripted">
                <input type="checkbox" data-picks-all/>
                <span class="sr">"Select all on this page"</span>
            </label>
        </th>
    }
    .into_any()
}

/// The row. `is_picked` is for users who may select some. Users who can invite can select it, unless the invitation offers more than they can grant. Its `id` lets a
/// refresh find the row again.
#[component]
fn Row(row: InvitationRow, path: String, now: Instant, is_picked: Option<bool>, may_change: bool) -> impl IntoView {
    let invitation = row.invitation.clone();
    let (id, name) = (invitation.id, invitation.invitee());
    view! {
        <tr role="row" id=format!("row-{id}")>
            {is_picked.map(|is_picked| view! { <Pick id name is_picked may_change/> })}
            <td role="cell" class="table__lead table__wide">
                <Person
                    name=invitation.name.map(|name| name.to_string())
                    address=invitation.email.to_string()
                    href=format!("{path}/{id}")
                />
                <HomographWarning domain=invitation.email.mixed_scripts()/>
            </td>
            <td role="cell" class="table__side">
                <Badge status=row.status plain=true/>
                <StatusNote row=row.clone() now/>
            </td>
            <td role="cell" class="table__names">{row.role_names().join(", ")}</td>
            <td role="cell" class="table__end"><MailStateBadge state=invitation.mail_state/></td>
            <td role="cell" class="nowrap table__mid">
                <Invited at=invitation.created_at last_sent_at=invitation.issued_at now/>
            </td>
            <td role="cell" class="table__names table__low"><bdi>{row.inviter.to_string()}</bdi></td>
        </tr>
    }
    .into_any()
}

#[component]
fn Pick(id: InvitationId, name: String, is_picked: bool, may_change: bool) -> impl IntoView {
    view! {
        <td role="cell" class="table__check">
            {may_change.then(|| view! {
                <label>
                    <input type="checkbox" name=PickForm::id().name value=id.to_string() checked=is_picked/>
                    <span class="sr">"Select " {name}</span>
                </label>
            })}
        </td>
    }
    .into_any()
}

/// When somebody was invited, by which the list is ordered, and when their link was last sent again.
#[component]
fn Invited(at: Instant, last_sent_at: Instant, now: Instant) -> impl IntoView {
    let resent = (last_sent_at > at).then(|| {
        view! { <span class="table__note">"Resent " <When at=last_sent_at now style=WhenStyle::Brief/></span> }
    });
    view! { <When at now style=WhenStyle::Brief/> {resent} }
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
