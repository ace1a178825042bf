//! The form of an offer.

use vestibule_core::service::OfferETags;
use vestibule_domain::{Invitation, InvitationEdit, Invite, ResourceId, Role, RoleId};
use vestibule_web::form::{Several, Typed, fields};

fields! {
    /// The form of an offer, for inviting and editing.
    pub struct InviteForm {
        /// Whom to invite, in any format. Only of new invitations, like `notify`.
        recipients: Typed,
        role_ids: Several<RoleId>,
        resource_ids: Several<ResourceId>,
        /// Present if the form offers resources.
        chooses_resources: Typed,
        message: Typed,
        /// Empty to leave it unchanged.
        expires_in_days: Typed<u16>,
        notify: Typed<bool>,
        /// The ETags of the offer as the form showed it, of an invitation that already exists.
        version: Typed,
    }
}

impl InviteForm {
    /// Parses the form as it is posted.
    pub fn parse(posted: &str) -> Self {
        serde_html_form::from_str(posted).unwrap_or_default()
    }

    /// Returns the form of a new invitation, with the role of plain members ticked.
    pub fn fresh(recipients: String, roles: &[Role]) -> Self {
        let members = roles.iter().filter(|role| role.key == Role::MEMBER).map(|role| role.id.to_string());
        let recipients = recipients.into();
        Self { recipients, role_ids: members.collect(), notify: "true".into(), ..Self::default() }
    }

    /// Returns the form filled in with the invitation's offer.
    pub fn filled(invitation: &Invitation) -> Self {
        Self {
            role_ids: invitation.role_ids.iter().map(ToString::to_string).collect(),
            resource_ids: invitation.resource_ids.iter().map(ToString::to_string).collect(),
            message: invitation.message.as_ref().map_or("", |message| message.as_str()).into(),
            ..Self::default()
        }
    }

    /// Checks whether mails are chosen. They are if the form was not sent yet.
    pub fn notifies(&self) -> bool {
        !self.recipients.is_there() || self.notify.text() == "true"
    }

    /// Returns the version of a form that shows this offer.
    pub fn version_of(invitation: &Invitation) -> String {
        let OfferETags { roles, resources, message, end } = OfferETags::of(invitation);
        [roles, resources, message, end].join(" ")
    }

    /// Returns the invite that the form asks for.
    pub fn invite(&self) -> Invite {
        Invite {
            recipients: self.recipients.text().to_owned(),
            role_ids: self.role_ids.read(),
            resource_ids: self.resource_ids.read(),
            message: self.message.text().to_owned(),
            expires_in_days: self.expires_in_days.read(),
            notify: self.notify.text() != "false",
        }
    }

    /// Returns the edit that the form asks for.
    pub fn edit(&self) -> InvitationEdit {
        InvitationEdit {
            role_ids: Some(self.role_ids.read()),
            // a form without the field leaves the resources unchanged
            resource_ids: self.chooses_resources.is_there().then(|| self.resource_ids.read()),
            message: Some(self.message.text().to_owned()),
            expires_in_days: self.expires_in_days.read(),
            shown: shown(&self.version),
            ..InvitationEdit::default()
        }
    }
}

/// Returns the ETags in the version of a form, if it has one.
pub(super) fn shown(version: &Typed) -> Option<Vec<String>> {
    version.some().map(|etags| etags.split_whitespace().map(ToOwned::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_read_is_left_out() {
        let id = "01890000-0000-7000-8000-000000000000";
        let form = format!("role_ids=rubbish&role_ids={id}&expires_in_days=soon&message=a+%26%0D%0Ab&unheard_of=1");
        let read = InviteForm::parse(&form).invite();
        assert_eq!((read.role_ids.len(), read.expires_in_days, read.notify), (1, None, true));
        assert_eq!(read.message, "a &\r\nb");
    }
}
