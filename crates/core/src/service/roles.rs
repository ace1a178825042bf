//! Roles: the built-in ones never change; an organization adds its own.

use super::{
    Error, NotFound, Result, RoleConflict, Scope,
    dependents::{Plan, powers_of_holders},
    subject,
};
use std::borrow::Cow;
use vestibule_domain::{
    Actor, Change, DependentChanges, Fact, Instant, Member, Name, OrganizationId, Permission, Role, RoleId, Uses,
    Violation, bounds::few,
};
use vestibule_store::{LockedTx, Snapshot};

/// The changes to an organization's own role; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct RoleEdit {
    pub name: Option<String>,
    pub permissions: Option<Vec<Permission>>,
}

impl subject::Roles<'_> {
    /// Returns all roles of the organization, those with the most power first.
    pub async fn all(self, scope: &Scope) -> Result<Vec<Role>> {
        self.read_one(async |tx| Ok(tx.roles().all(scope.organization().id).await?)).await
    }

    /// Returns all roles, and all members if the caller may see them, as of one moment.
    pub async fn all_with_members(self, scope: &Scope) -> Result<(Vec<Role>, Option<Vec<Member>>)> {
        let (id, may_see) = (scope.organization().id, scope.has(Permission::UserRead));
        self.read(async |tx| {
            let roles = tx.roles().all(id).await?;
            let members = if may_see { Some(tx.members().all(id).await?) } else { None };
            Ok((roles, members))
        })
        .await
    }

    /// Returns one role of the organization.
    pub async fn get(self, scope: &Scope, id: RoleId) -> Result<Role> {
        self.read(async |tx| own(tx, scope, id).await).await
    }

    /// Returns a role, and the members and invitations that have it and so prevent deleting it.
    pub async fn get_with_uses(self, scope: &Scope, id: RoleId) -> Result<(Role, Uses)> {
        scope.require(Permission::RoleEdit)?;
        self.read(async |tx| Ok((own(tx, scope, id).await?, tx.roles().uses(scope.organization().id, id).await?))).await
    }

    /// Creates a role. Rejects permissions that the caller lacks.
    pub async fn create(self, scope: &Scope, key: &str, name: &str, permissions: &[Permission]) -> Result<Role> {
        let now = self.now();
        let (key, name) = check(key, name)?;
        few("permissions", permissions)?;
        self.write_in(scope, Some(Permission::RoleEdit), async |tx, scope| {
            scope.require_all(permissions)?;
            let role = role(scope.organization().id, key.clone(), name.clone(), permissions, now);
            add(tx, &role, &scope.actor(), now).await?;
            Ok(role)
        })
        .await
    }

    /// Edits a role. Returns it with what happened to dependents of its holders. Rejects a role that has, or would get,
    /// permissions that the caller lacks.
    pub async fn edit(self, scope: &Scope, id: RoleId, edit: &RoleEdit) -> Result<(Role, DependentChanges)> {
        let now = self.now();
        let name = edit.name.as_deref().map(|name| Name::parse("name", name)).transpose()?;
        few("permissions", edit.permissions.as_deref().unwrap_or_default())?;
        let edited = self.write_in(scope, Some(Permission::RoleEdit), async |tx, scope| {
            let before = own_editable(tx, scope, id).await?;
            scope.check_version(&before)?;
            let permissions = edit.permissions.as_deref().unwrap_or(&before.permissions);
            scope.require_all(before.permissions.iter().chain(permissions))?;
            let name = name.as_ref().map_or_else(|| before.name.clone(), ToString::to_string);
            let after = Role { name, permissions: in_order(permissions), ..before.clone() };
            let changes = changes(&before, &after);
            if changes.is_empty() {
                return Ok((after, DependentChanges::default(), false));
            }
            tx.roles_mut().save(&after).await?;
            let shrunk = match before.may_be_granted_by(&after.permissions) {
                true => Vec::new(),
                false => powers_of_holders(tx, after.organization_id, id, |_| ()).await?,
            };
            let plan = Plan::new(tx, scope, shrunk, now).await?;
            let settled = plan.settled();
            let fact = Fact::RoleEdited { key: after.key.clone(), name: after.name.clone(), changes, settled };
            tx.record(now, &scope.actor(), (None, None), &fact).await?;
            Ok((after, settled, plan.apply(tx, now).await?))
        });
        let (role, settled, is_more) = edited.await?;
        self.0.dependents().finish_cuts(role.organization_id, is_more).await;
        Ok((role, settled))
    }

    /// Deletes a role. Returns `RoleInUse` while a member or an open invitation has it.
    pub async fn delete(self, scope: &Scope, id: RoleId) -> Result<()> {
        let now = self.now();
        self.write_in(scope, Some(Permission::RoleEdit), async |tx, scope| {
            let role = own_editable(tx, scope, id).await?;
            scope.check_version(&role)?;
            scope.require_all(&role.permissions)?;
            match tx.roles().uses(role.organization_id, id).await?.total() {
                0 => tx.roles_mut().delete(role.organization_id, id).await?,
                uses => return Err(RoleConflict::InUse(uses).into()),
            }
            let fact = Fact::RoleDeleted { key: role.key, name: role.name };
            Ok(tx.record(now, &scope.actor(), (None, None), &fact).await?)
        })
        .await
    }
}

fn check(key: &str, name: &str) -> Result<(String, String)> {
    let mut violations: Vec<Violation> = Vec::new();
    let name = Name::parse("name", name).map_err(|violation| violations.push(violation));
    let key = Role::parse_key("key", key).map_err(|violation| violations.push(violation));
    match (key, name) {
        (Ok(key), Ok(name)) => Ok((key, name.to_string())),
        _ => Err(Error::Invalid(violations)),
    }
}

fn role(organization_id: OrganizationId, key: String, name: String, permissions: &[Permission], now: Instant) -> Role {
    Role { id: RoleId::new(now), organization_id, key, name, permissions: in_order(permissions) }
}

/// Returns each permission once, in the order of `Permission::ALL`.
fn in_order(permissions: &[Permission]) -> Vec<Permission> {
    Permission::ALL.iter().copied().filter(|permission| permissions.contains(permission)).collect()
}

async fn add(tx: &mut LockedTx, role: &Role, actor: &Actor, now: Instant) -> Result<()> {
    if !tx.roles_mut().add(role).await? {
        return Err(RoleConflict::KeyTaken.into());
    }
    let fact =
        Fact::RoleCreated { key: role.key.clone(), name: role.name.clone(), permissions: role.permissions.clone() };
    Ok(tx.record(now, actor, (None, None), &fact).await?)
}

/// Returns all roles, and creates those of the wanted keys that don't exist yet, with a member's permissions. The
/// caller holds the organization's lock, so that each is created only once.
pub(super) async fn with_first_used<'a>(
    tx: &mut LockedTx,
    scope: &Scope,
    all: &'a [Role],
    wanted: &[(&'static str, &'static str)],
    now: Instant,
) -> Result<Cow<'a, [Role]>> {
    let mut all = Cow::Borrowed(all);
    for (key, name) in wanted {
        if all.iter().any(|role| role.key == *key) {
            continue;
        }
        let permissions = Role::member_permissions();
        scope.require_all(&permissions)?;
        let role = role(scope.organization().id, (*key).to_owned(), (*name).to_owned(), &permissions, now);
        add(tx, &role, &scope.actor(), now).await?;
        all.to_mut().push(role);
    }
    Ok(all)
}

async fn own(tx: &mut Snapshot, scope: &Scope, id: RoleId) -> Result<Role> {
    let roles = tx.roles().all(scope.organization().id).await?;
    Ok(roles.into_iter().find(|role| role.id == id).ok_or(NotFound::Role)?)
}

async fn own_editable(tx: &mut Snapshot, scope: &Scope, id: RoleId) -> Result<Role> {
    let role = own(tx, scope, id).await?;
    if role.is_built_in() { Err(RoleConflict::BuiltIn.into()) } else { Ok(role) }
}

fn changes(before: &Role, after: &Role) -> Vec<Change> {
    let list = |role: &Role| role.permissions.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", ");
    Change::between([("name", before.name.clone(), after.name.clone()), ("permissions", list(before), list(after))])
}
