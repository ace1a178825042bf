//! Forgotten passwords: requesting the mail, and choosing a new password through its link.

use super::layout::PublicPage;
use super::parts::{PasswordField, Username};
use super::visitor::{PageRejection, PageResult, Visitor};
use crate::app::component::{DoorState, TextField};
use crate::app::form::{Input, Typed, fields};
use crate::app::query::address;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum_extra::extract::{Form, Query};
use leptos::prelude::*;
use vestibule_core::service::{Error, NotFound};
use vestibule_domain::{AcceptanceStep, EmailAddress, Offer, User};
use vestibule_functions::server::Wait;
use vestibule_web::session::{FORGOTTEN_AT, PASSWORD_LINK};

fields! {
    /// Requests the mail.
    pub struct ForgotForm {
        /// The name of the acceptance session to come back to. It is also in the query of the form's page.
        offer: Typed,
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

/// Shows the form that requests the mail. For an offer that is open in this browser it has the invited email address,
/// unless the offer's page conceals that.
pub async fn forgot(visitor: Visitor, Query(query): Query<ForgotForm>) -> PageResult {
    let offer = offer_named(&visitor, query.offer.text(), visitor.user().await?.as_ref()).await?;
    if !visitor.vestibule().has_mail_server() {
        return Ok(ask_the_operator(&visitor, offer.as_ref()).await);
    }
    let known = offer.as_ref().filter(|offer| offer.step == AcceptanceStep::SignIn);
    let email = known.map_or_else(String::new, |offer| offer.email.typed().to_owned());
    let back = back(offer.as_ref());
    let room = PublicPage::new(DoorState::Ajar, "Forgotten password")
        .lead(|| "Enter your email address. If it has an account, we’ll email you a link to choose a new password.")
        .body(move || {
            view! {
                <form class="stack stack--loose" method="post" action="/forgot-password">
                    {offer.map(|offer| {
                        view! { <input type="hidden" name=ForgotForm::offer().name value=offer.acceptance_session/> }
                    })}
                    <TextField
                        input=ForgotForm::email().filled(email)
                        label="Email address"
                        kind="email"
                        autocomplete="username"
                    />
                    <button class="button button--main button--wide">"Email me a link"</button>
                </form>
            }
        })
        .aside(back);
    Ok(visitor.page(StatusCode::OK, room).await)
}

/// Sends the mail if the email address has an account. The answer is the same page in both cases, byte for byte.
pub async fn send(visitor: Visitor, Form(form): Form<ForgotForm>) -> PageResult {
    let offer = offer_named(&visitor, form.offer.text(), visitor.user().await?.as_ref()).await?;
    if !visitor.vestibule().has_mail_server() {
        return Ok(ask_the_operator(&visitor, offer.as_ref()).await);
    }
    visitor.vestibule().sessions().forgot_password(form.email.text(), visitor.client).await?;
    let room = PublicPage::new(DoorState::Ajar, "Check your email")
        .lead(|| "If this email address has an account, we’ve sent it an email. Its link works for an hour.")
        .aside(back(offer.as_ref()));
    let response = visitor.page(StatusCode::OK, room).await;
    Ok(match offer {
        Some(offer) => visitor.remember(response, FORGOTTEN_AT, &offer.acceptance_session),
        None if visitor.forgotten_at().is_some() => visitor.forget(response, FORGOTTEN_AT),
        None => response,
    })
}

/// Returns the offer with this name as `user` sees it, if its link is open in this browser.
async fn offer_named(visitor: &Visitor, name: &str, user: Option<&User>) -> Result<Option<Offer>, PageRejection> {
    let acceptance_sessions = visitor.acceptance_sessions();
    let Some(acceptance_session) = acceptance_sessions.named(name) else { return Ok(None) };
    match visitor.vestibule().acceptance().offer(acceptance_session, user).await {
        Ok(offer) => Ok(Some(offer)),
        Err(Error::NotFound(NotFound::Link)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Returns the path of an offer's page.
fn invitation(name: &str) -> String {
    address("/accept", &ForgotForm { offer: name.into(), ..ForgotForm::default() })
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

/// Sets the password and signs the user in. Continues at the invitation on whose page the password was forgotten, if it is
/// this user's and still open.
pub async fn set(visitor: Visitor, Form(form): Form<PasswordForm>) -> PageResult {
    let Some(token) = visitor.password_link() else { return Ok(over(&visitor).await) };
    match visitor.vestibule().sessions().choose_password(&token, form.password.text()).await {
        Ok(session) => {
            let name = visitor.forgotten_at().unwrap_or_default();
            let user = visitor.vestibule().sessions().get(session.as_str()).await?;
            let offer = offer_named(&visitor, &name, user.as_ref()).await?;
            let is_theirs = |offer: &Offer| user.is_some_and(|user| user.email.as_str() == offer.email.as_str());
            let path = match offer.filter(|offer| offer.step.is_open()).filter(is_theirs) {
                Some(_) => invitation(&name),
                None => "/".to_owned(),
            };
            let response = visitor.forget(visitor.redirect_signed_in(&path, &session).await?, PASSWORD_LINK);
            Ok(if name.is_empty() { response } else { visitor.forget(response, FORGOTTEN_AT) })
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
        .lead(move || view! { "For " <bdi>{address}</bdi> ". You will be signed out everywhere else." })
        .body(move || {
            view! {
                <form class="stack stack--loose" method="post" action="/choose-password">
                    <Username email=&email/>
                    <PasswordField input label="New password" is_new=true/>
                    <button class="button button--main button--wide">"Set password"</button>
                </form>
            }
        })
}

/// The page for a link that was used or has expired, or after the password has been changed.
async fn over(visitor: &Visitor) -> Response {
    let room = PublicPage::new(DoorState::Shut, "This link is used up")
        .lead(|| "Each link works once, for an hour. Ask for a new one, and open it on the device where you want to sign in.")
        .body(|| view! { <a class="button button--main button--wide" href="/forgot-password">"Ask for a new link"</a> })
        .aside(back(None));
    visitor.page(StatusCode::GONE, room).await
}

/// The page for installations that can't send mail.
async fn ask_the_operator(visitor: &Visitor, offer: Option<&Offer>) -> Response {
    let room = PublicPage::new(DoorState::Shut, "Forgotten password")
        .lead(|| "This installation can’t send email. Ask the people who run it for a link to choose a new password.")
        .aside(back(offer));
    visitor.page(StatusCode::OK, room).await
}

/// Returns the link to the invitation on whose page the password was forgotten, or to signing in.
fn back(offer: Option<&Offer>) -> impl FnOnce() -> AnyView + Send + use<> {
    let (href, label) = match offer {
        Some(offer) => (invitation(&offer.acceptance_session), "Back to the invitation"),
        None => ("/sign-in".to_owned(), "Back to sign-in"),
    };
    move || view! { <a href=href>{label}</a> }.into_any()
}

/// Adds the header that keeps the URL, which contains a token, from other sites.
pub fn without_referrer(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
