//! Shows what an invitee can do, and handles the answer.

use super::acceptance_session::{OfferForm, href, not_of_link, of_form, of_link, shown_offer, terms};
use super::{changed_notice, closed_pages, closed_pages::no_acceptance_session, code, offer_pages, return_to};
use crate::app::form::Draft;
use crate::app::public::layout::{Part, PublicPage};
use crate::app::public::parts::wait_notice;
use crate::app::public::visitor::{PageRejection, PageResult, Visitor};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{Form, Query};
use std::sync::Arc;
use vestibule_core::service::{
    AcceptanceSessions, AccountConflict, Conflict, Error, Joined, NotFound, RequestConflict, SessionToken, ShownOffer,
};
use vestibule_domain::{AcceptanceStep, Offer, User};
use vestibule_functions::server::Wait;

/// What an offer's page shows in addition: what was entered, and why the page is shown again.
#[derive(Default)]
pub struct PageExtras {
    pub draft: Draft<OfferForm>,
    pub notice: Option<Part>,
    /// Whether the page is shown again because of the sign-in form.
    pub at_sign_in: bool,
}

impl PageExtras {
    pub fn notice(notice: Part) -> Self {
        Self { notice: Some(notice), ..Self::default() }
    }

    fn at_sign_in(notice: Part) -> Self {
        Self { at_sign_in: true, ..Self::notice(notice) }
    }
}

/// Shows the offer. This changes nothing.
pub async fn show(visitor: Visitor, Query(query): Query<OfferForm>) -> PageResult {
    let Some(acceptance_session) = of_link(&visitor, &query) else { return Ok(not_of_link(&visitor, &query).await) };
    match offer_of(&visitor, &acceptance_session).await? {
        Some((offer, user)) => Ok(shown(&visitor, offer, user).await),
        None => Ok(no_acceptance_session(&visitor).await),
    }
}

/// Accepts, as the signed-in user or with the name and password of a new account. Organization and roles come from the
/// invitation; form fields with those names are ignored.
pub async fn accept(visitor: Visitor, Form(form): Form<OfferForm>) -> PageResult {
    let acceptance_session = of_form(&visitor, &form).await?;
    let Some((offer, user)) = offer_of(&visitor, &acceptance_session).await? else {
        return Ok(no_acceptance_session(&visitor).await);
    };
    let shown_offer = shown_offer(&acceptance_session, &form, user.as_ref());
    let accepted = match (&offer.step, &user) {
        (AcceptanceStep::New | AcceptanceStep::NewOrSignIn, None) => accept_as_new(&visitor, shown_offer, &form).await,
        (_, Some(user)) => {
            visitor.vestibule().acceptance().accept(shown_offer, user).await.map(|joined| (None, joined))
        }
        (_, None) => return Ok(status_at_least(shown(&visitor, offer, user).await, StatusCode::CONFLICT)),
    };
    match accepted {
        Ok((session, joined)) => welcome(&visitor, &acceptance_session, session, &joined).await,
        Err(Error::Invalid(violations)) => {
            let extras = PageExtras { draft: Draft { form, violations }, ..PageExtras::default() };
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page(offer, user, extras).1).await)
        }
        Err(Error::Conflict(Conflict::Request(RequestConflict::Changed))) => {
            let Some((offer, user)) = offer_of(&visitor, &acceptance_session).await? else {
                return Ok(no_acceptance_session(&visitor).await);
            };
            let notice = changed_notice(&form, &offer, "Nothing has been accepted.");
            let extras = PageExtras { draft: Draft::of(form), notice: Some(notice), at_sign_in: false };
            let (status, room) = page(offer, user, extras);
            Ok(status_at_least(visitor.page(status, room).await, StatusCode::CONFLICT))
        }
        // only without a mail server: with one, the page knows beforehand
        Err(Error::Conflict(Conflict::Account(AccountConflict::EmailTaken)))
            if offer.step == AcceptanceStep::NewOrSignIn =>
        {
            let extras = PageExtras { draft: Draft::of(form), ..PageExtras::at_sign_in(offer_pages::not_created()) };
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page(offer, user, extras).1).await)
        }
        Err(other) => match Wait::of(&other) {
            Some(wait) => {
                let draft = Draft { form, violations: vec![wait.at(OfferForm::password().name)] };
                let extras = PageExtras { draft, ..PageExtras::default() };
                Ok(visitor.page_to_wait(&wait, page(offer, user, extras).1).await)
            }
            None => again(&visitor, &acceptance_session, other).await,
        },
    }
}

/// Signs in with the invited email address, and returns to the offer.
pub async fn sign_in(visitor: Visitor, Form(form): Form<OfferForm>) -> PageResult {
    let acceptance_session = of_form(&visitor, &form).await?;
    let Some((offer, user)) = offer_of(&visitor, &acceptance_session).await? else {
        return Ok(no_acceptance_session(&visitor).await);
    };
    if !offer.step.is_open() {
        return Ok(status_at_least(shown(&visitor, offer, user).await, StatusCode::CONFLICT));
    }
    let refused = |notice| page(Arc::clone(&offer), user.clone(), PageExtras::at_sign_in(notice)).1;
    match visitor
        .vestibule()
        .acceptance()
        .sign_in_to_accept(&acceptance_session, form.password.text(), visitor.client)
        .await
    {
        Ok(session) => Ok(visitor.redirect_signed_in(&href("/accept", &offer.acceptance_session), &session).await?),
        Err(Error::Unauthenticated) => {
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, refused(offer_pages::no_match())).await)
        }
        Err(other) => match Wait::of(&other) {
            Some(wait) => Ok(visitor.page_to_wait(&wait, refused(wait_notice(&wait))).await),
            None => again(&visitor, &acceptance_session, other).await,
        },
    }
}

/// Returns the offer of an acceptance session as the signed-in user sees it; `None` if the acceptance session has
/// ended.
pub async fn offer_of(
    visitor: &Visitor,
    acceptance_session: &str,
) -> Result<Option<(Arc<Offer>, Option<User>)>, PageRejection> {
    let user = visitor.user().await?;
    match visitor.vestibule().acceptance().offer(acceptance_session, user.as_ref()).await {
        Ok(offer) => Ok(Some((Arc::new(offer), user))),
        Err(Error::NotFound(NotFound::Link)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// AnswerFields a form whose page is no longer current: shows the offer as it is now.
pub async fn again(visitor: &Visitor, acceptance_session: &str, error: Error) -> PageResult {
    match error {
        Error::Closed(_) | Error::Conflict(_) => {
            let Some((offer, user)) = offer_of(visitor, acceptance_session).await? else {
                return Ok(no_acceptance_session(visitor).await);
            };
            let is_fine = offer.step == AcceptanceStep::AlreadyMember;
            let comes_first = matches!(error, Error::Conflict(Conflict::Account(AccountConflict::MailboxUnproven)));
            let notice = comes_first.then(code::needed_first);
            let (status, room) = page(offer, user, PageExtras { notice, ..PageExtras::default() });
            let response = visitor.page(status, room).await;
            Ok(if is_fine { response } else { status_at_least(response, StatusCode::CONFLICT) })
        }
        Error::NotFound(NotFound::Link) => Ok(no_acceptance_session(visitor).await),
        other => Err(other.into()),
    }
}

/// Returns the notice that the offer differs from the one on the form's page. `outcome` says what was not done.
pub fn changed_notice(form: &OfferForm, offer: &Offer, outcome: &str) -> Part {
    changed_notice::notice(&terms(form).unwrap_or_default(), &offer.terms, outcome)
}

/// Shows the page of a step with its status: 410 for a closed offer, 403 for one that this user can't accept.
pub async fn shown(visitor: &Visitor, offer: Arc<Offer>, user: Option<User>) -> Response {
    let (status, room) = page(offer, user, PageExtras::default());
    visitor.page(status, room).await
}

/// Returns the page and the status for [`shown`].
pub fn page(offer: Arc<Offer>, user: Option<User>, extras: PageExtras) -> (StatusCode, PublicPage) {
    match (offer.step.clone(), user) {
        (AcceptanceStep::New, _) => (StatusCode::OK, offer_pages::new(offer, extras)),
        (AcceptanceStep::NewOrSignIn, _) => (StatusCode::OK, offer_pages::new_or_sign_in(offer, extras)),
        (AcceptanceStep::Join, Some(user)) => (StatusCode::OK, offer_pages::join(offer, user, extras.notice)),
        (AcceptanceStep::SignIn | AcceptanceStep::Join, _) => {
            (StatusCode::OK, offer_pages::sign_in(offer, extras.notice))
        }
        (AcceptanceStep::Code { asked, .. }, user) => {
            (StatusCode::OK, code::page(offer, asked, user.is_some(), extras))
        }
        (AcceptanceStep::WrongAccount { .. }, Some(user)) => {
            (StatusCode::FORBIDDEN, offer_pages::wrong_account(offer, user))
        }
        // `WrongAccount` means that someone is signed in
        (AcceptanceStep::WrongAccount { .. }, None) => {
            (StatusCode::FORBIDDEN, offer_pages::sign_in(offer, extras.notice))
        }
        (AcceptanceStep::AlreadyMember, _) => (StatusCode::OK, offer_pages::already_member(offer)),
        (AcceptanceStep::InviterMayNot, _) => (StatusCode::FORBIDDEN, offer_pages::inviter_may_not(offer)),
        (AcceptanceStep::Replaced, _) => (StatusCode::GONE, closed_pages::replaced(offer)),
        (AcceptanceStep::Expired, _) => (StatusCode::GONE, closed_pages::expired(offer)),
        (AcceptanceStep::Accepted { .. }, user) => (StatusCode::GONE, closed_pages::accepted(offer, user.is_some())),
        (AcceptanceStep::Declined { at }, _) => (StatusCode::GONE, closed_pages::declined(offer, at)),
        (AcceptanceStep::Revoked { at }, _) => (StatusCode::GONE, closed_pages::revoked(offer, at)),
    }
}

async fn accept_as_new(
    visitor: &Visitor,
    shown_offer: ShownOffer<'_>,
    form: &OfferForm,
) -> vestibule_core::service::Result<(Option<SessionToken>, Joined)> {
    let (session, joined) =
        visitor.vestibule().acceptance().accept_as_new(shown_offer, form.name.text(), form.password.text()).await?;
    Ok((Some(session), joined))
}

/// Redirects to the site that the invitation names; otherwise to the page that says what the person is now.
async fn welcome(
    visitor: &Visitor,
    acceptance_session: &str,
    session: Option<SessionToken>,
    joined: &Joined,
) -> PageResult {
    let path = match joined {
        Joined { goes_on: true, .. } => href(return_to::PATH, &AcceptanceSessions::name(acceptance_session)),
        Joined { slug, .. } => format!("/o/{slug}/welcome"),
    };
    match session {
        Some(session) => Ok(visitor.redirect_signed_in(&path, &session).await?),
        None => Ok(Redirect::to(&path).into_response()),
    }
}

/// Replaces a successful status: an answer that was not accepted is no success, whatever its page says.
pub fn status_at_least(mut response: Response, status: StatusCode) -> Response {
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}
