//! The page of the audit log.

use super::{filters::Filters, list::List, query::EventQuery};
use crate::app::{
    component::{Empty, ExportLinks, PAGE, Submit, grouped},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::ListQuery,
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::EventList;

pub async fn index(context: PortalContext, Query(query): Query<EventQuery>) -> Response {
    let filter = query.filter();
    let list = context.vestibule().audit().page(&context.scope, &filter, query.cursor.some(), PAGE).boxed().await;
    context.show(list, move |list| view! { <Index list query/> }).await
}

#[component]
fn Index(list: EventList, query: EventQuery) -> impl IntoView {
    let count = list.head.number;
    let under = move || {
        view! {
            <p class="page__lede">
                "Who did what, and when. Nothing is removed, and only the names of erased people are replaced: each of the "
                {grouped(count)}
                " holds the hash of all before it."
            </p>
        }
    };
    let actions = {
        let query = query.clone();
        move || view! { <Actions query/> }
    };
    let page = if count == 0 {
        view! { <Nothing/> }.into_any()
    } else {
        view! {
            <Filters query=query.clone() actors=list.actors.clone()/>
            <List list query/>
        }
        .into_any()
    };
    view! { <Page title="Audit log" under actions live=true>{page}</Page> }
}

/// The links that export the filtered events, and the button that verifies the chain.
#[component]
fn Actions(query: EventQuery) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    view! {
        <ExportLinks path=format!("/o/{slug}/audit/export") filter=query.at(None)/>
        <form method="post" action=format!("/o/{slug}/audit/verify")>
            <Submit class="button" busy="Verifying…">"Verify"</Submit>
        </form>
    }
    .into_any()
}

/// Shown before the first event.
#[component]
fn Nothing() -> impl IntoView {
    let text = "Every invitation, every answer and every change appears here, with who made it.".to_owned();
    view! { <Empty title="Nothing has happened yet" text/> }
}
