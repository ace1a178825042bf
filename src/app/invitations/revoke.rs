//! Revoking one or many invitations. The page asks for confirmation, because this can be undone only for a few seconds.

use super::BEYOND;
use crate::app::{
    component::{Address, Badge, Confirm, Glyph, Icon, PAGE, confirm::Hindered, plural},
    context::PathId,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::{InvitationId, InvitationRow, Status};
use vestibule_functions::server::invitation_list::{PickForm, left_at};

pub async fn revoke(context: PortalContext, PathId(id): PathId<InvitationId>) -> Response {
    let detail = context.vestibule().invitations().detail(&context.scope, id).boxed().await;
    let here = format!("/o/{}/invitations/{id}", context.portal_frame.organization.slug);
    context.show(detail, |detail| view! { <One row=detail.row here/> }).await
}

/// Shows the page that the list's action bar leads to, with `?id=…&id=…`.
pub async fn revoke_many(context: PortalContext, Query(form): Query<PickForm>) -> Response {
    // at most one page of the list
    let ids = form.id.read();
    let ids = &ids[..ids.len().min(PAGE as usize)];
    let rows = context.vestibule().invitations().rows(&context.scope, ids).boxed().await;
    let cancel = left_at(context.portal_frame.organization.slug.as_str(), &form.from, ids);
    let from = form.from.text().to_owned();
    context.show(rows, |rows| view! { <Many rows from cancel/> }).await
}

#[component]
fn One(row: InvitationRow, here: String) -> impl IntoView {
    let (name, action) = (row.invitation.invitee(), format!("{here}/revoke"));
    let title = format!("Revoke invitation to {name}?");
    let back = here.clone();
    let may_change = use_portal_frame().may_change(&row.invitation);
    view! {
        <Page title back=(here, "Back to the invitation") class="page page--form">
            {if !may_change {
                view! { <Hindered reason=BEYOND.to_owned()/> }.into_any()
            } else if row.status == Status::Pending {
                view! {
                    <Confirm action cancel=back verb=verb("Revoke".to_owned()) busy="Revoking…">
                        <p>
                            "The link stops working immediately. You can undo this for ten seconds, or invite the same \
                             person again."
                        </p>
                        <Who row/>
                    </Confirm>
                }.into_any()
            } else {
                view! {
                    <section class="panel">
                        <div class="panel__body">
                            <p class="row"><Badge status=row.status/>" There is nothing to revoke."</p>
                        </div>
                    </section>
                }.into_any()
            }}
        </Page>
    }
    .into_any()
}

#[component]
fn Many(rows: Vec<InvitationRow>, from: String, cancel: String) -> impl IntoView {
    let here = use_portal_frame();
    let list = format!("/o/{}/invitations", here.organization.slug);
    let (rows, beyond): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| here.may_change(&row.invitation));
    let (open, closed): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.status == Status::Pending);
    let count = open.len() as u64;
    let title = if count == 0 {
        "Nothing to revoke".to_owned()
    } else {
        format!("Revoke {}?", plural(count, "invitation", "invitations"))
    };
    let others = (!closed.is_empty()).then(|| {
        let words = plural(
            closed.len() as u64,
            "other is already closed and stays as it is.",
            "others are already closed and stay as they are.",
        );
        view! { <p class="quiet">{words}</p> }
    });
    let beyond = (!beyond.is_empty()).then(|| {
        let words = plural(
            beyond.len() as u64,
            "other gives more than you can give, and stays as it is.",
            "others give more than you can give, and stay as they are.",
        );
        view! { <p class="quiet">{words}</p> }
    });
    let warning = if count == 1 {
        "The link stops working immediately. You can undo this for ten seconds, or invite the same person again."
    } else {
        "The links stop working immediately. You can undo this for ten seconds, or invite the same people again."
    };
    let back = cancel.clone();
    let form = (count > 0).then(|| {
        let picked = open.into_iter().map(|row| {
            view! {
                <li>
                    <input type="hidden" name=PickForm::id().name value=row.invitation.id.to_string()/>
                    <Who row/>
                </li>
            }
        });
        view! {
            <Confirm action=format!("{list}/revoke") cancel verb=verb(format!("Revoke {count}")) busy="Revoking…">
                <input type="hidden" name=PickForm::from().name value=from/>
                <p>{warning}</p>
                <ul class="stack">{picked.collect_view()}</ul>
                {others}
                {beyond}
            </Confirm>
        }
    });
    view! {
        <Page title back=(back, "Invitations") class="page page--form">
            {form}
        </Page>
    }
    .into_any()
}

#[component]
fn Who(row: InvitationRow) -> impl IntoView {
    let address = row.invitation.email.to_string();
    view! {
        <span class="person">
            {row.invitation.name.map(|name| view! { <span class="person__name"><bdi>{name.to_string()}</bdi></span> })}
            <span class="person__address"><Address address/></span>
        </span>
    }
    .into_any()
}

/// Returns the button's label.
fn verb(words: String) -> impl FnOnce() -> AnyView + Send + 'static {
    move || view! { <Icon glyph=Glyph::Revoked/> {words} }.into_any()
}
