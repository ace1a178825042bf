//! The rows of the list, and actions on several of them.

use super::{matching::MatchingQuery, query::InvitationQuery, revoke::PickForm, row::Row};
use crate::app::{
    component::{Column, Glyph, Icon, NoMatch, Pager, Table, plural},
    portal_context::use_portal_frame,
    query::ListQuery,
};
use leptos::prelude::*;
use vestibule_domain::{Counts, InvitationList, JobKind};

#[component]
pub fn List(list: InvitationList, query: InvitationQuery, may_invite: bool) -> impl IntoView {
    let all = InvitationQuery::default().href(use_portal_frame().organization.slug.as_str());
    let (newer, older) = query.turns(&all, &list.page);
    let is_part = newer.is_some() || older.is_some();
    let all_that_match = (may_invite && is_part).then(|| view! { <AllThatMatch query=query.clone()/> });
    let note = plural(matching(&list.counts, &query), "invitation", "invitations");
    let rows = if list.page.items.is_empty() {
        let all = (!query.is_all()).then_some(all);
        view! { <NoMatch title="No invitation matches." all words="Clear the filters"/> }.into_any()
    } else {
        view! { <Rows list query may_invite/> }.into_any()
    };
    view! {
        <div class="stack">
            {rows}
            <Pager note newer older/>
            {all_that_match}
        </div>
    }
    .into_any()
}

/// The links to what can be done to all that match, on this page and on the others.
#[component]
fn AllThatMatch(query: InvitationQuery) -> impl IntoView {
    let slug = use_portal_frame().organization.slug;
    let kinds = [JobKind::ResendMatching, JobKind::RevokeMatching];
    let mut links = kinds.into_iter().filter(|kind| !kind.statuses(&query.filter()).is_empty()).map(|kind| {
        let word = if kind == JobKind::ResendMatching { "Resend" } else { "Revoke" };
        view! { <a href=MatchingQuery::of(kind, &query).href(slug.as_str())>{word}" all that match"</a> }
    });
    let (first, second) = (links.next(), links.next());
    first.is_some().then(|| view! { <p class="row small">{first}{second}</p> })
}

fn matching(counts: &Counts, query: &InvitationQuery) -> u64 {
    query.status.read().map_or_else(|| counts.total(), |status| counts.of(status))
}

const COLUMNS: &[Column] = &[
    Column::of_class("Invitee", "table__wide"),
    Column::new("Status"),
    Column::new("Roles"),
    Column::new("Mail"),
    Column::of_class("Sent", "table__mid"),
    Column::of_class("Invited by", "table__low"),
];

#[component]
fn Rows(list: InvitationList, query: InvitationQuery, may_invite: bool) -> impl IntoView {
    let slug = use_portal_frame().organization.slug;
    let now = list.now;
    let rows = list.page.items.into_iter().map(|row| view! { <Row row now may_pick=may_invite/> }).collect_view();
    let first = move || may_invite.then(|| view! { <PickAll/> });
    view! {
        <form class="list" method="post" action=format!("/o/{slug}/invitations/resend")>
            <Table caption="Invitations, newest first" columns=COLUMNS first>{rows}</Table>
            {may_invite.then(|| view! { <BulkBar query/> })}
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

/// The bar with actions on selected rows. The style sheet shows it once a row is selected, and counts the rows, so it
/// works without scripts.
#[component]
fn BulkBar(query: InvitationQuery) -> impl IntoView {
    let slug = use_portal_frame().organization.slug;
    view! {
        <div class="bulk-bar" role="group" aria-label="Selected invitations">
            <input type="hidden" name=PickForm::from().name value=query.href(slug.as_str())/>
            <p class="bulk-bar__count">
                <span class="bulk-bar__number"></span>
                " selected"
                <span class="bulk-bar__note">"Those that are closed already stay as they are."</span>
            </p>
            <p class="sr" role="status" data-picked></p>
            <button class="button button--quiet button--small" type="reset">"Clear"</button>
            <button
                class="button button--small button--danger"
                formmethod="get"
                formaction=format!("/o/{slug}/invitations/revoke")
                data-act="revoke"
            >
                <Icon glyph=Glyph::Revoked/>
                "Revoke"
            </button>
            <button class="button button--small button--main" data-act="resend">
                <Icon glyph=Glyph::Sent/>
                "Resend"
                <span class="bulk-bar__number"></span>
            </button>
        </div>
    }
    .into_any()
}
