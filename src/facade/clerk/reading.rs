//! What requests to Clerk say: bodies field by field, so that all that is wrong is told at once, and queries.

use super::fault::{Answer, Detail, Fault};
use super::wire;
use crate::domain::{Organization, Slice, SliceOrder, UserId};
use crate::http::extract::{Unreadable, is_json, parse};
use crate::service::{Error, Expiry, Missing, NewInvitation};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use url::Url;

/// Invitations that may be made at once.
pub const MOST_AT_ONCE: usize = 10;
/// Rows of a list when nobody says how many, and at most.
const USUAL_LIMIT: u32 = 10;
const MAX_LIMIT: u32 = 500;
/// Days that an invitation is open when nobody says how many.
const USUAL_DAYS: u16 = 30;

/// A body of JSON.
pub struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let is_json = is_json(request.headers());
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Unreadable::of_body(rejection.status()))?;
        // what clients send with a POST that has nothing to say
        if bytes.is_empty() {
            return Ok(Self(Value::Null));
        }
        if !is_json {
            let sentence = "Send JSON, with Content-Type: application/json.";
            return Err(Unreadable::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", sentence).into());
        }
        Ok(Self(parse(&bytes)?))
    }
}

impl Body {
    /// The items of a list that may have up to ten.
    pub fn into_items(self) -> Answer<Vec<Value>> {
        match self.0 {
            Value::Array(items) if items.len() > MOST_AT_ONCE => Err(Fault::too_many(MOST_AT_ONCE)),
            Value::Array(items) if !items.is_empty() => Ok(items),
            other => Err(Fault::unprocessable(vec![wrong_shape(&other, "array of 1 to 10 invitations")])),
        }
    }
}

/// An invitation as it is asked for, with whom it is for and in which words.
pub struct Asked {
    pub new: NewInvitation,
    /// As the role was spelled; none of application invitations.
    pub role: Option<String>,
    /// In whose name it is to be made.
    pub inviter: Option<Person>,
}

/// Somebody by id; `None` for what is nobody's.
pub struct Person(pub Option<UserId>);

/// The fields of an object; null is like nothing at all.
struct Fields {
    map: Map<String, Value>,
    wrong: Vec<Detail>,
}

impl Fields {
    fn new(value: Value) -> Result<Self, Vec<Detail>> {
        match value {
            Value::Object(map) => Ok(Self { map, wrong: Vec::new() }),
            other => Err(vec![wrong_shape(&other, "object")]),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    fn refuse(&mut self, name: &str, code: &'static str, message: &str, long_message: String) {
        self.wrong.push(Detail::of(name, code, message, long_message));
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

    fn refuse_others(&mut self) {
        let names: Vec<String> = self.map.keys().cloned().collect();
        for name in names {
            let long = format!("{name} is not a valid parameter for this request.");
            self.refuse(&name, "form_param_unknown", "is unknown", long);
        }
    }

    fn into_result<T>(self, read: T) -> Result<T, Vec<Detail>> {
        if self.wrong.is_empty() { Ok(read) } else { Err(self.wrong) }
    }
}

/// An organization invitation. Other fields are none of our business, as Clerk allows them.
pub fn organization_invitation(value: Value) -> Result<Asked, Vec<Detail>> {
    let mut fields = Fields::new(value)?;
    let (email, role) = (fields.required("email_address"), fields.required("role"));
    let inviter = fields.text("inviter_user_id").map(|id| Person(wire::read_user_id(&id)));
    let new = NewInvitation { private_metadata: fields.object("private_metadata"), ..common(&mut fields, email) };
    fields.into_result(Asked { new, role: Some(role), inviter })
}

/// An application invitation, which may say nothing else.
pub fn application_invitation(value: Value) -> Result<Asked, Vec<Detail>> {
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
    fields.into_result(Asked { new, role: None, inviter: None })
}

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

/// Who asks for a revocation: of a body that may be missing, empty, or null.
pub fn requesting_user(body: Body) -> Answer<Option<Person>> {
    if body.0.is_null() {
        return Ok(None);
    }
    let mut fields = Fields::new(body.0).map_err(Fault::unprocessable)?;
    let person = fields.text("requesting_user_id").map(|id| Person(wire::read_user_id(&id)));
    fields.into_result(person).map_err(Fault::unprocessable)
}

impl Person {
    pub fn id(self) -> Result<UserId, Error> {
        self.0.ok_or(Missing::Member.into())
    }
}

fn wrong_shape(value: &Value, wanted: &str) -> Detail {
    let long = format!("The body is invalid. Received {}, must be of type {wanted}.", kind(value));
    Detail::new("form_param_value_invalid", "is invalid", long)
}

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

/// A query: each name with its values, in their order. Names that mean nothing are left alone.
pub struct Query(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let text = parts.uri.query().unwrap_or_default();
        if percent_decode_str(text).decode_utf8().is_err() {
            return Err(malformed("The query is not text in UTF-8.".to_owned()));
        }
        Ok(Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()))
    }
}

fn malformed(long: String) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, Detail::new("malformed_request_parameters", "Malformed request", long))
}

fn out_of_range(name: &str, long: String) -> Fault {
    Fault::unprocessable(vec![Detail::of(name, "form_param_value_invalid", "is invalid", long)])
}

impl Query {
    /// The last value of this name that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let values = self.0.iter().rev().filter(|(other, _)| other == name);
        values.map(|(_, value)| value.as_str()).find(|value| !value.is_empty())
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| matches!(value, "true" | "1"))
    }

    /// A whole number; old clients write it as they write a fraction.
    fn number(&self, name: &str, usual: u32, range: std::ops::RangeInclusive<u32>) -> Answer<u32> {
        let Some(text) = self.text(name) else { return Ok(usual) };
        let number: i64 = text
            .strip_suffix(".0")
            .unwrap_or(text)
            .parse()
            .map_err(|_| malformed(format!("{name} must be a whole number, and is {text}.")))?;
        let number = u32::try_from(number).ok().filter(|number| range.contains(number));
        let (least, most) = (range.start(), range.end());
        number.ok_or_else(|| out_of_range(name, format!("{name} must be between {least} and {most}.")))
    }

    /// A part of a list: its limit, offset, order and statuses.
    pub fn slice(&self, orders: &[(&str, SliceOrder)]) -> Answer<Slice> {
        let limit = self.number("limit", USUAL_LIMIT, 1..=MAX_LIMIT)?;
        let mut slice = Slice::new(self.number("offset", 0, 0..=u32::MAX)?, limit);
        for word in self.0.iter().filter(|(name, _)| name == "status").map(|(_, word)| word) {
            let statuses = wire::read_status(word);
            let long = || "status must be one of: pending, accepted, revoked, expired.".to_owned();
            slice.statuses.extend(statuses.ok_or_else(|| out_of_range("status", long()))?);
        }
        if let Some(text) = self.text("order_by") {
            // a plus that was not encoded arrives as a space
            let name = text.trim_start_matches(['+', '-', ' ']);
            let (_, order) = orders.iter().find(|(known, _)| *known == name).ok_or_else(|| {
                let known: Vec<&str> = orders.iter().map(|(known, _)| *known).collect();
                out_of_range("order_by", format!("order_by must be one of: {}, with + or - before.", known.join(", ")))
            })?;
            (slice.order, slice.is_descending) = (*order, text.starts_with('-'));
        }
        Ok(slice)
    }
}
