//! Organizations: the first is created through the set-up link, others on the command line.

use super::{
    AccountConflict, Error, NotFound, OrganizationConflict, Result, Scope, SessionToken, sessions::add_session, subject,
};
use vestibule_domain::job::TOLD_FOR;
use vestibule_domain::{
    Actor, Change, EmailAddress, Fact, Instant, MailState, MemberId, Metadata, Name, Organization, OrganizationId,
    Origin, Permission, PortalFrame, Role, RoleId, Slug, Status, User, UserId, Violation, password,
};
use vestibule_store::{NewMember, OpenTx};

/// The content of the set-up form, or of the command that creates an organization.
#[derive(Clone, Debug, Default)]
pub struct SetUp {
    pub organization: String,
    /// The slug, or empty to derive it from the name.
    pub slug: String,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// The changes to an organization; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct OrganizationEdit {
    pub name: Option<String>,
    pub invitation_lifetime_days: Option<u16>,
    /// `Some(None)` removes it.
    pub reminder_days: Option<Option<u16>>,
    pub allowed_domains: Option<Vec<String>>,
    pub redirect_origins: Option<Vec<String>>,
    /// `Some(None)` removes it.
    pub invitation_retention_days: Option<Option<u16>>,
    /// `Some(None)` removes it.
    pub mail_retention_days: Option<Option<u16>>,
}

/// The most domains that an organization can list.
const MAX_DOMAINS: usize = 100;

impl OrganizationEdit {
    fn apply(&self, mut organization: Organization) -> Result<Organization> {
        let mut violations: Vec<Violation> = Vec::new();
        if let Some(name) = &self.name {
            match Name::parse("name", name) {
                Ok(name) => organization.name = name,
                Err(violation) => violations.push(violation),
            }
        }
        organization.invitation_lifetime_days =
            self.invitation_lifetime_days.unwrap_or(organization.invitation_lifetime_days);
        organization.reminder_days = self.reminder_days.unwrap_or(organization.reminder_days);
        violations.extend(organization.check_days());
        organization.invitation_retention_days =
            self.invitation_retention_days.unwrap_or(organization.invitation_retention_days);
        organization.mail_retention_days = self.mail_retention_days.unwrap_or(organization.mail_retention_days);
        violations.extend(organization.check_retention());
        if let Some(domains) = &self.allowed_domains {
            organization.allowed_domains = each("allowed_domains", domains, MAX_DOMAINS, domain, &mut violations);
        }
        if let Some(origins) = &self.redirect_origins {
            let parse = |field: String, text: &str| Origin::parse(field, text);
            organization.redirect_origins = each("redirect_origins", origins, Origin::MAX, parse, &mut violations);
        }
        if violations.is_empty() { Ok(organization) } else { Err(Error::Invalid(violations)) }
    }
}

/// Parses each entry under a field of its own, like `allowed_domains[2]`, and drops duplicates.
fn each<T: PartialEq>(
    field: &str,
    texts: &[String],
    most: usize,
    parse: impl Fn(String, &str) -> std::result::Result<T, Violation>,
    violations: &mut Vec<Violation>,
) -> Vec<T> {
    if texts.len() > most {
        violations.push(Violation::new(field.to_owned(), "too_many", format!("List at most {most}.")));
    }
    let mut parsed = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        match parse(format!("{field}[{number}]"), text) {
            Ok(value) if parsed.contains(&value) => {}
            Ok(value) => parsed.push(value),
            Err(violation) => violations.push(violation),
        }
    }
    parsed
}

/// Parses a domain into the ASCII form that email addresses have.
fn domain(field: String, text: &str) -> std::result::Result<String, Violation> {
    let address = EmailAddress::parse(&format!("anybody@{}", text.trim()));
    let refused = |_| Violation::new(field, "domain", "Write a domain like example.com.");
    address.map(|address| address.domain().to_owned()).map_err(refused)
}

fn changes(before: &Organization, after: &Organization) -> Vec<Change> {
    let origins = |organization: &Organization| {
        organization.redirect_origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(", ")
    };
    let days = |organization: &Organization| organization.invitation_lifetime_days.to_string();
    let some = |days: Option<u16>| days.map_or(String::new(), |n| n.to_string());
    let kept = |organization: &Organization| some(organization.invitation_retention_days);
    let mails = |organization: &Organization| some(organization.mail_retention_days);
    Change::between([
        ("name", before.name.to_string(), after.name.to_string()),
        ("invitation_lifetime_days", days(before), days(after)),
        ("reminder_days", some(before.reminder_days), some(after.reminder_days)),
        ("allowed_domains", before.allowed_domains.join(", "), after.allowed_domains.join(", ")),
        ("redirect_origins", origins(before), origins(after)),
        ("invitation_retention_days", kept(before), kept(after)),
        ("mail_retention_days", mails(before), mails(after)),
    ])
}

/// A parsed [`SetUp`].
struct Founding {
    organization: Organization,
    owner: User,
    /// empty when the owner has an account already
    password_hash: String,
}

impl subject::Organizations<'_> {
    /// Checks whether the installation still has to be set up: nobody has an account.
    pub async fn needs_set_up(self) -> Result<bool> {
        let has_users = self.read(async |tx| tx.users().has_any().await.map_err(Error::from)).await?;
        Ok(!has_users)
    }

    /// Returns the one-time link that `vestibule serve` prints at the first start.
    pub fn set_up_url(self) -> String {
        self.0.settings().url(&format!("/setup?token={}", self.0.signing_keys.setup_token().as_str()))
    }

    /// Checks whether this is the token of the set-up link.
    pub fn is_set_up_token(self, token: &str) -> bool {
        self.0.signing_keys.verify_setup(token)
    }

    /// Creates the first owner and organization, and signs the owner in. Returns `AlreadySetUp` when somebody has done
    /// so.
    pub async fn set_up(self, token: &str, new: SetUp) -> Result<(SessionToken, Slug)> {
        let now = self.now();
        if !self.is_set_up_token(token) {
            return Err(NotFound::Link.into());
        }
        let founding = self.founding(&new, now).await.map_err(|error| with_password(error, &new))?;
        let session = SessionToken::new();
        self.write(async |tx| {
            if tx.users().has_any().await? {
                return Err(OrganizationConflict::AlreadySetUp.into());
            }
            found(tx, &founding, now).await?;
            add_session(tx, &session, founding.owner.id, now).await
        })
        .await?;
        Ok((session, founding.organization.slug))
    }

    /// Creates an organization with its owner. An owner whose email address has an account keeps it, and the password
    /// is ignored. Rejects an account whose email address was never verified.
    pub async fn create(self, new: SetUp) -> Result<Organization> {
        let now = self.now();
        let founding = self.founding(&new, now).await?;
        self.write(async |tx| found(tx, &founding, now).await).await?;
        Ok(founding.organization)
    }

    /// Returns all organizations of this person, by name.
    pub async fn of_user(self, user: &User) -> Result<Vec<Organization>> {
        self.read(async |tx| tx.organizations().of_user(user.id).await.map_err(Error::from)).await
    }

    /// Returns the slugs of all organizations, for the command line.
    pub async fn slugs(self) -> Result<Vec<Slug>> {
        self.read(async |tx| Ok(tx.organizations().slugs().await?)).await
    }

    /// Edits the organization's name and settings.
    pub async fn edit(self, scope: &Scope, edit: &OrganizationEdit) -> Result<Organization> {
        let now = self.now();
        self.write_in(scope, Some(Permission::OrganizationEdit), async |tx, scope| {
            let before = scope.organization().clone();
            scope.check_version(&before)?;
            let after = edit.apply(before.clone())?;
            let changes = changes(&before, &after);
            if !changes.is_empty() {
                tx.organizations_mut().save(&after).await?;
                let fact = Fact::OrganizationEdited { changes };
                tx.record(now, &scope.actor(), (None, None), &fact).await?;
            }
            Ok(after)
        })
        .await
    }

    /// Returns the user with this email address. It is for the command line, which needs no password.
    pub async fn user_of_address(self, email: &str) -> Result<Option<User>> {
        self.read(async |tx| Ok(tx.users().by_email(email).await?.map(|(user, _)| user))).await
    }

    /// Returns what the portal's frame shows around every page.
    pub async fn portal_frame(self, user: &User, scope: &Scope) -> Result<PortalFrame> {
        let (now, id) = (self.now(), scope.organization().id);
        self.read(async |tx| {
            Ok(PortalFrame {
                user: user.clone(),
                organization: scope.organization().clone(),
                organizations: tx.organizations().of_user(user.id).await?,
                permissions: scope.permissions(),
                limit: scope.member_limit(),
                roles: tx.roles().all(id).await?,
                pending: tx.invitations().count_all(id, now).await?.of(Status::Pending).number,
                members: tx.members().count(id).await?,
                failed_mails: tx.mails().count_all(id).await?.of(MailState::Failed).number,
                jobs: tx.jobs().of_user(id, user.id, now - TOLD_FOR).await?,
            })
        })
        .await
    }

    async fn founding(self, new: &SetUp, now: Instant) -> Result<Founding> {
        let parsed = parse(new)?;
        let known = self.read(async |tx| tx.users().by_email(parsed.email.as_str()).await.map_err(Error::from)).await?;
        let (owner, password_hash) = match known {
            // the account may have been created by somebody who does not own the email address
            Some((user, _)) if !user.is_email_verified => return Err(unproven(&user.email).into()),
            Some((user, _)) => (user, String::new()),
            None => {
                check_password(new)?;
                (parsed.owner(now), self.0.passwords.hash(&new.password).await?)
            }
        };
        Ok(Founding { organization: parsed.organization(now), owner, password_hash })
    }
}

fn unproven(email: &EmailAddress) -> Violation {
    let sentence = format!(
        "{email} has an account here, but its email address was never verified. Name another owner, who can \
         invite them.",
    );
    Violation::new("email", "unproven", sentence)
}

fn check_password(new: &SetUp) -> std::result::Result<(), Violation> {
    password::check("password", &new.password, &[&new.name, &new.email, &new.organization])
}

/// Adds the password's violations to the others: at set-up nobody has an account, so a password is always needed.
fn with_password(error: Error, new: &SetUp) -> Error {
    match error {
        Error::Invalid(violations) if violations.iter().all(|violation| violation.field != "password") => {
            Error::Invalid(violations.into_iter().chain(check_password(new).err()).collect())
        }
        other => other,
    }
}

struct Parsed {
    organization: Name,
    slug: Slug,
    name: Name,
    email: EmailAddress,
}

impl Parsed {
    fn organization(self, now: Instant) -> Organization {
        Organization {
            id: OrganizationId::new(now),
            slug: self.slug,
            name: self.organization,
            invitation_lifetime_days: Organization::DEFAULT_LIFETIME_DAYS,
            reminder_days: None,
            allowed_domains: Vec::new(),
            redirect_origins: Vec::new(),
            invitation_retention_days: None,
            mail_retention_days: None,
            created_at: now,
        }
    }

    /// Returns the owner's new account. Its email address counts as verified, because the operator vouches for it.
    fn owner(&self, now: Instant) -> User {
        User {
            id: UserId::new(now),
            email: self.email.clone(),
            name: self.name.clone(),
            is_email_verified: true,
            created_at: now,
        }
    }
}

/// Parses the form, or returns everything that is wrong with it.
fn parse(new: &SetUp) -> Result<Parsed> {
    let mut violations = Vec::new();
    let mut keep = |violation: Violation| violations.push(violation);
    let organization = Name::parse("organization", &new.organization).map_err(&mut keep).ok();
    let slug = match new.slug.trim() {
        "" => Slug::suggest(&new.organization)
            .ok_or_else(|| Violation::new("slug", "required", "Write a short name for URLs, like saltmarsh-press.")),
        slug => Slug::parse("slug", slug),
    };
    let slug = slug.map_err(&mut keep).ok();
    let name = Name::parse("name", &new.name).map_err(&mut keep).ok();
    let email = EmailAddress::parse(&new.email)
        .map_err(|refused| keep(Violation::new("email", refused.code(), refused.to_string())))
        .ok();
    match (organization, slug, name, email) {
        (Some(organization), Some(slug), Some(name), Some(email)) => Ok(Parsed { organization, slug, name, email }),
        _ => Err(Error::Invalid(violations)),
    }
}

/// Adds the organization, its built-in roles, its owner and the membership, and records the event.
async fn found(tx: &mut OpenTx, founding: &Founding, now: Instant) -> Result<()> {
    let organization = &founding.organization;
    if !tx.organizations_mut().add(organization).await? {
        return Err(OrganizationConflict::SlugTaken.into());
    }
    let (tx, _) = tx.lock_organization(organization.id).await?.ok_or(NotFound::Organization)?;
    if !founding.password_hash.is_empty() && !tx.users_mut().add(&founding.owner, &founding.password_hash).await? {
        return Err(AccountConflict::EmailTaken.into());
    }
    let mut owner_role = None;
    for (key, name, permissions) in Role::built_in() {
        let role = Role {
            id: RoleId::new(now),
            organization_id: organization.id,
            key: key.into(),
            name: name.into(),
            permissions,
        };
        tx.roles_mut().add(&role).await?;
        owner_role = owner_role.or(Some(role));
    }
    let role = owner_role.expect("the first built-in role is the owner's");
    let member_id = MemberId::new(now);
    tx.members_mut()
        .add(&NewMember {
            id: member_id,
            organization_id: organization.id,
            user_id: founding.owner.id,
            role_ids: &[role.id],
            resource_ids: &[],
            metadata: &Metadata::default(),
            invitation_id: None,
            at: now,
        })
        .await?;
    let fact = Fact::MemberAdded { name: founding.owner.name.to_string(), roles: vec![role.name] };
    Ok(tx.record(now, &Actor::System, (None, Some(member_id)), &fact).await?)
}
