//! The use cases that are failed step by step, and what tells whether each is done.

use crate::harness::{Acme, PASSWORD, Receiver, TestApp, cast::CLIENT};
use vestibule_core::service::{AcceptanceSessionToken, Error, NewInvitation, Scope, SetUp, WebhookEndpointEdit};
use vestibule_core::worker;
use vestibule_domain::{
    InvitationEdit, InvitationId, WebhookEndpointId,
    token::{Channel, LinkClaims},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Invite,
    Resend,
    Edit,
    Accept,
    Decline,
    Revoke,
    Undo,
    Expire,
    RemoveMember,
    Erase,
    SignIn,
    SignInWrong,
    RotateWebhook,
    CreateOrganization,
    SendMail,
    DeliverWebhook,
}

pub const ALL: [Flow; 16] = [
    Flow::Invite,
    Flow::Resend,
    Flow::Edit,
    Flow::Accept,
    Flow::Decline,
    Flow::Revoke,
    Flow::Undo,
    Flow::Expire,
    Flow::RemoveMember,
    Flow::Erase,
    Flow::SignIn,
    Flow::SignInWrong,
    Flow::RotateWebhook,
    Flow::CreateOrganization,
    Flow::SendMail,
    Flow::DeliverWebhook,
];

/// What the use cases are done to; each time something new.
pub struct Stage {
    pub acme: Acme,
    receiver: Receiver,
    endpoint: Option<WebhookEndpointId>,
    number: usize,
    invitation: Option<(InvitationId, AcceptanceSessionToken)>,
    /// Who has resent it, and can take that back.
    acting: Option<Scope>,
    member: Option<Acme>,
}

impl Stage {
    pub async fn new(acme: Acme) -> Self {
        let receiver = Receiver::new().await;
        Self { acme, receiver, endpoint: None, number: 0, invitation: None, acting: None, member: None }
    }

    fn email(&self) -> String {
        format!("grace{}@example.com", self.number)
    }

    fn slug(&self) -> String {
        format!("org-{}", self.number)
    }

    fn id(&self) -> InvitationId {
        self.invitation.as_ref().expect("made for this").0
    }

    fn acceptance_session(&self) -> &str {
        self.invitation.as_ref().expect("made for this").1.as_str()
    }
}

impl Flow {
    /// A round of the worker: it ends well or not, and goes on with the next.
    pub fn is_round(self) -> bool {
        matches!(self, Self::Expire | Self::SendMail | Self::DeliverWebhook | Self::SignInWrong)
    }

    /// Whether what it began is known to its process alone until the worker comes by.
    pub fn dies_with_the_process(self) -> bool {
        self == Self::SignInWrong
    }

    /// Makes what it needs.
    pub async fn prepare(self, app: &TestApp, stage: &mut Stage) {
        stage.number += 1;
        // limits are as they were
        app.advance(chrono::Duration::days(1));
        let (vestibule, acme) = (&app.vestibule, stage.acme.clone());
        match self {
            Self::Invite | Self::SignIn | Self::SignInWrong | Self::CreateOrganization => {}
            Self::SendMail => _ = app.invites(&acme, &stage.email()).await,
            Self::DeliverWebhook => {
                if stage.endpoint.is_none() {
                    stage.endpoint = Some(endpoint(app, stage).await);
                }
                app.invites(&acme, &stage.email()).await;
            }
            Self::RotateWebhook => {
                if stage.endpoint.is_none() {
                    stage.endpoint = Some(endpoint(app, stage).await);
                }
            }
            Self::RemoveMember => stage.member = Some(app.joins(&acme, &stage.email(), "Grace Okafor", "member").await),
            Self::Resend
            | Self::Edit
            | Self::Accept
            | Self::Decline
            | Self::Revoke
            | Self::Undo
            | Self::Expire
            | Self::Erase => {
                let id = app.invites(&acme, &stage.email()).await;
                app.settle().await;
                if self == Self::Expire {
                    let end = Some(vestibule.now() + chrono::Duration::minutes(10));
                    let edit = InvitationEdit { expires_at: end, ..InvitationEdit::default() };
                    vestibule.invitations().edit(&acme.scope, id, &edit).await.unwrap();
                    app.advance(chrono::Duration::minutes(10));
                }
                let claims = LinkClaims { invitation_id: id, generation: 1, channel: Channel::Mail };
                let acceptance_session =
                    vestibule.acceptance().open(app.signing_keys.token(claims).as_str()).await.unwrap();
                stage.invitation = Some((id, acceptance_session));
                if self == Self::Undo {
                    let scope = acme.scope.clone().undoable(vestibule.now());
                    vestibule.invitations().resend(&scope, id).await.unwrap();
                    stage.acting = Some(scope);
                }
            }
        }
    }

    pub async fn run(self, app: &TestApp, stage: &Stage) -> Result<(), Error> {
        let (vestibule, acme) = (&app.vestibule, &stage.acme);
        match self {
            Self::Invite => {
                let (email, role_ids) = (stage.email(), vec![app.role(acme, "member").await]);
                let new = NewInvitation { email, role_ids, notify: true, ..NewInvitation::default() };
                vestibule.invitations().invite_one(&acme.scope, &new).await.map(drop)
            }
            Self::Resend => vestibule.invitations().resend(&acme.scope, stage.id()).await.map(drop),
            Self::Edit => {
                let edit = InvitationEdit { message: Some("Come aboard".into()), ..InvitationEdit::default() };
                vestibule.invitations().edit(&acme.scope, stage.id(), &edit).await.map(drop)
            }
            Self::Accept => vestibule
                .acceptance()
                .accept_as_new(stage.acceptance_session(), "Grace Okafor", PASSWORD)
                .await
                .map(drop),
            Self::Decline => vestibule.acceptance().decline(stage.acceptance_session(), "").await,
            Self::Revoke => vestibule.invitations().revoke(&acme.scope, stage.id()).await.map(drop),
            Self::Undo => {
                let scope = stage.acting.as_ref().expect("made for this");
                let act = scope.act().expect("a person’s");
                vestibule.invitations().undo(scope, act).await.map(drop)
            }
            Self::RemoveMember => {
                let member = stage.member.as_ref().expect("made for this");
                vestibule.members().remove(&acme.scope, member.member_id()).await.map(drop)
            }
            Self::Erase => vestibule.erasure().erase(&acme.scope, &stage.email()).await.map(drop),
            Self::SignIn => vestibule.sessions().sign_in(&acme.owner, PASSWORD, CLIENT).await.map(drop),
            Self::SignInWrong => loop {
                // put off, nothing was guessed
                match vestibule.sessions().sign_in(&acme.owner, "not the password", CLIENT).await {
                    Err(Error::Unauthenticated) => return worker::tick(vestibule).await.map(drop),
                    Err(Error::Busy(_)) => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
                    other => return other.map(drop),
                }
            },
            Self::RotateWebhook => vestibule
                .webhook_endpoints()
                .rotate(&acme.scope, stage.endpoint.expect("made for this"))
                .await
                .map(drop),
            Self::CreateOrganization => {
                let (organization, slug, email) = (stage.slug(), stage.slug(), format!("ada@{}.example", stage.slug()));
                let new = SetUp { organization, slug, name: "Ada Byrne".into(), email, password: PASSWORD.into() };
                vestibule.organizations().create(new).await.map(drop)
            }
            Self::Expire | Self::SendMail | Self::DeliverWebhook => worker::tick(vestibule).await.map(drop),
        }
    }

    /// What is one more when it is done, each.
    pub async fn counts(self, app: &TestApp, stage: &Stage) -> Vec<i64> {
        let mut counts = Vec::new();
        for sql in self.queries(&stage.email(), &stage.slug()) {
            counts.push(app.count(&sql).await);
        }
        counts
    }

    fn queries(self, email: &str, slug: &str) -> Vec<String> {
        let of = |table: &str, when: &str| format!("select count(*) from {table} where {when}");
        let of_invitee = |action: &str| {
            format!(
                "select count(*) from events e join invitations i on i.id = e.invitation_id
                 where i.email = '{email}' and e.action = '{action}'"
            )
        };
        let is = |status: &str| of("invitations", &format!("email = '{email}' and status = '{status}'"));
        let action = |action: &str| of("events", &format!("action = '{action}'"));
        match self {
            Self::Invite => {
                vec![is("pending"), of_invitee("invitation.created"), of("mails", &format!("recipient = '{email}'"))]
            }
            Self::Resend => vec![
                format!("select generation from invitations where email = '{email}'"),
                of_invitee("invitation.resent"),
                of("mails", &format!("recipient = '{email}'")),
            ],
            Self::Edit => {
                vec![
                    of("invitations", &format!("email = '{email}' and message is not null")),
                    of_invitee("invitation.edited"),
                ]
            }
            Self::Accept => vec![
                is("accepted"),
                of_invitee("invitation.accepted"),
                action("member.added"),
                of("members", "1 = 1"),
                of("users", "1 = 1"),
                of("sessions", "1 = 1"),
            ],
            Self::Decline => vec![is("declined"), of_invitee("invitation.declined")],
            Self::Revoke => vec![is("revoked"), of_invitee("invitation.revoked")],
            Self::Undo => vec![
                format!("select -generation from invitations where email = '{email}'"),
                of_invitee("invitation.change_undone"),
                of("mails", &format!("recipient = '{email}' and state = 'cancelled'")),
                "select -count(*) from acts".to_owned(),
            ],
            Self::Expire => vec![is("expired"), of_invitee("invitation.expired")],
            Self::RemoveMember => vec![action("member.removed"), "select -count(*) from members".to_owned()],
            Self::Erase => {
                vec![action("person.erased"), format!("select -count(*) from invitations where email = '{email}'")]
            }
            Self::SignIn => vec![of("sessions", "1 = 1")],
            Self::SignInWrong => vec![action("member.sign_in_failed")],
            Self::RotateWebhook => {
                vec!["select secret_generation from webhook_endpoints".to_owned(), action("webhook.secret_rotated")]
            }
            Self::CreateOrganization => {
                vec![of("organizations", &format!("slug = '{slug}'")), of("users", "1 = 1"), of("members", "1 = 1")]
            }
            Self::SendMail => {
                vec![of("mails", &format!("recipient = '{email}' and state = 'sent'")), of_invitee("invitation.sent")]
            }
            Self::DeliverWebhook => vec![format!(
                "select count(*) from webhook_deliveries d join events e on e.id = d.event_id
                 join invitations i on i.id = e.invitation_id where i.email = '{email}' and d.state = 'delivered'"
            )],
        }
    }

    /// What went out went out, and only who is gone may have said it twice.
    pub fn check(self, app: &TestApp, stage: &Stage, is_gone: bool, what: &str) {
        if matches!(self, Self::Invite | Self::SendMail) {
            let mails = app.inbox(&stage.email());
            assert!(mails.len() == 1 || is_gone && mails.len() == 2, "{what}: {} mails", mails.len());
            assert!(mails.iter().all(|mail| mail.message_id == mails[0].message_id), "{what}");
        }
    }
}

/// An endpoint that hears of new invitations.
async fn endpoint(app: &TestApp, stage: &Stage) -> WebhookEndpointId {
    let (url, actions) = (Some(stage.receiver.url.clone()), Some(vec!["invitation.created".to_owned()]));
    let new = WebhookEndpointEdit { url, actions, ..WebhookEndpointEdit::default() };
    app.vestibule.webhook_endpoints().create(&stage.acme.scope, &new).await.unwrap().0.id
}
