//! clickhouse-cloud-api 0.5.0: every call about invitations that it has, its neighbours, and what is refused.

use clickhouse_cloud_api::models::{InvitationPostRequest as New, InvitationPostRequestRole, MemberPatchRequest};
use clickhouse_cloud_api::{Client, Error};
use std::{cell::Cell, env, fmt::Debug, process::ExitCode};

const CREATE: &str = "POST /organizations/{id}/invitations";
const LIST: &str = "GET /organizations/{id}/invitations";
const GET: &str = "GET /organizations/{id}/invitations/{id}";
const DELETE: &str = "DELETE /organizations/{id}/invitations/{id}";
const NIL: &str = "00000000-0000-4000-8000-000000000000";

/// Prints each step, and remembers whether one has failed.
#[derive(Default)]
struct Steps(Cell<bool>);

impl Steps {
    fn step<T: Debug>(&self, endpoint: &str, step: &str, result: Result<T, Error>, check: impl FnOnce(&T) -> bool) -> Option<T> {
        let ok = result.as_ref().is_ok_and(check);
        self.say(endpoint, step, ok, &format!("{result:?}"));
        result.ok()
    }

    fn fails<T: Debug>(&self, endpoint: &str, step: &str, result: Result<T, Error>, wanted: u16, code: &str) {
        let ok = matches!(&result, Err(Error::Api { status, message }) if *status == wanted && message.contains(code));
        self.say(endpoint, step, ok, &format!("{result:?}"));
    }

    fn say(&self, endpoint: &str, step: &str, ok: bool, told: &str) {
        self.0.set(self.0.get() || !ok);
        let told = if ok { String::new() } else { told.chars().take(400).collect() };
        println!("{}", serde_json::json!({ "endpoint": endpoint, "step": step, "ok": ok, "told": told }));
    }
}

fn given(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn client(id: &str, secret: &str) -> Client {
    Client::with_base_url(given("BASE"), id, secret)
}

fn new(email: &str) -> New {
    New { email: email.into(), ..New::default() }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (steps, org) = (Steps::default(), given("ORGANIZATION_ID"));
    let cloud = client(&given("KEY_ID"), &given("KEY_SECRET"));
    invitations(&steps, &cloud, &org).await;
    refusals(&steps, &cloud, &org).await;
    neighbours(&steps, &cloud, &org).await;
    ExitCode::from(u8::from(steps.0.get()))
}

async fn invitations(steps: &Steps, cloud: &Client, org: &str) {
    let admin = New { role: Some(InvitationPostRequestRole::Admin), ..new("Mixed.Case@Example.com") };
    let made = cloud.invitation_create(org, &admin).await;
    let made = steps.step(CREATE, "by a word", made, |made| {
        let one = made.result.as_ref().unwrap();
        one.email.as_deref() == Some("mixed.case@example.com") && one.created_at < one.expire_at
    });
    let id = made.and_then(|made| made.result).and_then(|one| one.id).map(|id| id.to_string()).unwrap_or_default();
    let roles = cloud.organization_roles_get_list(org).await;
    let roles = steps.step("GET /organizations/{id}/roles", "all", roles, |roles| roles.result.as_ref().is_some_and(|all| all.len() == 3));
    let role = roles.and_then(|roles| roles.result).and_then(|all| all.last().and_then(|role| role.id.clone()));
    let by_id = New { assigned_role_ids: Some(role.into_iter().collect()), ..new("second@example.com") };
    let made = cloud.invitation_create(org, &by_id).await;
    steps.step(CREATE, "by a role's id", made, |made| {
        let roles = made.result.as_ref().and_then(|one| one.assigned_roles.clone()).unwrap_or_default();
        roles.first().and_then(|role| role.role_name.clone()).as_deref() == Some("Member")
    });
    steps.step(CREATE, "by nothing", cloud.invitation_create(org, &new("third@example.com")).await, |_| true);
    let list = cloud.invitation_get_list(org).await;
    steps.step(LIST, "all", list, |list| list.result.as_ref().is_some_and(|all| all.len() == 3));
    let one = cloud.invitation_get(org, &id).await;
    steps.step(GET, "as it was made", one, |one| one.result.as_ref().and_then(|one| one.id).map(|id| id.to_string()).as_ref() == Some(&id));
    steps.step(DELETE, "once", cloud.invitation_delete(org, &id).await, |gone| gone.status == Some(200));
    steps.fails(DELETE, "twice", cloud.invitation_delete(org, &id).await, 404, "NOT_FOUND");
    steps.fails(GET, "after that", cloud.invitation_get(org, &id).await, 404, "NOT_FOUND");
    steps.step(CREATE, "again after that", cloud.invitation_create(org, &admin).await, |_| true);
}

async fn refusals(steps: &Steps, cloud: &Client, org: &str) {
    let create = async |email: &str| cloud.invitation_create(org, &new(email)).await;
    steps.fails(CREATE, "twice", create("SECOND@example.com").await, 409, "CONFLICT");
    steps.fails(CREATE, "a member", create(&given("MEMBER_EMAIL")).await, 409, "CONFLICT");
    steps.fails(CREATE, "no address", create("nobody").await, 400, "BAD_REQUEST");
    let strange = New { assigned_role_ids: Some(vec![NIL.into()]), ..new("x@example.com") };
    steps.fails(CREATE, "no such role", cloud.invitation_create(org, &strange).await, 400, "BAD_REQUEST");
    steps.fails(GET, "no id", cloud.invitation_get(org, "x").await, 400, "BAD_REQUEST");
    steps.fails(LIST, "another organization", cloud.invitation_get_list(NIL).await, 404, "NOT_FOUND");
    let wrong = client(&given("KEY_ID"), "wrong");
    steps.fails(LIST, "a wrong secret", wrong.invitation_get_list(org).await, 401, "UNAUTHORIZED");
    let reader = client(&given("READER_KEY_ID"), &given("READER_KEY_SECRET"));
    steps.fails(CREATE, "a key that may only read", reader.invitation_create(org, &new("x@example.com")).await, 403, "FORBIDDEN");
}

async fn neighbours(steps: &Steps, cloud: &Client, org: &str) {
    let list = cloud.organization_get_list(None, None).await;
    steps.step("GET /organizations", "the one", list, |list| list.result.as_ref().is_some_and(|all| all.len() == 1));
    steps.step("GET /organizations/{id}", "the one", cloud.organization_get(org).await, |one| one.result.is_some());
    let members = cloud.member_get_list(org).await;
    let members = steps.step("GET /organizations/{id}/members", "the owner", members, |all| all.result.as_ref().is_some_and(|all| all.len() == 1));
    let owner = members.and_then(|all| all.result).and_then(|all| all[0].user_id.clone()).unwrap_or_default();
    let one = cloud.member_get(org, &owner).await;
    steps.step("GET /organizations/{id}/members/{id}", "the owner", one, |one| one.result.as_ref().unwrap().user_id.as_ref() == Some(&owner));
    let patched = cloud.member_update(org, &owner, &MemberPatchRequest::default()).await;
    steps.step("PATCH /organizations/{id}/members/{id}", "nothing", patched, |_| true);
    steps.fails("DELETE /organizations/{id}/members/{id}", "the last owner", cloud.member_delete(org, &owner).await, 409, "CONFLICT");
}
