//! Members: their roles, their removal, and the last owner, who can't be removed.

use super::{
    Conflict, Error, NotFound, Result, Scope, authorize::names, dependents::Plan, dependents::hanging,
    invitations::inviter_name, outbox::page_request, resources::limits, subject,
};
use serde_json::{Map, Value};
use vestibule_domain::{
    Change, CursorPage, DependentChanges, Dependents, EmailAddress, Fact, Instant, Maker, Member, MemberId, Name,
    Object, OrganizationId, Permission, Power, Resource, ResourceId, Role, RoleId, UserId, Violation,
};
use vestibule_store::{LockedTx, Snapshot};

/// The changes to a member; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct MemberEdit {
    pub role_ids: Option<Vec<RoleId>>,
    pub resource_ids: Option<Vec<ResourceId>>,
    pub metadata: Option<Map<String, Value>>,
    pub private_metadata: Option<Map<String, Value>>,
}

/// One page of the list of members.
#[derive(Clone, Debug)]
pub struct MemberPage {
    pub page: CursorPage<Member>,
    /// The number of members on all pages.
    pub total: u64,
    /// All resources that the members on this page are limited to.
    pub resources: Vec<Resource>,
}

/// One member, with what an editor needs to know first.
#[derive(Clone, Debug)]
pub struct MemberDetail {
    pub member: Member,
    /// The resources that the member is limited to.
    pub resources: Vec<Resource>,
    pub is_last_owner: bool,
    /// The dependents that end with the member; empty for those who may not see them.
    pub dependents: Dependents,
    pub now: Instant,
}

impl subject::Members<'_> {
    /// Returns all members in the order in which they joined.
    pub async fn all(self, scope: &Scope) -> Result<Vec<Member>> {
        scope.require(Permission::UserRead)?;
        self.read(async |tx| tx.members().all(scope.organization().id).await.map_err(Error::from)).await
    }

    /// Returns a page of members, the latest to join first.
    pub async fn page(self, scope: &Scope, cursor: Option<&str>, limit: u32) -> Result<MemberPage> {
        scope.require(Permission::UserRead)?;
        let (id, request) = (scope.organization().id, page_request(scope, cursor, limit)?);
        self.read(async |tx| {
            let rows = tx.members().page(id, request).await?;
            let page = CursorPage::new(rows, request, id, |member| member.id.uuid());
            let resources = limits_of(tx, id, &page.items).await?;
            Ok(MemberPage { page, total: tx.members().count(id).await?, resources })
        })
        .await
    }

    /// Returns one member with what an editor needs to know first. The dependents are for those who may edit members,
    /// and for the member themselves.
    pub async fn detail(self, scope: &Scope, id: MemberId) -> Result<MemberDetail> {
        scope.require(Permission::UserRead)?;
        let now = self.now();
        self.read(async |tx| {
            let member = load(tx, scope, id).await?;
            let is_last_owner = is_last_owner(tx, &member).await?;
            let resources = limits_of(tx, member.organization_id, std::slice::from_ref(&member)).await?;
            let is_me = scope.member().is_some_and(|me| me.id == id);
            let dependents = if is_me || scope.has(Permission::UserEdit) {
                hanging(tx, scope, vec![(Maker::User(member.user_id), Power::none())], now).await?
            } else {
                Dependents::default()
            };
            Ok(MemberDetail { member, resources, is_last_owner, dependents, now })
        })
        .await
    }

    /// Returns the name of who invited this member of the scope's organization: the person's, or that of the program's
    /// key. Returns `None` if nobody did, or if the inviter's account is gone.
    pub async fn inviter(self, scope: &Scope, member: &Member) -> Result<Option<Name>> {
        scope.require(Permission::UserRead)?;
        let Some(id) = member.invitation_id else { return Ok(None) };
        self.read(async |tx| {
            let invitation = tx.invitations().get(id).await?;
            let own = invitation.filter(|invitation| invitation.organization_id == scope.organization().id);
            let Some(invitation) = own else { return Ok(None) };
            match inviter_name(tx, &invitation).await {
                Ok(name) => Ok(Some(name)),
                Err(Error::NotFound(_)) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Returns the resources that a member who was just changed is limited to.
    pub async fn resources_of(self, member: &Member) -> Result<Vec<Resource>> {
        self.read(async |tx| limits_of(tx, member.organization_id, std::slice::from_ref(member)).await).await
    }

    /// Does the same as [`Self::of_user`], and returns the resources that the member is limited to as well.
    pub async fn of_user_and_resources(self, scope: &Scope, id: UserId) -> Result<Option<(Member, Vec<Resource>)>> {
        scope.require(Permission::UserRead)?;
        let organization_id = scope.organization().id;
        self.read(async |tx| {
            let Some(member) = tx.members().of_user(organization_id, id).await? else { return Ok(None) };
            let resources = limits_of(tx, organization_id, std::slice::from_ref(&member)).await?;
            Ok(Some((member, resources)))
        })
        .await
    }

    /// Returns the user's membership in this organization, if there is one.
    pub async fn of_user(self, scope: &Scope, id: UserId) -> Result<Option<Member>> {
        scope.require(Permission::UserRead)?;
        self.read(async |tx| Ok(tx.members().of_user(scope.organization().id, id).await?)).await
    }

    /// Returns the member with this email address.
    pub async fn of_address(self, scope: &Scope, email: &EmailAddress) -> Result<Option<Member>> {
        scope.require(Permission::UserRead)?;
        self.read(async |tx| Ok(tx.members().of_address(scope.organization().id, email.as_str()).await?)).await
    }

    /// Returns one member of the organization.
    pub async fn get(self, scope: &Scope, id: MemberId) -> Result<Member> {
        scope.require(Permission::UserRead)?;
        self.read(async |tx| load(tx, scope, id).await).await
    }

    /// Replaces a member's roles; see [`subject::Members::edit`].
    pub async fn change_roles(
        self,
        scope: &Scope,
        id: MemberId,
        role_ids: &[RoleId],
    ) -> Result<(Member, DependentChanges)> {
        let edit = MemberEdit { role_ids: Some(role_ids.to_vec()), ..MemberEdit::default() };
        self.edit(scope, id, &edit).await
    }

    /// Edits a member. Returns the member, and what happened to the dependents that need more than the member's new
    /// permissions. Rejects roles, old or new, with permissions that the caller lacks.
    pub async fn edit(self, scope: &Scope, id: MemberId, edit: &MemberEdit) -> Result<(Member, DependentChanges)> {
        let now = self.now();
        if edit.role_ids.as_ref().is_some_and(Vec::is_empty) {
            return Err(Violation::new("role_ids", "required", "Choose at least one role.").into());
        }
        let public = edit.metadata.clone().map(|map| Object::parse("metadata", map)).transpose()?;
        let private = edit.private_metadata.clone().map(|map| Object::parse("private_metadata", map)).transpose()?;
        let edited = self.write_in(scope, Some(Permission::UserEdit), async |tx, scope| {
            let before = load(tx, scope, id).await?;
            scope.check_version(&before)?;
            scope.outranks(&before)?;
            let mut after = before.clone();
            if let Some(role_ids) = &edit.role_ids {
                after.roles = scope.grantable(tx, role_ids).await?;
                keep_an_owner(tx, &before, &after.roles).await?;
            }
            if let Some(ids) = &edit.resource_ids {
                scope.check_resources(tx, ids).await?;
                scope.check_limit(tx, "resource_ids", ids).await?;
                after.resource_ids.clone_from(ids);
            }
            after.metadata.public = public.clone().unwrap_or(after.metadata.public);
            after.metadata.private = private.clone().unwrap_or(after.metadata.private);
            if before == after {
                return Ok((after, DependentChanges::default(), false));
            }
            tx.members_mut().save(&after).await?;
            let shrunk = vec![(Maker::User(after.user_id), Power::of_member(&after))];
            let plan = Plan::new(tx, scope, shrunk, now).await?;
            let settled = plan.settled();
            record_changes(tx, scope, &before, &after, settled, now).await?;
            Ok((after, settled, plan.apply(tx, now).await?))
        });
        let (member, settled, is_more) = edited.await?;
        self.0.dependents().finish_cuts(member.organization_id, is_more).await;
        Ok((member, settled))
    }

    /// Removes a member and returns what happened to their dependents. Rejects the last owner, and a member with
    /// permissions that the caller lacks.
    pub async fn remove(self, scope: &Scope, id: MemberId) -> Result<DependentChanges> {
        let now = self.now();
        let removed = self.write_in(scope, Some(Permission::UserEdit), async |tx, scope| {
            let member = load(tx, scope, id).await?;
            scope.check_version(&member)?;
            scope.outranks(&member)?;
            let fact = |name, settled| Fact::MemberRemoved { name, settled };
            remove(tx, scope, &member, now, fact).await
        });
        let (settled, is_more) = removed.await?;
        self.0.dependents().finish_cuts(scope.organization().id, is_more).await;
        Ok(settled)
    }

    /// Removes the member who acts. Their dependents are cut, because nobody is there to take them over.
    pub async fn leave(self, scope: &Scope) -> Result<DependentChanges> {
        let now = self.now();
        let left = self.write_in(scope, None, async |tx, scope| {
            let member = scope.member().ok_or(NotFound::Member)?;
            let fact = |name, settled| Fact::MemberLeft { name, settled };
            remove(tx, scope, member, now, fact).await
        });
        let (settled, is_more) = left.await?;
        self.0.dependents().finish_cuts(scope.organization().id, is_more).await;
        Ok(settled)
    }
}

/// Records one event for a change of roles and one for all other changes. The first of them tells what happened to the
/// dependents.
async fn record_changes(
    tx: &mut LockedTx,
    scope: &Scope,
    before: &Member,
    after: &Member,
    settled: DependentChanges,
    now: Instant,
) -> Result<()> {
    let (name, subject, mut settled) = (before.name.to_string(), (None, Some(before.id)), settled);
    if names(&before.roles) != names(&after.roles) {
        let (from, to) = (names(&before.roles), names(&after.roles));
        let settled = std::mem::take(&mut settled);
        let fact = Fact::MemberRolesChanged { name: name.clone(), from, to, settled };
        tx.record(now, &scope.actor(), subject, &fact).await?;
    }
    let count = |member: &Member| member.resource_ids.len().to_string();
    let mut changes = Vec::new();
    if before.resource_ids != after.resource_ids {
        changes.push(Change { field: "resources".into(), from: count(before), to: count(after) });
    }
    // the log does not reveal the content of metadata
    if before.metadata != after.metadata {
        changes.push(Change { field: "metadata".into(), from: String::new(), to: String::new() });
    }
    if !changes.is_empty() {
        let fact = Fact::MemberEdited { name, changes, settled };
        tx.record(now, &scope.actor(), subject, &fact).await?;
    }
    Ok(())
}

impl Scope {
    /// Returns `Forbidden` for a member with permissions that this scope lacks.
    fn outranks(&self, member: &Member) -> Result<()> {
        self.require_all(member.roles.iter().flat_map(|role| &role.permissions))
    }
}

async fn load(tx: &mut Snapshot, scope: &Scope, id: MemberId) -> Result<Member> {
    Ok(tx.members().get(scope.organization().id, id).await?.ok_or(NotFound::Member)?)
}

/// Removes the member. Returns what happened to their dependents, and whether invitations are left for
/// [`subject::Dependents::finish_cuts`].
async fn remove(
    tx: &mut LockedTx,
    scope: &Scope,
    member: &Member,
    now: Instant,
    fact: impl FnOnce(String, DependentChanges) -> Fact,
) -> Result<(DependentChanges, bool)> {
    keep_an_owner(tx, member, &[]).await?;
    let plan = Plan::new(tx, scope, vec![(Maker::User(member.user_id), Power::none())], now).await?;
    tx.members_mut().remove(member.organization_id, member.id).await?;
    let settled = plan.settled();
    let fact = fact(member.name.to_string(), settled);
    tx.record(now, &scope.actor(), (None, Some(member.id)), &fact).await?;
    Ok((settled, plan.apply(tx, now).await?))
}

/// Returns `LastOwner` when the organization would be left without an owner. The organization's lock keeps the count
/// correct.
async fn keep_an_owner(tx: &mut Snapshot, member: &Member, roles: &[Role]) -> Result<()> {
    if !roles.iter().any(|role| role.key == Role::OWNER) && is_last_owner(tx, member).await? {
        return Err(Conflict::LastOwner.into());
    }
    Ok(())
}

/// Checks whether this member is the only owner of the organization.
pub(super) async fn is_last_owner(tx: &mut Snapshot, member: &Member) -> Result<bool> {
    let Some(owner) = member.roles.iter().find(|role| role.key == Role::OWNER) else { return Ok(false) };
    Ok(tx.members().count_holders(member.organization_id, owner.id).await? <= 1)
}

/// Returns all resources that these members are limited to.
pub(super) async fn limits_of(tx: &mut Snapshot, id: OrganizationId, members: &[Member]) -> Result<Vec<Resource>> {
    let ids = members.iter().flat_map(|member| member.resource_ids.iter().copied()).collect::<Vec<_>>();
    Ok(limits(tx, id, ids).await?.into_values().collect())
}
