//! Authorization: who may do what, in which organization.

use super::{Error, NotFound, Result, Vestibule, idempotency::IdempotencyKey};
use std::sync::Arc;
use vestibule_domain::{
    ActId, Actor, ApiKey, ApiKeyId, Instant, Inviter, Member, Name, Organization, OrganizationId, Permission, Role,
    RoleId, User, UserId, Violation, bounds::few,
};
use vestibule_store::{LockedTx, OpenTx, Snapshot};

/// Proof that somebody may act in an organization. Only the `enter` functions create one, and every operation inside an
/// organization asks for it. It also carries the conditions that a request sets for its write.
#[derive(Clone, Debug)]
pub struct Scope {
    organization: Organization,
    principal: Principal,
    /// the member on whose behalf a program acts
    person: Option<Box<Member>>,
    pub(super) idempotency_key: Option<IdempotencyKey>,
    if_match: Option<Vec<String>>,
    takes_over: bool,
    /// what its changes of invitations are taken back by
    act: Option<ActId>,
    /// the violations of text in the request that can't be stored, by field
    unkept: Arc<[Violation]>,
}

/// The one who acts in the organization.
#[derive(Clone, Debug)]
enum Principal {
    Member(Box<Member>),
    ApiKey(Box<ApiKey>),
    Operator,
}

impl Vestibule {
    /// Returns the scope of a member. Returns `NotFound::Organization` alike for an organization that does not exist
    /// and for one that the user does not belong to.
    pub async fn enter(&self, user: &User, slug: &str) -> Result<Scope> {
        self.read(async |tx| {
            let organization = tx.organizations().by_slug(slug).await?.ok_or(NotFound::Organization)?;
            let member = tx.members().of_user(organization.id, user.id).await?.ok_or(NotFound::Organization)?;
            Ok(Scope::new(organization, Principal::Member(Box::new(member))))
        })
        .await
    }

    /// Returns the scope of a program that acts on behalf of this user. Returns `NotFound::Member` if they are not a
    /// member.
    pub async fn on_behalf_of(&self, scope: Scope, id: UserId) -> Result<Scope> {
        let person = self.read(async |tx| Ok(tx.members().of_user(scope.organization.id, id).await?)).await?;
        Ok(Scope { person: Some(Box::new(person.ok_or(NotFound::Member)?)), ..scope })
    }

    /// Checks whether the scope would still be granted now, with this permission. It is for requests that go on for
    /// long.
    pub async fn stands(&self, scope: &Scope, permission: Permission) -> Result<bool> {
        let now = self.now();
        self.read(async |tx| {
            Ok(match &scope.principal {
                Principal::Member(member) => {
                    let member = tx.members().of_user(scope.organization.id, member.user_id).await?;
                    member.is_some_and(|member| member.has(permission))
                }
                Principal::ApiKey(key) => {
                    let found = tx.api_keys().get(key.id).await?;
                    found.is_some_and(|key| key.is_usable(now) && key.has(permission))
                }
                Principal::Operator => true,
            })
        })
        .await
    }

    /// Returns the operator's scope, for the command line. It allows everything except inviting, which needs an
    /// inviter.
    pub async fn enter_as_operator(&self, slug: &str) -> Result<Scope> {
        let organization =
            self.read(async |tx| Ok(tx.organizations().by_slug(slug).await?.ok_or(NotFound::Organization)?)).await?;
        Ok(Scope::new(organization, Principal::Operator))
    }

    /// Returns the operator's scope by the organization's id, for the worker.
    pub(super) async fn operator_of(&self, id: OrganizationId) -> Result<Scope> {
        let organization =
            self.read(async |tx| Ok(tx.organizations().get(id).await?.ok_or(NotFound::Organization)?)).await?;
        Ok(Scope::new(organization, Principal::Operator))
    }
}

/// A key that a request has authenticated with, and its organization, as they were at one moment.
#[derive(Clone, Debug)]
pub struct KnownKey {
    pub key: ApiKey,
    organization: Organization,
}

impl KnownKey {
    /// Returns the key with its organization. Both must have been read in one statement.
    pub(super) fn new(key: ApiKey, organization: Organization) -> Self {
        Self { key, organization }
    }

    /// Returns the scope of the key in its organization.
    pub fn enter(&self) -> Scope {
        Scope::new(self.organization.clone(), Principal::ApiKey(Box::new(self.key.clone())))
    }

    /// Returns the scope of the key; `name` is the organization's slug or id. Returns `NotFound::Organization` for any
    /// other organization than the key's.
    pub fn enter_named(&self, name: &str) -> Result<Scope> {
        if self.organization.slug.as_str() != name && name.parse() != Ok(self.organization.id) {
            return Err(NotFound::Organization.into());
        }
        Ok(self.enter())
    }
}

impl Scope {
    fn new(organization: Organization, principal: Principal) -> Self {
        let (person, idempotency_key, if_match, unkept) = (None, None, None, Arc::default());
        let (takes_over, act) = (false, None);
        Self { organization, principal, person, idempotency_key, if_match, takes_over, act, unkept }
    }

    /// Returns the scope of a member for whom the worker goes on. Both must have been read in this transaction.
    pub(super) fn of_member(organization: Organization, member: Member) -> Self {
        Self::new(organization, Principal::Member(Box::new(member)))
    }

    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// Returns the member who acts, or `None` for a program and the operator.
    pub fn member(&self) -> Option<&Member> {
        match &self.principal {
            Principal::Member(member) => Some(member),
            Principal::ApiKey(_) | Principal::Operator => None,
        }
    }

    /// Checks whether this scope has the permission. A program that acts on behalf of a person needs it on both sides.
    pub fn has(&self, permission: Permission) -> bool {
        let person_may = self.person.as_ref().is_none_or(|person| person.has(permission));
        person_may
            && match &self.principal {
                Principal::Member(member) => member.has(permission),
                Principal::ApiKey(key) => key.has(permission),
                Principal::Operator => true,
            }
    }

    /// Returns all permissions that this scope has.
    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL.iter().copied().filter(|permission| self.has(*permission)).collect()
    }

    /// Sets the condition that the thing to change still has one of these [`version`](super::version)s.
    #[must_use]
    pub fn if_match(self, etags: Option<Vec<String>>) -> Self {
        Self { if_match: etags, ..self }
    }

    /// Sets whether this scope becomes the maker of dependents that the change would otherwise cut; see
    /// [`dependents`](super::dependents).
    #[must_use]
    pub fn taking_over(self, takes_over: bool) -> Self {
        Self { takes_over, ..self }
    }

    pub(super) fn takes_over(&self) -> bool {
        self.takes_over
    }

    /// Makes what this scope does to invitations one act, which the same person can take back for ten seconds; see
    /// [`undo`](super::subject::Invitations::undo). A program's changes and the operator's can't be taken back.
    #[must_use]
    pub fn undoable(self, now: Instant) -> Self {
        let act = self.member().map(|_| ActId::new(now));
        Self { act, ..self }
    }

    /// Returns the act that this scope's changes belong to, if they can be taken back.
    pub fn act(&self) -> Option<ActId> {
        self.act
    }

    /// Returns the key of the program that acts, if it is one.
    pub(super) fn api_key(&self) -> Option<&ApiKey> {
        match &self.principal {
            Principal::ApiKey(key) => Some(key),
            Principal::Member(_) | Principal::Operator => None,
        }
    }

    /// Returns the member on whose behalf a program acts.
    pub(super) fn person(&self) -> Option<&Member> {
        self.person.as_deref()
    }

    /// Sets the violations of text that can't be stored. With any of them, no write of this scope succeeds.
    #[must_use]
    pub fn refusing(self, unkept: Arc<[Violation]>) -> Self {
        Self { unkept, ..self }
    }

    /// Returns `Invalid` when the request contains text that can't be stored.
    pub(super) fn check_text(&self) -> Result<()> {
        if self.unkept.is_empty() { Ok(()) } else { Err(Error::Invalid(self.unkept.to_vec())) }
    }

    /// Returns `Changed` when the request expected another ETag than this.
    pub(super) fn check_version(&self, present: &impl serde::Serialize) -> Result<()> {
        self.check_etags(|| vec![super::etag(present)])
    }

    /// Returns `Changed` when the request expected none of these ETags, each of which is one of the same thing.
    pub(super) fn check_etags(&self, present: impl FnOnce() -> Vec<String>) -> Result<()> {
        let Some(if_match) = &self.if_match else { return Ok(()) };
        let is_as_expected = present().iter().any(|etag| if_match.contains(etag));
        if is_as_expected { Ok(()) } else { Err(super::RequestConflict::Changed.into()) }
    }

    /// Returns `Forbidden` when this scope lacks the permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.has(permission) { Ok(()) } else { Err(Error::Forbidden(permission)) }
    }

    /// Locks the organization and checks the scope again, on the rows that this transaction will commit with.
    pub(super) async fn renew<'t>(
        &self,
        tx: &'t mut OpenTx,
        permission: Option<Permission>,
    ) -> Result<(&'t mut LockedTx, Scope)> {
        let locked = tx.lock_organization(self.organization.id).await?;
        let (tx, organization) = locked.ok_or(NotFound::Organization)?;
        let scope = self.renewed(tx, organization, permission).await?;
        Ok((tx, scope))
    }

    /// Checks another scope of the organization that this transaction has locked already.
    pub(super) async fn renew_beside(&self, tx: &mut LockedTx, permission: Option<Permission>) -> Result<Scope> {
        let id = tx.organization_id();
        let organization = tx.organizations().get(id).await?.ok_or(NotFound::Organization)?;
        if organization.id != self.organization.id {
            return Err(NotFound::Organization.into());
        }
        self.renewed(tx, organization, permission).await
    }

    async fn renewed(
        &self,
        tx: &mut Snapshot,
        organization: Organization,
        permission: Option<Permission>,
    ) -> Result<Scope> {
        let principal = match &self.principal {
            Principal::Member(member) => {
                let member = tx.members().of_user(organization.id, member.user_id).await?;
                Principal::Member(Box::new(member.ok_or(NotFound::Organization)?))
            }
            Principal::ApiKey(key) => {
                let key = tx.api_keys().get(key.id).await?.ok_or(Error::Unauthenticated)?;
                if key.revoked_at.is_some() {
                    return Err(Error::Unauthenticated);
                }
                Principal::ApiKey(Box::new(key))
            }
            Principal::Operator => Principal::Operator,
        };
        let person = match &self.person {
            Some(person) => {
                let person = tx.members().of_user(organization.id, person.user_id).await?;
                Some(Box::new(person.ok_or(NotFound::Member)?))
            }
            None => None,
        };
        let (idempotency_key, if_match) = (self.idempotency_key.clone(), self.if_match.clone());
        let (takes_over, act, unkept) = (self.takes_over, self.act, Arc::clone(&self.unkept));
        let scope = Self { organization, principal, person, idempotency_key, if_match, takes_over, act, unkept };
        permission.map_or(Ok(()), |permission| scope.require(permission))?;
        scope.check_text()?;
        Ok(scope)
    }

    /// Returns the actor that events of this scope are recorded with.
    pub(super) fn actor(&self) -> Actor {
        match &self.principal {
            Principal::Member(member) => Actor::Member { id: member.user_id, name: member.name.clone() },
            Principal::ApiKey(key) => key.actor(),
            Principal::Operator => Actor::System,
        }
    }

    /// Returns the inviter of invitations created in this scope. Returns `Forbidden` for the operator, who can't
    /// invite.
    pub(super) fn inviter(&self) -> Result<Inviter> {
        match &self.principal {
            Principal::Member(member) => Ok(Inviter::User(member.user_id)),
            Principal::ApiKey(key) => Ok(match &self.person {
                Some(person) => Inviter::OnBehalf { user_id: person.user_id, api_key_id: key.id },
                None => Inviter::ApiKey(key.id),
            }),
            Principal::Operator => Err(Error::Forbidden(Permission::UserInvite)),
        }
    }

    /// Returns the inviter's name as the organization sees it, if this is the scope of that inviter.
    pub(super) fn name_of(&self, inviter: Inviter) -> Option<&Name> {
        let own = self.inviter().is_ok_and(|own| own == inviter);
        let named = match (&self.principal, &self.person) {
            (_, Some(person)) => Some(&person.name),
            (Principal::Member(member), None) => Some(&member.name),
            (Principal::ApiKey(key), None) => Some(&key.name),
            (Principal::Operator, None) => None,
        };
        named.filter(|_| own)
    }

    pub(super) fn api_key_id(&self) -> Option<ApiKeyId> {
        self.api_key().map(|key| key.id)
    }

    /// Returns the roles with these ids. Returns `NotFound::Role` when one does not exist, and `Forbidden` when one has
    /// a permission that this scope lacks.
    pub(super) async fn grantable(&self, tx: &mut Snapshot, ids: &[RoleId]) -> Result<Vec<Role>> {
        few("role_ids", ids)?;
        let mut roles = tx.roles().all(self.organization.id).await?;
        roles.retain(|role| ids.contains(&role.id));
        if ids.iter().any(|id| !roles.iter().any(|role| role.id == *id)) {
            return Err(NotFound::Role.into());
        }
        self.require_all(roles.iter().flat_map(|role| &role.permissions))?;
        Ok(roles)
    }

    /// Rejects permissions that this scope lacks: nobody can grant, take away or create more than they have.
    pub(super) fn require_all<'a>(&self, permissions: impl IntoIterator<Item = &'a Permission>) -> Result<()> {
        permissions.into_iter().try_for_each(|permission| self.require(*permission))
    }
}

pub(super) fn names(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.name.clone()).collect()
}
