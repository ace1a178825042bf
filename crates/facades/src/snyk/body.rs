//! What bodies say. Snyk's schemas are closed: what is not in them is refused.

use super::fault::{Answer, Fault, Source};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use vestibule_web::extract;

/// What the document of a new invitation calls itself.
const TYPE: &str = "org_invitation";
/// What clear-skies-snyk calls it (dialects/appstoreconnect-snyk-clickhouse.md, 2.7).
const OTHER_TYPE: &str = "invite";

/// A body of JSON:API.
pub struct Body<T>(pub T);

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

/// A body of the API v1; other fields are none of our business.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OldInvite {
    pub email: String,
    #[serde(default)]
    pub is_admin: bool,
}

impl NewInvite {
    pub fn attributes(self) -> Answer<NewInviteAttributes> {
        if [TYPE, OTHER_TYPE].contains(&self.data.r#type.as_str()) {
            return Ok(self.data.attributes);
        }
        let fault = Fault::bad_request("type", format!("Only {TYPE} can be made here."));
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

/// JSON by its plain name serves as well: it is what pysnyk sends unless it is told otherwise.
fn is_json_api(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/vnd.api+json") || extract::is_json(headers)
}
