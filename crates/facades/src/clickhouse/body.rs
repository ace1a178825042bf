//! What bodies say: an address, and roles by their ids or by a word of earlier days.

use super::fault::{Answer, Fault};
use super::wire;
use serde::Deserialize;
use uuid::Uuid;
use vestibule_core::service::Error;
use vestibule_domain::{Role, RoleId, bounds::few};
use vestibule_web::extract;

pub type Json<T> = extract::Json<T, Fault>;

/// Other fields are none of our business.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewInvitation {
    pub email: String,
    #[serde(flatten)]
    pub roles: Roles,
}

/// Ids win over the word; neither is the least that there is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Roles {
    role: Option<String>,
    assigned_role_ids: Option<Vec<String>>,
}

impl Roles {
    /// Whether nothing is said about them.
    pub fn are_missing(&self) -> bool {
        self.role.is_none() && self.assigned_role_ids.as_ref().is_none_or(Vec::is_empty)
    }

    /// The roles meant, of those that there are.
    pub fn read(self, all: &[Role]) -> Answer<Vec<RoleId>> {
        let ids = self.assigned_role_ids.unwrap_or_default();
        few("assignedRoleIds", &ids).map_err(Error::from)?;
        if !ids.is_empty() {
            return ids.iter().map(|text| by_id(all, text)).collect();
        }
        let word = self.role.as_deref().unwrap_or("developer");
        let key = wire::role_of_word(word)
            .ok_or_else(|| Fault::bad_request(format!("role must be admin or developer, and is {word}.")))?;
        let role = all.iter().find(|role| role.key == key);
        Ok(vec![role.ok_or_else(|| Fault::bad_request("There is no role for this word."))?.id])
    }
}

fn by_id(all: &[Role], text: &str) -> Answer<RoleId> {
    let id = Uuid::try_parse(text).ok();
    let role = all.iter().find(|role| Some(role.id.uuid()) == id);
    role.map(|role| role.id).ok_or_else(|| Fault::no_id("role", text))
}
