//! The document of a new invitation. One answer lists everything that is wrong with it.

use super::fault::Fault;
use super::problem;
use super::role_names::{self, RoleName};
use crate::json_api::Problem;
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};
use vestibule_web::extract;

const TYPE: &str = "userInvitations";
const ATTRIBUTES: [&str; 6] = ["email", "firstName", "lastName", "roles", "allAppsVisible", "provisioningAllowed"];

/// A new invitation with all required attributes.
#[derive(Debug)]
pub struct NewUserInvitation {
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub roles: Vec<&'static RoleName>,
    pub is_provisioning_allowed: bool,
    /// The ids of apps as clients know them. Empty: no limit.
    pub apps: Vec<String>,
}

impl<S: Send + Sync> FromRequest<S> for NewUserInvitation {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let json = extract::Json::<Value, Fault>::from_request(request, state).await?.into_inner();
        read(&json).map_err(Fault::from)
    }
}

fn read(json: &Value) -> Result<NewUserInvitation, Vec<Problem>> {
    let data = json.get("data").and_then(Value::as_object);
    let data = data.ok_or_else(|| vec![problem::entity("/data", "Send one resource as 'data'.")])?;
    if data.get("type").and_then(Value::as_str) != Some(TYPE) {
        return Err(vec![problem::entity("/data/type", "Only 'userInvitations' can be created at this path.")]);
    }
    let none = Map::new();
    let mut attributes =
        Attributes { values: data.get("attributes").and_then(Value::as_object).unwrap_or(&none), problems: Vec::new() };
    attributes.refuse_unknown();
    let (email, first_name, last_name) =
        (attributes.text("email"), attributes.text("firstName"), attributes.text("lastName"));
    let roles = attributes.roles();
    let all_apps = attributes.switch("allAppsVisible");
    let provisioning = attributes.switch("provisioningAllowed");
    let mut problems = attributes.problems;
    let apps = apps(data.get("relationships"), all_apps).unwrap_or_else(|problem| {
        problems.push(problem);
        Vec::new()
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let is_provisioning_allowed = provisioning.unwrap_or(false);
    Ok(NewUserInvitation { email, first_name, last_name, roles, is_provisioning_allowed, apps })
}

/// The attributes of a document, and the errors found in them so far.
struct Attributes<'a> {
    values: &'a Map<String, Value>,
    problems: Vec<Problem>,
}

impl Attributes<'_> {
    fn refuse_unknown(&mut self) {
        let unknown = self.values.keys().filter(|name| !ATTRIBUTES.contains(&name.as_str()));
        self.problems.extend(unknown.map(|name| problem::unknown(name)));
    }

    /// Reads a required text. Records an error, and returns an empty text, if there is none.
    fn text(&mut self, name: &str) -> String {
        match self.values.get(name) {
            None | Some(Value::Null) => self.problems.push(problem::required(name)),
            Some(Value::String(text)) if text.trim().is_empty() => self.problems.push(problem::required(name)),
            Some(Value::String(text)) => return text.clone(),
            Some(other) => self.problems.push(problem::wrong_type(name, other, "a string")),
        }
        String::new()
    }

    /// Reads an optional boolean.
    fn switch(&mut self, name: &str) -> Option<bool> {
        match self.values.get(name)? {
            Value::Null => None,
            Value::Bool(is) => Some(*is),
            other => {
                self.problems.push(problem::wrong_type(name, other, "a boolean"));
                None
            }
        }
    }

    /// Reads the roles, without duplicates. Records an error if there is none, or for a word that does not exist.
    fn roles(&mut self) -> Vec<&'static RoleName> {
        let values = match self.values.get("roles") {
            Some(Value::Array(values)) if !values.is_empty() => values,
            None | Some(Value::Null | Value::Array(_)) => {
                self.problems.push(problem::required("roles"));
                return Vec::new();
            }
            Some(other) => {
                self.problems.push(problem::wrong_type("roles", other, "an array"));
                return Vec::new();
            }
        };
        let mut roles = Vec::new();
        for (at, value) in values.iter().enumerate() {
            match value.as_str().and_then(role_names::find) {
                Some(word) if roles.contains(&word) => {}
                Some(word) => roles.push(word),
                None => {
                    let expected = format!("one of: {}", role_names::all());
                    self.problems.push(problem::wrong_type(&format!("roles/{at}"), value, &expected));
                }
            }
        }
        roles
    }
}

/// Returns the apps that the invitation is limited to. An invitation without any app does not exist in Vestibule, so a
/// document that asks for one is refused.
fn apps(relationships: Option<&Value>, all_apps: Option<bool>) -> Result<Vec<String>, Problem> {
    let named = match relationships.and_then(Value::as_object) {
        None => Vec::new(),
        Some(relationships) => {
            if relationships.keys().any(|name| name != "visibleApps") {
                return Err(problem::relationship("The only relationship is 'visibleApps'."));
            }
            relationships.get("visibleApps").map(linkages).transpose()?.unwrap_or_default()
        }
    };
    match (all_apps, named.is_empty()) {
        (Some(true), false) => Err(problem::relationship("Send either 'allAppsVisible' or a list of apps, not both.")),
        (Some(false), true) => Err(problem::relationship("Without 'allAppsVisible', list at least one app.")),
        (None | Some(_), _) => Ok(named),
    }
}

/// Returns the ids of a list of apps.
fn linkages(relationship: &Value) -> Result<Vec<String>, Problem> {
    let refused = || problem::relationship("List apps as {\"data\": [{\"type\": \"apps\", \"id\": \"…\"}]}.");
    let data = relationship.get("data").and_then(Value::as_array).ok_or_else(refused)?;
    let id = |linkage: &Value| {
        let is_app = linkage.get("type").and_then(Value::as_str) == Some("apps");
        linkage.get("id").and_then(Value::as_str).filter(|_| is_app).map(str::to_owned)
    };
    data.iter().map(|linkage| id(linkage).ok_or_else(refused)).collect()
}
