//! The query of the list's URL.

use uuid::Uuid;
use vestibule_core::service::{Result, Scope, Vestibule};
use vestibule_domain::{InvitationFilter, InvitationRow, Inviter, MailState, RoleId, Status};
use vestibule_web::{
    Day,
    form::fields,
    query::{ListQuery, Param, address},
};

/// The number of invitations of which one says the name of who made them. Where a program invites for a person, the
/// name is that person's.
const ASKED_FOR_NAME: u32 = 10;

fields! {
    /// A filter and a place in the list. Both are in the URL, so that a page can be bookmarked and shared.
    pub struct InvitationQuery {
        status: Param<Status>,
        q: Param,
        role: Param<RoleId>,
        mail: Param<MailState>,
        /// The id of a person or of an API key.
        inviter: Param<Uuid>,
        /// The first day of creation, in UTC.
        created_from: Param<Day>,
        /// The last day of creation, in UTC.
        created_to: Param<Day>,
        cursor: Param,
    }
}

impl ListQuery for InvitationQuery {
    fn cursor(&mut self) -> &mut Param {
        &mut self.cursor
    }
}

impl InvitationQuery {
    /// Parses the query of a URL, without its question mark.
    pub fn parse(query: &str) -> Self {
        serde_html_form::from_str(query).unwrap_or_default()
    }

    pub fn filter(&self) -> InvitationFilter {
        InvitationFilter {
            status: self.status.read(),
            text: self.q.some().map(str::to_owned),
            role_id: self.role.read(),
            mail_state: self.mail.read(),
            inviter_id: self.inviter.read(),
            created_from: self.created_from.read().map(Day::begin),
            // the last day is included
            created_to: self.created_to.read().and_then(Day::end),
            ..InvitationFilter::default()
        }
    }

    /// Returns the list's URL in the organization with this slug.
    pub fn href(&self, slug: &str) -> String {
        address(&format!("/o/{slug}/invitations"), self)
    }

    /// Returns the first page of the list with another status.
    pub fn with_status(&self, status: Option<Status>) -> Self {
        Self { status: status.map(Status::as_str).into(), ..self.at(None) }
    }

    /// Returns a filter for all invitations by this person or program.
    pub fn by(inviter: Inviter) -> Self {
        Self { inviter: Some(id_of(inviter).to_string()).into(), ..Self::default() }
    }

    /// Returns the same filter for invitations by anybody.
    pub fn by_anybody(&self) -> Self {
        Self { inviter: Param::default(), ..self.at(None) }
    }

    /// Returns the name of the person or program whose invitations are asked for, or other words if no invitation of the
    /// organization has it. Returns `None` if invitations by anybody are asked for.
    pub async fn inviter_name(&self, vestibule: &Vestibule, scope: &Scope) -> Result<Option<String>> {
        let Some(id) = self.inviter.read() else { return Ok(None) };
        let filter = InvitationFilter { inviter_id: Some(id), ..InvitationFilter::default() };
        let page = vestibule.invitations().page_without_counts(scope, &filter, None, ASKED_FOR_NAME).await?;
        let is_by = |row: &InvitationRow| id_of(row.invitation.inviter) == id;
        let name = page.items.into_iter().find(is_by).map(|row| row.inviter.to_string());
        Ok(Some(name.unwrap_or_else(|| "one person or API key".to_owned())))
    }
}

/// Returns the id of the person who invited or in whose name a program did, or else the program's.
fn id_of(inviter: Inviter) -> Uuid {
    match inviter {
        Inviter::User(id) | Inviter::OnBehalf { user_id: id, .. } => id.uuid(),
        Inviter::ApiKey(id) => id.uuid(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::{Instant, UserId};

    #[test]
    fn an_address_says_what_it_was_made_from() {
        let query =
            InvitationQuery { q: Some("ada & co").into(), cursor: Some("abc").into(), ..InvitationQuery::default() };
        let query = query.with_status(Some(Status::Declined));
        assert_eq!(query.href("acme"), "/o/acme/invitations?status=declined&q=ada%20%26%20co");
        assert_eq!(InvitationQuery::default().href("acme"), "/o/acme/invitations");
    }

    #[test]
    fn every_filter_is_read_and_written_again() {
        let id = UserId::new(Instant::UNIX_EPOCH);
        let text = format!("role={id}&mail=link_only&inviter={id}&created_from=2026-11-21&created_to=2026-11-22");
        let query = InvitationQuery::parse(&text);
        assert_eq!(query.href("acme"), format!("/o/acme/invitations?{text}"));
        let filter = query.filter();
        assert_eq!((filter.mail_state, filter.inviter_id), (Some(MailState::LinkOnly), Some(id.uuid())));
        assert_eq!(filter.created_from.unwrap().to_rfc3339(), "2026-11-21T00:00:00+00:00");
        assert_eq!(filter.created_to.unwrap().to_rfc3339(), "2026-11-23T00:00:00+00:00", "the last day is part of it");
        for part in text.split('&') {
            assert!(!InvitationQuery::parse(part).is_all(), "{part}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let wrong = "status=x&role=x&mail=pigeon&inviter=ada&created_from=soon&created_to=%2B262142-12-31&q=+";
        assert_eq!(InvitationQuery::parse(wrong), InvitationQuery::default());
    }

    #[test]
    fn a_filter_for_one_inviter_knows_the_same_for_anybody() {
        let id = UserId::new(Instant::UNIX_EPOCH);
        let by_one = InvitationQuery { q: Some("ada").into(), ..InvitationQuery::by(Inviter::User(id)) };
        assert_eq!(by_one.href("acme"), format!("/o/acme/invitations?q=ada&inviter={id}"));
        assert_eq!(by_one.by_anybody().href("acme"), "/o/acme/invitations?q=ada");
    }
}
