//! The link in the mail.

use super::acceptance_session::href;
use crate::app::component::DoorState;
use crate::app::public::layout::PublicPage;
use crate::app::public::visitor::{PageResult, Visitor};
use axum::extract::{Path, rejection::PathRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use vestibule_web::session::ACCEPTANCE_SESSION;

/// Begins an acceptance session, and redirects so that the token is no longer in the URL. A link that we never made
/// gets the same answer as one that is incomplete, and a client that tries many has to wait.
pub async fn open(visitor: Visitor, token: Result<Path<String>, PathRejection>) -> PageResult {
    // a path that is not valid text holds no token of ours
    let token = token.map_or_else(|_| String::new(), |Path(token)| token);
    let (acceptance_session, acceptance_sessions) =
        visitor.follow(visitor.vestibule().acceptance().open_beside(&token, visitor.acceptance_sessions())).await?;
    Ok(visitor.redirect_with_cookie(
        &href("/accept", &acceptance_session.name()),
        ACCEPTANCE_SESSION,
        &acceptance_sessions.to_text(),
    ))
}

/// Answers programs that check the link before a person opens it: returns the page's location, and changes nothing.
/// The name in it is of no acceptance session.
pub async fn look() -> impl IntoResponse {
    Redirect::to(&href("/accept", "unopened"))
}

/// The page behind the link of a preview.
pub async fn preview(visitor: Visitor) -> PageResult {
    let room = PublicPage::new(DoorState::Ajar, "This was only a preview")
        .lead(|| "In the email, this link leads to the invitation. Nothing has been sent yet.");
    Ok(visitor.page(StatusCode::OK, room).await)
}
