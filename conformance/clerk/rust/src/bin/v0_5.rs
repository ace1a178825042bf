//! clerk-rs 0.5.0: every call about invitations that it has, and what is refused.

#![expect(deprecated, reason = "the list of pending ones is deprecated and still there")]

use clerk_rs_v0_5::apis::{
    configuration::Configuration, invitations_api as app, organization_invitations_api as org_api, users_api,
};
use clerk_rs_v0_5::models::{
    CreateBulkInvitationsRequestInner as AppItem, CreateInvitationRequest as AppCreate,
    CreateOrganizationInvitationRequest as Create, RevokeOrganizationInvitationRequest as Revoke,
};
use conformance_clerk::{Steps, given};
use std::process::ExitCode;

const CREATE: &str = "POST /organizations/{org}/invitations";
const BULK: &str = "POST /organizations/{org}/invitations/bulk";
const LIST: &str = "GET /organizations/{org}/invitations";
const PENDING: &str = "GET /organizations/{org}/invitations/pending";
const GET: &str = "GET /organizations/{org}/invitations/{id}";
const REVOKE: &str = "POST /organizations/{org}/invitations/{id}/revoke";
const ALL: &str = "GET /organization_invitations";
const OF_USER: &str = "GET /users/{user}/organization_invitations";
const APP: &str = "POST /invitations";
const APP_BULK: &str = "POST /invitations/bulk";
const APP_LIST: &str = "GET /invitations";
const APP_REVOKE: &str = "POST /invitations/{id}/revoke";

fn client(key: String) -> Configuration {
    Configuration::new(key).with_base_path(format!("{}/v1", given("BASE")))
}

fn email(n: &str) -> String {
    format!("rs5-{n}@example.com")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (steps, clerk) = (Steps::default(), client(given("SECRET_KEY")));
    organization_invitations(&steps, &clerk).await;
    application_invitations(&steps, &clerk).await;
    steps.done()
}

async fn organization_invitations(steps: &Steps, clerk: &Configuration) {
    let (org, user) = (given("ORGANIZATION_ID"), given("INVITER_USER_ID"));
    let mut full = Create::new(email("1"), "org:member".into());
    full.inviter_user_id = Some(Some(user.clone()));
    full.public_metadata = Some(Some([("deptName".to_owned(), serde_json::json!({ "aB": [1] }))].into()));
    full.private_metadata = Some(None);
    full.redirect_url = Some(None);
    full.expires_in_days = Some(Some(7));
    let made = org_api::create_organization_invitation(clerk, &org, Some(full)).await;
    let made = steps.step(CREATE, "with nulls", made, |made| {
        made.status.as_deref() == Some("pending")
            && made.public_metadata["deptName"]["aB"][0] == 1
            && made.inviter_id.as_deref() == Some(&user)
    });
    let id = made.map_or_else(String::new, |made| made.id);
    let twice = Create::new(email("1"), "org:member".into());
    let twice = org_api::create_organization_invitation(clerk, &org, Some(twice)).await;
    steps.fails(CREATE, "twice", twice, 400, "organization_invitation_not_unique");
    let none = org_api::create_organization_invitation(clerk, &org, None).await;
    steps.fails(CREATE, "nothing", none, 422, "form_param_value_invalid");
    let wrong = org_api::create_organization_invitation(&client("wrong".into()), &org, None).await;
    steps.fails(CREATE, "wrong key", wrong, 401, "clerk_key_invalid");

    let items = ["2", "3"].map(|n| Create::new(email(n), "org:member".into()));
    let made = org_api::create_organization_invitation_bulk(clerk, &org, items.to_vec()).await;
    steps.step(BULK, "two", made, |made| made.total_count == 2);
    let again = org_api::create_organization_invitation_bulk(clerk, &org, items.to_vec()).await;
    steps.fails(BULK, "twice", again, 400, "organization_invitation_not_unique");

    let found = org_api::list_organization_invitations(
        clerk,
        &org,
        Some("pending"),
        Some(&email("2")),
        Some("-created_at"),
        Some(5),
        Some(0),
    )
    .await;
    steps.step(LIST, "by address", found, |found| found.total_count == 1);
    let found = org_api::list_pending_organization_invitations(clerk, &org, Some(500), None).await;
    steps.step(PENDING, "all", found, |found| found.total_count >= 3);
    let found = org_api::list_instance_organization_invitations(
        clerk,
        Some("+email_address"),
        None,
        Some("rs5-"),
        Some(2),
        Some(1),
    )
    .await;
    steps.step(ALL, "the second and third", found, |found| {
        found.total_count == 3 && found.data.iter().map(|one| &one.email_address).eq(&[email("2"), email("3")])
    });
    let found = users_api::users_get_organization_invitations(clerk, &user, None, None, Some("pending")).await;
    steps.step(OF_USER, "those of the owner", found, |found| found.total_count == 0);
    let one = org_api::get_organization_invitation(clerk, &org, &id).await;
    steps.step(GET, "as it was made", one, |one| one.id == id);
    let none = org_api::get_organization_invitation(clerk, &org, "orginv_0").await;
    steps.fails(GET, "unknown", none, 404, "organization_invitation_not_found");
    let revoked = org_api::revoke_organization_invitation(clerk, &org, &id, None).await;
    steps.step(REVOKE, "with the body null", revoked, |one| one.status.as_deref() == Some("revoked"));
    let mut named = Revoke::new();
    named.requesting_user_id = Some(Some(user));
    let twice = org_api::revoke_organization_invitation(clerk, &org, &id, Some(named)).await;
    steps.fails(REVOKE, "twice", twice, 404, "organization_invitation_not_pending");
}

async fn application_invitations(steps: &Steps, clerk: &Configuration) {
    let mut full = AppCreate::new(email("9"));
    full.public_metadata = Some([("k".to_owned(), serde_json::json!(1))].into());
    full.notify = Some(None);
    full.expires_in_days = Some(Some(3));
    let made = app::create_invitation(clerk, Some(full)).await;
    let made = steps.step(APP, "with nulls", made, |made| made.public_metadata["k"] == 1);
    let id = made.map_or_else(String::new, |made| made.id);
    let twice = app::create_invitation(clerk, Some(AppCreate::new(email("9")))).await;
    steps.fails(APP, "twice", twice, 400, "duplicate_record");
    let items = ["10", "11"].map(|n| AppItem::new(email(n)));
    let made = app::create_bulk_invitations(clerk, Some(items.to_vec())).await;
    steps.step(APP_BULK, "two", made, |made| made.len() == 2);
    let found =
        app::list_invitations(clerk, Some("pending"), Some("rs5-1"), Some("expires_at"), None, Some(5), None).await;
    steps.step(APP_LIST, "by a part of the address", found, |found| found.len() == 2);
    let revoked = app::revoke_invitation(clerk, &id).await;
    steps.step(APP_REVOKE, "once", revoked, |one| one.revoked == Some(true));
    let twice = app::revoke_invitation(clerk, &id).await;
    steps.fails(APP_REVOKE, "twice", twice, 400, "invitation_already_revoked");
}
