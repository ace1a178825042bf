//! App Store Connect's JSON: resources with the requested fields,
//! and the documents around them.

use super::query::{ListQuery, Query};
use super::role_names;
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;
use vestibule_domain::{Instant, InvitationView, Member, Metadata, Name, Resource, ResourceId, Role};

/// The key of the private metadata, of an invitation and of its member, that holds what Vestibule has no field for.
pub const METADATA: &str = "appstoreconnect";
pub const PROVISIONING: &str = "provisioningAllowed";

/// The apps that some people are limited to, by their ids.
pub type Apps = BTreeMap<ResourceId, Resource>;

/// An invitee or a user. They differ only in the type of the resource.
pub struct Person<'a> {
    pub kind: &'static str,
    pub id: Uuid,
    /// The attribute and the email address: `email` for an invitation, `username` for a user.
    address: (&'static str, &'a str),
    name: Option<&'a Name>,
    roles: &'a [Role],
    pub resource_ids: &'a [ResourceId],
    metadata: &'a Metadata,
    expires_at: Option<Instant>,
}

impl<'a> Person<'a> {
    pub fn invited(view: &'a InvitationView) -> Self {
        let invitation = &view.invitation;
        Self {
            kind: "userInvitations",
            id: invitation.id.uuid(),
            address: ("email", invitation.email.typed()),
            name: invitation.name.as_ref(),
            roles: &view.roles,
            resource_ids: &invitation.resource_ids,
            metadata: &invitation.metadata,
            expires_at: Some(invitation.expires_at),
        }
    }

    pub fn user(member: &'a Member) -> Self {
        Self {
            kind: "users",
            id: member.user_id.uuid(),
            address: ("username", member.email.typed()),
            name: Some(&member.name),
            roles: &member.roles,
            resource_ids: &member.resource_ids,
            metadata: &member.metadata,
            expires_at: None,
        }
    }

    /// Returns the resource, with its apps if the query asks for them.
    pub fn resource(&self, base: &str, asked: &ListQuery, apps: &Apps) -> Value {
        let here = format!("{base}/v1/{}/{}", self.kind, self.id);
        let attributes: Map<String, Value> =
            self.attributes().into_iter().filter(|(name, _)| asked.wants(self.kind, name)).collect();
        let mut resource =
            json!({ "type": self.kind, "id": self.id, "attributes": attributes, "links": { "self": here } });
        if asked.includes_apps || asked.wants(self.kind, "visibleApps") {
            resource["relationships"] = json!({ "visibleApps": self.relationship(&here, asked, apps) });
        }
        resource
    }

    fn attributes(&self) -> Map<String, Value> {
        let (address, email) = self.address;
        let mut attributes = Map::new();
        let mut put = |name: &str, value: Value| attributes.insert(name.to_owned(), value);
        put(address, json!(email));
        put("firstName", json!(self.name.map_or("", |name| name.first())));
        put("lastName", json!(last_name(self.name)));
        if let Some(at) = self.expires_at {
            put("expirationDate", json!(at.to_rfc3339_opts(SecondsFormat::Secs, true)));
        }
        put("roles", json!(role_names::of_roles(self.roles)));
        put("allAppsVisible", json!(self.resource_ids.is_empty()));
        put("provisioningAllowed", json!(is_provisioning_allowed(self.metadata)));
        attributes
    }

    fn relationship(&self, here: &str, asked: &ListQuery, apps: &Apps) -> Value {
        let links =
            json!({ "self": format!("{here}/relationships/visibleApps"), "related": format!("{here}/visibleApps") });
        if !asked.includes_apps {
            return json!({ "links": links });
        }
        let data: Vec<Value> = self.included(asked, apps).map(linkage).collect();
        let paging = json!({ "total": self.resource_ids.len(), "limit": asked.limit_of_apps });
        json!({ "links": links, "data": data, "meta": { "paging": paging } })
    }

    /// Returns the apps to include, up to the requested number.
    pub fn included(&self, asked: &ListQuery, apps: &'a Apps) -> impl Iterator<Item = &'a Resource> {
        let most = if asked.includes_apps { asked.limit_of_apps } else { 0 };
        self.resource_ids.iter().filter_map(|id| apps.get(id)).take(most as usize)
    }
}

pub fn last_name(name: Option<&Name>) -> &str {
    name.and_then(Name::rest).unwrap_or_default()
}

fn is_provisioning_allowed(metadata: &Metadata) -> bool {
    metadata.private.get(METADATA).and_then(|own| own.get(PROVISIONING)).and_then(Value::as_bool).unwrap_or(false)
}

/// Returns the id that clients know an app by: its external id, or else our own.
pub fn app_id(resource: &Resource) -> String {
    resource.external_id.as_ref().map_or_else(|| resource.id.to_string(), |id| id.as_str().to_owned())
}

pub fn app(base: &str, asked: &ListQuery, resource: &Resource) -> Value {
    let id = app_id(resource);
    let mut attributes = Map::new();
    let bundle_id = resource.bundle_id.as_ref().map(|id| id.as_str());
    for (name, value) in [("name", Some(resource.name.as_str())), ("bundleId", bundle_id)] {
        if asked.wants("apps", name) {
            attributes.insert(name.to_owned(), json!(value));
        }
    }
    json!({ "type": "apps", "id": id, "attributes": attributes, "links": { "self": format!("{base}/v1/apps/{id}") } })
}

pub fn linkage(resource: &Resource) -> Value {
    json!({ "type": "apps", "id": app_id(resource) })
}

/// Builds a document with one resource and its included apps.
pub fn one(here: String, data: Value, included: Vec<Value>, asked: &ListQuery) -> Value {
    let mut document = json!({ "data": data, "links": { "self": here } });
    if asked.includes_apps {
        document["included"] = json!(included);
    }
    document
}

/// One page of a list: its rows, the total count, and the cursor of the next page.
pub struct Listed {
    pub data: Vec<Value>,
    pub included: Vec<Value>,
    pub total: u64,
    pub next: Option<String>,
}

impl Listed {
    pub fn document(self, base: &str, query: &Query, asked: &ListQuery) -> Value {
        let mut document = one(query.address(base, None), json!(self.data), self.included, asked);
        document["meta"] = json!({ "paging": { "total": self.total, "limit": asked.limit } });
        if let Some(next) = self.next {
            document["links"]["next"] = json!(query.address(base, Some(&next)));
            document["meta"]["paging"]["nextCursor"] = json!(next);
        }
        document
    }
}
