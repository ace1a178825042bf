//! Resending or revoking all invitations that match a filter. The page asks for confirmation and says how many they are.

use crate::app::{
    component::{Confirm, Glyph, Icon, confirm::Hindered, plural},
    context::OrganizationScope,
    flash::Flash,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::{address, pairs},
};
use axum::response::Response;
use axum_extra::extract::{Form, Query};
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{self, Error};
use vestibule_domain::{JobKind, job::AT_ONCE};
use vestibule_functions::server::{
    matching::{self, MatchingQuery},
    page_error::sentence,
};

pub async fn matching(context: PortalContext, Query(query): Query<MatchingQuery>) -> Response {
    let read = read(&context, &query).boxed().await;
    context.show(read, move |(count, inviter)| view! { <Question query count inviter/> }).await
}

/// Returns how many match, and the name of the inviter that the filter asks for.
async fn read(context: &PortalContext, query: &MatchingQuery) -> service::Result<(u64, Option<String>)> {
    let (vestibule, list) = (context.vestibule(), query.list());
    let count = vestibule.jobs().count_matching(&context.scope, query.kind(), &query.filter()).await?;
    Ok((count, list.inviter_name(vestibule, &context.scope).await?))
}

/// Does it, or starts a job if it is too much for now.
pub async fn start(at: OrganizationScope, Form(query): Form<MatchingQuery>) -> Response {
    let (at, page) = (at.undoable(), address("invitations", &query.list()));
    match matching::start(&at.caller(), query.kind(), &query.filter()).boxed().await {
        Ok(started) => {
            let (title, text, act) = (started.title, started.text, started.act);
            at.redirect(&page, &Flash::Done { title, text, act })
        }
        Err(Error::Conflict(conflict)) => {
            let (title, sentence) = ("Nothing was changed".to_owned(), sentence(&conflict).to_owned());
            at.redirect(&page, &Flash::Refused { title, sentence })
        }
        Err(error) => super::forms::unless_kept(&at, &page, error),
    }
}

#[component]
fn Question(query: MatchingQuery, count: u64, inviter: Option<String>) -> impl IntoView {
    let frame = use_portal_frame();
    let kind = query.kind();
    let list = query.list().href(frame.organization.slug.as_str());
    let verb = match kind {
        JobKind::ResendMatching => "Resend",
        JobKind::RevokeMatching => "Revoke",
    };
    let title = match count {
        0 => format!("Nothing to {}", verb.to_lowercase()),
        1 => format!("{verb} the one invitation that matches?"),
        count => format!("{verb} all {} that match?", plural(count, "invitation", "invitations")),
    };
    let content = if count == 0 {
        view! { <Hindered reason="None of the matching invitations can be changed like this.".to_owned()/> }.into_any()
    } else {
        view! { <Sure query=query.clone() count inviter/> }.into_any()
    };
    view! {
        <Page title back=(list, "Invitations") class="page page--form">
            {content}
        </Page>
    }
    .into_any()
}

#[component]
fn Sure(query: MatchingQuery, count: u64, inviter: Option<String>) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    let (action, cancel) = (format!("/o/{slug}/invitations/matching"), query.list().href(slug.as_str()));
    let (effect, words, busy, class, glyph) = match query.kind() {
        JobKind::ResendMatching => (
            "Each gets a new email with a new link. The earlier links stop working.",
            "Resend",
            "Resending…",
            "button button--main",
            Glyph::Sent,
        ),
        JobKind::RevokeMatching => {
            ("The links stop working immediately.", "Revoke", "Revoking…", "button button--danger-fill", Glyph::Revoked)
        }
    };
    let back = match count {
        ..=AT_ONCE => "You can undo this for ten seconds.",
        _ => {
            "This can’t be undone. It continues while you do something else, and you can cancel the rest. \
             Invitations created in the meantime aren’t affected."
        }
    };
    let verb = move || view! { <Icon glyph/> {format!("{words} {}", plural(count, "invitation", "invitations"))} };
    let fields = pairs(&query).map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    let fields = fields.collect_view();
    view! {
        <Confirm action cancel verb=move || verb().into_any() busy class>
            {fields}
            <Which query inviter/>
            <p>{effect}</p>
            <p>{back}</p>
        </Confirm>
    }
    .into_any()
}

/// The filter in words. `inviter` is the name of the one that it asks for.
#[component]
fn Which(query: MatchingQuery, inviter: Option<String>) -> impl IntoView {
    let role = query.role.read().and_then(|id| use_portal_frame().roles.iter().find(|role| role.id == id).cloned());
    let rows = [
        ("Status", query.status.read().map(|status| status.label().to_owned())),
        ("Search", query.q.some().map(str::to_owned)),
        ("Role", role.map(|role| role.name)),
        ("Mail", query.mail.read().map(|state| state.label().to_owned())),
        ("Invited by", inviter),
        ("Invited from", query.created_from.read().map(|day| day.to_string())),
        ("Invited until", query.created_to.read().map(|day| day.to_string())),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| Some((name, value?))).map(|(name, value)| {
        view! { <div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div> }
    });
    let rows: Vec<_> = rows.collect();
    match rows.is_empty() {
        true => view! { <p>"No filter is set, so this applies to the whole list."</p> }.into_any(),
        false => view! { <dl class="facts">{rows}</dl> }.into_any(),
    }
}
