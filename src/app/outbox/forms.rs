//! The outbox's form, and the letters that its pages show in a frame.

use super::labels;
use crate::app::{
    context::{OrganizationScope, PathId},
    flash::Flash,
};
use axum::response::Response;
use vestibule_core::service::{Conflict, Error, InvitationConflict, MailConflict};
use vestibule_domain::MailId;

pub async fn retry(at: OrganizationScope, PathId(id): PathId<MailId>) -> Response {
    let page = format!("outbox/{id}");
    let refused =
        |sentence: &str| Flash::Refused { title: "Nothing was sent".to_owned(), sentence: sentence.to_owned() };
    match at.vestibule().outbox().retry(&at.scope, id).await {
        Err(Error::Conflict(Conflict::Mail(MailConflict::Done))) => at.redirect(&page, &Flash::MailDone),
        Err(Error::Closed(status)) => at.redirect(&page, &refused(labels::closed(status))),
        Err(Error::Conflict(Conflict::Invitation(InvitationConflict::Replaced))) => {
            at.redirect(&page, &refused(labels::REPLACED))
        }
        retried => at.answer(&page, retried, |()| Flash::MailRetried),
    }
}

pub async fn letter(at: OrganizationScope, PathId(id): PathId<MailId>) -> Response {
    match at.vestibule().outbox().get(&at.scope, id).await {
        Ok(detail) => crate::app::letter::letter(&detail.html),
        Err(error) => at.refuse(&format!("outbox/{id}"), error),
    }
}
