//! What hangs on somebody whose power ends or shrinks: keys, webhooks and open invitations.

use crate::harness::{Acme, PASSWORD, Receiver, TestApp};
use crate::webhooks::actions;
use chrono::Duration;
use serde_json::{Value, json};
use vestibule_core::service::{
    ApiToken, Conflict, Error, MemberEdit, NewApiKey, NewInvitation, ResourceEdit, RoleEdit, Scope, WebhookEndpointEdit,
};
use vestibule_domain::{
    AcceptanceStep, Actor, ApiKey, DependentChanges, DependentCounts, Fact, InvitationEdit, InvitationId, Inviter,
    Permission, ResourceId, RoleId, State, Status, Surface, Total, webhook::DisabledWhy, webhook::WebhookEndpoint,
};

pub fn counts(api_keys: u64, webhooks: u64, invitations: u64) -> DependentCounts {
    DependentCounts { api_keys, webhooks, invitations }
}

fn cut(api_keys: u64, webhooks: u64, invitations: u64) -> DependentChanges {
    DependentChanges { cut: counts(api_keys, webhooks, invitations), ..DependentChanges::default() }
}

fn taken(api_keys: u64, webhooks: u64, invitations: u64) -> DependentChanges {
    DependentChanges { taken_over: counts(api_keys, webhooks, invitations), ..DependentChanges::default() }
}

impl TestApp {
    /// A key that somebody makes, and its token.
    pub async fn key(&self, scope: &Scope, permissions: &[Permission]) -> (ApiKey, ApiToken) {
        let new = NewApiKey {
            surface: Surface::Native,
            name: "robot".into(),
            permissions: permissions.to_vec(),
            expires_at: None,
        };
        let (key, token) = self.vestibule.api_keys().create(scope, &new).await.unwrap();
        (key, token.unwrap())
    }

    pub async fn scope_of(&self, token: &ApiToken) -> Scope {
        self.vestibule.api_keys().authenticate(token.as_str(), Surface::Native).await.unwrap().enter()
    }

    pub async fn resource(&self, at: &Acme, name: &str) -> ResourceId {
        let new = ResourceEdit { name: Some(name.into()), ..ResourceEdit::default() };
        self.vestibule.resources().create(&at.scope, &new).await.unwrap().id
    }

    /// Somebody who administers Acme, limited to these resources.
    pub async fn limited(&self, at: &Acme, email: &str, ids: &[ResourceId]) -> Acme {
        let admin = self.joins(at, email, "Joan Whitlock", "admin").await;
        let edit = MemberEdit { resource_ids: Some(ids.to_vec()), ..MemberEdit::default() };
        self.vestibule.members().edit(&at.scope, admin.member_id(), &edit).await.unwrap();
        self.enter(&at.slug, email).await
    }

    /// What the organization's log has of this action, oldest first.
    pub async fn facts(&self, at: &Acme, action: &'static str) -> Vec<Fact> {
        let filter = vestibule_domain::EventFilter { actions: vec![action], ..Default::default() };
        let list = self.vestibule.audit().page(&at.scope, &filter, None, 500).await.unwrap();
        list.page.items.into_iter().rev().map(|event| event.fact).collect()
    }

    async fn works(&self, token: &ApiToken) -> bool {
        self.vestibule.api_keys().authenticate(token.as_str(), Surface::Native).await.is_ok()
    }

    /// Joan, an admin with a key, a webhook and an open invitation to Grace.
    async fn joan(&self, acme: &Acme, receiver: &Receiver) -> Joan {
        let at = self.joins(acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let (key, token) = self.key(&at.scope, &[Permission::UserRead, Permission::UserInvite]).await;
        let (webhook, _) = self.webhook(&at, &receiver.url, &["member.added", "invitation.created"]).await;
        let invitation = self.invites(&at, "grace@example.com").await;
        self.settle().await;
        Joan { at, key, token, webhook, invitation }
    }
}

struct Joan {
    at: Acme,
    key: ApiKey,
    token: ApiToken,
    webhook: WebhookEndpoint,
    invitation: InvitationId,
}

async fn new_invitation(app: &TestApp, at: &Acme, email: &str, role: &str, ids: &[ResourceId]) -> NewInvitation {
    let role_ids = vec![app.role(at, role).await];
    NewInvitation {
        email: email.into(),
        role_ids,
        resource_ids: ids.to_vec(),
        notify: true,
        ..NewInvitation::default()
    }
}

/// The page behind the link that was mailed to this address.
async fn step(app: &TestApp, email: &str) -> AcceptanceStep {
    let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token(email)).await.unwrap();
    app.vestibule.acceptance().offer(acceptance_session.as_str(), None).await.unwrap().step
}

fn status(state: &State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Revoked { .. } => "revoked",
        other => panic!("{other:?}"),
    }
}

async fn custom_role(app: &TestApp, acme: &Acme, permissions: &[Permission]) -> RoleId {
    app.vestibule.roles().create(&acme.scope, "recruiter", "Recruiter", permissions).await.unwrap().id
}

both! {
    async fn what_a_removed_member_made_ends_with_them(app) {
        let (acme, receiver) = (app.organization("Acme").await, Receiver::new().await);
        let joan = app.joan(&acme, &receiver).await;
        let heard = actions(&receiver).len();
        assert!(heard > 0 && app.works(&joan.token).await);
        assert_eq!(step(&app, "grace@example.com").await, AcceptanceStep::New);
        let dependents = app.vestibule.dependents().of_member(&acme.scope, joan.at.member_id()).await.unwrap();
        assert_eq!(dependents.counts(), counts(1, 1, 1));
        assert_eq!((dependents.api_keys[0].id, dependents.webhooks[0].id), (joan.key.id, joan.webhook.id));

        let settled = app.vestibule.members().remove(&acme.scope, joan.at.member_id()).await.unwrap();
        assert_eq!(settled, cut(1, 1, 1));
        app.invites(&acme, "alan@example.com").await;
        app.settle().await;
        assert!(!app.works(&joan.token).await);
        assert_eq!(actions(&receiver).len(), heard, "it hears of nothing after, not of its own end either");
        let webhook = app.vestibule.webhook_endpoints().get(&acme.scope, joan.webhook.id).await.unwrap();
        assert_eq!(webhook.disabled.unwrap().why, DisabledWhy::MakerMayNot);
        assert_eq!(status(&app.invitation(&acme, joan.invitation).await.state), "revoked");
        assert!(matches!(step(&app, "grace@example.com").await, AcceptanceStep::Revoked { .. }));
        assert_eq!(app.facts(&acme, "member.removed").await, [Fact::MemberRemoved { name: "Joan Whitlock".into(), settled }]);
        assert_eq!(app.facts(&acme, "api_key.revoked").await.len(), 1);
        assert_eq!(app.facts(&acme, "webhook.disabled").await.len(), 1);
        assert_eq!(app.facts(&acme, "invitation.revoked").await.len(), 1);
        assert!(app.vestibule.audit().verify(&acme.scope).await.unwrap().flaw.is_none());
    }

    async fn who_leaves_takes_along_what_they_made(app) {
        let (acme, receiver) = (app.organization("Acme").await, Receiver::new().await);
        let joan = app.joan(&acme, &receiver).await;
        assert_eq!(app.vestibule.members().detail(&joan.at.scope, joan.at.member_id()).await.unwrap().dependents.counts(), counts(1, 1, 1));
        let settled = app.vestibule.members().leave(&joan.at.scope).await.unwrap();
        assert_eq!(settled, cut(1, 1, 1));
        assert!(!app.works(&joan.token).await);
        assert_eq!(app.facts(&acme, "member.left").await, [Fact::MemberLeft { name: "Joan Whitlock".into(), settled }]);
    }

    async fn what_is_taken_over_goes_on(app) {
        let (acme, receiver) = (app.organization("Acme").await, Receiver::new().await);
        let joan = app.joan(&acme, &receiver).await;
        let heard = actions(&receiver).len();
        let taking = acme.scope.clone().taking_over(true);
        let settled = app.vestibule.members().remove(&taking, joan.at.member_id()).await.unwrap();
        assert_eq!(settled, taken(1, 1, 1));
        app.invites(&acme, "alan@example.com").await;
        app.settle().await;
        assert!(app.works(&joan.token).await && actions(&receiver).len() > heard);
        let key = app.vestibule.api_keys().get(&acme.scope, joan.key.id).await.unwrap();
        let ada = Actor::Member { id: acme.user.id, name: acme.user.name.clone() };
        assert_eq!((key.created_by, key.permissions), (ada.clone(), joan.key.permissions));
        assert_eq!(app.vestibule.webhook_endpoints().get(&acme.scope, joan.webhook.id).await.unwrap().created_by, Some(ada));
        assert_eq!(app.invitation(&acme, joan.invitation).await.inviter, Inviter::User(acme.user.id));
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        let Fact::ApiKeyEdited { changes, .. } = &app.facts(&acme, "api_key.edited").await[0] else { panic!() };
        assert_eq!((changes[0].field.as_str(), changes[0].from.as_str(), changes[0].to.as_str()), ("created_by", "Joan Whitlock", "Ada Byrne"));
        assert_eq!(app.facts(&acme, "webhook.edited").await.len(), 1);
        assert_eq!(app.facts(&acme, "invitation.revoked").await.len(), 0);
        // and it is Ada's now
        app.joins(&acme, "mary@acme.example", "Mary Quill", "owner").await;
        app.vestibule.members().leave(&acme.scope).await.unwrap();
        assert!(!app.works(&joan.token).await);
    }

    async fn a_demotion_cuts_each_thing_to_what_is_left(app) {
        let (acme, receiver) = (app.organization("Acme").await, Receiver::new().await);
        let joan = app.joan(&acme, &receiver).await;
        let (reading, reading_token) = app.key(&joan.at.scope, &[Permission::UserRead]).await;
        let (managing, managing_token) = app.key(&joan.at.scope, &[Permission::KeyEdit]).await;
        let as_admin = app.invites_as(&joan.at, "alan@example.com", "admin").await;
        let role = custom_role(&app, &acme, &[Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite]).await;
        let (_, settled) = app.vestibule.members().change_roles(&acme.scope, joan.at.member_id(), &[role]).await.unwrap();
        assert_eq!(settled, cut(1, 1, 1));
        assert!(app.works(&joan.token).await && app.works(&reading_token).await && !app.works(&managing_token).await);
        assert_eq!(app.vestibule.api_keys().get(&acme.scope, reading.id).await.unwrap().permissions, [Permission::UserRead]);
        assert!(app.vestibule.api_keys().get(&acme.scope, managing.id).await.unwrap().revoked_at.is_some());
        assert_eq!(status(&app.invitation(&acme, as_admin).await.state), "revoked");
        assert_eq!(status(&app.invitation(&acme, joan.invitation).await.state), "pending", "she may still invite members");

        let member = app.role(&acme, "member").await;
        let (_, settled) = app.vestibule.members().change_roles(&acme.scope, joan.at.member_id(), &[member]).await.unwrap();
        assert_eq!(settled, cut(1, 0, 1), "the key reads on, and its maker may not invite any more");
        let key = app.vestibule.api_keys().get(&acme.scope, joan.key.id).await.unwrap();
        assert_eq!((key.permissions, key.revoked_at), (vec![Permission::UserRead], None));
        let Fact::ApiKeyEdited { changes, .. } = &app.facts(&acme, "api_key.edited").await[0] else { panic!() };
        assert_eq!((changes[0].from.as_str(), changes[0].to.as_str()), ("org.user.read, org.user.invite", "org.user.read"));
        let facts = app.facts(&acme, "member.roles_changed").await;
        let Fact::MemberRolesChanged { settled: told, .. } = facts[1] else { panic!() };
        assert_eq!(told, settled);
        assert_eq!(status(&app.invitation(&acme, joan.invitation).await.state), "revoked");
    }

    async fn a_demotion_can_be_taken_over_too_and_leaves_alone_what_still_holds(app) {
        let (acme, receiver) = (app.organization("Acme").await, Receiver::new().await);
        let joan = app.joan(&acme, &receiver).await;
        let (reading, _) = app.key(&joan.at.scope, &[Permission::UserRead]).await;
        let member = app.role(&acme, "member").await;
        let taking = acme.scope.clone().taking_over(true);
        let (_, settled) = app.vestibule.members().change_roles(&taking, joan.at.member_id(), &[member]).await.unwrap();
        assert_eq!(settled, taken(1, 1, 1));
        let maker = |key: ApiKey| key.created_by.name().to_owned();
        assert_eq!(maker(app.vestibule.api_keys().get(&acme.scope, joan.key.id).await.unwrap()), "Ada Byrne");
        assert_eq!(maker(app.vestibule.api_keys().get(&acme.scope, reading.id).await.unwrap()), "Joan Whitlock");
    }

    async fn a_weaker_taker_gets_no_more_than_they_have(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "member").await;
        // a program of the owner's, which joan, promoted, has made a key of her own by
        let role = custom_role(&app, &acme, &[Permission::UserEdit, Permission::KeyEdit]).await;
        app.vestibule.members().change_roles(&acme.scope, joan.member_id(), &[role]).await.unwrap();
        let (strong, strongs) = app.key(&acme.scope, Permission::ALL).await;
        let (child, token) = app.key(&app.scope_of(&strongs).await, &[Permission::KeyEdit, Permission::WebhookEndpointEdit]).await;
        let (weak, _) = app.key(&app.scope_of(&strongs).await, &[Permission::AuditRead]).await;
        let taking = joan.scope.clone().taking_over(true);
        let (_, settled) = app.vestibule.api_keys().revoke(&taking, strong.id).await.unwrap();
        assert_eq!(settled, DependentChanges { cut: counts(1, 0, 0), taken_over: counts(1, 0, 0) });
        let child = app.vestibule.api_keys().get(&acme.scope, child.id).await.unwrap();
        assert_eq!((child.permissions, child.created_by.name()), (vec![Permission::KeyEdit], "Joan Whitlock"));
        assert!(app.works(&token).await);
        assert!(app.vestibule.api_keys().get(&acme.scope, weak.id).await.unwrap().revoked_at.is_some());
    }

    async fn a_revoked_key_takes_along_what_was_made_with_it_down_to_the_last(app) {
        let (acme, receiver) = (app.organization("Acme").await, Receiver::new().await);
        let (first, firsts) = app.key(&acme.scope, Permission::ALL).await;
        let (_, token) = app.key(&app.scope_of(&firsts).await, Permission::ALL).await;
        let scope = app.scope_of(&token).await;
        let (webhook, _) = app.vestibule.webhook_endpoints().create(&scope, &WebhookEndpointEdit { url: Some(receiver.url.clone()), ..Default::default() }).await.unwrap();
        let new = new_invitation(&app, &acme, "grace@example.com", "member", &[]).await;
        let id = app.vestibule.invitations().invite_one(&scope, &new).await.unwrap().id;
        app.settle().await;
        assert_eq!(app.vestibule.dependents().of_key(&acme.scope, first.id).await.unwrap().counts(), counts(1, 1, 1));
        let (_, settled) = app.vestibule.api_keys().revoke(&acme.scope, first.id).await.unwrap();
        assert_eq!(settled, cut(1, 1, 1));
        assert!(!app.works(&token).await);
        assert!(app.vestibule.webhook_endpoints().get(&acme.scope, webhook.id).await.unwrap().disabled.is_some());
        assert_eq!(status(&app.invitation(&acme, id).await.state), "revoked", "a plain member's invitation, too");
        assert!(matches!(step(&app, "grace@example.com").await, AcceptanceStep::Revoked { .. }));
        let (_, again) = app.vestibule.api_keys().revoke(&acme.scope, first.id).await.unwrap();
        assert_eq!(again, DependentChanges::default());
        assert_eq!(app.facts(&acme, "api_key.revoked").await.len(), 2);
    }

    async fn removing_a_person_reaches_through_their_keys(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let (_, firsts) = app.key(&joan.scope, &[Permission::KeyEdit, Permission::UserInvite, Permission::UserRead, Permission::OrganizationRead]).await;
        let (second, token) = app.key(&app.scope_of(&firsts).await, &[Permission::UserInvite]).await;
        let settled = app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        assert_eq!(settled, cut(2, 0, 0));
        assert!(!app.works(&token).await);
        assert!(app.vestibule.api_keys().get(&acme.scope, second.id).await.unwrap().revoked_at.is_some());
    }

    async fn a_key_that_ended_in_good_order_keeps_its_invitations_until_its_maker_goes(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let new = NewApiKey {
            surface: Surface::Native,
            name: "short".into(),
            permissions: Permission::ALL.iter().copied().filter(|held| *held != Permission::OrganizationEdit).collect(),
            expires_at: Some(app.vestibule.now() + Duration::hours(1)),
        };
        let (_, token) = app.vestibule.api_keys().create(&joan.scope, &new).await.unwrap();
        let scope = app.scope_of(&token.unwrap()).await;
        for email in ["grace@example.com", "alan@example.com"] {
            app.vestibule.invitations().invite_one(&scope, &new_invitation(&app, &acme, email, "admin", &[]).await).await.unwrap();
        }
        app.settle().await;
        app.advance(Duration::hours(2));
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        let settled = app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        assert_eq!(settled, cut(1, 0, 1));
        assert!(matches!(step(&app, "alan@example.com").await, AcceptanceStep::Revoked { .. }));
    }

    async fn a_role_that_allows_less_cuts_what_its_holders_made(app) {
        let acme = app.organization("Acme").await;
        let held = [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite, Permission::KeyEdit];
        let role = custom_role(&app, &acme, &held).await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "recruiter").await;
        let mary = app.joins(&acme, "mary@acme.example", "Mary Quill", "recruiter").await;
        let admin = app.role(&acme, "admin").await;
        app.vestibule.members().change_roles(&acme.scope, mary.member_id(), &[role, admin]).await.unwrap();
        let (_, joans) = app.key(&joan.scope, &[Permission::KeyEdit]).await;
        let (_, marys) = app.key(&mary.scope, &[Permission::KeyEdit]).await;
        let id = app.invites(&joan, "grace@example.com").await;
        assert_eq!(app.vestibule.dependents().of_role(&acme.scope, role).await.unwrap(), counts(1, 0, 1), "Mary is an admin besides");
        let named = RoleEdit { name: Some("Scout".into()), permissions: None };
        assert_eq!(app.vestibule.roles().edit(&acme.scope, role, &named).await.unwrap().1, DependentChanges::default());
        let less = RoleEdit { name: None, permissions: Some(vec![Permission::OrganizationRead, Permission::UserRead]) };
        let (_, settled) = app.vestibule.roles().edit(&acme.scope, role, &less).await.unwrap();
        assert_eq!(settled, cut(1, 0, 1));
        assert!(!app.works(&joans).await && app.works(&marys).await);
        assert_eq!(status(&app.invitation(&acme, id).await.state), "revoked");
        let Fact::RoleEdited { settled: told, .. } = app.facts(&acme, "role.edited").await[1] else { panic!() };
        assert_eq!(told, settled);
    }

    async fn fewer_resources_cut_what_is_for_more(app) {
        let acme = app.organization("Acme").await;
        let (garden, tower) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Tower").await);
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let (_, token) = app.key(&joan.scope, &[Permission::UserInvite, Permission::UserRead, Permission::OrganizationRead]).await;
        let everywhere = app.invites(&joan, "grace@example.com").await;
        let scope = app.scope_of(&token).await;
        let by_key = app.vestibule.invitations().invite_one(&scope, &new_invitation(&app, &acme, "alan@example.com", "member", &[tower]).await).await.unwrap().id;
        let within = app.vestibule.invitations().invite_one(&joan.scope, &new_invitation(&app, &acme, "mary@example.com", "member", &[garden]).await).await.unwrap().id;
        let edit = MemberEdit { resource_ids: Some(vec![garden]), ..MemberEdit::default() };
        let (_, settled) = app.vestibule.members().edit(&acme.scope, joan.member_id(), &edit).await.unwrap();
        assert_eq!(settled, cut(0, 0, 2));
        for (id, wanted) in [(everywhere, "revoked"), (by_key, "revoked"), (within, "pending")] {
            assert_eq!(status(&app.invitation(&acme, id).await.state), wanted);
        }
        let Fact::MemberEdited { settled: told, .. } = app.facts(&acme, "member.edited").await[0].clone() else { panic!() };
        assert_eq!(told, settled);
    }

    async fn nobody_takes_over_what_they_hang_on_themselves(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let permissions: Vec<_> = Permission::ALL.iter().copied().filter(|held| *held != Permission::OrganizationEdit).collect();
        let (first, firsts) = app.key(&joan.scope, &permissions).await;
        let (_, token) = app.key(&app.scope_of(&firsts).await, &permissions).await;
        let before = app.facts(&acme, "member.removed").await.len();
        for token in [&firsts, &token] {
            let taking = app.scope_of(token).await.taking_over(true);
            let refused = app.vestibule.members().remove(&taking, joan.member_id()).await;
            let Err(Error::Invalid(violations)) = refused else { panic!("{refused:?}") };
            assert_eq!((violations[0].field.as_ref(), violations[0].code.as_ref()), ("dependents", "own"));
            assert!(matches!(app.vestibule.api_keys().revoke(&taking, first.id).await, Err(Error::Invalid(_))));
        }
        let own = joan.scope.clone().taking_over(true);
        assert!(matches!(app.vestibule.members().remove(&own, joan.member_id()).await, Err(Error::Invalid(_))));
        assert!(matches!(app.vestibule.members().leave(&own).await, Err(Error::Invalid(_))));
        assert!(app.works(&token).await);
        assert_eq!(app.facts(&acme, "member.removed").await.len(), before);
        assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 2);
        // without it, the program may end its own maker, and itself
        let scope = app.scope_of(&token).await;
        assert_eq!(app.vestibule.members().remove(&scope, joan.member_id()).await.unwrap(), cut(2, 0, 0));
        assert!(!app.works(&token).await);
    }

    async fn what_the_operator_made_hangs_on_nobody(app) {
        let acme = app.organization("Acme").await;
        let operator = app.vestibule.enter_as_operator("acme").await.unwrap();
        let (_, token) = app.key(&operator, Permission::ALL).await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "owner").await;
        app.vestibule.members().remove(&joan.scope, acme.member_id()).await.unwrap();
        assert!(app.works(&token).await);
    }

    async fn a_refused_removal_cuts_nothing(app) {
        let acme = app.organization("Acme").await;
        let (_, token) = app.key(&acme.scope, Permission::ALL).await;
        let id = app.invites(&acme, "grace@example.com").await;
        assert!(matches!(app.vestibule.members().remove(&acme.scope, acme.member_id()).await, Err(Error::Conflict(Conflict::LastOwner))));
        assert!(app.works(&token).await);
        assert_eq!(status(&app.invitation(&acme, id).await.state), "pending");
        assert!(app.facts(&acme, "invitation.revoked").await.is_empty());
    }

    async fn another_organizations_things_are_left_alone(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        app.invites_as(&other, "joan@acme.example", "admin").await;
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("joan@acme.example")).await.unwrap();
        app.vestibule.acceptance().accept(acceptance_session.as_str(), &joan.user).await.unwrap();
        let there = app.vestibule.enter(&joan.user, "other").await.unwrap();
        let (_, token) = app.key(&there, &[Permission::UserRead]).await;
        app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        assert!(app.works(&token).await);
    }

    async fn who_enables_or_moves_a_webhook_answers_for_it(app) {
        let (acme, receiver) = (app.organization("Acme").await, Receiver::new().await);
        let joan = app.joan(&acme, &receiver).await;
        app.vestibule.members().remove(&acme.scope, joan.at.member_id()).await.unwrap();
        let enable = WebhookEndpointEdit { enabled: Some(true), ..WebhookEndpointEdit::default() };
        let webhook = app.vestibule.webhook_endpoints().edit(&acme.scope, joan.webhook.id, &enable).await.unwrap();
        assert_eq!((webhook.disabled, webhook.created_by.unwrap().name()), (None, "Ada Byrne"));

        let mary = app.joins(&acme, "mary@acme.example", "Mary Quill", "admin").await;
        let elsewhere = WebhookEndpointEdit { url: Some(format!("{}/mary", receiver.url)), ..WebhookEndpointEdit::default() };
        let webhook = app.vestibule.webhook_endpoints().edit(&mary.scope, joan.webhook.id, &elsewhere).await.unwrap();
        assert_eq!(webhook.created_by.unwrap().name(), "Mary Quill");
        assert_eq!(app.vestibule.members().remove(&acme.scope, mary.member_id()).await.unwrap(), cut(0, 1, 0));
    }

    async fn many_invitations_are_revoked_in_batches(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let addresses: Vec<String> = (0..250).map(|number| format!("person{number}@example.com")).collect();
        let mut invite = app.invite(&joan, &addresses.join("\n"), "member").await;
        invite.notify = false;
        app.vestibule.invitations().invite(&joan.scope, &invite).await.unwrap();
        let settled = app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        assert_eq!(settled, cut(0, 0, 250));
        let filter = vestibule_domain::InvitationFilter::default();
        let list = app.vestibule.invitations().page(&acme.scope, &filter, None, 1).await.unwrap();
        assert_eq!((list.counts.of(Status::Pending), list.counts.of(Status::Revoked)), (Total::exact(0), Total::exact(250)));
        let revoked = app.facts(&acme, "invitation.revoked").await;
        assert_eq!(revoked.len(), 250);
        assert!(app.vestibule.audit().verify(&acme.scope).await.unwrap().flaw.is_none());
    }

    async fn an_offer_that_grew_beyond_its_inviter_is_refused_until_an_owner_answers_for_it(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let id = app.invites(&joan, "grace@example.com").await;
        app.settle().await;
        let owner = app.role(&acme, "owner").await;
        let raise = InvitationEdit { role_ids: Some(vec![owner]), ..InvitationEdit::default() };
        app.vestibule.invitations().edit(&acme.scope, id, &raise).await.unwrap();
        let invitation = app.invitation(&acme, id).await;
        assert_eq!(invitation.inviter, Inviter::User(acme.user.id));
        let facts = app.facts(&acme, "invitation.edited").await;
        let Fact::InvitationEdited { changes } = &facts[0] else { panic!() };
        let inviter = changes.iter().find(|change| change.field == "inviter").unwrap();
        assert_eq!((inviter.from.as_str(), inviter.to.as_str()), ("Joan Whitlock", "Ada Byrne"));
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        assert!(app.vestibule.members().all(&acme.scope).await.unwrap().iter().any(|member| member.name.as_str() == "Grace Okafor" && member.is_owner()));
    }

    async fn who_resends_what_its_inviter_may_not_give_any_more_answers_for_it(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let id = app.invites(&joan, "grace@example.com").await;
        app.settle().await;
        app.advance(Duration::days(8));
        app.settle().await;
        app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        assert_eq!(app.invitation(&acme, id).await.status(app.vestibule.now()), Status::Expired);
        app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        app.settle().await;
        let facts = app.facts(&acme, "invitation.resent").await;
        let Fact::InvitationResent { generation: 2, changes } = &facts[0] else { panic!("{facts:?}") };
        assert_eq!(changes[0].field, "inviter");
        assert_eq!(step(&app, "grace@example.com").await, AcceptanceStep::New);
        // one whose inviter may still give it keeps its inviter
        let alan = app.invites(&acme, "alan@example.com").await;
        let mary = app.joins(&acme, "mary@acme.example", "Mary Quill", "owner").await;
        app.vestibule.invitations().resend(&mary.scope, alan).await.unwrap();
        assert_eq!(app.invitation(&acme, alan).await.inviter, Inviter::User(acme.user.id));
    }
}

/// What a worker finds that was killed between two batches.
#[tokio::test]
async fn what_a_killed_request_left_is_revoked_by_the_worker() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
    let id = app.invites(&joan, "grace@example.com").await;
    // as if the first transaction had found no room for it
    let pool = sqlx::SqlitePool::connect(&app.database_url).await.unwrap();
    let actor = json!({ "type": "member", "id": acme.user.id, "name": "Ada Byrne" }).to_string();
    let insert =
        "insert into unfinished_cuts select organization_id, user_id, 'user', $1 from members where user_id = $2";
    sqlx::query(insert).bind(actor).bind(joan.user.id.uuid()).execute(&pool).await.unwrap();
    app.settle().await;
    assert_eq!(status(&app.invitation(&acme, id).await.state), "pending", "she may still give it");
    sqlx::query("delete from members where user_id = $1").bind(joan.user.id.uuid()).execute(&pool).await.unwrap();
    let actor: Value = json!({ "type": "member", "id": acme.user.id, "name": "Ada Byrne" });
    sqlx::query("insert into unfinished_cuts select id, $1, 'user', $2 from organizations")
        .bind(joan.user.id.uuid())
        .bind(actor.to_string())
        .execute(&pool)
        .await
        .unwrap();
    app.settle().await;
    let State::Revoked { by, .. } = app.invitation(&acme, id).await.state else { panic!() };
    assert_eq!(by.name(), "Ada Byrne");
    let left: i64 = sqlx::query_scalar("select count(*) from unfinished_cuts").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}

/// How far the cut was each time that more was left over.
#[tokio::test]
async fn no_transaction_revokes_more_than_a_hundred() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
    let (key, token) = app.key(&joan.scope, &[Permission::UserRead]).await;
    let addresses: Vec<String> = (0..250).map(|number| format!("person{number}@example.com")).collect();
    let mut invite = app.invite(&joan, &addresses.join("\n"), "member").await;
    invite.notify = false;
    app.vestibule.invitations().invite(&joan.scope, &invite).await.unwrap();
    let pool = sqlx::SqlitePool::connect(&app.database_url).await.unwrap();
    sqlx::raw_sql(
        "create table noted (revoked integer, keys integer);
        create trigger note after insert on unfinished_cuts begin
            insert into noted select (select count(*) from invitations where status = 'revoked'),
            (select count(*) from api_keys where revoked_at is not null);
        end",
    )
    .execute(&pool)
    .await
    .unwrap();
    app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
    let noted: Vec<(i64, i64)> = sqlx::query_as("select * from noted order by 1").fetch_all(&pool).await.unwrap();
    assert_eq!(noted, [(100, 1), (200, 1)], "the key ends in the first of them");
    assert!(
        !app.works(&token).await
            && app.vestibule.api_keys().get(&acme.scope, key.id).await.unwrap().revoked_at.is_some()
    );
}
