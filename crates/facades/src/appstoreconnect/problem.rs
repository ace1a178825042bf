//! The errors about the document of a new invitation, in Apple's words.

use crate::json_api::{Problem, Source};

/// The places of the email address and the apps in the document of a new invitation.
const EMAIL: &str = "/data/attributes/email";
const APPS: &str = "/data/relationships/visibleApps";

/// Creates an error with this code, title and detail.
pub fn of(code: &'static str, title: &'static str, detail: impl Into<String>) -> Problem {
    Problem { title: Some(title), ..Problem::new(code, detail) }
}

/// Creates an error about an attribute that is absent or empty.
pub fn required(attribute: &str) -> Problem {
    let title = "The provided entity is missing a required attribute";
    let detail = format!("You must provide a value for the attribute '{attribute}' with this request");
    of("ENTITY_ERROR.ATTRIBUTE.REQUIRED", title, detail).at(attribute_at(attribute))
}

/// Creates an error about an attribute of the wrong type, or with a word that does not exist.
pub fn wrong_type(attribute: &str, value: &serde_json::Value, expected: &str) -> Problem {
    let title = "An attribute in the provided entity has the wrong type";
    let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let detail = format!("'{value}' is not a valid value for the attribute '{attribute}'. Expected {expected}.");
    of("ENTITY_ERROR.ATTRIBUTE.TYPE", title, detail).at(attribute_at(attribute))
}

/// Creates an error about an unknown attribute.
pub fn unknown(attribute: &str) -> Problem {
    let title = "The provided entity includes an unknown attribute";
    let detail = format!("'{attribute}' is not an attribute on the resource 'userInvitations'");
    of("ENTITY_ERROR.ATTRIBUTE.UNKNOWN", title, detail).at(attribute_at(attribute))
}

/// Creates an error about a value of the right type that is not acceptable.
pub fn invalid(at: Source, detail: impl Into<String>) -> Problem {
    let title = "An attribute in the provided entity has invalid value";
    of("ENTITY_ERROR.ATTRIBUTE.INVALID", title, detail).at(at)
}

/// Creates an error about an email address that is a user's or invited already.
pub fn duplicate(detail: &str) -> Problem {
    let title = "The provided entity includes an attribute with a value that has already been used";
    of("ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE", title, detail).at(Source::pointer(EMAIL))
}

/// Creates an error about the apps that the document names.
pub fn relationship(detail: impl Into<String>) -> Problem {
    let title = "The provided entity includes a relationship with an invalid value";
    of("ENTITY_ERROR.RELATIONSHIP.INVALID", title, detail).at(Source::pointer(APPS))
}

/// Creates an error about the document around the attributes.
pub fn entity(at: &str, detail: &str) -> Problem {
    of("ENTITY_ERROR", "The provided entity can't be accepted", detail).at(Source::pointer(at))
}

/// Returns the place of an attribute in the document.
pub fn attribute_at(attribute: &str) -> Source {
    Source::Pointer(format!("/data/attributes/{attribute}"))
}
