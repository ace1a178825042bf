//! Edit: the offer changes, the link remains, and the invitee sees the new offer.

use super::{
    answerable::answered,
    check_many, invitation_mail,
    new_invitation::{Expiry, Violations, message},
    own,
    undo::Undoable,
};
use crate::service::{
    Error, InvitationConflict, OfferETags, RequestConflict, Result, Scope, authorize::names, subject,
};
use vestibule_domain::{
    BulkOutcome, Change, Fact, Instant, Invitation, InvitationEdit, InvitationId, Locale, Mail, MailState, Message,
    Name, Object, Organization, Permission, RedirectUrl, Role, UndoneChange, Violation,
};
use vestibule_store::Snapshot;

impl subject::Invitations<'_> {
    /// Edits an invitation. If its inviter can't give what it offers, the editor becomes its inviter. The link remains
    /// the same, unless no mail server is set up and the new roles have permissions that the old ones lacked.
    pub async fn edit(self, scope: &Scope, id: InvitationId, edit: &InvitationEdit) -> Result<Invitation> {
        let now = self.now();
        self.write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
            let before = own(tx, scope, id).await?;
            scope.check_version(&before)?;
            scope.require_offer(tx, &before).await?;
            check_shown(edit, &before)?;
            let after = before.clone().edit(now, |_| ()).map_err(Error::from)?;
            let after = offer(scope.organization(), after, edit, now)?;
            if let Some(role_ids) = &edit.role_ids {
                scope.grantable(tx, role_ids).await?;
            }
            scope.check_resources(tx, edit.resource_ids.as_deref().unwrap_or_default()).await?;
            scope.check_limit(tx, "resource_ids", &after.resource_ids).await?;
            let (after, change) = answered(tx, scope, after).await?;
            let mut changes = changes(tx, &before, &after).await?;
            changes.extend(change);
            if changes.is_empty() {
                return Ok(before);
            }
            let raises = raises(&tx.roles().all(before.organization_id).await?, &before, &after);
            let after = if raises && !self.0.has_mail_server() { after.relink(now) } else { after };
            let undoable = Undoable::before(tx, scope, &before).await?;
            if !tx.invitations_mut().reopen(&after, before.generation).await? {
                return Err(InvitationConflict::Replaced.into());
            }
            let fact = Fact::InvitationEdited { changes };
            tx.record(now, &scope.actor(), (Some(id), None), &fact).await?;
            undoable.keep(tx, UndoneChange::Edited, &after, now).await?;
            if after.generation != before.generation && after.mail_state == MailState::Queued {
                let due_at = self.mail_due(scope, now);
                tx.mails_mut().add(&Mail { due_at, ..invitation_mail(&after, now) }).await?;
            }
            Ok(after)
        })
        .await
    }

    /// Edits several invitations alike, each in a transaction of its own, and returns the result for each. Rejects an
    /// edit that the caller can't make of any of them before the first is changed.
    pub async fn edit_many(
        self,
        scope: &Scope,
        ids: &[InvitationId],
        edit: &InvitationEdit,
    ) -> Result<Vec<(InvitationId, BulkOutcome)>> {
        check_many(scope, ids)?;
        self.read(async |tx| scope.grantable(tx, edit.role_ids.as_deref().unwrap_or_default()).await.map(drop)).await?;
        self.change_each(scope, ids, |id| self.edit(scope, id, edit)).await
    }
}

/// Returns `Changed` if the edit replaces something that is not as it was shown.
fn check_shown(edit: &InvitationEdit, before: &Invitation) -> Result<()> {
    let Some(shown) = &edit.shown else { return Ok(()) };
    let OfferETags { roles, resources, message, end } = OfferETags::of(before);
    let replaced = [
        (edit.role_ids.is_some(), roles),
        (edit.resource_ids.is_some(), resources),
        (edit.message.is_some(), message),
        (expiry(edit).is_some(), end),
    ];
    let is_as_shown = replaced.iter().all(|(is_replaced, etag)| !is_replaced || shown.contains(etag));
    if is_as_shown { Ok(()) } else { Err(RequestConflict::Changed.into()) }
}

/// Returns the invitation with the new offer, or everything that is wrong with it.
fn offer(
    organization: &Organization,
    mut offer: Invitation,
    edit: &InvitationEdit,
    now: Instant,
) -> Result<Invitation> {
    let mut refusals = Violations::default();
    if edit.role_ids.as_ref().is_some_and(Vec::is_empty) {
        refusals.add(Violation::new("role_ids", "required", "Choose at least one role."));
    }
    if let Some(text) = &edit.message {
        offer.message = refusals.keep(message(organization, text, now)).flatten();
    }
    if let Some(map) = &edit.metadata {
        offer.metadata.public = refusals.keep(Object::parse("metadata", map.clone())).unwrap_or_default();
    }
    if let Some(map) = &edit.private_metadata {
        offer.metadata.private = refusals.keep(Object::parse("private_metadata", map.clone())).unwrap_or_default();
    }
    if let Some(url) = &edit.redirect_url {
        let parse = |url: &String| RedirectUrl::parse("redirect_url", url, &organization.redirect_origins);
        offer.redirect_url = refusals.keep(url.as_ref().map(parse).transpose()).flatten();
    }
    if let Some(tag) = &edit.locale {
        offer.locale = refusals.keep(tag.as_deref().map(|tag| Locale::parse("locale", tag)).transpose()).flatten();
    }
    if let Some(expiry) = expiry(edit) {
        offer.expires_at = refusals.keep(expiry.instant(organization, now)).unwrap_or(offer.expires_at);
    }
    offer.role_ids = edit.role_ids.clone().unwrap_or(offer.role_ids);
    offer.resource_ids = edit.resource_ids.clone().unwrap_or(offer.resource_ids);
    refusals.into_result()?;
    Ok(offer)
}

/// Checks whether the new roles have permissions that the old ones lacked. Where a link is enough to accept, people who
/// have seen the old link must not get the new permissions through it.
fn raises(all: &[Role], before: &Invitation, after: &Invitation) -> bool {
    let held = |invitation: &Invitation| -> Vec<Permission> {
        let roles = all.iter().filter(|role| invitation.role_ids.contains(&role.id));
        roles.flat_map(|role| role.permissions.iter().copied()).collect()
    };
    let (before, after) = (held(before), held(after));
    after.iter().any(|permission| !before.contains(permission))
}

/// Returns the new expiry, if the edit has one.
fn expiry(edit: &InvitationEdit) -> Option<Expiry> {
    edit.expires_in_days.map(Expiry::Days).or(edit.expires_at.map(Expiry::At))
}

/// Returns the differences, worded for the audit log.
pub(super) async fn changes(tx: &mut Snapshot, before: &Invitation, after: &Invitation) -> Result<Vec<Change>> {
    let all = tx.roles().all(before.organization_id).await?;
    let resources = match before.resource_ids == after.resource_ids {
        true => Vec::new(),
        false => tx.resources().all(before.organization_id).await?,
    };
    let both = |words: &dyn Fn(&Invitation) -> String| (words(before), words(after));
    let roles = both(&|invitation| {
        let roles: Vec<Role> = all.iter().filter(|role| invitation.role_ids.contains(&role.id)).cloned().collect();
        names(&roles).join(", ")
    });
    let limits = both(&|invitation| {
        let held = resources.iter().filter(|resource| invitation.resource_ids.contains(&resource.id));
        held.map(|resource| Name::as_str(&resource.name)).collect::<Vec<_>>().join(", ")
    });
    let message = both(&|i| i.message.as_ref().map_or("", Message::as_str).to_owned());
    let end = both(&|i| i.expires_at.to_rfc3339());
    let url = both(&|i| i.redirect_url.as_ref().map_or("", RedirectUrl::as_str).to_owned());
    let locale = both(&|i| i.locale.as_ref().map_or("", Locale::as_str).to_owned());
    let mut changes = Change::between([
        ("roles", roles.0, roles.1),
        ("resources", limits.0, limits.1),
        ("message", message.0, message.1),
        ("expires_at", end.0, end.1),
        ("redirect_url", url.0, url.1),
        ("locale", locale.0, locale.1),
    ]);
    // the log does not reveal the content of metadata
    if before.metadata != after.metadata {
        changes.push(Change { field: "metadata".into(), from: String::new(), to: String::new() });
    }
    Ok(changes)
}
