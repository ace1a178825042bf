//! The offer of an invitation, parsed from a request.

use crate::service::{Error, NotFound, Result, Scope};
use chrono::Duration;
use serde_json::{Map, Value};
use vestibule_domain::{
    EmailAddress, Instant, Locale, Message, Metadata, Name, Object, Organization, RedirectUrl, ResourceId, Role,
    RoleId, Violation, bounds::few,
};
use vestibule_store::Snapshot;

/// The content of a request for a new invitation.
#[derive(Clone, Debug, Default)]
pub struct NewInvitation {
    pub email: String,
    /// The invitee's name as the inviter knows it.
    pub name: Option<String>,
    pub role_ids: Vec<RoleId>,
    /// More roles, by key and name. Each is created with the invitation if the organization has no role with that key.
    pub roles_on_first_use: Vec<(&'static str, &'static str)>,
    pub resource_ids: Vec<ResourceId>,
    pub message: String,
    pub metadata: Map<String, Value>,
    pub private_metadata: Map<String, Value>,
    pub redirect_url: Option<String>,
    pub locale: Option<String>,
    pub expiry: Expiry,
    /// Whether a mail is sent; otherwise the link is passed on by hand.
    pub notify: bool,
    /// Whether an open invitation to the email address is revoked first, instead of being a conflict.
    pub replaces_open: bool,
}

/// The time until which an invitation is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expiry {
    /// The organization's default lifetime.
    #[default]
    Usual,
    /// A number of days from now, 1 to 365.
    Days(u16),
    /// A time in the future, within a year.
    At(Instant),
}

/// A parsed [`NewInvitation`], checked for everything that does not need the database.
pub(super) struct Parsed {
    pub email: EmailAddress,
    pub name: Option<Name>,
    pub terms: SharedTerms,
}

/// The part of an offer that several invitations can share.
#[derive(Clone)]
pub(super) struct SharedTerms {
    pub role_ids: Vec<RoleId>,
    pub resource_ids: Vec<ResourceId>,
    pub message: Option<Message>,
    pub metadata: Metadata,
    pub redirect_url: Option<RedirectUrl>,
    pub locale: Option<Locale>,
    pub expires_at: Instant,
    pub notify: bool,
}

/// Collects violations, so that everything that is wrong is reported at once.
#[derive(Default)]
pub(super) struct Violations(Vec<Violation>);

impl Violations {
    /// Returns the value, or collects the violation and returns `None`.
    pub fn keep<T>(&mut self, parsed: std::result::Result<T, Violation>) -> Option<T> {
        parsed.map_err(|violation| self.0.push(violation)).ok()
    }

    pub fn add(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

impl NewInvitation {
    /// Parses the request, or returns everything that is wrong with it.
    pub(super) fn parse(&self, organization: &Organization, now: Instant) -> Result<Parsed> {
        let mut refusals = Violations::default();
        let email = refusals.keep(email(organization, &self.email));
        let name = refusals.keep(self.name.as_deref().map(|name| Name::parse("name", name)).transpose());
        let terms = self.terms(organization, now, &mut refusals);
        refusals.into_result()?;
        let parsed = email.zip(name).zip(terms);
        let ((email, name), terms) =
            parsed.ok_or_else(|| Error::internal("nothing was refused, and something is missing"))?;
        Ok(Parsed { email, name, terms })
    }

    fn terms(&self, organization: &Organization, now: Instant, refusals: &mut Violations) -> Option<SharedTerms> {
        if self.role_ids.is_empty() && self.roles_on_first_use.is_empty() {
            refusals.add(Violation::new("roles", "required", "Choose at least one role."));
        }
        let url = |text: &String| RedirectUrl::parse("redirect_url", text, &organization.redirect_origins);
        let message = refusals.keep(message(organization, &self.message, now));
        let public = refusals.keep(Object::parse("metadata", self.metadata.clone()));
        let private = refusals.keep(Object::parse("private_metadata", self.private_metadata.clone()));
        let redirect_url = refusals.keep(self.redirect_url.as_ref().map(url).transpose());
        let locale = refusals.keep(self.locale.as_deref().map(|tag| Locale::parse("locale", tag)).transpose());
        let expires_at = refusals.keep(self.expiry.instant(organization, now));
        Some(SharedTerms {
            role_ids: self.role_ids.clone(),
            resource_ids: self.resource_ids.clone(),
            message: message?,
            metadata: Metadata { public: public?, private: private? },
            redirect_url: redirect_url?,
            locale: locale?,
            expires_at: expires_at?,
            notify: self.notify,
        })
    }
}

impl Expiry {
    /// Returns the time of expiry. Rejects a time that is in the past or more than a year ahead.
    pub(super) fn instant(self, organization: &Organization, now: Instant) -> std::result::Result<Instant, Violation> {
        let last = now + Duration::days(i64::from(Organization::MAX_LIFETIME_DAYS));
        match self {
            Self::Usual => Ok(now + lifetime(organization, None)?),
            Self::Days(days) => Ok(now + lifetime(organization, Some(days))?),
            Self::At(at) if at > now && at <= last => Ok(at),
            Self::At(_) => Err(Violation::new("expires_at", "range", "Choose a time in the future, within a year.")),
        }
    }
}

/// Parses the email address, and rejects domains to which the organization does not invite.
pub(super) fn email(organization: &Organization, text: &str) -> std::result::Result<EmailAddress, Violation> {
    let email =
        EmailAddress::parse(text).map_err(|refused| Violation::new("email", refused.code(), refused.to_string()))?;
    if !organization.may_invite_at(&email) {
        let sentence =
            format!("{} invites only people at {}.", organization.name, organization.allowed_domains.join(", "));
        return Err(Violation::new("email", "domain_not_allowed", sentence));
    }
    Ok(email)
}

/// Parses the inviter's message. Rejects links in it while the organization is new.
pub(super) fn message(
    organization: &Organization,
    text: &str,
    now: Instant,
) -> std::result::Result<Option<Message>, Violation> {
    let message = Message::parse("message", text)?;
    if message.as_ref().is_some_and(Message::has_link) && !organization.may_send_links(now) {
        let sentence = "In its first week, an organization can’t send web addresses in messages. Remove the address.";
        return Err(Violation::new("message", "link", sentence));
    }
    Ok(message)
}

/// Returns the lifetime, which is the organization's default without `days`. Rejects all but 1 to 365 days.
pub(super) fn lifetime(organization: &Organization, days: Option<u16>) -> std::result::Result<Duration, Violation> {
    let days = days.unwrap_or(organization.invitation_lifetime_days);
    if !(1..=Organization::MAX_LIFETIME_DAYS).contains(&days) {
        return Err(Violation::new("expires_in_days", "range", "Choose from 1 to 365 days."));
    }
    Ok(Duration::days(i64::from(days)))
}

impl Scope {
    /// Returns the roles of these terms. Rejects roles that this scope can't give, resources that don't exist, and
    /// those beyond the scope's limit.
    pub(super) async fn check_terms(&self, tx: &mut Snapshot, all: &[Role], terms: &SharedTerms) -> Result<Vec<Role>> {
        few("role_ids", &terms.role_ids)?;
        let roles: Vec<Role> = all.iter().filter(|role| terms.role_ids.contains(&role.id)).cloned().collect();
        if terms.role_ids.iter().any(|id| !roles.iter().any(|role| role.id == *id)) {
            return Err(NotFound::Role.into());
        }
        self.require_all(roles.iter().flat_map(|role| &role.permissions))?;
        self.check_resources(tx, &terms.resource_ids).await?;
        self.check_limit(tx, "resource_ids", &terms.resource_ids).await?;
        Ok(roles)
    }
}
