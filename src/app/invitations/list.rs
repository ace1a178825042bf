//! The rows of the list, and actions on several of them.

use super::{asked::Asked, row::Row};
use crate::app::{
    component::{Glyph, Icon, Pager, plural},
    visit::use_whereabouts,
};
use leptos::prelude::*;
use vestibule_domain::{Counts, InvitationList};

#[component]
pub fn List(list: InvitationList, asked: Asked, may_invite: bool) -> impl IntoView {
    let slug = use_whereabouts().organization.slug;
    let link = |cursor: Option<String>| cursor.map(|cursor| asked.at(Some(cursor)).href(slug.as_str()));
    let (newer, older) = (link(list.page.newer.clone()), link(list.page.older.clone()));
    let note = plural(matching(&list.counts, &asked), "invitation", "invitations");
    let rows = if list.page.items.is_empty() {
        view! { <NoMatch asked/> }.into_any()
    } else {
        view! { <Table list asked may_invite/> }.into_any()
    };
    view! {
        <div class="stack">
            {rows}
            <Pager note newer older/>
        </div>
    }
    .into_any()
}

fn matching(counts: &Counts, asked: &Asked) -> u64 {
    asked.filter.status.map_or_else(|| counts.total(), |status| counts.of(status))
}

#[component]
fn Table(list: InvitationList, asked: Asked, may_invite: bool) -> impl IntoView {
    let slug = use_whereabouts().organization.slug;
    let now = list.now;
    let rows = list.page.items.into_iter().map(|row| view! { <Row row now may_pick=may_invite/> }).collect_view();
    view! {
        <form class="list" method="post" action=format!("/o/{slug}/invitations/resend")>
            <table class="table table--cards" role="table">
                <caption class="sr">"Invitations, newest first"</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        {may_invite.then(|| view! { <PickAll/> })}
                        <th role="columnheader" scope="col" class="table__wide">"Invitee"</th>
                        <th role="columnheader" scope="col">"Status"</th>
                        <th role="columnheader" scope="col">"Roles"</th>
                        <th role="columnheader" scope="col">"Mail"</th>
                        <th role="columnheader" scope="col" class="table__mid">"Sent"</th>
                        <th role="columnheader" scope="col" class="table__low">"Invited by"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
            {may_invite.then(|| view! { <BulkBar asked/> })}
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
fn BulkBar(asked: Asked) -> impl IntoView {
    let slug = use_whereabouts().organization.slug;
    view! {
        <div class="bulk-bar" role="group" aria-label="Selected invitations">
            <input type="hidden" name="from" value=asked.href(slug.as_str())/>
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
            >
                <Icon glyph=Glyph::Revoked/>
                "Revoke…"
            </button>
            <button class="button button--small button--main">
                <Icon glyph=Glyph::Sent/>
                "Resend"
                <span class="bulk-bar__number"></span>
            </button>
        </div>
    }
    .into_any()
}

/// Shown when no invitation matches the filter.
#[component]
fn NoMatch(asked: Asked) -> impl IntoView {
    let slug = use_whereabouts().organization.slug;
    let clear = (!asked.is_all()).then(|| {
        view! { <a class="button" href=Asked::default().href(slug.as_str())>"Clear the filters"</a> }
    });
    view! {
        <section class="panel">
            <div class="empty">
                <p>"No invitation matches."</p>
                {clear}
            </div>
        </section>
    }
    .into_any()
}
