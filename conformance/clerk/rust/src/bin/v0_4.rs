//! clerk-rs 0.4.1: the three calls of its time. It names no version, and roles are spelled the old way.

use clerk_rs_v0_4::apis::configuration::ClerkConfiguration;
use clerk_rs_v0_4::apis::organization_invitations_api::OrganizationInvitation as Api;
use clerk_rs_v0_4::clerk::Clerk;
use clerk_rs_v0_4::models::{
    CreateOrganizationInvitationRequest as Create, RevokeOrganizationInvitationRequest as Revoke,
};
use conformance_clerk::{Steps, given};
use std::process::ExitCode;

const CREATE: &str = "POST /organizations/{org}/invitations";
const PENDING: &str = "GET /organizations/{org}/invitations/pending";
const REVOKE: &str = "POST /organizations/{org}/invitations/{id}/revoke";

fn client(key: String) -> Clerk {
    let mut configuration = ClerkConfiguration::new(None, None, Some(key), None);
    configuration.base_path = format!("{}/v1", given("BASE"));
    Clerk::new(configuration)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (steps, clerk) = (Steps::default(), client(given("SECRET_KEY")));
    let (org, user) = (given("ORGANIZATION_ID"), given("INVITER_USER_ID"));
    let ask = |email: &str, role: &str| Create::new(format!("{email}@example.com"), user.clone(), role.into());

    let mut full = ask("rs4-1", "basic_member");
    full.public_metadata = Some(serde_json::json!({ "deptName": "eng" }));
    full.redirect_url = Some("https://app.example.com/accept".into());
    let made = Api::create_organization_invitation(&clerk, &org, full).await;
    let made = steps.step(CREATE, "as a basic member", made, |made| {
        made.status.as_deref() == Some("pending") && made.role.as_deref() == Some("basic_member")
    });
    let id = made.and_then(|made| made.id).unwrap_or_default();
    let made = Api::create_organization_invitation(&clerk, &org, ask("rs4-2", "admin")).await;
    steps.step(CREATE, "as an admin", made, |made| made.role.as_deref() == Some("admin"));
    let twice = Api::create_organization_invitation(&clerk, &org, ask("rs4-1", "basic_member")).await;
    steps.fails(CREATE, "twice", twice, 400, "organization_invitation_not_unique");
    let strange = Create::new("rs4-3@example.com".into(), "user_0".into(), "basic_member".into());
    let strange = Api::create_organization_invitation(&clerk, &org, strange).await;
    steps.fails(CREATE, "in the name of nobody", strange, 403, "not_a_member_in_organization");
    let wrong = Api::create_organization_invitation(&client("wrong".into()), &org, ask("rs4-4", "admin")).await;
    steps.fails(CREATE, "wrong key", wrong, 401, "clerk_key_invalid");

    let found = Api::list_pending_organization_invitations(&clerk, &org, Some(500), Some(0)).await;
    steps.step(PENDING, "all", found, |found| {
        found.data.iter().any(|one| one.id.as_deref() == Some(&id)) && found.total_count >= 2
    });
    let revoked = Api::revoke_organization_invitation(&clerk, &org, &id, Revoke::new(user.clone())).await;
    steps.step(REVOKE, "in somebody's name", revoked, |one| one.status.as_deref() == Some("revoked"));
    let twice = Api::revoke_organization_invitation(&clerk, &org, &id, Revoke::new(user)).await;
    steps.fails(REVOKE, "twice", twice, 404, "organization_invitation_not_pending");
    steps.done()
}
