//! Accepting: one transaction closes the invitation and adds the member, exactly once however many try.

use super::{OpenedInvitation, ShownOffer, opened};
use crate::service::{
    AccountConflict, Error, InvitationConflict, Result, SessionToken, authorize::names, invitations::organization_mail,
    letters::inviter_of, secret::digest, sessions::add_session, subject, tickets::redirect_url,
};
use std::net::IpAddr;
use vestibule_domain::{
    AcceptanceKind, Actor, EmailAddress, Fact, Instant, Letter, MemberId, Name, Organization, Slug, Status, User,
    UserId, Violation, password,
};
use vestibule_store::{LockedTx, NewMember};

/// Somebody who has accepted, and where they may go now.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The organization's.
    pub slug: Slug,
    /// Whether the invitation sends them on to the organization's own site.
    pub goes_on: bool,
}

impl subject::Acceptance<'_> {
    /// Signs in an invitee who has an account, with their password; a link alone never signs anybody in.
    pub async fn sign_in_to_accept(
        self,
        acceptance_session: &str,
        password: &str,
        client: IpAddr,
    ) -> Result<SessionToken> {
        let email = self.invited_address(acceptance_session).await?;
        let session = self.0.sessions().sign_in(email.as_str(), password, client).await?;
        self.write(async |tx| {
            Ok(tx.acceptance_sessions_mut().note_kind(&digest(acceptance_session), AcceptanceKind::SignedIn).await?)
        })
        .await?;
        Ok(session)
    }

    /// Accepts as the signed-in user. A user who is a member already keeps their roles.
    pub async fn accept(self, shown_offer: impl Into<ShownOffer<'_>>, user: &User) -> Result<Joined> {
        let (now, shown_offer) = (self.now(), shown_offer.into());
        self.write(async |tx| {
            let (tx, opened) = OpenedInvitation::locked(tx, shown_offer.acceptance_session, now).await?;
            opened.check_open(now)?;
            self.check_shown(&opened, shown_offer.terms.as_ref())?;
            if user.email.as_str() != opened.context.invitation.email.as_str() {
                return Err(AccountConflict::WrongAccount.into());
            }
            self.check_proven(&opened, Some(user))?;
            join(tx, opened, user, now).await
        })
        .await
    }

    /// Creates the account, signs it in and accepts. The name and the password are the invitee's, everything else comes
    /// from the invitation. The account's email address counts as verified if the acceptance session proves the
    /// mailbox.
    pub async fn accept_as_new(
        self,
        shown_offer: impl Into<ShownOffer<'_>>,
        name: &str,
        password: &str,
    ) -> Result<(SessionToken, Joined)> {
        let (now, shown_offer) = (self.now(), shown_offer.into());
        let (email, organization) = self.open_for_new(&shown_offer, now).await?;
        let user = new_user(name, password, email, &organization, now)?;
        let hash = self.0.passwords.hash(password).await?;
        let session = SessionToken::new();
        let joined = self
            .write(async |tx| {
                let (tx, opened) = OpenedInvitation::locked(tx, shown_offer.acceptance_session, now).await?;
                let opened = self.answerable(opened, &shown_offer, now)?;
                let user = User { is_email_verified: opened.acceptance_session.is_proven, ..user.clone() };
                if !tx.users_mut().add(&user, &hash).await? {
                    return Err(AccountConflict::EmailTaken.into());
                }
                add_session(tx, &session, user.id, now).await?;
                tx.acceptance_sessions_mut().note_kind(&opened.id, AcceptanceKind::SignedUp).await?;
                join(tx, opened, &user, now).await
            })
            .await?;
        Ok((session, joined))
    }

    /// Returns the invited email address of this acceptance session.
    pub(super) async fn invited_address(self, acceptance_session: &str) -> Result<EmailAddress> {
        let now = self.now();
        self.read(async |tx| Ok(opened(tx, acceptance_session, now).await?.context.invitation.email)).await
    }

    /// Checks that an account may be created on this acceptance session before the password is hashed, because hashing
    /// is expensive.
    async fn open_for_new(self, shown_offer: &ShownOffer<'_>, now: Instant) -> Result<(EmailAddress, Organization)> {
        self.read(async |tx| {
            let opened = self.answerable(opened(tx, shown_offer.acceptance_session, now).await?, shown_offer, now)?;
            Ok((opened.context.invitation.email, opened.context.organization))
        })
        .await
    }

    /// Returns the acceptance session if an account may be created on it: the invitation is open, unchanged, and the
    /// mailbox proved.
    fn answerable(
        self,
        opened: OpenedInvitation,
        shown_offer: &ShownOffer<'_>,
        now: Instant,
    ) -> Result<OpenedInvitation> {
        opened.check_open(now)?;
        self.check_shown(&opened, shown_offer.terms.as_ref())?;
        self.check_proven(&opened, None)?;
        Ok(opened)
    }
}

/// Returns the new user, with an unverified email address, or everything that is wrong with the name and password.
fn new_user(
    name: &str,
    password: &str,
    email: EmailAddress,
    organization: &Organization,
    now: Instant,
) -> Result<User> {
    let parsed = Name::parse("name", name);
    let checked = password::check("password", password, &[name, email.as_str(), organization.name.as_str()]);
    match (parsed, checked) {
        (Ok(name), Ok(())) => Ok(User { id: UserId::new(now), email, name, is_email_verified: false, created_at: now }),
        (name, password) => {
            let violations: Vec<Violation> = name.err().into_iter().chain(password.err()).collect();
            Err(Error::Invalid(violations))
        }
    }
}

/// Closes the invitation, adds the member, records both, and queues a mail to the inviter.
async fn join(tx: &mut LockedTx, opened: OpenedInvitation, user: &User, now: Instant) -> Result<Joined> {
    let (organization, roles) = (opened.context.organization.clone(), opened.context.roles.clone());
    let existing = tx.members().of_user(organization.id, user.id).await?;
    if existing.is_none() && !opened.inviter_may(tx).await? {
        return Err(InvitationConflict::InviterMayNot.into());
    }
    let (mailbox_is_proven, invitation) = (opened.acceptance_session.is_proven, opened.context.invitation);
    let id = invitation.id;
    let member_id = existing.as_ref().map_or_else(|| MemberId::new(now), |member| member.id);
    let accepted = invitation.accept(now, member_id)?;
    if !tx.invitations_mut().close(&accepted).await? {
        return Err(Error::Closed(Status::Accepted));
    }
    let subject = (Some(id), Some(member_id));
    let actor = Actor::Member { id: user.id, name: user.name.clone() };
    let fact = Fact::InvitationAccepted { name: user.name.to_string() };
    tx.record(now, &actor, subject, &fact).await?;
    if existing.is_none() {
        tx.members_mut()
            .add(&NewMember {
                id: member_id,
                organization_id: organization.id,
                user_id: user.id,
                role_ids: &accepted.role_ids,
                resource_ids: &accepted.resource_ids,
                metadata: &accepted.metadata,
                invitation_id: Some(id),
                at: now,
            })
            .await?;
        let fact = Fact::MemberAdded { name: user.name.to_string(), roles: names(&roles) };
        tx.record(now, &actor, subject, &fact).await?;
    }
    if mailbox_is_proven && !user.is_email_verified {
        tx.users_mut().verify_email(user.id).await?;
    }
    if let Some(inviter) = inviter_of(tx, &accepted).await? {
        let letter = Letter::InvitationAccepted { invitation_id: id };
        tx.mails_mut().add(&organization_mail(&accepted, letter, inviter.email.typed(), now)).await?;
    }
    let goes_on = redirect_url(&organization, &accepted).is_some();
    Ok(Joined { slug: organization.slug, goes_on })
}
