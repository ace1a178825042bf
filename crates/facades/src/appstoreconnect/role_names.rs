//! App Store Connect's words for roles, and the organization's roles
//! that they stand for.

use vestibule_domain::{Role, RolesHeld};

/// A word, with the key and the name of its role. Every organization has the first two roles; the others are created
/// when they are first used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleName {
    pub word: &'static str,
    pub key: &'static str,
    pub name: &'static str,
}

const fn word(word: &'static str, key: &'static str, name: &'static str) -> RoleName {
    RoleName { word, key, name }
}

pub const WORDS: [RoleName; 13] = [
    word(ACCOUNT_HOLDER, Role::OWNER, "Owner"),
    word(ADMIN, Role::ADMIN, "Admin"),
    word("FINANCE", "finance", "Finance"),
    word("SALES", "sales", "Sales"),
    word("MARKETING", "marketing", "Marketing"),
    word("APP_MANAGER", "app_manager", "App Manager"),
    word("DEVELOPER", "developer", "Developer"),
    word("ACCESS_TO_REPORTS", "access_to_reports", "Access to Reports"),
    word("CUSTOMER_SUPPORT", "customer_support", "Customer Support"),
    word("CREATE_APPS", "create_apps", "Create Apps"),
    word("CLOUD_MANAGED_DEVELOPER_ID", "cloud_managed_developer_id", "Cloud Managed Developer ID"),
    word("CLOUD_MANAGED_APP_DISTRIBUTION", "cloud_managed_app_distribution", "Cloud Managed App Distribution"),
    word("GENERATE_INDIVIDUAL_KEYS", "generate_individual_keys", "Generate Individual Keys"),
];

const ACCOUNT_HOLDER: &str = "ACCOUNT_HOLDER";
const ADMIN: &str = "ADMIN";

/// The word for a role that has no word of its own: clients can't parse any others.
const OTHER: &str = "CUSTOMER_SUPPORT";

/// Returns the word for a role of the organization. A role that allows everything that an admin can do is called
/// `ADMIN`: clients check for that word before they take away someone's access.
pub fn of_role(role: &Role) -> &'static str {
    if role.key != Role::OWNER && Role::administer(std::slice::from_ref(role)) {
        return ADMIN;
    }
    WORDS.iter().find(|word| word.key == role.key).map_or(OTHER, |word| word.word)
}

/// Returns the words for several roles, without duplicates. Roles that together allow everything that an admin can do
/// also get `ADMIN`.
pub fn of_roles(roles: &[Role]) -> Vec<&'static str> {
    let mut words: Vec<&str> = Vec::new();
    for word in roles.iter().map(of_role) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let says_so = words.contains(&ADMIN) || words.contains(&ACCOUNT_HOLDER);
    if !says_so && Role::administer(roles) {
        words.insert(0, ADMIN);
    }
    words
}

/// Returns the conditions on a member's roles, one of which is true if [`of_roles`] has one of these words for them.
pub fn held(roles: &[Role], wanted: &[&str]) -> Vec<RolesHeld> {
    let called =
        |words: &[&str]| roles.iter().filter(|role| words.contains(&of_role(role))).map(|role| role.id).collect();
    let mut held = vec![RolesHeld::one_of(called(wanted))];
    if wanted.contains(&ADMIN) {
        held.push(RolesHeld { none_of: called(&[ADMIN, ACCOUNT_HOLDER]), ..RolesHeld::administer(roles) });
    }
    held
}

pub fn find(text: &str) -> Option<&'static RoleName> {
    WORDS.iter().find(|word| word.word == text)
}

/// Returns all words, separated by commas.
pub fn all() -> String {
    WORDS.map(|word| word.word).join(", ")
}
