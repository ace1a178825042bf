//! The document of a new invitation, with all that is wrong with it told at once
//! (dialects/appstoreconnect-snyk-clickhouse.md, 1.3).

use super::fault::{Fault, Problem};
use super::words::{self, Word};
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};
use vestibule_web::extract;

const TYPE: &str = "userInvitations";
const ATTRIBUTES: [&str; 6] = ["email", "firstName", "lastName", "roles", "allAppsVisible", "provisioningAllowed"];

/// A new invitation that says what it must.
#[derive(Debug)]
pub struct NewUserInvitation {
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub roles: Vec<&'static Word>,
    pub is_provisioning_allowed: bool,
    /// By the ids that clients know; empty: it is for all of them.
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
    let data = data.ok_or_else(|| vec![Problem::entity("/data", "Send one resource as 'data'.")])?;
    if data.get("type").and_then(Value::as_str) != Some(TYPE) {
        return Err(vec![Problem::entity("/data/type", "Only 'userInvitations' can be made here.")]);
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

/// What a document says of its resource, and what is wrong with that.
struct Attributes<'a> {
    values: &'a Map<String, Value>,
    problems: Vec<Problem>,
}

impl Attributes<'_> {
    fn refuse_unknown(&mut self) {
        let unknown = self.values.keys().filter(|name| !ATTRIBUTES.contains(&name.as_str()));
        self.problems.extend(unknown.map(|name| Problem::unknown(name)));
    }

    /// One that must be there.
    fn text(&mut self, name: &str) -> String {
        match self.values.get(name) {
            None | Some(Value::Null) => self.problems.push(Problem::required(name)),
            Some(Value::String(text)) if text.trim().is_empty() => self.problems.push(Problem::required(name)),
            Some(Value::String(text)) => return text.clone(),
            Some(other) => self.problems.push(Problem::wrong_type(name, other, "a string")),
        }
        String::new()
    }

    /// One that may be left out.
    fn switch(&mut self, name: &str) -> Option<bool> {
        match self.values.get(name)? {
            Value::Null => None,
            Value::Bool(is) => Some(*is),
            other => {
                self.problems.push(Problem::wrong_type(name, other, "a boolean"));
                None
            }
        }
    }

    fn roles(&mut self) -> Vec<&'static Word> {
        let values = match self.values.get("roles") {
            Some(Value::Array(values)) if !values.is_empty() => values,
            None | Some(Value::Null | Value::Array(_)) => {
                self.problems.push(Problem::required("roles"));
                return Vec::new();
            }
            Some(other) => {
                self.problems.push(Problem::wrong_type("roles", other, "an array"));
                return Vec::new();
            }
        };
        let mut roles = Vec::new();
        for (at, value) in values.iter().enumerate() {
            match value.as_str().and_then(words::find) {
                Some(word) if roles.contains(&word) => {}
                Some(word) => roles.push(word),
                None => {
                    let expected = format!("one of: {}", words::all());
                    self.problems.push(Problem::wrong_type(&format!("roles/{at}"), value, &expected));
                }
            }
        }
        roles
    }
}

/// The apps that it is for. Vestibule knows no invitation for none of them, so that has to be said otherwise.
fn apps(relationships: Option<&Value>, all_apps: Option<bool>) -> Result<Vec<String>, Problem> {
    let named = match relationships.and_then(Value::as_object) {
        None => Vec::new(),
        Some(relationships) => {
            if relationships.keys().any(|name| name != "visibleApps") {
                return Err(Problem::relationship("The only relationship is 'visibleApps'."));
            }
            relationships.get("visibleApps").map(linkages).transpose()?.unwrap_or_default()
        }
    };
    match (all_apps, named.is_empty()) {
        (Some(true), false) => {
            Err(Problem::relationship("With 'allAppsVisible' no apps can be named. Leave one of them out."))
        }
        (Some(false), true) => Err(Problem::relationship("Without 'allAppsVisible' name the apps, one at least.")),
        (None | Some(_), _) => Ok(named),
    }
}

fn linkages(relationship: &Value) -> Result<Vec<String>, Problem> {
    let refused = || Problem::relationship("Name apps as {\"data\": [{\"type\": \"apps\", \"id\": \"…\"}]}.");
    let data = relationship.get("data").and_then(Value::as_array).ok_or_else(refused)?;
    let id = |linkage: &Value| {
        let is_app = linkage.get("type").and_then(Value::as_str) == Some("apps");
        linkage.get("id").and_then(Value::as_str).filter(|_| is_app).map(str::to_owned)
    };
    data.iter().map(|linkage| id(linkage).ok_or_else(refused)).collect()
}
