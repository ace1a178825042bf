//! The handlers of this area's forms.

use super::{
    edit, edit_many, new,
    preview::{self, LetterQuery},
    results::InviteResults,
};
use crate::app::{
    context::{OrganizationScope, PathId},
    flash::Flash,
    form::{self, Typed, fields},
    letter,
    portal_context::PortalContext,
    query::address,
};
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum_extra::extract::{Form, Query};
use futures::FutureExt;
use vestibule_core::service::{self, Error, NotFound};
use vestibule_domain::{
    ActId, InvitationId, Invite, InviteOutcome, InviteResult, MailPreview, Status, Tally, UndoOutcome, Violation,
};
use vestibule_functions::{
    changes::Done,
    server::{
        EditForm, InvitationQuery, InviteForm, PageError, Wait,
        changes::{self, Edited},
        invitation_list::PickForm,
        page_error::sentence,
        preview::described,
        refused::at_field,
    },
};
use vestibule_web::http_error::retry_after;

/// Invites. If everyone could be invited, it redirects; otherwise it shows the page with the result for each email
/// address, and the refused ones still in the text box.
pub async fn invite(at: OrganizationScope, Form(form): Form<InviteForm>) -> Result<Response, Response> {
    let invite = form.invite();
    match at.vestibule().invitations().invite(&at.scope, &invite).boxed().await {
        Ok(results) if results.iter().all(|result| is_fine(&result.outcome)) => Ok(invited(&at, &invite, &results)),
        Ok(results) => {
            let context = PortalContext::answering(at, "invitations/new", StatusCode::OK).await?;
            let draft = form::Draft::of(with_refused(form, &results));
            let answer = InviteResults { results, now: context.vestibule().now() };
            Ok(new::page(context, String::new(), Some(draft), Some(answer)).await)
        }
        Err(error) => {
            let busy = busy(&error);
            let faults = faults(error, InviteForm::recipients().name);
            let (context, draft) = at.again("invitations/new", form, faults).await?;
            Ok(put_off(new::page(context, String::new(), Some(draft), None).await, busy))
        }
    }
}

/// Shows the mail that the form would send, and sends nothing. A form that can't be sent as it is comes back, as when
/// inviting.
pub async fn preview(at: OrganizationScope, Form(form): Form<InviteForm>) -> Result<Response, Response> {
    match preview_mail(&at, &form).await {
        Ok(mail) => {
            let context = PortalContext::answering(at, "invitations/preview", StatusCode::OK).await?;
            Ok(preview::page(context, form, described(mail)).await)
        }
        Err(error) => {
            let busy = busy(&error);
            let faults = faults(error, InviteForm::recipients().name);
            let (context, draft) = at.again("invitations/new", form, faults).await?;
            Ok(put_off(new::page(context, String::new(), Some(draft), None).await, busy))
        }
    }
}

/// Answers with the same mail's HTML, for a frame.
pub async fn letter(at: OrganizationScope, Query(query): Query<LetterQuery>, Form(form): Form<InviteForm>) -> Response {
    match preview_mail(&at, &form).await {
        Ok(mail) => letter::letter(&query.scheme.read().unwrap_or_default().applied_to(&mail.html)),
        Err(error @ Error::Internal(_)) => at.refuse("invitations/new", error),
        Err(error) => letter::refusal(&PageError::from(error)),
    }
}

/// Counts as a call of a function, because a page that is open asks for it while somebody types.
async fn preview_mail(at: &OrganizationScope, form: &InviteForm) -> service::Result<MailPreview> {
    at.vestibule().limits().take_call(at.user.id)?;
    at.vestibule().invitations().preview_mail(&at.scope, &form.invite()).boxed().await
}

fn is_fine(outcome: &InviteOutcome) -> bool {
    matches!(outcome, InviteOutcome::Invited { .. } | InviteOutcome::WrittenTwice)
}

fn invited(at: &OrganizationScope, invite: &Invite, results: &[InviteResult]) -> Response {
    let ids: Vec<InvitationId> = results
        .iter()
        .filter_map(|result| match result.outcome {
            InviteOutcome::Invited { id } => Some(id),
            InviteOutcome::AlreadyInvited { .. }
            | InviteOutcome::AlreadyMember { .. }
            | InviteOutcome::WrittenTwice
            | InviteOutcome::Refused { .. } => None,
        })
        .collect();
    let notify = invite.notify && at.vestibule().has_mail_server();
    let flash = Flash::Invited { count: ids.len() as u64, notify };
    let page = match ids.as_slice() {
        // the link can be copied on the invitation's page
        [id] if !notify => format!("invitations/{id}"),
        _ => "invitations".to_owned(),
    };
    at.redirect(&page, &flash)
}

/// Returns the form with only the email addresses that have to be corrected.
fn with_refused(form: InviteForm, results: &[InviteResult]) -> InviteForm {
    let left: Vec<String> = results
        .iter()
        .filter(|result| matches!(result.outcome, InviteOutcome::Refused { .. }))
        .map(|result| match &result.name {
            Some(name) => format!("{name} <{}>", result.address),
            None => result.address.clone(),
        })
        .collect();
    InviteForm { recipients: left.join("\n").into(), ..form }
}

pub async fn change(
    at: OrganizationScope,
    PathId(id): PathId<InvitationId>,
    Form(form): Form<InviteForm>,
) -> Result<Response, Response> {
    let (at, page) = (at.undoable(), format!("invitations/{id}"));
    match at.vestibule().invitations().edit(&at.scope, id, &form.edit()).boxed().await {
        Ok(_) => {
            let Edited { new_links, act, .. } = Edited::of(&at.caller(), 1).await;
            Ok(at.redirect(&page, &Flash::Edited { new_links, act }))
        }
        Err(Error::Closed(status)) => Ok(closed(&at, id, status).await),
        Err(error) => {
            let busy = busy(&error);
            let faults = faults(error, InviteForm::role_ids().name);
            let (context, draft) = at.again(&format!("{page}/edit"), form, faults).await?;
            Ok(put_off(edit::page(context, id, Some(draft)).await, busy))
        }
    }
}

/// Edits several invitations alike. A form that can't be saved as it is comes back.
pub async fn change_many(at: OrganizationScope, Form(form): Form<EditForm>) -> Result<Response, Response> {
    let (at, page) = (at.undoable(), came_from(&form.from));
    match changes::edit(&at.caller(), &form).boxed().await {
        Ok(Done { title, text, act: None }) => Ok(at.redirect(&page, &Flash::Refused { title, sentence: text })),
        Ok(Done { title, text, act }) => Ok(at.redirect(&page, &Flash::Done { title, text, act })),
        // of several it is counted, of one it is an error
        Err(Error::Closed(status)) => match form.id.read().as_slice() {
            [id] => Ok(closed(&at, *id, status).await),
            _ => Ok(at.refuse(&page, Error::Closed(status))),
        },
        Err(error) => {
            let busy = busy(&error);
            let faults = faults(error, EditForm::role_ids().name);
            let (context, draft) = at.again("invitations/edit", form, faults).await?;
            Ok(put_off(edit_many::page(context, draft).await, busy))
        }
    }
}

pub async fn resend(at: OrganizationScope, PathId(id): PathId<InvitationId>) -> Response {
    let (at, page) = (at.undoable(), format!("invitations/{id}"));
    match at.vestibule().invitations().resend(&at.scope, id).boxed().await {
        Ok(invitation) => {
            let notify = at.vestibule().has_mail_server();
            let address = invitation.email.to_string();
            at.redirect(&page, &Flash::Resent { address, notify, act: at.scope.act() })
        }
        Err(Error::Closed(status)) => closed(&at, id, status).await,
        Err(error) => unless_kept(&at, &page, error),
    }
}

pub async fn revoke(at: OrganizationScope, PathId(id): PathId<InvitationId>) -> Response {
    let (at, page) = (at.undoable(), format!("invitations/{id}"));
    match at.vestibule().invitations().revoke(&at.scope, id).boxed().await {
        Ok(invitation) => at.redirect(&page, &Flash::Revoked { name: invitation.invitee(), act: at.scope.act() }),
        Err(Error::Closed(status)) => closed(&at, id, status).await,
        Err(error) => unless_kept(&at, &page, error),
    }
}

pub async fn resend_many(at: OrganizationScope, Form(form): Form<PickForm>) -> Response {
    let (at, page) = (at.undoable(), came_from(&form.from));
    match at.vestibule().invitations().resend_many(&at.scope, &form.id.read()).boxed().await {
        Ok(changed) => {
            let Tally { done, closed, forbidden, limited, .. } = Tally::of(&changed);
            let act = at.scope.act().filter(|_| done > 0);
            at.redirect(&page, &Flash::ResentMany { done, closed, limited, forbidden, act })
        }
        Err(error) => unless_kept(&at, &page, error),
    }
}

pub async fn revoke_many(at: OrganizationScope, Form(form): Form<PickForm>) -> Response {
    let (at, page) = (at.undoable(), came_from(&form.from));
    match at.vestibule().invitations().revoke_many(&at.scope, &form.id.read()).boxed().await {
        Ok(changed) => {
            let Tally { done, closed, forbidden, .. } = Tally::of(&changed);
            let act = at.scope.act().filter(|_| done > 0);
            at.redirect(&page, &Flash::RevokedMany { done, closed, forbidden, act })
        }
        Err(error) => unless_kept(&at, &page, error),
    }
}

/// Takes back what the same person did a few seconds ago.
pub async fn undo(at: OrganizationScope, Form(form): Form<UndoForm>) -> Response {
    let undone = match form.act.read() {
        Some(act) => at.vestibule().invitations().undo(&at.scope, act).boxed().await,
        None => Err(NotFound::Act.into()),
    };
    match undone {
        Ok(undone) => {
            let page = match undone.results.as_slice() {
                [one] => format!("invitations/{}", one.id),
                _ => "invitations".to_owned(),
            };
            let Done { title, text, .. } = changes::undone(&undone);
            at.redirect(&page, &Flash::Undone { title, text, is_done: undone.count(UndoOutcome::Done) > 0 })
        }
        Err(Error::Conflict(conflict)) => {
            let sentence = sentence(&conflict).to_owned();
            at.redirect("invitations", &Flash::Refused { title: "Nothing was undone".to_owned(), sentence })
        }
        Err(Error::NotFound(gone @ NotFound::Act)) => {
            let error = PageError::from(Error::from(gone));
            at.redirect("invitations", &Flash::Refused { title: error.title().to_owned(), sentence: error.sentence() })
        }
        Err(error) => unless_kept(&at, "invitations", error),
    }
}

fields! {
    pub struct UndoForm {
        act: Typed<ActId>,
    }
}

/// Returns the URL of the list with its filter. Only valid parts of `from` are kept.
fn came_from(from: &Typed) -> String {
    let query = from.text().split_once('?').map_or("", |(_, query)| query);
    address("invitations", &InvitationQuery::parse(query))
}

/// Converts an error that the input caused to violations at the form's fields; `field` is where a rate limit is shown.
/// Returns other errors unchanged.
fn faults(error: Error, field: &'static str) -> Result<Vec<Violation>, Error> {
    match Wait::of(&error) {
        Some(wait) => Ok(vec![wait.at(field)]),
        None => form::faults(at_field(error)),
    }
}

/// Returns why and how long to wait if we are busy.
fn busy(error: &Error) -> Option<Wait> {
    Wait::of(error).filter(|_| matches!(error, Error::Busy(_)))
}

/// Returns the page with what was entered; if we are busy, with a status and header that say when to try again.
fn put_off(mut page: Response, busy: Option<Wait>) -> Response {
    if let Some(wait) = busy {
        *page.status_mut() = wait.status();
        page.headers_mut().insert(header::RETRY_AFTER, retry_after(wait.span));
    }
    page
}

/// Answers when someone else was faster: redirects to the invitation's page, which says who and when.
async fn closed(at: &OrganizationScope, id: InvitationId, status: Status) -> Response {
    let read = at.vestibule().invitations().detail(&at.scope, id).boxed().await;
    at.answer(&format!("invitations/{id}"), read, |detail| Flash::Closed {
        name: detail.row.invitation.invitee(),
        status,
    })
}

/// Redirects back to the page with the reason if that is a rate limit. If the database is unavailable, that page would
/// fail as well, and whether anything was changed may be unknown.
pub fn unless_kept(at: &OrganizationScope, page: &str, error: Error) -> Response {
    match Wait::of(&error) {
        Some(Wait { is_busy: false, sentence, .. }) => {
            at.redirect(page, &Flash::Refused { title: "Nothing was changed".to_owned(), sentence })
        }
        _ => at.refuse(page, error),
    }
}
