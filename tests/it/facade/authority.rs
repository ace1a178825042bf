//! Weaker inviters leave stronger invitations alone: inviter x invitation x act, on every surface.

use super::{adobe::Console, appstoreconnect::Asc, clerk::Backend, clickhouse::Cloud, snyk::Snyk};
use crate::api::Program;
use crate::harness::{Acme, Client, TestApp};
use reqwest::Method;
use serde_json::json;
use vestibule_core::service::{NewInvitation, Scope};
use vestibule_domain::{Invitation, InvitationEdit, InvitationId, Permission, ResourceId, Status};

/// Somebody, and a program of theirs on each surface that may do what they may.
struct Person {
    scope: Scope,
    portal: Client,
    native: Program,
    adobe: Console,
    store: Asc,
    clerk: Backend,
    cloud: Cloud,
    snyk: Snyk,
}

/// Each surface, and what can be done there with an invitation; revoking last, as nothing follows it.
const SURFACES: [(&str, &[&str]); 9] = [
    ("service", &["edit", "extend", "resend", "revoke"]),
    ("native", &["edit", "extend", "resend", "revoke"]),
    ("portal", &["edit", "extend", "resend", "revoke"]),
    ("adobe", &["resend", "revoke"]),
    ("adobe action", &["revoke"]),
    ("store", &["revoke"]),
    ("clerk", &["revoke"]),
    ("cloud", &["revoke"]),
    ("snyk", &["revoke"]),
];

impl Person {
    /// The programs are the person's own where they may make keys, and so limited as they are; else the owner's.
    async fn of(app: &TestApp, owner: &Acme, person: &Acme) -> Self {
        let held = person.scope.permissions();
        let at = if person.scope.has(Permission::KeyEdit) { person } else { owner };
        Self {
            scope: person.scope.clone(),
            portal: app.client_of(&person.session),
            native: app.program_with(at, &held).await,
            adobe: app.adobe_with(at, &held).await,
            store: app.asc_with(at, &held).await,
            clerk: app.clerk_with(at, &held).await,
            cloud: app.clickhouse_with(at, &held).await,
            snyk: app.snyk_with(at, &held).await,
        }
    }

    /// Whether the surface let it be done.
    async fn acts(&self, app: &TestApp, surface: &str, act: &str, of: &Invitation) -> bool {
        match surface {
            "service" => self.acts_itself(app, act, of).await,
            "native" => self.acts_as_program(act, of).await,
            "portal" => self.acts_in_portal(act, of).await,
            _ => self.acts_as_client(surface, act, of).await,
        }
    }

    async fn acts_itself(&self, app: &TestApp, act: &str, of: &Invitation) -> bool {
        let edit = |edit: InvitationEdit| async move {
            app.vestibule.invitations().edit(&self.scope, of.id, &edit).await.is_ok()
        };
        match act {
            "edit" => edit(InvitationEdit { message: Some("Other words.".into()), ..Default::default() }).await,
            "extend" => edit(InvitationEdit { expires_in_days: Some(90), ..Default::default() }).await,
            "resend" => app.vestibule.invitations().resend(&self.scope, of.id).await.is_ok(),
            _ => app.vestibule.invitations().revoke(&self.scope, of.id).await.is_ok(),
        }
    }

    async fn acts_as_program(&self, act: &str, of: &Invitation) -> bool {
        let path = format!("/invitations/{}", of.id);
        let answer = match act {
            "edit" => self.native.patch(&path, &json!({ "message": "Other words." })).await,
            "extend" => self.native.patch(&path, &json!({ "expires_in_days": 90 })).await,
            "resend" => self.native.send(self.native.request(Method::POST, &format!("{path}/resend"))).await,
            _ => self.native.send(self.native.request(Method::POST, &format!("{path}/revocation"))).await,
        };
        assert!(answer.status.is_success() || answer.status == 403, "{act}: {}", answer.text);
        answer.status.is_success()
    }

    async fn acts_in_portal(&self, act: &str, of: &Invitation) -> bool {
        let path = format!("/o/acme/invitations/{}", of.id);
        let role = of.role_ids[0].to_string();
        let days = if act == "extend" { "90" } else { "" };
        let fields = [("role_ids", role.as_str()), ("message", "Other words."), ("expires_in_days", days)];
        let answer = match act {
            "edit" | "extend" => self.portal.post(&format!("{path}/edit"), &fields).await,
            act => self.portal.post(&format!("{path}/{act}"), &[]).await,
        };
        assert!(answer.status == 303 || answer.status.is_client_error(), "{act}: {}", answer.text);
        answer.status == 303
    }

    async fn acts_as_client(&self, surface: &str, act: &str, of: &Invitation) -> bool {
        let (id, simple, email) = (of.id, of.id.uuid().simple(), of.email.as_str());
        let remove = json!([{ "user": email, "do": [{ "removeFromOrg": {} }] }]);
        let answer = match (surface, act) {
            ("adobe", "resend") => self.adobe.invites(Method::POST, &format!("/{email}")).await,
            ("adobe", _) => self.adobe.invites(Method::DELETE, &format!("/{email}")).await,
            ("adobe action", _) => {
                // who may not remove members sends no commands
                if !self.scope.has(Permission::UserEdit) {
                    return self.adobe.act(&remove, "").await.status.is_success();
                }
                let answer = self.adobe.act(&remove, "").await;
                return answer.json()["completed"] == 1;
            }
            ("store", _) => self.store.delete(&format!("/userInvitations/{id}")).await,
            ("clerk", _) => self.clerk.post(&self.clerk.here(&format!("/orginv_{simple}/revoke")), &json!({})).await,
            ("cloud", _) => self.cloud.delete(&self.cloud.here(&format!("/invitations/{id}"))).await,
            _ => self.snyk.delete(&self.snyk.here(&format!("/invites/{id}"))).await,
        };
        assert!(answer.status.is_success() || answer.status.is_client_error(), "{surface}: {}", answer.text);
        answer.status.is_success()
    }
}

/// An invitation that the owner makes.
async fn offer(app: &TestApp, acme: &Acme, email: &str, role: &str, resource_ids: &[ResourceId]) -> InvitationId {
    let role_ids = vec![app.role(acme, role).await];
    let resource_ids = resource_ids.to_vec();
    let new = NewInvitation { email: email.into(), role_ids, resource_ids, notify: true, ..NewInvitation::default() };
    app.vestibule.invitations().invite_one(&acme.scope, &new).await.unwrap().id
}

both! {
    async fn weaker_inviters_leave_stronger_invitations_alone(app) {
        let acme = app.organization("Acme").await;
        let garden = app.resource(&acme, "Garden").await;
        let held = [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite];
        app.vestibule.roles().create(&acme.scope, "recruiter", "Recruiter", &held).await.unwrap();
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let mary = app.joins(&acme, "mary@acme.example", "Mary Quill", "recruiter").await;
        let rose = app.limited(&acme, "rose@acme.example", &[garden]).await;
        let people = [
            ("owner", Person::of(&app, &acme, &acme).await, [true, true, true, true]),
            ("admin", Person::of(&app, &acme, &joan).await, [false, true, true, true]),
            ("recruiter", Person::of(&app, &acme, &mary).await, [false, false, true, true]),
            ("admin of the garden", Person::of(&app, &acme, &rose).await, [false, false, false, true]),
        ];
        let offers = [("owner", vec![]), ("admin", vec![]), ("member", vec![]), ("member", vec![garden])];
        let (mut number, mut cells) = (0, 0);
        for (name, person, may) in &people {
            for ((role, ids), may) in offers.iter().zip(may) {
                for (surface, acts) in SURFACES {
                    number += 1;
                    let id = offer(&app, &acme, &format!("person{number}@example.com"), role, ids).await;
                    // removing takes more than inviting
                    let may = *may && (surface != "adobe action" || person.scope.has(Permission::UserEdit));
                    for act in acts {
                        cells += 1;
                        let (before, traces) = (app.invitation(&acme, id).await, app.traces(&acme).await);
                        let done = person.acts(&app, surface, act, &before).await;
                        assert_eq!(done, may, "{name}, {role} {ids:?}, {surface}, {act}");
                        if !may {
                            assert_eq!(app.invitation(&acme, id).await, before, "{name}, {role}, {surface}, {act}");
                            assert_eq!(app.traces(&acme).await, traces, "{name}, {role}, {surface}, {act}");
                        }
                    }
                    let status = app.invitation(&acme, id).await.status(app.vestibule.now());
                    assert_eq!(status == Status::Revoked, may, "{name}, {role}, {surface}");
                }
            }
        }
        assert_eq!(cells, 4 * 4 * 19);
    }

    async fn a_weaker_program_does_not_replace_a_stronger_invitation(app) {
        let acme = app.organization("Acme").await;
        let held = [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite];
        let clerk = app.clerk_with(&acme, &held).await;
        let strong = app.invites_as(&acme, "grace@example.com", "owner").await;
        let body = json!({ "email_address": "grace@example.com", "ignore_existing": true });
        let before = app.traces(&acme).await;
        assert_eq!(clerk.post("/invitations", &body).await.status, 403);
        assert_eq!(app.traces(&acme).await, before);
        assert!(app.invitation(&acme, strong).await.is_pending(app.vestibule.now()));
        let weak = app.invites(&acme, "alan@example.com").await;
        let body = json!({ "email_address": "alan@example.com", "ignore_existing": true });
        assert_eq!(clerk.post("/invitations", &body).await.status, 200);
        assert!(!app.invitation(&acme, weak).await.is_pending(app.vestibule.now()));
    }

    async fn removing_by_a_vendors_api_cuts_what_the_member_made(app) {
        let acme = app.organization("Acme").await;
        let (adobe, cloud) = (app.adobe(&acme).await, app.clickhouse(&acme).await);
        for (number, act) in ["adobe", "cloud", "cloud roles"].into_iter().enumerate() {
            let email = format!("joan{number}@acme.example");
            let joan = app.joins(&acme, &email, "Joan Whitlock", "admin").await;
            let program = app.program_with(&joan, &[Permission::UserInvite, Permission::UserRead]).await;
            let id = app.invites(&joan, &format!("grace{number}@example.com")).await;
            let (user, member) = (joan.user.id, app.role(&acme, "member").await);
            let answer = match act {
                "adobe" => adobe.act(&json!([{ "user": email, "do": [{ "removeFromOrg": {} }] }]), "").await,
                "cloud" => cloud.delete(&cloud.here(&format!("/members/{user}"))).await,
                _ => {
                    let path = cloud.here(&format!("/members/{user}"));
                    cloud.send(cloud.request(Method::PATCH, &path).json(&json!({ "assignedRoleIds": [member] }))).await
                }
            };
            assert_eq!(answer.status, 200, "{act}: {}", answer.text);
            // one who is a member still reads on
            let status = if act == "cloud roles" { 403 } else { 401 };
            let invited = program.post("/invitations", &json!({ "email": "alan@example.com" })).await;
            assert_eq!(invited.status, status, "{act}: {}", invited.text);
            assert_eq!(app.invitation(&acme, id).await.status(app.vestibule.now()), Status::Revoked, "{act}");
        }
    }
}
