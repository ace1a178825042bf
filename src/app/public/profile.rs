//! The signed-in user's account: their password, where they are signed in, and the download of their data.

use super::layout::{Part, PublicPage};
use super::parts::{Moment, PasswordField, TimePrecision, Username, wait_notice};
use super::visitor::{PageResult, Visitor};
use crate::app::component::DoorState;
use crate::app::context::{AppState, SignedIn, respond_to};
use crate::app::flash::{Flash, FlashNotice};
use crate::app::form::{Input, Typed, fields};
use crate::app::respond::{forget_flash, redirect, with_flash};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum_extra::extract::Form;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{self, Error, NotFound, OwnSession};
use vestibule_domain::{Instant, User};
use vestibule_functions::server::Wait;
use vestibule_web::export::document;

fields! {
    pub struct ChangePasswordForm {
        current: Typed,
        password: Typed,
    }
}

fields! {
    pub struct EndSessionForm {
        session: Typed,
    }
}

/// What the page shows.
struct Profile {
    user: User,
    organizations: Vec<String>,
    sessions: Vec<OwnSession>,
    now: Instant,
}

async fn read(visitor: &Visitor, user: User) -> service::Result<Profile> {
    let vestibule = visitor.vestibule();
    let organizations = vestibule.organizations().of_user(&user).await?;
    let organizations = organizations.iter().map(|organization| organization.name.to_string()).collect();
    let sessions = vestibule.sessions().of_user(&user, &visitor.session().unwrap_or_default()).await?;
    Ok(Profile { user, organizations, sessions, now: vestibule.now() })
}

/// Shows the account.
pub async fn show(SignedIn(user): SignedIn, visitor: Visitor) -> PageResult {
    let profile = read(&visitor, user).await?;
    let flash = visitor.flash();
    let had_flash = flash.is_some();
    let mut page = visitor.page(StatusCode::OK, room(profile, PasswordErrors::default(), flash, None)).await;
    if had_flash {
        forget_flash(visitor.state(), &mut page);
    }
    Ok(page)
}

/// Leads from the address of a form to its page: who had to sign in continues there.
pub async fn back() -> Redirect {
    Redirect::to("/profile")
}

/// Changes the password, and ends all other sessions.
pub async fn change_password(
    SignedIn(user): SignedIn,
    visitor: Visitor,
    Form(form): Form<ChangePasswordForm>,
) -> PageResult {
    let (sessions, client) = (visitor.vestibule().sessions(), visitor.client);
    let changed = sessions.change_password(&user, form.current.text(), form.password.text(), client).boxed().await;
    let errors = match changed {
        Ok(session) => {
            let response = visitor.redirect_signed_in("/profile", &session).await?;
            return Ok(with_flash(visitor.state(), response, &Flash::PasswordChanged));
        }
        Err(Error::Unauthenticated) => {
            PasswordErrors { current: Some("This isn’t your current password.".to_owned()), new: None }
        }
        Err(Error::Invalid(violations)) => PasswordErrors {
            current: None,
            new: violations.into_iter().next().map(|violation| violation.sentence.into_owned()),
        },
        // somebody else has changed it at the same moment
        Err(Error::NotFound(NotFound::Link)) => return Err(Error::Unauthenticated.into()),
        Err(other) => match Wait::of(&other) {
            Some(wait) => {
                let profile = read(&visitor, user).await?;
                let notice = wait_notice(&wait);
                return Ok(visitor
                    .page_to_wait(&wait, room(profile, PasswordErrors::default(), None, Some(notice)))
                    .await);
            }
            None => return Err(other.into()),
        },
    };
    let profile = read(&visitor, user).await?;
    Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, room(profile, errors, None, None)).await)
}

/// Ends one of the user's sessions.
pub async fn end_session(SignedIn(user): SignedIn, visitor: Visitor, Form(form): Form<EndSessionForm>) -> PageResult {
    let is_ended = visitor.vestibule().sessions().end(&user, form.session.text()).boxed().await?;
    Ok(redirect(visitor.state(), "/profile", &Flash::SessionsEnded { count: u64::from(is_ended) }))
}

/// Ends all of the user's sessions but this one.
pub async fn end_others(SignedIn(user): SignedIn, visitor: Visitor) -> PageResult {
    let this = visitor.session().unwrap_or_default();
    let count = visitor.vestibule().sessions().end_others(&user, &this).boxed().await?;
    Ok(redirect(visitor.state(), "/profile", &Flash::SessionsEnded { count }))
}

/// What is wrong with the passwords.
#[derive(Default)]
struct PasswordErrors {
    current: Option<String>,
    new: Option<String>,
}

fn room(profile: Profile, errors: PasswordErrors, flash: Option<Flash>, notice: Option<Part>) -> PublicPage {
    let Profile { user, organizations, sessions, now } = profile;
    let (name, email) = (user.name.to_string(), user.email.typed().to_owned());
    PublicPage::new(DoorState::Open, "Your profile")
        .lead(move || view! { <bdi>{name}</bdi>", "<bdi>{email}</bdi> })
        .body(move || {
            if let Some(flash) = flash {
                provide_context(flash);
            }
            view! {
                <div class="stack stack--loose">
                    {notice.map(|notice| notice())}
                    <FlashNotice/>
                    <Password user errors/>
                    <Sessions sessions now/>
                    <Data organizations/>
                </div>
            }
        })
        .aside(|| view! { <a href="/">"Back to your organizations"</a> })
}

#[component]
fn Password(user: User, errors: PasswordErrors) -> impl IntoView {
    let current = Input { error: errors.current, ..ChangePasswordForm::current().empty() };
    let new = Input { error: errors.new, ..ChangePasswordForm::password().empty() };
    view! {
        <section class="stack" aria-labelledby="password-title">
            <h2 id="password-title">"Change password"</h2>
            <form class="stack stack--loose" method="post" action="/profile/password">
                <Username email=&user.email/>
                <PasswordField input=current label="Current password" is_new=false/>
                <PasswordField input=new label="New password" is_new=true/>
                <button class="button button--main">"Change password"</button>
                <p class="small quiet">"You will be signed out everywhere else."</p>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Sessions(sessions: Vec<OwnSession>, now: Instant) -> impl IntoView {
    let has_others = sessions.len() > 1;
    let rows = sessions.into_iter().map(|session| view! { <li><Session session now/></li> }).collect_view();
    let all = has_others.then(|| {
        view! {
            <form method="post" action="/profile/sessions/others">
                <button class="button button--danger">"Sign out everywhere else"</button>
            </form>
        }
    });
    view! {
        <section class="stack" aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Where you are signed in"</h2>
            <ul class="sessions">{rows}</ul>
            {all}
        </section>
    }
    .into_any()
}

#[component]
fn Session(session: OwnSession, now: Instant) -> impl IntoView {
    let OwnSession { name, began_at, seen_at, is_this } = session;
    let precision = TimePrecision::ToTheMinute;
    let began = view! { <Moment at=began_at now precision/> };
    if is_this {
        return view! { <p>"This browser"</p> <p class="small quiet">"Since " {began}</p> }.into_any();
    }
    view! {
        <p>"Last used " <Moment at=seen_at now precision/></p>
        <p class="small quiet">"Since " {began}</p>
        <form method="post" action="/profile/sessions">
            <input type="hidden" name=EndSessionForm::session().name value=name/>
            <button class="button button--small">"Sign out"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Data(organizations: Vec<String>) -> impl IntoView {
    let names = organizations.into_iter().map(|name| view! { <li><bdi>{name}</bdi></li> }).collect_view();
    view! {
        <section class="stack" aria-labelledby="data-title">
            <h2 id="data-title">"Your data"</h2>
            <p>"You belong to:"</p>
            <ul>{names}</ul>
            <a class="button button--wide" href="/profile/export" download>"Download your data"</a>
            <p class="small quiet">
                "To have your data erased, ask an owner of each organization, or the people who run this installation."
            </p>
        </section>
    }
    .into_any()
}

/// Returns the user's data as a file.
pub async fn export(State(state): State<AppState>, SignedIn(user): SignedIn) -> Response {
    match state.vestibule.personal_data().export_own(&user).boxed().await {
        Ok(pieces) => document("my-data", pieces),
        Err(error) => respond_to(error, "/profile"),
    }
}
