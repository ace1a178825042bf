//! Signing in and out.

use super::layout::{Part, PublicPage, part};
use super::parts::{PasswordField, wait_notice};
use super::visitor::{PageResult, Visitor};
use crate::app::component::{DoorState, Notice, NoticeKind, TextField};
use crate::app::form::{Typed, fields};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::{Form, Query};
use leptos::prelude::*;
use vestibule_core::service::Error;
use vestibule_functions::server::Wait;

fields! {
    /// The form, and the query of its page.
    pub struct SignInForm {
        /// The path to continue at.
        next: Typed,
        email: Typed,
        password: Typed,
    }
}

fields! {
    pub struct SignOutForm {
        /// The path to continue at with another account.
        next: Typed,
        /// The email address of the user whom the form's page showed as signed in.
        signed_in: Typed,
    }
}

/// Shows the form. A user who is already signed in is redirected. Before setup there is nobody to sign in.
pub async fn show(visitor: Visitor, Query(query): Query<SignInForm>) -> PageResult {
    let next = own_path(query.next.text()).to_owned();
    if visitor.user().await?.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    if visitor.vestibule().organizations().needs_set_up().await? {
        return Ok(super::setup::needed(&visitor).await);
    }
    Ok(visitor.page(StatusCode::OK, room(next, String::new(), None)).await)
}

/// Signs in, or shows the form again. An unknown email address and a wrong password get the same answer.
pub async fn sign_in(visitor: Visitor, Form(form): Form<SignInForm>) -> PageResult {
    let (next, email) = (own_path(form.next.text()).to_owned(), form.email.text().to_owned());
    match visitor.vestibule().sessions().sign_in(&email, form.password.text(), visitor.client).await {
        Ok(session) => Ok(visitor.redirect_signed_in(&next, &session).await?),
        Err(Error::Unauthenticated) => {
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, room(next, email, Some(no_match()))).await)
        }
        Err(other) => match Wait::of(&other) {
            Some(wait) => Ok(visitor.page_to_wait(&wait, room(next, email, Some(wait_notice(&wait)))).await),
            None => Err(other.into()),
        },
    }
}

/// Signs out. With `next`, the user wants to continue there with another account; if someone other than the page showed
/// is signed in by now, nobody is signed out.
pub async fn sign_out(visitor: Visitor, Form(form): Form<SignOutForm>) -> PageResult {
    let next = match form.next.text() {
        "" => return Ok(visitor.sign_out().await?),
        next => own_path(next),
    };
    if form.signed_in.is_there() {
        let user = visitor.user().await?;
        if user.is_none_or(|user| user.email.as_str() != form.signed_in.text()) {
            return Ok(Redirect::to(next).into_response());
        }
    }
    Ok(visitor.switch(next).await?)
}

/// Returns `next` if it is a path on this host. Anything that a browser could take for another host becomes `/`.
pub fn own_path(next: &str) -> &str {
    let mut bytes = next.bytes();
    let is_path = bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\'));
    let is_plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if is_path && is_plain { next } else { "/" }
}

/// The notice that nobody has this email address and password.
pub fn no_match() -> Part {
    part(|| {
        view! {
            <Notice
                tone=NoticeKind::Danger
                title="That email address and password don’t match"
                text="Check both, or set a new password."
                news=true
            />
        }
    })
}

fn room(next: String, email: String, notice: Option<Part>) -> PublicPage {
    PublicPage::new(DoorState::Ajar, "Sign in to Vestibule")
        .titled("Sign in · Vestibule")
        .body(move || {
            view! {
                {notice.map(|notice| notice())}
                <form class="stack stack--loose" method="post" action="/sign-in">
                    <input type="hidden" name=SignInForm::next().name value=next/>
                    <TextField
                        input=SignInForm::email().filled(email)
                        label="Email address"
                        kind="email"
                        autocomplete="username"
                    />
                    <PasswordField input=SignInForm::password().empty() label="Password" is_new=false/>
                    <button class="button button--main button--wide">"Sign in"</button>
                </form>
            }
        })
        .aside(|| view! { <a href="/forgot-password">"Forgotten password"</a> })
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_this_host_are_followed() {
        for path in ["/", "/accept", "/accept?offer=1nTaD_9-yQ0x", "/o/acme/invitations?status=pending&text=a%40b"] {
            assert_eq!(own_path(path), path);
        }
        for path in [
            "",
            "accept",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/a\nb",
            " /a",
            "/a\\b",
            "/é",
        ] {
            assert_eq!(own_path(path), "/", "{path:?}");
        }
    }
}
