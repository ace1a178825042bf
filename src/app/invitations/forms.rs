//! The handlers of this area's forms.

use super::{asked::Asked, edit, new, results::Answer};
use crate::app::{
    context::{AppState, Entered, Id, respond_to, sent},
    failure::Wait,
    flash::Flash,
    form::{Draft, Fields},
    respond::lead_on,
    visit::Visit,
};
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;
use axum::{Router, routing::post};
use vestibule_core::service::{Error, Missing};
use vestibule_domain::{
    Changed, InvitationEdit, InvitationId, Invite, Invited, Outcome, Permission, Status, Violation,
};
use vestibule_web::refusal::retry_after;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/invitations/new", post(invite))
        .route("/o/{slug}/invitations/resend", post(resend_many))
        .route("/o/{slug}/invitations/revoke", post(revoke_many))
        .route("/o/{slug}/invitations/{id}/edit", post(change))
        .route("/o/{slug}/invitations/{id}/resend", post(resend))
        .route("/o/{slug}/invitations/{id}/revoke", post(revoke))
}

type Sent = Form<Vec<(String, String)>>;

/// Invites. If everyone could be invited, it redirects; otherwise it shows the page with the result for each email
/// address, and the refused ones still in the text box.
async fn invite(State(state): State<AppState>, at: Entered, Form(fields): Sent) -> Result<Response, Response> {
    let fields = Fields(fields);
    let page = at.path("invitations/new");
    let invite = Invite {
        recipients: fields.text("recipients").to_owned(),
        role_ids: fields.parsed("role_ids"),
        resource_ids: fields.parsed("resource_ids"),
        message: fields.text("message").to_owned(),
        expires_in_days: lifetime(&fields),
        notify: fields.text("notify") != "false",
    };
    match sent(state.vestibule.invite(&at.scope, &invite)).await {
        Ok(results) if results.iter().all(|result| is_fine(&result.outcome)) => {
            Ok(invited(&state, &at, &invite, &results))
        }
        Ok(results) => {
            let visit = Visit::again(&state, at, page).await?.with_status(StatusCode::OK);
            let draft = Draft { fields: with_refused(fields, &results), violations: Vec::new() };
            let answer = Answer { results, now: state.vestibule.now() };
            Ok(new::page(visit, String::new(), Some(draft), Some(answer)).await)
        }
        Err(error) => {
            let busy = busy(&error);
            let violations = faults(error, "recipients").map_err(|error| respond_to(error, &page))?;
            let visit = Visit::again(&state, at, page).await?;
            let page = new::page(visit, String::new(), Some(Draft { fields, violations }), None).await;
            Ok(put_off(page, busy))
        }
    }
}

fn is_fine(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Invited { .. } | Outcome::WrittenTwice)
}

fn invited(state: &AppState, at: &Entered, invite: &Invite, results: &[Invited]) -> Response {
    let ids: Vec<InvitationId> = results
        .iter()
        .filter_map(|result| match result.outcome {
            Outcome::Invited { id } => Some(id),
            Outcome::AlreadyInvited { .. }
            | Outcome::AlreadyMember { .. }
            | Outcome::WrittenTwice
            | Outcome::Refused { .. } => None,
        })
        .collect();
    let notify = invite.notify && state.vestibule.has_mail_server();
    let flash = Flash::Invited { count: ids.len() as u64, notify };
    let page = match ids.as_slice() {
        // the link can be copied on the invitation's page
        [id] if !notify => at.path(&format!("invitations/{id}")),
        _ => at.path("invitations"),
    };
    lead_on(state, &page, &flash)
}

/// Returns the form with only the email addresses that have to be corrected.
fn with_refused(fields: Fields, results: &[Invited]) -> Fields {
    let left: Vec<String> = results
        .iter()
        .filter(|result| matches!(result.outcome, Outcome::Refused { .. }))
        .map(|result| match &result.name {
            Some(name) => format!("{name} <{}>", result.address),
            None => result.address.clone(),
        })
        .collect();
    let others = fields.0.into_iter().filter(|(name, _)| name != "recipients");
    Fields(others.chain([("recipients".to_owned(), left.join("\n"))]).collect())
}

async fn change(
    State(state): State<AppState>,
    at: Entered,
    Id(id): Id<InvitationId>,
    Form(fields): Sent,
) -> Result<Response, Response> {
    let (fields, page) = (Fields(fields), at.path(&format!("invitations/{id}")));
    let edit = InvitationEdit {
        role_ids: Some(fields.parsed("role_ids")),
        // a form without the field leaves the resources unchanged
        resource_ids: fields.has("chooses_resources").then(|| fields.parsed("resource_ids")),
        message: Some(fields.text("message").to_owned()),
        expires_in_days: lifetime(&fields),
        ..InvitationEdit::default()
    };
    match sent(state.vestibule.edit(&at.scope, id, &edit)).await {
        Ok(_) => Ok(lead_on(&state, &page, &Flash::Edited)),
        Err(Error::Closed(status)) => Ok(closed(&state, &at, id, status).await),
        Err(error) => {
            let busy = busy(&error);
            let violations = faults(error, "role_ids").map_err(|error| respond_to(error, &page))?;
            let visit = Visit::again(&state, at, format!("{page}/edit")).await?;
            Ok(put_off(edit::page(visit, id, Some(Draft { fields, violations })).await, busy))
        }
    }
}

async fn resend(State(state): State<AppState>, at: Entered, Id(id): Id<InvitationId>) -> Response {
    let page = at.path(&format!("invitations/{id}"));
    match sent(state.vestibule.resend(&at.scope, id)).await {
        Ok(invitation) => {
            let notify = state.vestibule.has_mail_server();
            lead_on(&state, &page, &Flash::Resent { address: invitation.email.to_string(), notify })
        }
        Err(Error::Closed(status)) => closed(&state, &at, id, status).await,
        Err(error) => unless_kept(&state, &page, error),
    }
}

async fn revoke(State(state): State<AppState>, at: Entered, Id(id): Id<InvitationId>) -> Response {
    let page = at.path(&format!("invitations/{id}"));
    match sent(state.vestibule.revoke(&at.scope, id)).await {
        Ok(invitation) => {
            let name = invitation.name.map_or_else(|| invitation.email.to_string(), |name| name.to_string());
            lead_on(&state, &page, &Flash::Revoked { name })
        }
        Err(Error::Closed(status)) => closed(&state, &at, id, status).await,
        Err(error) => unless_kept(&state, &page, error),
    }
}

async fn resend_many(State(state): State<AppState>, at: Entered, Form(fields): Sent) -> Response {
    let fields = Fields(fields);
    let page = came_from(&at, &fields);
    match sent(state.vestibule.resend_many(&at.scope, &fields.parsed("id"))).await {
        Ok(changed) => {
            let [done, closed, forbidden, limited] = tally(&changed);
            lead_on(&state, &page, &Flash::ResentMany { done, closed, limited, forbidden })
        }
        Err(error) => unless_kept(&state, &page, error),
    }
}

async fn revoke_many(State(state): State<AppState>, at: Entered, Form(fields): Sent) -> Response {
    let fields = Fields(fields);
    let page = came_from(&at, &fields);
    match sent(state.vestibule.revoke_many(&at.scope, &fields.parsed("id"))).await {
        Ok(changed) => {
            let [done, closed, forbidden, _] = tally(&changed);
            lead_on(&state, &page, &Flash::RevokedMany { done, closed, forbidden })
        }
        Err(error) => unless_kept(&state, &page, error),
    }
}

/// Returns how many were changed, were already closed, offer more than the user can grant, and exceeded a rate limit.
fn tally(changed: &[(InvitationId, Changed)]) -> [u64; 4] {
    let mut counts = [0; 4];
    for (_, changed) in changed {
        let place = match changed {
            Changed::Done => 0,
            Changed::Closed { .. } => 1,
            Changed::Forbidden { .. } => 2,
            Changed::Limited { .. } => 3,
            Changed::Missing => continue,
        };
        counts[place] += 1;
    }
    counts
}

fn lifetime(fields: &Fields) -> Option<u16> {
    fields.text("expires_in_days").parse().ok()
}

/// Returns the URL of the list with its filter. Only valid parts of the form's value are kept.
fn came_from(at: &Entered, fields: &Fields) -> String {
    let query = fields.text("from").split_once('?').map_or("", |(_, query)| query);
    let uri: Uri = format!("/?{query}").parse().unwrap_or_default();
    let asked: Fields = Query::try_from_uri(&uri).map(|Query(asked)| asked).unwrap_or_default();
    Asked::of(&asked).href(at.scope.organization().slug.as_str())
}

/// Converts an error that the input caused to violations at the form's fields; `field` is where a rate limit is shown.
/// Returns other errors unchanged.
fn faults(error: Error, field: &'static str) -> Result<Vec<Violation>, Error> {
    match error {
        Error::Invalid(violations) => Ok(violations),
        // the user can invite, so the missing permission is one of a role
        Error::Forbidden(permission) if permission != Permission::UserInvite => Ok(vec![too_much()]),
        Error::Missing(Missing::Role) => {
            Ok(vec![Violation::new("role_ids", "missing", "One of these roles was removed. Choose again.")])
        }
        Error::Missing(Missing::Resource) => {
            Ok(vec![Violation::new("resource_ids", "missing", "One of these resources was deleted. Choose again.")])
        }
        error => Wait::of(&error).map_or(Err(error), |wait| Ok(vec![wait.at(field)])),
    }
}

/// Returns why and how long to wait if we are busy.
fn busy(error: &Error) -> Option<Wait> {
    Wait::of(error).filter(|_| matches!(error, Error::Busy(_)))
}

/// Returns the page with what was entered; if we are busy, with a status and header that say when to try again.
fn put_off(mut page: Response, busy: Option<Wait>) -> Response {
    if let Some(wait) = busy {
        *page.status_mut() = wait.status;
        page.headers_mut().insert(header::RETRY_AFTER, retry_after(wait.span));
    }
    page
}

fn too_much() -> Violation {
    let sentence = "You can’t give one of these roles: it holds permissions you don’t have. Ask an owner to invite.";
    Violation::new("role_ids", "too_much", sentence)
}

/// Answers when someone else was faster: redirects to the invitation's page, which says who and when.
async fn closed(state: &AppState, at: &Entered, id: InvitationId, status: Status) -> Response {
    let page = at.path(&format!("invitations/{id}"));
    match sent(state.vestibule.invitation(&at.scope, id)).await {
        Ok(detail) => {
            let name = super::row::invitee(&detail.row);
            lead_on(state, &page, &Flash::Closed { name, status })
        }
        Err(error) => respond_to(error, &page),
    }
}

/// Redirects back to the page with the reason if that is a rate limit. If the database is unavailable, that page would
/// fail as well, and whether anything was changed may be unknown.
fn unless_kept(state: &AppState, page: &str, error: Error) -> Response {
    match Wait::of(&error) {
        Some(wait) if matches!(error, Error::RateLimited(_)) => {
            let title = "Nothing was changed".to_owned();
            lead_on(state, page, &Flash::Refused { title, sentence: wait.sentence() })
        }
        _ => respond_to(error, page),
    }
}
