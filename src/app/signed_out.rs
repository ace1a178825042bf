//! Forms of the portal that arrive when the session has ended. Nothing is done; the answer is a page to sign in on, which
//! keeps what was typed in hidden fields, and the form comes back with it. So neither the database nor an address has to
//! contain a draft, and it works without scripts.

use super::{
    component::{DoorState, TextField},
    context::AppState,
    flash::Flash,
    form::{Typed, fields},
    public::{
        layout::{Part, PublicPage},
        parts::{PasswordField, wait_notice},
        sign_in::{no_match, own_path},
        visitor::{PageResult, Visitor},
    },
    respond::redirect,
};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;
use url::form_urlencoded::parse;
use vestibule_core::service::Error;
use vestibule_domain::Violation;
use vestibule_functions::server::Wait;
use vestibule_web::{extract::MediaType, text::TextViolations};

/// The field of the violation that makes a form come back instead of being done.
pub const SIGNED_OUT: &str = "signed_out";

fields! {
    /// The fields of the page, beside those that it keeps.
    struct SignInAgain {
        sign_in_email: Typed,
        sign_in_password: Typed,
        /// The path of the page that the form was on.
        sign_in_from: Typed,
    }
}

impl SignInAgain {
    fn field(&mut self, name: &str) -> Option<&mut Typed> {
        let fields = [
            (Self::sign_in_email(), &mut self.sign_in_email),
            (Self::sign_in_password(), &mut self.sign_in_password),
            (Self::sign_in_from(), &mut self.sign_in_from),
        ];
        fields.into_iter().find(|(field, _)| field.name == name).map(|(_, typed)| typed)
    }
}

/// The mark of an answer that is the form itself, with what was typed.
#[derive(Clone)]
pub struct FormAgain;

/// A form that was posted, and the fields of the page to sign in on, if it was posted there.
struct Posted {
    path: String,
    typed: Vec<(String, String)>,
    again: SignInAgain,
}

impl Posted {
    fn of(parts: &Parts, body: &[u8]) -> Self {
        let (mut again, mut typed) = (SignInAgain::default(), Vec::new());
        for (name, value) in parse(body).into_owned() {
            match again.field(&name) {
                Some(field) => *field = value.into(),
                None => typed.push((name, value)),
            }
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let from = match again.sign_in_from.some() {
            Some(from) => own_path(from).to_owned(),
            None => parts.headers.get(header::REFERER).map_or_else(String::new, path_of),
        };
        Self { path, typed, again: SignInAgain { sign_in_from: from.into(), ..again } }
    }

    /// Returns the path to continue at if the form can't be shown again.
    fn from(&self) -> String {
        let organization = self.path.split('/').take(3).collect::<Vec<_>>().join("/");
        let from = self.again.sign_in_from.text();
        let is_ours = from.starts_with(&format!("{organization}/"));
        if is_ours { from.to_owned() } else { format!("{organization}/invitations") }
    }
}

/// Returns the path of an address.
fn path_of(address: &HeaderValue) -> String {
    let address = address.to_str().ok().and_then(|address| url::Url::parse(address).ok());
    address.map_or_else(String::new, |address| address[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

/// Answers a form that arrives without a session with a page to sign in on, and a form from there with itself.
pub async fn keep_typed(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !MediaType::FORM.is(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    // the body has been gathered before, so reading it does not wait
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(visitor) = Visitor::from_request_parts(&mut parts, &state).await;
    let posted = Posted::of(&parts, &body);
    if posted.again.sign_in_email.is_there() {
        return sign_in(&state, &visitor, posted, (parts, body), next)
            .await
            .unwrap_or_else(IntoResponse::into_response);
    }
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    if is_to_sign_in(&answer) { visitor.page(StatusCode::UNAUTHORIZED, page(posted, None)).await } else { answer }
}

fn is_to_sign_in(answer: &Response) -> bool {
    let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    answer.status() == StatusCode::SEE_OTHER && location.is_some_and(|path| path.starts_with("/sign-in"))
}

/// Signs in, and shows the form again, or the page that it was on. Nothing is done yet.
async fn sign_in(
    state: &AppState,
    visitor: &Visitor,
    posted: Posted,
    (mut parts, body): (Parts, Bytes),
    next: Next,
) -> PageResult {
    let SignInAgain { sign_in_email, sign_in_password, .. } = &posted.again;
    let (sessions, client) = (visitor.vestibule().sessions(), visitor.client);
    let session = match sessions.sign_in(sign_in_email.text(), sign_in_password.text(), client).await {
        Ok(session) => session,
        Err(Error::Unauthenticated) => {
            return Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page(posted, Some(no_match()))).await);
        }
        Err(other) => match Wait::of(&other) {
            Some(wait) => return Ok(visitor.page_to_wait(&wait, page(posted, Some(wait_notice(&wait)))).await),
            None => return Err(other.into()),
        },
    };
    let signed_in = visitor.redirect_signed_in(&posted.path, &session).await?;
    visitor.bring(&mut parts.headers, &session);
    // with a violation no write succeeds, and the form comes back
    parts.extensions.insert(TextViolations([Violation::new(SIGNED_OUT, SIGNED_OUT, "Send it again.")].into()));
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    let mut answer = match answer.extensions().get::<FormAgain>() {
        Some(FormAgain) => answer,
        None => redirect(state, &posted.from(), &Flash::SignedOut),
    };
    for cookie in signed_in.headers().get_all(header::SET_COOKIE) {
        answer.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Ok(answer)
}

fn page(posted: Posted, notice: Option<Part>) -> PublicPage {
    let lead = match posted.typed.is_empty() {
        true => "Your session has ended, so nothing was changed. Sign in to continue.",
        false => "Your session has ended, so nothing was sent. Sign in, and the form comes back with what you typed.",
    };
    PublicPage::new(DoorState::Ajar, "You were signed out")
        .titled("Sign in again · Vestibule")
        .lead(move || lead)
        .body(move || {
            let Posted { path, typed, again } = posted;
            let typed = typed.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
            let typed = typed.collect_view();
            let email = again.sign_in_email.text().to_owned();
            view! {
                {notice.map(|notice| notice())}
                <form class="stack stack--loose" method="post" action=path>
                    {typed}
                    <input
                        type="hidden"
                        name=SignInAgain::sign_in_from().name
                        value=again.sign_in_from.text().to_owned()
                    />
                    <TextField
                        input=SignInAgain::sign_in_email().filled(email)
                        label="Email address"
                        kind="email"
                        autocomplete="username"
                    />
                    <PasswordField
                        input=SignInAgain::sign_in_password().empty()
                        label="Password"
                        is_new=false
                    />
                    <button class="button button--main button--wide">"Sign in and go back"</button>
                </form>
            }
        })
        .aside(|| view! { "Keep this page open until you have signed in." })
}
