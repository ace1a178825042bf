//! Turns a row of the outbox into the content of a letter. Links and codes are derived at the moment of sending.

use super::{Error, InvitationConflict, MailFromName, Result, authorize::names, subject};
use crate::mail::{
    CodeLetter, InvitationAcceptedLetter, InvitationDeclinedLetter, InvitationLetter, LetterContents, MailMessage,
    PasswordChangedLetter, PasswordResetLetter, Rendered, WebhookDisabledLetter, message_id,
};
use vestibule_domain::webhook::{DisabledWhy, WebhookEndpoint};
use vestibule_domain::{
    EmailAddress, Instant, Invitation, InvitationId, Letter, Mail, Name, Organization, Role, State, User,
    token::{Channel, LinkClaims, PREVIEW, Token},
};
use vestibule_store::{LeasedMail, Snapshot};

/// An invitation with its organization, inviter and roles.
pub(super) struct InvitationContext {
    pub invitation: Invitation,
    pub organization: Organization,
    /// `None` when a program invited on its own behalf.
    pub inviter: Option<Name>,
    /// The inviter's.
    pub inviter_email: Option<EmailAddress>,
    pub roles: Vec<Role>,
}

/// The result of composing a leased mail just before it is sent.
pub(crate) enum Composed {
    Mail(Box<MailMessage>),
    /// The invitation is closed or has a newer link, or its user is gone.
    NotWanted,
    /// The lease has lapsed, and another worker may have it.
    NotOurs,
}

impl subject::Letters<'_> {
    /// Composes the message from the mail's row and the things that it refers to, in their present state.
    pub(crate) async fn compose(self, leased: &LeasedMail, now: Instant) -> Result<Composed> {
        let mail = &leased.mail;
        let contents = self
            .read(async |tx| {
                let is_ours = tx.mails().get(mail.id).await?.is_some_and(|row| leased.is_ours(&row, now));
                Ok(if is_ours { Some(self.compose_in(tx, mail, now, Purpose::Sending).await?) } else { None })
            })
            .await?;
        Ok(match contents {
            Some(Some(contents)) => {
                Composed::Mail(Box::new(self.message(mail, &contents, self.0.letters.render(&contents))))
            }
            Some(None) => Composed::NotWanted,
            None => Composed::NotOurs,
        })
    }

    /// Returns the message that carries this letter. An invitation comes in the name of whoever invites, and an answer to
    /// it goes to that person.
    pub(crate) fn message(self, mail: &Mail, contents: &LetterContents, rendered: Rendered) -> MailMessage {
        let invitation = contents.invitation();
        let from_name = match self.0.settings().mail_from_name {
            MailFromName::Inviter => invitation.and_then(InvitationLetter::sender),
            MailFromName::Fixed => None,
        };
        MailMessage {
            to: mail.recipient.clone(),
            from: self.0.settings().mail_from.clone(),
            from_name,
            reply_to: invitation.and_then(|letter| letter.reply_to.clone()),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            message_id: message_id(mail.id, self.0.settings().public_host()),
            date: mail.created_at,
        }
    }

    /// Returns the content of a letter for the outbox, or `None` when its subject is gone.
    pub(super) async fn recall(self, tx: &mut Snapshot, mail: &Mail, now: Instant) -> Result<Option<LetterContents>> {
        self.compose_in(tx, mail, now, Purpose::Recalling).await
    }

    async fn compose_in(
        self,
        tx: &mut Snapshot,
        mail: &Mail,
        now: Instant,
        purpose: Purpose,
    ) -> Result<Option<LetterContents>> {
        match &mail.letter {
            Letter::Invitation { invitation_id, generation } => {
                let context = context_of_link(tx, *invitation_id, &mail.letter, now, purpose).await?;
                Ok(context.map(|context| {
                    let url = self.link(*invitation_id, *generation, purpose);
                    LetterContents::Invitation(self.invitation_letter(context, url))
                }))
            }
            Letter::Reminder { invitation_id, generation } => {
                let context = context_of_link(tx, *invitation_id, &mail.letter, now, purpose).await?;
                Ok(context.map(|context| {
                    let url = self.link(*invitation_id, *generation, purpose);
                    LetterContents::Reminder(self.invitation_letter(context, url))
                }))
            }
            Letter::InvitationAccepted { invitation_id } => {
                let Some(context) = invitation_context(tx, *invitation_id).await? else { return Ok(None) };
                let name = newcomer(tx, &context).await?;
                Ok(Some(LetterContents::InvitationAccepted(self.accepted_letter(context, name))))
            }
            Letter::InvitationDeclined { invitation_id } => {
                let context = invitation_context(tx, *invitation_id).await?;
                Ok(context.map(|context| LetterContents::InvitationDeclined(self.declined_letter(context))))
            }
            Letter::Code { invitation_id, acceptance_session } => {
                let context = invitation_context(tx, *invitation_id)
                    .await?
                    .filter(|context| check_wanted(&mail.letter, &context.invitation, now).is_ok());
                Ok(context.map(|context| LetterContents::Code(self.code_letter(&context, acceptance_session))))
            }
            Letter::WebhookDisabled { endpoint_id } => {
                let Some(endpoint) = tx.webhook_endpoints().get(*endpoint_id).await? else { return Ok(None) };
                if purpose == Purpose::Sending && endpoint.disabled.is_none() {
                    return Ok(None);
                }
                let organization = tx.organizations().get(endpoint.organization_id).await?;
                Ok(organization.map(|organization| {
                    LetterContents::WebhookDisabled(self.disabled_letter(&endpoint, &organization, mail.created_at))
                }))
            }
            Letter::PasswordReset { user_id } => Ok(tx.users().get(*user_id).await?.map(|(user, hash)| {
                let (url, until) = self.0.sessions().password_url(user.id, &hash, now);
                let (name, email) = (user.name.to_string(), user.email.to_string());
                LetterContents::PasswordReset(PasswordResetLetter {
                    name,
                    email,
                    url,
                    until,
                    public_host: self.public_host(),
                })
            })),
            Letter::PasswordChanged { user_id } => Ok(tx.users().get(*user_id).await?.map(|(user, _)| {
                LetterContents::PasswordChanged(PasswordChangedLetter {
                    name: user.name.to_string(),
                    email: user.email.to_string(),
                    changed_at: mail.created_at,
                    url: self.0.settings().url("/forgot-password"),
                    public_host: self.public_host(),
                })
            })),
        }
    }

    /// Returns the letter of an invitation that is not sent: what would be the link leads to a page that says so.
    pub(super) async fn preview(self, tx: &mut Snapshot, invitation: Invitation) -> Result<Option<InvitationLetter>> {
        let url = self.0.settings().url(&format!("/i/{PREVIEW}"));
        Ok(context_of(tx, invitation).await?.map(|context| self.invitation_letter(context, url)))
    }

    fn invitation_letter(self, context: InvitationContext, url: String) -> InvitationLetter {
        InvitationLetter {
            organization: context.organization.name.to_string(),
            inviter: context.inviter.as_ref().map(Name::to_string),
            reply_to: context.inviter_email.filter(|email| !email.is_erased()).map(|email| email.typed().to_owned()),
            invitee_name: context.invitation.name.as_ref().map(Name::to_string),
            roles: names(&context.roles),
            email: context.invitation.email.to_string(),
            message: context.invitation.message.as_ref().map(|message| message.as_str().to_owned()),
            url,
            expires_at: context.invitation.expires_at,
            public_host: self.public_host(),
        }
    }

    fn accepted_letter(self, context: InvitationContext, name: Option<Name>) -> InvitationAcceptedLetter {
        let email = context.invitation.email.to_string();
        InvitationAcceptedLetter {
            organization: context.organization.name.to_string(),
            invitee: name.map_or_else(|| email.clone(), |name| name.to_string()),
            email,
            roles: names(&context.roles),
            url: self.portal_url(&context),
            public_host: self.public_host(),
        }
    }

    fn declined_letter(self, context: InvitationContext) -> InvitationDeclinedLetter {
        let reason = match &context.invitation.state {
            State::Declined { reason, .. } => reason.as_ref().map(|reason| reason.as_str().to_owned()),
            State::Pending | State::Accepted { .. } | State::Revoked { .. } | State::Expired { .. } => None,
        };
        InvitationDeclinedLetter {
            organization: context.organization.name.to_string(),
            invitee: context.invitation.name.as_ref().map(Name::to_string),
            email: context.invitation.email.to_string(),
            reason,
            url: self.portal_url(&context),
            public_host: self.public_host(),
        }
    }

    fn code_letter(self, context: &InvitationContext, acceptance_session: &str) -> CodeLetter {
        CodeLetter {
            organization: context.organization.name.to_string(),
            email: context.invitation.email.to_string(),
            code: self.code(acceptance_session),
            public_host: self.public_host(),
        }
    }

    fn disabled_letter(
        self,
        endpoint: &WebhookEndpoint,
        organization: &Organization,
        at: Instant,
    ) -> WebhookDisabledLetter {
        WebhookDisabledLetter {
            organization: organization.name.to_string(),
            endpoint: endpoint.url.as_str().to_owned(),
            gone: endpoint.disabled.is_some_and(|disabled| disabled.why == DisabledWhy::Gone),
            disabled_at: at,
            url: self.0.settings().url(&format!("/o/{}/webhooks/{}", organization.slug, endpoint.id)),
            public_host: self.public_host(),
        }
    }

    /// Returns the six digits derived from the acceptance session and the number of the mail; see [`Letter::Code`].
    pub(super) fn code(self, acceptance_session: &str) -> String {
        let digest = self.0.signing_keys.digest("code", acceptance_session);
        let number = u64::from_be_bytes(*digest.first_chunk().expect("32 bytes"));
        format!("{:06}", number % 1_000_000)
    }

    fn link(self, invitation_id: InvitationId, generation: u32, purpose: Purpose) -> String {
        let claims = LinkClaims { invitation_id, generation, channel: purpose.channel() };
        self.acceptance_url(&self.0.signing_keys.token(claims))
    }

    /// Returns the acceptance link with this token, if the token is one of ours.
    pub fn link_of(self, token: &str) -> Option<String> {
        self.0.signing_keys.verify(token).map(|claims| self.acceptance_url(&self.0.signing_keys.token(claims)))
    }

    /// Returns the acceptance link with this token.
    pub fn acceptance_url(self, token: &Token) -> String {
        self.0.settings().url(&format!("/i/{}", token.as_str()))
    }

    fn portal_url(self, context: &InvitationContext) -> String {
        self.0.settings().url(&format!("/o/{}/invitations/{}", context.organization.slug, context.invitation.id))
    }

    fn public_host(self) -> String {
        self.0.settings().public_host().to_owned()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Sending,
    Recalling,
}

impl Purpose {
    /// Returns the channel of the link. A letter that is read in the outbox contains a shared link, because the reader
    /// is not necessarily the invitee.
    fn channel(self) -> Channel {
        match self {
            Self::Sending => Channel::Mail,
            Self::Recalling => Channel::Shared,
        }
    }
}

/// Returns the invitation of a letter that contains a link. When sending, returns `None` if the link would not work.
async fn context_of_link(
    tx: &mut Snapshot,
    id: InvitationId,
    letter: &Letter,
    now: Instant,
    purpose: Purpose,
) -> Result<Option<InvitationContext>> {
    let works = |context: &InvitationContext| check_wanted(letter, &context.invitation, now).is_ok();
    Ok(invitation_context(tx, id).await?.filter(|context| purpose == Purpose::Recalling || works(context)))
}

/// Returns `Closed` or `Replaced` when nobody can use what is in this letter of the invitation any more: a link, or the
/// code for one.
pub(super) fn check_wanted(letter: &Letter, invitation: &Invitation, now: Instant) -> Result<()> {
    let link = match letter {
        Letter::Invitation { generation, .. } | Letter::Reminder { generation, .. } => Some(*generation),
        Letter::Code { .. } => None,
        Letter::InvitationAccepted { .. }
        | Letter::InvitationDeclined { .. }
        | Letter::WebhookDisabled { .. }
        | Letter::PasswordReset { .. }
        | Letter::PasswordChanged { .. } => return Ok(()),
    };
    if !invitation.is_pending(now) {
        return Err(Error::Closed(invitation.status(now)));
    }
    if link.is_some_and(|link| link != invitation.generation) {
        return Err(InvitationConflict::Replaced.into());
    }
    Ok(())
}

/// Returns the new member's name, or the one that the inviter gave when the member is gone again.
async fn newcomer(tx: &mut Snapshot, context: &InvitationContext) -> Result<Option<Name>> {
    if let State::Accepted { member_id, .. } = context.invitation.state
        && let Some(member) = tx.members().get(context.organization.id, member_id).await?
    {
        return Ok(Some(member.name));
    }
    Ok(context.invitation.name.clone())
}

/// Returns the invitation with its organization, inviter and roles, or `None` when it is gone.
pub(super) async fn invitation_context(tx: &mut Snapshot, id: InvitationId) -> Result<Option<InvitationContext>> {
    let Some(invitation) = tx.invitations().get(id).await? else { return Ok(None) };
    context_of(tx, invitation).await
}

async fn context_of(tx: &mut Snapshot, invitation: Invitation) -> Result<Option<InvitationContext>> {
    let Some(organization) = tx.organizations().get(invitation.organization_id).await? else { return Ok(None) };
    let (inviter, inviter_email) = inviter_of(tx, &invitation).await?.map(|user| (user.name, user.email)).unzip();
    let mut roles = tx.roles().all(organization.id).await?;
    roles.retain(|role| invitation.role_ids.contains(&role.id));
    Ok(Some(InvitationContext { invitation, organization, inviter, inviter_email, roles }))
}

/// Returns the person who invited, or on whose behalf a program did.
pub(super) async fn inviter_of(tx: &mut Snapshot, invitation: &Invitation) -> Result<Option<User>> {
    let Some(id) = invitation.inviter.user_id() else { return Ok(None) };
    Ok(tx.users().get(id).await?.map(|(user, _)| user))
}
