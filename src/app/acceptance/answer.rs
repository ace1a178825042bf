//! Shows what an invitee can do, and takes the answer.

use super::{closed, closed::no_visit, code, offer, onward};
use crate::app::failure::Wait;
use crate::app::form::{Draft, Fields};
use crate::app::public::layout::Room;
use crate::app::public::parts::wait_notice;
use crate::app::public::visitor::{Answer, Refused, Visitor};
use crate::domain::{Offer, Permission, Slug, Step, User};
use crate::service::{Conflict, Error, Missing, SessionToken};
use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// Looking changes nothing.
pub async fn show(visitor: Visitor) -> Answer {
    let Some(visit) = visitor.visit() else { return Ok(no_visit(&visitor)) };
    match offer_of(&visitor, &visit).await? {
        Some((offer, user)) => Ok(shown(&visitor, offer, user)),
        None => Ok(no_visit(&visitor)),
    }
}

/// Accepts: as who is signed in, or with the name and the password of a new account. Organization and roles come from
/// the invitation; fields of those names are not looked at.
pub async fn accept(visitor: Visitor, Form(form): Form<Fields>) -> Answer {
    let Some(visit) = visitor.visit() else { return Ok(no_visit(&visitor)) };
    let Some((offer, user)) = offer_of(&visitor, &visit).await? else { return Ok(no_visit(&visitor)) };
    let accepted = match (&offer.step, &user) {
        (Step::New, _) => accept_as_new(&visitor, &visit, &form).await,
        (_, Some(user)) => visitor.vestibule().accept(&visit, user).await.map(|slug| (None, slug)),
        (_, None) => return Ok(status_at_least(shown(&visitor, offer, user), StatusCode::CONFLICT)),
    };
    match accepted {
        Ok((session, slug)) => welcome(&visitor, &visit, user, session, &slug).await,
        Err(Error::Invalid(violations)) => {
            let page = offer::new(offer, Draft { fields: form, violations });
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
        Err(other) => match Wait::of(&other) {
            Some(wait) => {
                let draft = Draft { fields: form, violations: vec![wait.at("password")] };
                Ok(visitor.page_to_wait(&wait, offer::new(offer, draft)))
            }
            None => again(&visitor, &visit, other).await,
        },
    }
}

/// Signs in with the invited address, and comes back to the button.
pub async fn sign_in(visitor: Visitor, Form(form): Form<Fields>) -> Answer {
    let Some(visit) = visitor.visit() else { return Ok(no_visit(&visitor)) };
    let Some((offer, _)) = offer_of(&visitor, &visit).await? else { return Ok(no_visit(&visitor)) };
    match visitor.vestibule().sign_in_to_accept(&visit, form.text("password"), visitor.client).await {
        Ok(session) => Ok(visitor.lead_on_signed_in("/accept", &session).await?),
        Err(Error::Unauthenticated) => {
            let page = offer::sign_in(offer, Some(offer::no_match()));
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
        Err(other) => match Wait::of(&other) {
            Some(wait) => Ok(visitor.page_to_wait(&wait, offer::sign_in(offer, Some(wait_notice(&wait))))),
            None => again(&visitor, &visit, other).await,
        },
    }
}

/// The offer of a visit as whoever is signed in sees it; `None` when the visit is over.
pub async fn offer_of(visitor: &Visitor, visit: &str) -> Result<Option<(Arc<Offer>, Option<User>)>, Refused> {
    let user = visitor.user().await?;
    match visitor.vestibule().offer(visit, user.as_ref()).await {
        Ok(offer) => Ok(Some((Arc::new(offer), user))),
        Err(Error::Missing(Missing::Link)) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// What an answer comes back to when things changed since the page was made: the offer as it stands now.
pub async fn again(visitor: &Visitor, visit: &str, error: Error) -> Answer {
    match error {
        Error::Conflict(Conflict::MailboxUnproven) => {
            let Some((offer, _)) = offer_of(visitor, visit).await? else { return Ok(no_visit(visitor)) };
            let page = code::page(offer, false, None, Some(code::needed_first()));
            Ok(visitor.page(StatusCode::CONFLICT, page))
        }
        Error::Closed(_) | Error::Conflict(_) => {
            let Some((offer, user)) = offer_of(visitor, visit).await? else { return Ok(no_visit(visitor)) };
            let is_fine = offer.step == Step::AlreadyMember;
            let response = shown(visitor, offer, user);
            Ok(if is_fine { response } else { status_at_least(response, StatusCode::CONFLICT) })
        }
        Error::Missing(Missing::Link) => Ok(no_visit(visitor)),
        other => Err(other.into()),
    }
}

/// The page of a step, with its status: 410 for what is over, 403 for what somebody else may.
pub fn shown(visitor: &Visitor, offer: Arc<Offer>, user: Option<User>) -> Response {
    let (status, room) = page(offer, user);
    visitor.page(status, room)
}

fn page(offer: Arc<Offer>, user: Option<User>) -> (StatusCode, Room) {
    match (offer.step.clone(), user) {
        (Step::New, _) => (StatusCode::OK, offer::new(offer, Draft::default())),
        (Step::Join, Some(user)) => (StatusCode::OK, offer::join(offer, user)),
        (Step::SignIn | Step::Join, _) => (StatusCode::OK, offer::sign_in(offer, None)),
        (Step::Code { asked, .. }, _) => (StatusCode::OK, code::page(offer, asked, None, None)),
        (Step::WrongAccount { .. }, Some(user)) => (StatusCode::FORBIDDEN, offer::wrong_account(offer, user)),
        // nobody is signed in as anybody else without being signed in
        (Step::WrongAccount { .. }, None) => (StatusCode::FORBIDDEN, offer::sign_in(offer, None)),
        (Step::AlreadyMember, _) => (StatusCode::OK, offer::already_member(offer)),
        (Step::InviterMayNot, _) => (StatusCode::FORBIDDEN, offer::inviter_may_not(offer)),
        (Step::Replaced, _) => (StatusCode::GONE, closed::replaced(offer)),
        (Step::Expired, _) => (StatusCode::GONE, closed::expired(offer)),
        (Step::Accepted { .. }, user) => (StatusCode::GONE, closed::accepted(offer, user.is_some())),
        (Step::Declined { at }, _) => (StatusCode::GONE, closed::declined(offer, at)),
        (Step::Revoked { at }, _) => (StatusCode::GONE, closed::revoked(offer, at)),
    }
}

async fn accept_as_new(
    visitor: &Visitor,
    visit: &str,
    form: &Fields,
) -> crate::service::Result<(Option<SessionToken>, Slug)> {
    let (session, slug) = visitor.vestibule().accept_as_new(visit, form.text("name"), form.text("password")).await?;
    Ok((Some(session), slug))
}

/// Leads on to where the invitation says, else to the organization, or to the list of one's organizations if nothing
/// in it may be seen.
async fn welcome(
    visitor: &Visitor,
    visit: &str,
    user: Option<User>,
    session: Option<SessionToken>,
    slug: &Slug,
) -> Answer {
    let user = match &session {
        Some(session) => visitor.vestibule().session(session.as_str()).await?,
        None => user,
    };
    let user = user.ok_or(Error::Unauthenticated)?;
    let scope = visitor.vestibule().enter(&user, slug.as_str()).await?;
    let goes_on = visitor.vestibule().onward(visit, &user).await?.is_some();
    let path = match scope.has(Permission::UserRead) {
        _ if goes_on => onward::PATH.to_owned(),
        true => format!("/o/{slug}/members"),
        false => "/organizations".to_owned(),
    };
    match session {
        Some(session) => Ok(visitor.lead_on_signed_in(&path, &session).await?),
        None => Ok(Redirect::to(&path).into_response()),
    }
}

/// An answer that was not taken is no success, whatever its page says.
fn status_at_least(mut response: Response, status: StatusCode) -> Response {
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}
