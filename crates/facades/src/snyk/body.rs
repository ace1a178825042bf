//! Request bodies. Snyk's schemas are closed: unknown fields are refused.

use super::fault::{Answer, Fault, Source};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use vestibule_web::extract;

/// The `type` of a new invitation, as Snyk documents it.
const TYPE: &str = "org_invitation";
/// The `type` that the client clear-skies-snyk sends (dialects/appstoreconnect-snyk-clickhouse.md, 2.7).
const OTHER_TYPE: &str = "invite";

/// A JSON:API body.
pub struct Body<T>(pub T);

/// The document of a new invitation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    data: NewInviteData,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewInviteData {
    r#type: String,
    attributes: NewInviteAttributes,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInviteAttributes {
    pub email: String,
    pub role: Uuid,
}

/// A body of the older API v1. Unknown fields are ignored.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OldInvite {
    pub email: String,
    #[serde(default)]
    pub is_admin: bool,
}

impl NewInvite {
    /// Returns the attributes. Fails when the document is not of the type of an invitation.
    pub fn attributes(self) -> Answer<NewInviteAttributes> {
        if [TYPE, OTHER_TYPE].contains(&self.data.r#type.as_str()) {
            return Ok(self.data.attributes);
        }
        let fault = Fault::bad_request("type", format!("Only {TYPE} can be created at this path."));
        Err(fault.at(Source::Pointer("/data/type".to_owned())))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        if !is_json_api(request.headers()) {
            let detail =
                "Client request did not conform to OpenAPI specification: send Content-Type: application/vnd.api+json.";
            return Err(Fault::bad_request("content_type", detail));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| Fault::bad_request("body", "The body could not be read."))?;
        Ok(Self(extract::parse(&bytes)?))
    }
}

/// Checks the content type. Plain JSON is accepted as well: pysnyk sends it by default.
fn is_json_api(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/vnd.api+json") || extract::is_json(headers)
}
