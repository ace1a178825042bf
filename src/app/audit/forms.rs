//! Actions on the whole log: verifying its chain, and exporting it.

use super::asked::Asked;
use crate::app::{
    AppState,
    context::{Entered, respond_to, sent},
    flash::Flash,
    form::Fields,
    respond::lead_on,
};
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::{get, post},
};
use vestibule_core::service::Missing;
use vestibule_web::export::file;

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/audit/verify", post(verify)).route("/o/{slug}/audit/export", get(export))
}

async fn verify(State(state): State<AppState>, at: Entered) -> Response {
    let page = at.path("audit");
    match sent(state.vestibule.verify_events(&at.scope)).await {
        Ok(verdict) => {
            let flaw = verdict.flaw.map(|flaw| flaw.to_string());
            lead_on(&state, &page, &Flash::EventsVerified { count: verdict.count, flaw })
        }
        Err(error) => respond_to(error, &page),
    }
}

async fn export(State(state): State<AppState>, at: Entered, Query(fields): Query<Fields>) -> Response {
    let page = at.path("audit");
    let Ok(format) = fields.text("format").parse() else { return respond_to(Missing::Route.into(), &page) };
    match sent(state.vestibule.all_events(&at.scope, Asked::of(&fields).filter())).await {
        Ok(events) => file(format, &format!("{}-events", at.scope.organization().slug), events),
        Err(error) => respond_to(error, &page),
    }
}
