//! Actions on the whole log: verifying its chain, and exporting it.

use super::query::EventQuery;
use crate::app::{component::FormatQuery, context::OrganizationScope, flash::Flash};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use vestibule_core::service::NotFound;
use vestibule_web::export::file;

pub async fn verify(at: OrganizationScope) -> Response {
    let verified = at.vestibule().audit().verify(&at.scope).boxed().await;
    at.answer("audit", verified, |verdict| Flash::EventsVerified {
        count: verdict.count,
        flaw: verdict.flaw.map(|flaw| flaw.to_string()),
    })
}

pub async fn export(
    at: OrganizationScope,
    Query(export): Query<FormatQuery>,
    Query(query): Query<EventQuery>,
) -> Response {
    let Some(format) = export.format.read() else { return at.refuse("audit", NotFound::Route.into()) };
    match at.vestibule().audit().all(&at.scope, query.filter()).boxed().await {
        Ok(events) => file(format, &format!("{}-events", at.scope.organization().slug), events),
        Err(error) => at.refuse("audit", error),
    }
}
