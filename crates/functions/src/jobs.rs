//! Jobs: what a person has started and goes on while they do something else.

use crate::FunctionError;
use leptos::{prelude::server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};
use vestibule_domain::JobId;

/// A job, as the person who started it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    pub id: JobId,
    pub title: String,
    /// How far it is, or its result.
    pub text: String,
    pub done: u32,
    pub total: u32,
    pub is_over: bool,
    /// The seconds after which there may be something new.
    pub ask_after: u32,
}

/// Returns the caller's jobs that are under way or have just ended, the newest first.
#[server(prefix = "/fn", endpoint = "jobs/list", input = Json, output = Json)]
pub async fn list(slug: String) -> Result<Vec<JobView>, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    Ok(crate::server::jobs::list(&caller).await?)
}

/// Ends a job of the caller. What was done stays done. Returns the jobs that there are now.
#[server(prefix = "/fn", endpoint = "jobs/cancel", input = Json, output = Json)]
pub async fn cancel(slug: String, id: JobId) -> Result<Vec<JobView>, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    caller.vestibule.jobs().cancel(&caller.scope, id).await?;
    Ok(crate::server::jobs::list(&caller).await?)
}

/// Forgets a job of the caller that is over. Returns the jobs that there are now.
#[server(prefix = "/fn", endpoint = "jobs/dismiss", input = Json, output = Json)]
pub async fn dismiss(slug: String, id: JobId) -> Result<Vec<JobView>, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    caller.vestibule.jobs().dismiss(&caller.scope, id).await?;
    Ok(crate::server::jobs::list(&caller).await?)
}
