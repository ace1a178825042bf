//! What most handlers need to read requests and write answers: bodies, queries, versions, pages, and roles and
//! resources by name.

use super::{ApiState, problem::Problem};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use vestibule_core::service::{Error, Scope, etag};
use vestibule_domain::{CursorPageRequest, ResourceId, Role, RoleId, Violation, bounds::few};
use vestibule_web::extract;

/// A JSON body; if it can't be read, the answer is a [`Problem`].
pub type Json<T> = extract::Json<T, Problem>;
/// A query; if it can't be read, the answer is a [`Problem`].
pub type Query<T> = extract::Query<T, Problem>;

/// The page of a list that has no filter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next_cursor` or `previous_cursor` of another page of the same list.
    pub cursor: Option<String>,
    /// The number of rows per page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<u32>,
}

/// The number of rows per page when the request sets no limit.
const USUAL_LIMIT: u32 = 50;

/// Returns the requested number of rows per page, or the default. Fails unless it is 1 to 500.
pub fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked.unwrap_or(USUAL_LIMIT) {
        limit @ 1..=CursorPageRequest::MAX_LIMIT => Ok(limit),
        _ => Err(Error::invalid(Violation::new("limit", "range", "Send a limit of 1 to 500.")).into()),
    }
}

/// Returns `body` as JSON, with the version of `of` as its `ETag`.
pub fn tagged(status: StatusCode, of: &impl Serialize, body: impl Serialize) -> Response {
    let mut response = (status, vestibule_web::Json(body)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", etag(of))) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Returns 201 with `body`, the version of `of` as its `ETag`, and a `Location` that is `path` under the API's root.
pub fn created(path: &str, of: &impl Serialize, body: impl Serialize) -> Response {
    let mut response = tagged(StatusCode::CREATED, of, body);
    if let Ok(location) = HeaderValue::from_str(&format!("{}{path}", super::ROOT)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Returns the id of the role that has this key or id. Fails with `field` when there is none.
pub fn role_id(roles: &[Role], name: &str, field: impl FnOnce() -> String) -> Result<RoleId, Problem> {
    let found = roles.iter().find(|role| role.key == name || name.parse() == Ok(role.id));
    found.map(|role| role.id).ok_or_else(|| unknown(field(), "role"))
}

/// Returns the ids of several roles without duplicates, like [`role_id`]. An error names the position, like `roles[1]`.
pub fn role_ids(roles: &[Role], names: &[String], field: &str) -> Result<Vec<RoleId>, Problem> {
    few(field.to_owned(), names).map_err(Error::from)?;
    let mut ids = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let id = role_id(roles, name, || format!("{field}[{number}]"))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

impl ApiState {
    /// Like [`role_ids`], for a field that can be absent.
    pub async fn some_role_ids(&self, scope: &Scope, names: Option<&[String]>) -> Result<Option<Vec<RoleId>>, Problem> {
        let Some(names) = names else { return Ok(None) };
        role_ids(&self.vestibule.roles().all(scope).await?, names, "roles").map(Some)
    }

    /// Like [`Self::resource_ids`], for a field that can be absent.
    pub async fn some_resource_ids(
        &self,
        scope: &Scope,
        names: Option<&[String]>,
    ) -> Result<Option<Vec<ResourceId>>, Problem> {
        let Some(names) = names else { return Ok(None) };
        self.resource_ids(scope, names, "resources").await.map(Some)
    }

    /// Returns the ids of resources by their id or external id, like [`role_ids`].
    pub async fn resource_ids(&self, scope: &Scope, names: &[String], field: &str) -> Result<Vec<ResourceId>, Problem> {
        few(field.to_owned(), names).map_err(Error::from)?;
        let mut ids = Vec::new();
        for (number, name) in names.iter().enumerate() {
            let found = self.vestibule.resources().find(scope, name).await?;
            let id = found.ok_or_else(|| unknown(format!("{field}[{number}]"), "resource"))?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}

fn unknown(field: String, what: &str) -> Problem {
    let detail = format!("There is no such {what}.");
    Problem::from(Error::invalid(Violation::new(field, "unknown", detail)))
}
