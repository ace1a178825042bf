//! Forgotten passwords: requesting the mail, and choosing a new password through its link.

use super::layout::PublicPage;
use super::parts::{PasswordField, Username};
use super::visitor::{PageResult, Visitor};
use crate::app::component::{DoorState, TextField};
use crate::app::form::{Input, Typed, fields};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum_extra::extract::{Form, Query};
use leptos::prelude::*;
use vestibule_core::service::{Error, NotFound};
use vestibule_domain::EmailAddress;
use vestibule_functions::server::Wait;
use vestibule_web::session::PASSWORD_LINK;

fields! {
    /// Requests the mail.
    pub struct ForgotForm {
        email: Typed,
    }
}

fields! {
    /// The query of the mail's link.
    pub struct LinkQuery {
        token: Typed,
    }
}

fields! {
    pub struct PasswordForm {
        password: Typed,
    }
}

/// Shows the form that requests the mail.
pub async fn forgot(visitor: Visitor) -> Response {
    if !visitor.vestibule().has_mail_server() {
        return ask_the_operator(&visitor).await;
    }
    let room = PublicPage::new(DoorState::Ajar, "Forgotten password")
        .lead(|| "Write your address. If it is known here, a mail with a link to a new password is sent to it.")
        .body(|| {
            view! {
                <form class="stack stack--loose" method="post" action="/forgot-password">
                    <TextField input=ForgotForm::email().empty() label="Address" kind="email" autocomplete="username"/>
                    <button class="button button--main button--wide">"Send the mail"</button>
                </form>
            }
        })
        .aside(back);
    visitor.page(StatusCode::OK, room).await
}

/// Sends the mail if the email address has an account. The answer is the same page in both cases, byte for byte.
pub async fn send(visitor: Visitor, Form(form): Form<ForgotForm>) -> PageResult {
    if !visitor.vestibule().has_mail_server() {
        return Ok(ask_the_operator(&visitor).await);
    }
    visitor.vestibule().sessions().forgot_password(form.email.text(), visitor.client).await?;
    let room = PublicPage::new(DoorState::Ajar, "Look in your mail")
        .lead(|| "If the address is known here, a mail is on its way to it. Its link works for an hour.")
        .aside(back);
    Ok(visitor.page(StatusCode::OK, room).await)
}

/// Handles the mail's link: with a token, moves it from the URL to a cookie; without one, shows the form to choose a
/// password.
pub async fn choose(visitor: Visitor, Query(query): Query<LinkQuery>) -> PageResult {
    let token = query.token.text();
    if !token.is_empty() {
        let response = match visitor.follow(visitor.vestibule().sessions().password_link(token)).await {
            Ok(_) => visitor.redirect_with_cookie("/choose-password", PASSWORD_LINK, token),
            // used, expired, or never issued: the next step is the same
            Err(refused) if refused.is_missing() => over(&visitor).await,
            Err(other) => return Err(other),
        };
        return Ok(without_referrer(response));
    }
    let Some(token) = visitor.password_link() else { return Ok(over(&visitor).await) };
    match visitor.follow(visitor.vestibule().sessions().password_link(&token)).await {
        Ok(email) => Ok(visitor.page(StatusCode::OK, room(email, None)).await),
        Err(refused) if refused.is_missing() => Ok(over(&visitor).await),
        Err(other) => Err(other),
    }
}

/// Sets the password and signs the user in.
pub async fn set(visitor: Visitor, Form(form): Form<PasswordForm>) -> PageResult {
    let Some(token) = visitor.password_link() else { return Ok(over(&visitor).await) };
    match visitor.vestibule().sessions().choose_password(&token, form.password.text()).await {
        Ok(session) => {
            let response = visitor.redirect_signed_in("/", &session).await?;
            Ok(visitor.forget(response, PASSWORD_LINK))
        }
        Err(Error::Invalid(violations)) => {
            let email = visitor.vestibule().sessions().password_link(&token).await?;
            let sentence = violations.into_iter().next().map(|violation| violation.sentence.into_owned());
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, room(email, sentence)).await)
        }
        Err(Error::NotFound(NotFound::Link)) => Ok(over(&visitor).await),
        Err(other) => match Wait::of(&other) {
            Some(wait) => {
                let email = visitor.vestibule().sessions().password_link(&token).await?;
                Ok(visitor.page_to_wait(&wait, room(email, Some(wait.sentence.clone()))).await)
            }
            None => Err(other.into()),
        },
    }
}

fn room(email: EmailAddress, error: Option<String>) -> PublicPage {
    let address = email.typed().to_owned();
    let input = Input { error, ..PasswordForm::password().empty() };
    PublicPage::new(DoorState::Open, "Choose a password")
        .lead(move || view! { "For " <bdi>{address}</bdi> ". Everywhere else you will be signed out." })
        .body(move || {
            view! {
                <form class="stack stack--loose" method="post" action="/choose-password">
                    <Username email=&email/>
                    <PasswordField input label="New password" is_new=true/>
                    <button class="button button--main button--wide">"Set the password"</button>
                </form>
            }
        })
}

/// The page for a link that was used or has expired, or after the password has been changed.
async fn over(visitor: &Visitor) -> Response {
    let room = PublicPage::new(DoorState::Shut, "This link is used up")
        .lead(|| "It works once, for an hour. Ask for another, and open it on the device where you want to sign in.")
        .body(|| view! { <a class="button button--main button--wide" href="/forgot-password">"Ask for another"</a> })
        .aside(back);
    visitor.page(StatusCode::GONE, room).await
}

/// The page for installations that can't send mail.
async fn ask_the_operator(visitor: &Visitor) -> Response {
    let room = PublicPage::new(DoorState::Shut, "Forgotten password")
        .lead(|| "This installation can’t send email. Ask the people who run it for a link to choose a new password.")
        .aside(back);
    visitor.page(StatusCode::OK, room).await
}

fn back() -> impl IntoAny {
    view! { <a href="/sign-in">"Back to signing in"</a> }
}

/// Adds the header that keeps the URL, which contains a token, from other sites.
pub fn without_referrer(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
