//! Request bodies: an email address, and roles by id or by the older role word.

use super::fault::{Fault, VendorResult};
use super::wire;
use serde::Deserialize;
use uuid::Uuid;
use vestibule_core::service::Error;
use vestibule_domain::{Role, RoleId, bounds::few};
use vestibule_web::extract;

/// A JSON body; if it can't be read, the answer is a [`Fault`].
pub type Json<T> = extract::Json<T, Fault>;

/// The body of a new invitation. Unknown fields are ignored.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewInvitation {
    pub email: String,
    #[serde(flatten)]
    pub roles: Roles,
}

/// The roles of a body. Ids take precedence over the word; without either, it means the role with the fewest
/// permissions.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Roles {
    role: Option<String>,
    assigned_role_ids: Option<Vec<String>>,
}

impl Roles {
    /// Checks whether the body names no role.
    pub fn are_missing(&self) -> bool {
        self.role.is_none() && self.assigned_role_ids.as_ref().is_none_or(Vec::is_empty)
    }

    /// Returns the ids of the roles that the body names. Fails when one of them is not in `all`.
    pub fn read(self, all: &[Role]) -> VendorResult<Vec<RoleId>> {
        let ids = self.assigned_role_ids.unwrap_or_default();
        few("assignedRoleIds", &ids).map_err(Error::from)?;
        if !ids.is_empty() {
            return ids.iter().map(|text| by_id(all, text)).collect();
        }
        let word = self.role.as_deref().unwrap_or("developer");
        let key = wire::role_of_word(word)
            .ok_or_else(|| Fault::bad_request(format!("role must be admin or developer, but is {word}.")))?;
        let role = all.iter().find(|role| role.key == key);
        Ok(vec![role.ok_or_else(|| Fault::bad_request("The organization has no role for this word."))?.id])
    }
}

fn by_id(all: &[Role], text: &str) -> VendorResult<RoleId> {
    let id = Uuid::try_parse(text).ok();
    let role = all.iter().find(|role| Some(role.id.uuid()) == id);
    role.map(|role| role.id).ok_or_else(|| Fault::no_id("role", text))
}
