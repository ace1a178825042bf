//! Request bodies. Snyk's schemas are closed: unknown fields are refused.

use super::fault::{Fault, VendorResult};
use crate::json_api::Source;
use axum::extract::{FromRequest, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use vestibule_web::extract::{self, MediaType};

/// The `type` of a new invitation, as Snyk documents it.
const TYPE: &str = "org_invitation";
/// The `type` that the client clear-skies-snyk sends.
const OTHER_TYPE: &str = "invite";

/// The content types that are accepted. Plain JSON is one of them: pysnyk sends it by default.
const JSON_API: MediaType = MediaType::new(
    &["application/vnd.api+json", "application/json"],
    "Client request did not conform to OpenAPI specification: send Content-Type: application/vnd.api+json.",
);

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
    pub fn attributes(self) -> VendorResult<NewInviteAttributes> {
        if [TYPE, OTHER_TYPE].contains(&self.data.r#type.as_str()) {
            return Ok(self.data.attributes);
        }
        let fault = Fault::bad_request("type", format!("Only {TYPE} can be created at this path."));
        Err(fault.at(Source::pointer("/data/type")))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Result<Self, Fault> {
        Ok(Self(extract::json(request, &JSON_API).await?))
    }
}
