//! The first start: the link in the terminal leads to the form that creates the first organization and its owner.

use super::layout::PublicPage;
use super::parts::PasswordField;
use super::password::without_referrer;
use super::visitor::{PageResult, Visitor};
use crate::app::component::{DoorState, Summary, TextField};
use crate::app::form::{Draft, Typed, fields};
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::{Form, Query};
use leptos::prelude::*;
use vestibule_core::service::{Conflict, Error, NotFound, OrganizationConflict, SetUp};
use vestibule_functions::server::Wait;

fields! {
    /// The form, and the query of its page, which can fill it in.
    pub struct SetUpForm {
        token: Typed,
        organization: Typed,
        slug: Typed,
        name: Typed,
        email: Typed,
        password: Typed,
    }
}

/// The fields that people see.
const FIELDS: &[&str] = &[
    SetUpForm::organization().name,
    SetUpForm::slug().name,
    SetUpForm::name().name,
    SetUpForm::email().name,
    SetUpForm::password().name,
];

/// Shows the form if the link is valid; otherwise says where to find the link.
pub async fn show(visitor: Visitor, Query(query): Query<SetUpForm>) -> PageResult {
    let response = match refusal(&visitor, query.token.text()).await? {
        Some(response) => response,
        None => visitor.page(StatusCode::OK, room(Draft::of(query))).await,
    };
    Ok(without_referrer(response))
}

/// Creates the organization and its owner, and signs the owner in.
pub async fn set_up(visitor: Visitor, Form(form): Form<SetUpForm>) -> PageResult {
    if let Some(response) = refusal(&visitor, form.token.text()).await? {
        return Ok(response);
    }
    match visitor.vestibule().organizations().set_up(form.token.text(), new(&form)).await {
        Ok((session, slug)) => Ok(visitor.redirect_signed_in(&format!("/o/{slug}/invitations"), &session).await?),
        Err(Error::Invalid(violations)) => {
            let room = room(Draft { form, violations });
            Ok(without_referrer(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, room).await))
        }
        Err(Error::Conflict(Conflict::Organization(OrganizationConflict::AlreadySetUp))) => Ok(done(&visitor).await),
        Err(other) => match Wait::of(&other) {
            Some(wait) => {
                let room = room(Draft { form, violations: vec![wait.at(SetUpForm::password().name)] });
                Ok(without_referrer(visitor.page_to_wait(&wait, room).await))
            }
            None => Err(other.into()),
        },
    }
}

/// The page that replaces the start page and the sign-in page while nothing has been set up.
pub async fn needed(visitor: &Visitor) -> Response {
    let room = PublicPage::new(DoorState::Shut, "Vestibule is not set up yet")
        .lead(|| "The setup link was printed where Vestibule was started. Open it to create the first owner.")
        .body(where_it_is);
    visitor.page(StatusCode::OK, room).await
}

/// The page for a link that is not the one that was printed.
async fn wrong(visitor: &Visitor) -> Response {
    let room = PublicPage::new(DoorState::Shut, "This link leads nowhere")
        .lead(|| "Part of it may be missing. Copy the whole line that was printed where Vestibule was started.")
        .body(where_it_is);
    visitor.page(StatusCode::NOT_FOUND, room).await
}

fn where_it_is() -> impl IntoAny {
    view! {
        <p>
            "Look for a line with " <code>"/setup?token="</code>
            " in the terminal, or in the log of the container or service. Restart Vestibule to print it again."
        </p>
    }
}

/// Returns the page that is shown instead of the form, if setup is finished or the token is missing or wrong.
async fn refusal(visitor: &Visitor, token: &str) -> Result<Option<Response>, super::visitor::PageRejection> {
    let vestibule = visitor.vestibule();
    if !vestibule.organizations().needs_set_up().await? {
        return Ok(Some(done(visitor).await));
    }
    let is_right =
        async { if vestibule.organizations().is_set_up_token(token) { Ok(()) } else { Err(NotFound::Link.into()) } };
    if token.is_empty() {
        return Ok(Some(needed(visitor).await));
    }
    match visitor.follow(is_right).await {
        Ok(()) => Ok(None),
        Err(refused) if refused.is_missing() => Ok(Some(wrong(visitor).await)),
        Err(other) => Err(other),
    }
}

fn new(form: &SetUpForm) -> SetUp {
    SetUp {
        organization: form.organization.text().to_owned(),
        slug: form.slug.text().to_owned(),
        name: form.name.text().to_owned(),
        email: form.email.text().to_owned(),
        password: form.password.text().to_owned(),
    }
}

async fn done(visitor: &Visitor) -> Response {
    let room = PublicPage::new(DoorState::Shut, "Vestibule is set up")
        .lead(|| "Setup is finished, so this link no longer works.")
        .body(|| view! { <a class="button button--main button--wide" href="/sign-in">"Sign in"</a> });
    visitor.page(StatusCode::GONE, room).await
}

fn room(draft: Draft<SetUpForm>) -> PublicPage {
    PublicPage::new(DoorState::Open, "Set up Vestibule")
        .lead(|| "Create the first organization and your owner account. You can invite everyone else from there.")
        .body(move || {
            view! {
                <Summary violations=draft.violations.clone() fields=FIELDS/>
                <form class="stack stack--loose" method="post" action="/setup">
                    <input type="hidden" name=SetUpForm::token().name value=draft.form.token.text().to_owned()/>
                    <TextField
                        input=draft.input(SetUpForm::organization())
                        label="Organization"
                        autocomplete="organization"
                    />
                    <TextField
                        input=draft.input(SetUpForm::slug())
                        label="Short name for URLs"
                        autocomplete="off"
                        optional=true
                        hint="Like saltmarsh-press. Leave it empty to derive it from the name."
                    />
                    <TextField input=draft.input(SetUpForm::name()) label="Your name" autocomplete="name"/>
                    <TextField
                        input=draft.input(SetUpForm::email())
                        label="Your email address"
                        kind="email"
                        autocomplete="username"
                    />
                    <PasswordField
                        input=draft.input(SetUpForm::password())
                        label="Choose a password"
                        is_new=true
                    />
                    <button class="button button--main button--wide">"Set up Vestibule"</button>
                </form>
            }
        })
}
