//! The list of mails.

use super::words;
use crate::app::{
    component::{Address, Empty, MailStateMark, Notice, Pager, Search, Tone, When, WhenStyle, grouped, plural},
    context::sent,
    form::Fields,
    layout::Page,
    query::escape,
    visit::{Visit, use_whereabouts},
};
use axum::{extract, response::Response};
use leptos::prelude::*;
use vestibule_domain::{Instant, Mail, MailCounts, MailFilter, MailList, MailState};

/// The number of mails on a page.
const PAGE: u32 = 50;

/// The query of the list's URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Query {
    state: Option<MailState>,
    text: String,
    cursor: Option<String>,
}

pub async fn index(mut visit: Visit, extract::Query(fields): extract::Query<Fields>) -> Response {
    let query = Query::of(&fields);
    let filter =
        MailFilter { state: query.state, text: Some(query.text.clone()).filter(|text| !text.trim().is_empty()) };
    let list = sent(visit.vestibule().outbox(&visit.scope, &filter, query.cursor.as_deref(), PAGE)).await;
    if let (Ok(list), None) = (&list, &filter.text) {
        visit.whereabouts.failed_mails = list.counts.failed;
    }
    visit.show(list, move |list| view! { <Index list query/> })
}

#[component]
fn Index(list: MailList, query: Query) -> impl IntoView {
    let under = || view! { <p class="page__lede">"Every mail, and what the receiving server said about it."</p> };
    let no_server = (!list.has_server).then(|| {
        let title = "No mail server is set up, so nothing will be sent";
        view! { <Notice tone=Tone::Warning title text="You can copy a link from its invitation’s page if you can grant every role in it."/> }
    });
    let held = (list.counts.held > 0).then(|| {
        let title = format!("{} waiting since a backup was restored", held(list.counts.held));
        let text = "They may have been sent before. The operator of this installation sends or discards them; you can send one by itself.";
        view! { <Notice tone=Tone::Warning title text/> }
    });
    view! {
        <Page title="Outbox" under live=true>
            {no_server}
            {held}
            <Tabs counts=list.counts query=query.clone()/>
            <Find query=query.clone()/>
            <Found list query/>
        </Page>
    }
    .into_any()
}

fn held(count: u64) -> String {
    plural(count, "mail is", "mails are")
}

/// Returns the list's URL.
fn list_address() -> String {
    format!("/o/{}/outbox", use_whereabouts().organization.slug)
}

impl Query {
    fn of(fields: &Fields) -> Self {
        Self {
            state: fields.text("state").parse().ok(),
            text: fields.text("q").to_owned(),
            cursor: Some(fields.text("cursor").to_owned()).filter(|cursor| !cursor.is_empty()),
        }
    }

    /// Returns the list's URL with this query.
    fn address(&self, list: &str) -> String {
        let mut parts = Vec::new();
        parts.extend(self.state.map(|state| format!("state={state}")));
        if !self.text.is_empty() {
            parts.push(format!("q={}", escape(&self.text)));
        }
        parts.extend(self.cursor.as_ref().map(|cursor| format!("cursor={cursor}")));
        format!("{list}?{}", parts.join("&"))
    }

    fn is_empty(&self) -> bool {
        self.state.is_none() && self.text.is_empty() && self.cursor.is_none()
    }
}

#[component]
fn Find(query: Query) -> impl IntoView {
    let state = query.state.map(|state| view! { <input type="hidden" name="state" value=state.as_str()/> });
    view! { <Search name="Mails" label="Search by address" text=query.text>{state}</Search> }
}

#[component]
fn Found(list: MailList, query: Query) -> impl IntoView {
    match (list.page.items.is_empty(), query.is_empty()) {
        (true, true) => view! { <Nothing/> }.into_any(),
        (true, false) => view! { <NothingFound/> }.into_any(),
        (false, _) => view! { <List list query/> }.into_any(),
    }
}

#[component]
fn Tabs(counts: MailCounts, query: Query) -> impl IntoView {
    let here = list_address();
    let tabs = [
        (None, "All", counts.total()),
        (Some(MailState::Failed), "Failed", counts.failed),
        (Some(MailState::Deferred), "Deferred", counts.deferred),
        (Some(MailState::Queued), "Queued", counts.queued),
        (Some(MailState::Sent), "Sent", counts.sent),
        (Some(MailState::Cancelled), "Cancelled", counts.cancelled),
    ];
    // there are held mails only after a restore
    let held = (counts.held > 0).then_some((Some(MailState::Held), "Held", counts.held));
    let links = tabs.into_iter().chain(held).map(|(state, name, count)| {
        let href = Query { state, text: query.text.clone(), cursor: None }.address(&here);
        let current = (query.state == state).then_some("page");
        view! {
            <a class="tabs__link" href=href aria-current=current>
                {name}<span class="tabs__count">{grouped(count)}</span>
            </a>
        }
    });
    view! { <nav class="tabs" aria-label="State">{links.collect_view()}</nav> }
}

#[component]
fn List(list: MailList, query: Query) -> impl IntoView {
    let (has_server, now) = (list.has_server, list.now);
    let note = format!("{} on this page", plural(list.page.items.len() as u64, "mail", "mails"));
    let here = list_address();
    let turn =
        |cursor: Option<String>| cursor.map(|cursor| Query { cursor: Some(cursor), ..query.clone() }.address(&here));
    let (newer, older) = (turn(list.page.newer), turn(list.page.older));
    let rows = list.page.items.into_iter().map(|mail| view! { <Row mail has_server now/> }).collect_view();
    view! {
        <div class="list">
            <table class="table table--cards" role="table">
                <caption class="sr">"Mails"</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"To"</th>
                        <th role="columnheader" scope="col">"State"</th>
                        <th role="columnheader" scope="col" class="table__spare">"Kind"</th>
                        <th role="columnheader" scope="col" class="table__roomy">"What the server said"</th>
                        <th role="columnheader" scope="col" class="table__spare">"Written"</th>
                        <th role="columnheader" scope="col"><span class="sr">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
        <Pager note newer older/>
    }
}

#[component]
fn Row(mail: Mail, has_server: bool, now: Instant) -> impl IntoView {
    let href = format!("{}/{}", list_address(), mail.id);
    let note = words::note(&mail, has_server, now).map(|note| view! { <span class="table__note">{note}</span> });
    let kind = words::kind(&mail.letter);
    view! {
        <tr role="row" id=format!("row-{}", mail.id)>
            <td role="cell" class="table__lead">
                <span class="person">
                    <span class="person__name"><Address address=mail.recipient.clone()/></span>
                </span>
            </td>
            <td role="cell" class="table__side"><MailStateMark state=mail.state/></td>
            <td role="cell" class="table__spare" data-label="Kind">{kind}</td>
            <td role="cell">
                {mail.response.map(|words| view! { <code class="small">{words}</code> })}
                {note}
            </td>
            <td role="cell" class="table__spare" data-label="Written">
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
    let text = "Each invitation’s mail appears here as soon as it is written, with what became of it.".to_owned();
    view! { <Empty title="No mail has been written yet" text/> }
}

#[component]
fn NothingFound() -> impl IntoView {
    view! {
        <section class="panel">
            <div class="empty">
                <h2>"No mail matches"</h2>
                <div class="row"><a class="button" href=list_address()>"Show all mails"</a></div>
            </div>
        </section>
    }
}
