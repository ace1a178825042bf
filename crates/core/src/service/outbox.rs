//! The outbox: all mails of an organization, and why one is stuck.

use super::{
    Error, MailConflict, NotFound, Result, Scope, invitations::email_charges, invitations::may_hand_over,
    letters::check_wanted, subject,
};
use vestibule_domain::{
    Cursor, CursorPage, CursorPageRequest, EmailAddress, Letter, Mail, MailDetail, MailFilter, MailId, MailList,
    MailState, Permission, Violation, bounds::short,
};
use vestibule_store::Snapshot;

impl subject::Outbox<'_> {
    /// Returns a page of the organization's mails, with the counts of each state.
    pub async fn page(self, scope: &Scope, filter: &MailFilter, cursor: Option<&str>, limit: u32) -> Result<MailList> {
        scope.require(Permission::UserInvite)?;
        short("q", filter.text.as_deref())?;
        let (now, id) = (self.now(), scope.organization().id);
        let request = page_request(scope, cursor, limit)?;
        self.read(async |tx| {
            let mails = tx.mails().page(id, filter, request).await?;
            let counts = match &filter.text {
                None => tx.mails().count_all(id).await?,
                Some(text) => tx.mails().count_matching(id, text).await?,
            };
            let page = CursorPage::new(mails, request, id, |mail| mail.id.uuid());
            Ok(MailList { page, counts, has_server: self.0.has_mail_server(), now })
        })
        .await
    }

    /// Returns the mail as it would be sent now. Codes and links are masked, because those who can read the outbox must
    /// not be able to accept for the invitee. Without a mail server the link is included, as one to pass on by hand,
    /// for those who could have made the invitation.
    pub async fn get(self, scope: &Scope, id: MailId) -> Result<MailDetail> {
        scope.require(Permission::UserInvite)?;
        let now = self.now();
        self.read(async |tx| {
            let mail = own(tx, scope, id).await?;
            let contents = self.0.letters().recall(tx, &mail, now).await?.ok_or(NotFound::Mail)?;
            let shows_link = self.shows_link(tx, scope, &mail).await?;
            let rendered =
                if shows_link { self.0.letters.render(&contents) } else { self.0.letters.render_masked(&contents) };
            let message = self.0.letters().message(&mail, &contents, rendered.clone());
            let raw = message.raw().map_err(Error::internal)?;
            Ok(MailDetail {
                mail,
                subject: rendered.subject,
                text: rendered.text,
                html: rendered.html,
                raw: String::from_utf8_lossy(&raw).into_owned(),
                has_server: self.0.has_mail_server(),
                shows_link,
                now,
            })
        })
        .await
    }

    /// Sends a failed, deferred or held mail now. Rejects a mail of an invitation that the caller may not resend, and
    /// one whose link no longer works.
    pub async fn retry(self, scope: &Scope, id: MailId) -> Result<()> {
        let now = self.now();
        self.write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
            let mail = own(tx, scope, id).await?;
            if let Some(invitation_id) = mail.letter.invitation_id()
                && let Some(invitation) = tx.invitations().get(invitation_id).await?
            {
                scope.require_offer(tx, &invitation).await?;
                check_wanted(&mail.letter, &invitation, now)?;
            }
            if !tx.mails_mut().requeue(id, now).await? {
                return Err(MailConflict::Done.into());
            }
            if let Ok(email) = EmailAddress::parse(&mail.recipient) {
                self.0.limits().take(tx, &email_charges(scope, &email), now).await?;
            }
            if let Letter::Invitation { invitation_id, generation } = mail.letter {
                tx.invitations_mut().save_mail_state(invitation_id, generation, MailState::Queued).await?;
            }
            Ok(())
        })
        .await
    }

    async fn shows_link(self, tx: &mut Snapshot, scope: &Scope, mail: &Mail) -> Result<bool> {
        let (Letter::Invitation { invitation_id, .. } | Letter::Reminder { invitation_id, .. }) = mail.letter else {
            return Ok(false);
        };
        if self.0.has_mail_server() {
            return Ok(false);
        }
        let Some(invitation) = tx.invitations().get(invitation_id).await? else { return Ok(false) };
        Ok(may_hand_over(scope, &tx.roles().all(scope.organization().id).await?, &invitation))
    }
}

async fn own(tx: &mut Snapshot, scope: &Scope, id: MailId) -> Result<Mail> {
    let mail = tx.mails().get(id).await?.filter(|mail| mail.organization_id == Some(scope.organization().id));
    Ok(mail.ok_or(NotFound::Mail)?)
}

/// Returns the request for a page. Rejects a cursor that is not one of ours, or is of another organization.
pub(super) fn page_request(scope: &Scope, cursor: Option<&str>, limit: u32) -> Result<CursorPageRequest> {
    let refused = || Violation::new("cursor", "cursor", "There is no such page. Start from the first one.");
    let cursor = cursor.map(|text| Cursor::decode(text, scope.organization().id).ok_or_else(refused)).transpose()?;
    Ok(CursorPageRequest { cursor, ..CursorPageRequest::first(limit) })
}
