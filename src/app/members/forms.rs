//! The handlers of the members' forms.

use super::{LAST_OWNER, is_last_owner, show};
use crate::app::{
    AppState,
    context::{Entered, Id, respond_to, sent},
    flash::Flash,
    form::{Draft, Fields},
    respond::lead_on,
    visit::Visit,
};
use axum::{Form, Router, extract::State, response::Response, routing::post};
use vestibule_core::service::{Conflict, Error};
use vestibule_domain::{MemberId, Violation};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/members/leave", post(leave))
        .route("/o/{slug}/members/{id}", post(change_roles))
        .route("/o/{slug}/members/{id}/remove", post(remove))
}

async fn change_roles(
    State(state): State<AppState>,
    entered: Entered,
    Id(id): Id<MemberId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Response> {
    let page = entered.path(&format!("members/{id}"));
    let entered = entered.taking_over(&fields);
    let violations = match sent(state.vestibule.change_roles(&entered.scope, id, &fields.parsed("role_ids"))).await {
        Ok((member, settled)) => {
            let flash = Flash::MemberRolesChanged { name: member.name.to_string(), settled };
            return Ok(lead_on(&state, &entered.path("members"), &flash));
        }
        Err(Error::Invalid(violations)) => violations,
        Err(Error::Conflict(Conflict::LastOwner)) => {
            let name = name_of(&state, &entered, id).await;
            let sentence = format!("{}. {LAST_OWNER}", is_last_owner(&name));
            vec![Violation::new("role_ids", "last_owner", sentence)]
        }
        Err(error) => return Err(respond_to(error, &page)),
    };
    let visit = Visit::again(&state, entered, page).await?;
    Ok(show::page(visit, id, Some(Draft { fields, violations })).await)
}

async fn remove(
    State(state): State<AppState>,
    entered: Entered,
    Id(id): Id<MemberId>,
    Form(fields): Form<Fields>,
) -> Response {
    let entered = entered.taking_over(&fields);
    let name = name_of(&state, &entered, id).await;
    match sent(state.vestibule.remove_member(&entered.scope, id)).await {
        Ok(settled) => lead_on(&state, &entered.path("members"), &Flash::MemberRemoved { name, settled }),
        Err(Error::Conflict(Conflict::LastOwner)) => {
            lead_on(&state, &entered.path(&format!("members/{id}")), &Flash::LastOwner { name })
        }
        Err(error) => respond_to(error, &entered.path(&format!("members/{id}/remove"))),
    }
}

async fn leave(State(state): State<AppState>, entered: Entered) -> Response {
    let organization = entered.scope.organization().name.to_string();
    match sent(state.vestibule.leave(&entered.scope)).await {
        Ok(settled) => lead_on(&state, "/", &Flash::Left { organization, settled }),
        Err(Error::Conflict(Conflict::LastOwner)) => {
            let name = entered.scope.member().map_or_else(String::new, |member| member.name.to_string());
            lead_on(&state, &entered.path("members"), &Flash::LastOwner { name })
        }
        Err(error) => respond_to(error, &entered.path("members/leave")),
    }
}

/// Returns the name for use in a message. It is empty if there is no such member: then the use case itself fails.
async fn name_of(state: &AppState, entered: &Entered, id: MemberId) -> String {
    let member = state.vestibule.member(&entered.scope, id).await;
    member.map(|member| member.name.to_string()).unwrap_or_default()
}
