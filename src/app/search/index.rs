//! The page of the search.

use crate::app::{
    component::{Glyph, Icon, Search},
    form::fields,
    layout::Page,
    portal_context::PortalContext,
    query::Param,
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_functions::{search::Found, server::search::found};

fields! {
    pub struct SearchQuery {
        q: Param,
    }
}

pub async fn index(context: PortalContext, Query(query): Query<SearchQuery>) -> Response {
    let text = query.q.text().to_owned();
    let found = found(context.vestibule(), &context.scope, &text).boxed().await;
    context.show(found, move |found| view! { <Index text found/> }).await
}

#[component]
fn Index(text: String, found: Vec<Found>) -> impl IntoView {
    let input = SearchQuery::q().filled(text.clone());
    let groups =
        found.chunk_by(|one, next| one.group == next.group).map(|group| view! { <Group group=group.to_vec()/> });
    let groups = groups.collect_view();
    view! {
        <Page title="Search" live=true>
            <div class="stack stack--loose">
                <Search name="Everything" label="Search people, pages and actions" input/>
                {found.is_empty().then(|| view! { <Nothing text/> })}
                {groups}
            </div>
        </Page>
    }
}

#[component]
fn Nothing(text: String) -> impl IntoView {
    view! {
        <section class="panel">
            <div class="empty">
                <h2>"Nothing found for “"<bdi>{text}</bdi>"”"</h2>
                <p>"Try a part of a name or of an address."</p>
            </div>
        </section>
    }
}

#[component]
fn Group(group: Vec<Found>) -> impl IntoView {
    let name = group.first().map(|found| found.group.clone()).unwrap_or_default();
    let rows = group.into_iter().map(|found| view! { <Row found/> }).collect_view();
    view! {
        <section class="stack stack--tight">
            <h2>{name}</h2>
            <ul class="found">{rows}</ul>
        </section>
    }
}

#[component]
fn Row(found: Found) -> impl IntoView {
    let Found { title, note, href, glyph, .. } = found;
    view! {
        <li>
            <a class="palette__row" href=href>
                <Icon glyph=Glyph::named(&glyph)/>
                <span class="palette__title"><bdi>{title}</bdi></span>
                <span class="palette__note"><bdi>{note}</bdi></span>
            </a>
        </li>
    }
}
