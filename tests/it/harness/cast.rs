//! The people: Ada owns Acme, Joan administers it, Alan is a member; Grace is whom they invite.

use super::TestApp;
use vestibule_core::service::{Scope, SessionToken, SetUp};
use vestibule_domain::{
    Invitation, InvitationFilter, InvitationId, Invite, InviteOutcome, InviteResult, MemberId, RoleId, User,
};

/// Everybody's password.
pub const PASSWORD: &str = "hedgerow lantern oyster";

/// An organization and its owner.
#[derive(Clone)]
pub struct Acme {
    pub slug: String,
    pub owner: String,
    pub session: SessionToken,
    pub user: User,
    pub scope: Scope,
}

impl Acme {
    pub fn member_id(&self) -> MemberId {
        self.scope.member().unwrap().id
    }
}

/// No test cares which address a request comes from, unless it says so.
pub const CLIENT: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

impl TestApp {
    /// `app.organization("Acme")` is owned by ada@acme.example.
    pub async fn organization(&self, name: &str) -> Acme {
        let slug = name.to_lowercase().replace(' ', "-");
        let owner = format!("ada@{slug}.example");
        let new = SetUp {
            organization: name.into(),
            slug: slug.clone(),
            name: "Ada Byrne".into(),
            email: owner.clone(),
            password: PASSWORD.into(),
        };
        self.vestibule.organizations().create(new).await.unwrap();
        self.enter(&slug, &owner).await
    }

    /// Another organization of the same owner.
    pub async fn beside(&self, at: &Acme, name: &str) -> Acme {
        let new = SetUp {
            organization: name.into(),
            slug: name.to_lowercase().replace(' ', "-"),
            name: "Ada Byrne".into(),
            email: at.owner.clone(),
            password: String::new(),
        };
        let slug = self.vestibule.organizations().create(new).await.unwrap().slug.to_string();
        let scope = self.vestibule.enter(&at.user, &slug).await.unwrap();
        Acme { slug, scope, ..at.clone() }
    }

    /// Somebody of the cast signs in and goes to an organization.
    pub async fn enter(&self, slug: &str, email: &str) -> Acme {
        let session = self.vestibule.sessions().sign_in(email, PASSWORD, CLIENT).await.unwrap();
        let user = self.vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
        let scope = self.vestibule.enter(&user, slug).await.unwrap();
        Acme { slug: slug.into(), owner: email.into(), session, user, scope }
    }

    pub async fn role(&self, at: &Acme, key: &str) -> RoleId {
        self.vestibule.roles().all(&at.scope).await.unwrap().iter().find(|role| role.key == key).unwrap().id
    }

    /// Invites one address as a member, and takes the outcome apart.
    pub async fn invites(&self, at: &Acme, email: &str) -> InvitationId {
        self.invites_as(at, email, "member").await
    }

    pub async fn invites_as(&self, at: &Acme, email: &str, role: &str) -> InvitationId {
        let results =
            self.vestibule.invitations().invite(&at.scope, &self.invite(at, email, role).await).await.unwrap();
        match &results[..] {
            [InviteResult { outcome: InviteOutcome::Invited { id }, .. }] => *id,
            other => panic!("{email} was not invited: {other:?}"),
        }
    }

    /// The form as the portal would send it.
    pub async fn invite(&self, at: &Acme, recipients: &str, role: &str) -> Invite {
        Invite {
            recipients: recipients.into(),
            role_ids: vec![self.role(at, role).await],
            resource_ids: vec![],
            message: String::new(),
            expires_in_days: None,
            notify: true,
        }
    }

    pub async fn invitation(&self, at: &Acme, id: InvitationId) -> Invitation {
        self.vestibule.invitations().detail(&at.scope, id).await.unwrap().row.invitation
    }

    /// Names of the actions recorded about an invitation, in their order.
    pub async fn actions(&self, at: &Acme, id: InvitationId) -> Vec<&'static str> {
        let events = self.vestibule.invitations().detail(&at.scope, id).await.unwrap().events;
        events.iter().rev().map(|event| event.fact.action()).collect()
    }

    /// Somebody joins by the mailed link, with the cast's password.
    pub async fn joins(&self, at: &Acme, email: &str, name: &str, role: &str) -> Acme {
        self.invites_as(at, email, role).await;
        self.settle().await;
        let acceptance_session = self.vestibule.acceptance().open(&self.mailed_token(email)).await.unwrap();
        self.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), name, PASSWORD).await.unwrap();
        self.settle().await;
        self.enter(&at.slug, email).await
    }

    pub async fn count_invitations(&self, at: &Acme) -> u64 {
        let list = self.vestibule.invitations().page(&at.scope, &InvitationFilter::default(), None, 1).await.unwrap();
        list.counts.of(None).number
    }
}
