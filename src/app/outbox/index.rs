//! The list of mails.

use super::labels;
use crate::app::{
    component::{
        Address, Column, Empty, MailStateBadge, NoMatch, Notice, NoticeKind, PAGE, Pager, Search, Tab, Table, Tabs,
        When, WhenStyle, place,
    },
    form::fields,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::{ListQuery, Param, address},
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::{Counts, Instant, Mail, MailFilter, MailList, MailState};

fields! {
    /// The query of the list's URL.
    pub struct MailQuery {
        state: Param<MailState>,
        q: Param,
        cursor: Param,
    }
}

impl ListQuery for MailQuery {
    fn cursor(&mut self) -> &mut Param {
        &mut self.cursor
    }
}

pub async fn index(mut context: PortalContext, Query(query): Query<MailQuery>) -> Response {
    let filter = MailFilter { state: query.state.read(), text: query.q.some().map(str::to_owned) };
    let list = context.vestibule().outbox().page(&context.scope, &filter, query.cursor.some(), PAGE).boxed().await;
    if let (Ok(list), None) = (&list, &filter.text) {
        context.portal_frame.failed_mails = list.counts.of(MailState::Failed).number;
    }
    context.show(list, move |list| view! { <Index list query/> }).await
}

#[component]
fn Index(list: MailList, query: MailQuery) -> impl IntoView {
    let under = || view! { <p class="page__lede">"Every email, and what the receiving server said about it."</p> };
    let no_server = (!list.has_server).then(|| {
        let title = "No mail server is set up, so nothing will be sent";
        view! { <Notice tone=NoticeKind::Warning title text="You can copy a link from its invitation’s page if you can grant every role in it."/> }
    });
    let count = list.counts.of(MailState::Held);
    let held = (count.number > 0).then(|| {
        let title = format!("{} waiting since a backup was restored", count.plural("email is", "emails are"));
        let text = "They may have been sent before. The operator of this installation will send or discard them. You can send single ones now.";
        view! { <Notice tone=NoticeKind::Warning title text/> }
    });
    view! {
        <Page title="Outbox" under live=true>
            {no_server}
            {held}
            <Tabs label="State" tabs=tabs(&list.counts, &query)/>
            <Find query=query.clone()/>
            <Found list query/>
        </Page>
    }
    .into_any()
}

/// Returns the list's URL.
fn list_address() -> String {
    format!("/o/{}/outbox", use_portal_frame().organization.slug)
}

#[component]
fn Find(query: MailQuery) -> impl IntoView {
    let state = query.state.some().map(|state| {
        view! { <input type="hidden" name=MailQuery::state().name value=state.to_owned()/> }
    });
    view! { <Search name="Emails" label="Search by email address" input=MailQuery::q().filled(query.q.text())>{state}</Search> }
}

#[component]
fn Found(list: MailList, query: MailQuery) -> impl IntoView {
    match (list.page.items.is_empty(), query == MailQuery::default()) {
        (true, true) => view! { <Nothing/> }.into_any(),
        (true, false) => {
            view! { <NoMatch title="No email matches" all=list_address() words="Show all emails"/> }.into_any()
        }
        (false, _) => view! { <List list query/> }.into_any(),
    }
}

fn tabs(counts: &Counts<MailState>, query: &MailQuery) -> Vec<Tab> {
    let list = list_address();
    let tabs = [
        (None, "All"),
        (Some(MailState::Failed), "Failed"),
        (Some(MailState::Deferred), "Deferred"),
        (Some(MailState::Queued), "Queued"),
        (Some(MailState::Sent), "Sent"),
        (Some(MailState::Cancelled), "Cancelled"),
    ];
    // there are held mails only after a restore
    let held = (counts.of(MailState::Held).number > 0).then_some((Some(MailState::Held), "Held"));
    let tabs = tabs.into_iter().chain(held).map(|(state, name)| {
        let part = MailQuery { state: state.map(MailState::as_str).into(), ..query.at(None) };
        Tab { href: address(&list, &part), name, count: counts.of(state), is_open: query.state.read() == state }
    });
    tabs.collect()
}

const COLUMNS: &[Column] = &[
    Column::new("To"),
    Column::new("State"),
    Column::of_class("Kind", "table__spare"),
    Column::of_class("What the server said", "table__roomy"),
    Column::of_class("Created", "table__spare"),
    Column::ACTIONS,
];

#[component]
fn List(list: MailList, query: MailQuery) -> impl IntoView {
    let (has_server, now) = (list.has_server, list.now);
    let note = place(&list.page, list.counts.of(query.state.read()), "email", "emails");
    let (newer, older) = query.turns(&list_address(), &list.page);
    let rows = list.page.items.into_iter().map(|mail| view! { <Row mail has_server now/> }).collect_view();
    view! {
        <div class="list"><Table caption="Emails" columns=COLUMNS>{rows}</Table></div>
        <Pager note newer older/>
    }
}

#[component]
fn Row(mail: Mail, has_server: bool, now: Instant) -> impl IntoView {
    let href = format!("{}/{}", list_address(), mail.id);
    let note = labels::note(&mail, has_server, now).map(|note| view! { <span class="table__note">{note}</span> });
    let kind = labels::kind(&mail.letter);
    view! {
        <tr role="row" id=format!("row-{}", mail.id)>
            <td role="cell" class="table__lead">
                <span class="person">
                    <span class="person__name"><Address address=mail.recipient.clone()/></span>
                </span>
            </td>
            <td role="cell" class="table__side"><MailStateBadge state=mail.state/></td>
            <td role="cell" class="table__spare" data-label="Kind">{kind}</td>
            <td role="cell">
                {mail.response.map(|words| view! { <code class="small">{words}</code> })}
                {note}
            </td>
            <td role="cell" class="table__spare" data-label="Created">
                <span class="nowrap"><When at=mail.created_at now style=WhenStyle::Exact/></span>
            </td>
            <td role="cell" class="table__tools">
                <a class="small nowrap" href=href>"Open"<span class="sr">": "{kind}" to "{mail.recipient}</span></a>
            </td>
        </tr>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    let text = "Each email appears here as soon as it is created, with its delivery status.".to_owned();
    view! { <Empty title="No emails yet" text/> }
}
