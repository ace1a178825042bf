//! Request bodies, read field by field so that one answer lists everything that is wrong.

use super::fault::{ErrorDetail, Fault, VendorResult};
use super::wire;
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};
use url::Url;
use vestibule_core::service::{Error, Expiry, NewInvitation, NotFound};
use vestibule_domain::{Organization, UserId};
use vestibule_web::extract::{self, MediaType};

/// The largest number of invitations in one request.
pub const MOST_AT_ONCE: usize = 10;
/// The number of days for which an invitation is open when the request does not say.
const USUAL_DAYS: u16 = 30;

/// A JSON body. An empty body is null.
pub struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Result<Self, Fault> {
        // clients send an empty body with a POST that has no parameters
        Ok(Self(extract::json(request, &MediaType::OPTIONAL_JSON).await?))
    }
}

impl Body {
    /// Returns the invitations of a list. Fails unless there are 1 to 10.
    pub fn into_items(self) -> VendorResult<Vec<Value>> {
        match self.0 {
            Value::Array(items) if items.len() > MOST_AT_ONCE => Err(Fault::too_many(MOST_AT_ONCE)),
            Value::Array(items) if !items.is_empty() => Ok(items),
            other => Err(Fault::unprocessable(vec![wrong_shape(&other, "array of 1 to 10 invitations")])),
        }
    }
}

/// A requested invitation, with the role and the inviter as the client named them.
pub struct InvitationRequest {
    pub new: NewInvitation,
    /// The role as the client spelled it. `None` for application invitations.
    pub role: Option<String>,
    /// The user in whose name to invite.
    pub inviter: Option<Person>,
}

/// A person by user id. `None` if the text is not an id of ours.
pub struct Person(pub Option<UserId>);

/// The fields of an object and the errors found so far. Null counts as absent.
struct Fields {
    map: Map<String, Value>,
    wrong: Vec<ErrorDetail>,
}

impl Fields {
    fn new(value: Value) -> Result<Self, Vec<ErrorDetail>> {
        match value {
            Value::Object(map) => Ok(Self { map, wrong: Vec::new() }),
            other => Err(vec![wrong_shape(&other, "object")]),
        }
    }

    /// Removes a field and returns its value.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    fn refuse(&mut self, name: &str, code: &'static str, message: &str, long_message: String) {
        self.wrong.push(ErrorDetail::of(name, code, message, long_message));
    }

    fn wrong_type(&mut self, name: &str, value: &Value, wanted: &str) {
        let long = format!("{name} is invalid. Received {}, must be of type {wanted}.", kind(value));
        self.refuse(name, "form_param_type_invalid", "is invalid", long);
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            other => {
                self.wrong_type(name, &other, "string");
                None
            }
        }
    }

    fn required(&mut self, name: &str) -> String {
        if self.map.get(name).is_none_or(Value::is_null) {
            self.refuse(name, "form_param_missing", "is missing", format!("{name} must be included."));
        }
        self.text(name).unwrap_or_default()
    }

    fn yes_or_no(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(value) => Some(value),
            other => {
                self.wrong_type(name, &other, "boolean");
                None
            }
        }
    }

    fn object(&mut self, name: &str) -> Map<String, Value> {
        match self.take(name) {
            None => Map::new(),
            Some(Value::Object(map)) => map,
            Some(other) => {
                self.wrong_type(name, &other, "object");
                Map::new()
            }
        }
    }

    /// Reads a number of days. Falls back to the default, and records an error, when it is not within the limits.
    fn days(&mut self, name: &str) -> u16 {
        let most = Organization::MAX_LIFETIME_DAYS;
        let Some(value) = self.take(name) else { return USUAL_DAYS };
        if !value.is_i64() && !value.is_u64() {
            self.wrong_type(name, &value, "integer");
            return USUAL_DAYS;
        }
        let days = value.as_u64().and_then(|days| u16::try_from(days).ok()).filter(|days| (1..=most).contains(days));
        days.unwrap_or_else(|| {
            let long = format!("{name} must be between 1 and {most}.");
            self.refuse(name, "form_param_value_invalid", "is invalid", long);
            USUAL_DAYS
        })
    }

    fn redirect(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        if Url::parse(&text).is_ok_and(|url| !matches!(url.scheme(), "http" | "https")) {
            let long = format!("{name} must have the scheme https, or http.");
            self.refuse(name, "prohibited_redirect_url", "is prohibited", long);
        }
        Some(text)
    }

    /// Records an error for each field that has not been read.
    fn refuse_others(&mut self) {
        let names: Vec<String> = self.map.keys().cloned().collect();
        for name in names {
            let long = format!("{name} is not a valid parameter for this request.");
            self.refuse(&name, "form_param_unknown", "is unknown", long);
        }
    }

    fn into_result<T>(self, read: T) -> Result<T, Vec<ErrorDetail>> {
        if self.wrong.is_empty() { Ok(read) } else { Err(self.wrong) }
    }
}

/// Reads an organization invitation. Unknown fields are ignored, as with Clerk.
pub fn organization_invitation(value: Value) -> Result<InvitationRequest, Vec<ErrorDetail>> {
    let mut fields = Fields::new(value)?;
    let (email, role) = (fields.required("email_address"), fields.required("role"));
    let inviter = fields.text("inviter_user_id").map(|id| Person(wire::read_user_id(&id)));
    let new = NewInvitation { private_metadata: fields.object("private_metadata"), ..common(&mut fields, email) };
    fields.into_result(InvitationRequest { new, role: Some(role), inviter })
}

/// Reads an application invitation. Unknown fields are refused.
pub fn application_invitation(value: Value) -> Result<InvitationRequest, Vec<ErrorDetail>> {
    let mut fields = Fields::new(value)?;
    let email = fields.required("email_address");
    let replaces_open = fields.yes_or_no("ignore_existing").unwrap_or(false);
    let template = fields.text("template_slug");
    if template.is_some_and(|slug| !matches!(slug.as_str(), "invitation" | "waitlist_invitation")) {
        let long = "template_slug must be one of: invitation, waitlist_invitation.".to_owned();
        fields.refuse("template_slug", "form_param_value_invalid", "is invalid", long);
    }
    let new = NewInvitation { replaces_open, ..common(&mut fields, email) };
    fields.refuse_others();
    fields.into_result(InvitationRequest { new, role: None, inviter: None })
}

/// Reads the fields that both kinds of invitation have.
fn common(fields: &mut Fields, email: String) -> NewInvitation {
    NewInvitation {
        email,
        metadata: fields.object("public_metadata"),
        redirect_url: fields.redirect("redirect_url"),
        expiry: Expiry::Days(fields.days("expires_in_days")),
        notify: fields.yes_or_no("notify").unwrap_or(true),
        ..NewInvitation::default()
    }
}

/// Returns the user who requests a revocation. The body can be absent, empty or null.
pub fn requesting_user(body: Body) -> VendorResult<Option<Person>> {
    if body.0.is_null() {
        return Ok(None);
    }
    let mut fields = Fields::new(body.0).map_err(Fault::unprocessable)?;
    let person = fields.text("requesting_user_id").map(|id| Person(wire::read_user_id(&id)));
    fields.into_result(person).map_err(Fault::unprocessable)
}

impl Person {
    /// Returns the user's id. Fails as for a non-member if there is none.
    pub fn id(self) -> Result<UserId, Error> {
        self.0.ok_or(NotFound::Member.into())
    }
}

fn wrong_shape(value: &Value, wanted: &str) -> ErrorDetail {
    let long = format!("The body is invalid. Received {}, must be of type {wanted}.", kind(value));
    ErrorDetail::new("form_param_value_invalid", "is invalid", long)
}

/// Returns the name of the value's JSON type.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
