//! Resources: what invitations and members can be limited to.

use super::{Error, NotFound, ResourceConflict, Result, Scope, outbox::page_request, subject};
use std::collections::{BTreeMap, BTreeSet};
use vestibule_domain::{
    Actor, Change, CursorPage, Fact, Instant, Label, Name, OrganizationId, Permission, Resource, ResourceId, Uses,
    Violation, bounds::few,
};
use vestibule_store::{LockedTx, Snapshot};

/// The content of a new resource, or the changes to one: `None` leaves a field as it is, an empty text clears it.
#[derive(Clone, Debug, Default)]
pub struct ResourceEdit {
    pub name: Option<String>,
    pub external_id: Option<String>,
    pub bundle_id: Option<String>,
}

impl subject::Resources<'_> {
    /// Returns a page of resources, newest first, and the number of all.
    pub async fn page(self, scope: &Scope, cursor: Option<&str>, limit: u32) -> Result<(CursorPage<Resource>, u64)> {
        scope.require(Permission::OrganizationRead)?;
        let (id, request) = (scope.organization().id, page_request(scope, cursor, limit)?);
        self.read(async |tx| {
            let rows = tx.resources().page(id, request).await?;
            let page = CursorPage::new(rows, request, id, |resource| resource.id.uuid());
            Ok((page, tx.resources().count(id).await?))
        })
        .await
    }

    /// Returns one resource of the organization.
    pub async fn get(self, scope: &Scope, id: ResourceId) -> Result<Resource> {
        scope.require(Permission::OrganizationRead)?;
        self.read(async |tx| own(tx, scope, id).await).await
    }

    /// Returns all resources in the order in which they were created, to choose from.
    pub async fn all(self, scope: &Scope) -> Result<Vec<Resource>> {
        self.read(async |tx| Ok(tx.resources().all(scope.organization().id).await?)).await
    }

    /// Returns a resource, and the members and invitations that are limited to it and so prevent deleting it.
    pub async fn get_with_uses(self, scope: &Scope, id: ResourceId) -> Result<(Resource, Uses)> {
        scope.require(Permission::OrganizationEdit)?;
        self.read(async |tx| Ok((own(tx, scope, id).await?, tx.resources().uses(scope.organization().id, id).await?)))
            .await
    }

    /// Returns the id of the resource with this id or external id.
    pub async fn find(self, scope: &Scope, name: &str) -> Result<Option<ResourceId>> {
        let id = scope.organization().id;
        self.read(async |tx| {
            if let Ok(wanted) = name.parse()
                && let Some(resource) = tx.resources().get(id, wanted).await?
            {
                return Ok(Some(resource.id));
            }
            Ok(tx.resources().by_external_id(id, name).await?.map(|resource| resource.id))
        })
        .await
    }

    /// Creates a resource. Returns `ExternalIdTaken` when another one has the external id.
    pub async fn create(self, scope: &Scope, new: &ResourceEdit) -> Result<Resource> {
        let now = self.now();
        let resource = parse(scope.organization().id, new, now)?;
        self.write_in(scope, Some(Permission::OrganizationEdit), async |tx, scope| {
            add(tx, &resource, &scope.actor(), now).await?;
            Ok(resource.clone())
        })
        .await
    }

    /// Edits a resource. Returns `ExternalIdTaken` when another one has the external id.
    pub async fn edit(self, scope: &Scope, id: ResourceId, edit: &ResourceEdit) -> Result<Resource> {
        let now = self.now();
        self.write_in(scope, Some(Permission::OrganizationEdit), async |tx, scope| {
            let before = own(tx, scope, id).await?;
            scope.check_version(&before)?;
            let after = edited(before.clone(), edit)?;
            let changes = changes(&before, &after);
            if changes.is_empty() {
                return Ok(after);
            }
            if !tx.resources_mut().save(&after).await? {
                return Err(ResourceConflict::ExternalIdTaken.into());
            }
            let fact = Fact::ResourceEdited { id, name: after.name.to_string(), changes };
            tx.record(now, &scope.actor(), (None, None), &fact).await?;
            Ok(after)
        })
        .await
    }

    /// Deletes a resource. Returns `ResourceInUse` while somebody is limited to it: without it they would have no
    /// limit, or less access than intended.
    pub async fn delete(self, scope: &Scope, id: ResourceId) -> Result<()> {
        let now = self.now();
        self.write_in(scope, Some(Permission::OrganizationEdit), async |tx, scope| {
            let resource = own(tx, scope, id).await?;
            scope.check_version(&resource)?;
            match tx.resources().uses(resource.organization_id, id).await?.total() {
                0 => tx.resources_mut().delete(resource.organization_id, id).await?,
                uses => return Err(ResourceConflict::InUse(uses).into()),
            }
            let fact = Fact::ResourceDeleted { id, name: resource.name.to_string() };
            Ok(tx.record(now, &scope.actor(), (None, None), &fact).await?)
        })
        .await
    }
}

impl Scope {
    /// Returns a violation of `field` when these resources are more than this scope is limited to.
    pub(super) async fn check_limit(&self, tx: &mut Snapshot, field: &'static str, ids: &[ResourceId]) -> Result<()> {
        if self.limit(tx).await?.allows(ids) {
            return Ok(());
        }
        let sentence = "You are limited to some resources. Choose at least one of them, and no others.";
        Err(Violation::new(field, "too_much", sentence).into())
    }

    /// Returns `NotFound::Resource` for an id that is not one of this organization's resources.
    pub(super) async fn check_resources(&self, tx: &mut Snapshot, ids: &[ResourceId]) -> Result<()> {
        few("resource_ids", ids)?;
        for id in ids {
            own(tx, self, *id).await?;
        }
        Ok(())
    }
}

/// Returns those of these resources that exist, by id.
pub(super) async fn limits(
    tx: &mut Snapshot,
    organization_id: OrganizationId,
    ids: impl IntoIterator<Item = ResourceId>,
) -> Result<BTreeMap<ResourceId, Resource>> {
    let ids: Vec<ResourceId> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let found = tx.resources().some(organization_id, &ids).await?;
    Ok(found.into_iter().map(|resource| (resource.id, resource)).collect())
}

/// Picks the resources with these ids.
pub(super) fn some(all: &BTreeMap<ResourceId, Resource>, ids: &[ResourceId]) -> Vec<Resource> {
    ids.iter().filter_map(|id| all.get(id)).cloned().collect()
}

async fn own(tx: &mut Snapshot, scope: &Scope, id: ResourceId) -> Result<Resource> {
    Ok(tx.resources().get(scope.organization().id, id).await?.ok_or(NotFound::Resource)?)
}

async fn add(tx: &mut LockedTx, resource: &Resource, actor: &Actor, now: Instant) -> Result<()> {
    if !tx.resources_mut().add(resource).await? {
        return Err(ResourceConflict::ExternalIdTaken.into());
    }
    let fact = Fact::ResourceCreated { id: resource.id, name: resource.name.to_string() };
    Ok(tx.record(now, actor, (None, None), &fact).await?)
}

fn parse(organization_id: OrganizationId, new: &ResourceEdit, now: Instant) -> Result<Resource> {
    let mut violations: Vec<Violation> = Vec::new();
    let name = Name::parse("name", new.name.as_deref().unwrap_or_default()).map_err(|wrong| violations.push(wrong));
    let mut label = |field, text: &Option<String>| {
        Label::parse(field, text.as_deref().unwrap_or_default()).unwrap_or_else(|wrong| {
            violations.push(wrong);
            None
        })
    };
    let (external_id, bundle_id) = (label("external_id", &new.external_id), label("bundle_id", &new.bundle_id));
    match name {
        Ok(name) if violations.is_empty() => {
            Ok(Resource { id: ResourceId::new(now), organization_id, name, external_id, bundle_id, created_at: now })
        }
        _ => Err(Error::Invalid(violations)),
    }
}

fn edited(before: Resource, edit: &ResourceEdit) -> Result<Resource> {
    let keep = |label: Option<Label>| label.map_or_else(String::new, |label| label.as_str().to_owned());
    let whole = ResourceEdit {
        name: Some(edit.name.clone().unwrap_or_else(|| before.name.to_string())),
        external_id: Some(edit.external_id.clone().unwrap_or_else(|| keep(before.external_id))),
        bundle_id: Some(edit.bundle_id.clone().unwrap_or_else(|| keep(before.bundle_id))),
    };
    let after = parse(before.organization_id, &whole, before.created_at)?;
    Ok(Resource { id: before.id, ..after })
}

fn changes(before: &Resource, after: &Resource) -> Vec<Change> {
    let label = |label: &Option<Label>| label.as_ref().map_or("", Label::as_str).to_owned();
    Change::between([
        ("name", before.name.to_string(), after.name.to_string()),
        ("external_id", label(&before.external_id), label(&after.external_id)),
        ("bundle_id", label(&before.bundle_id), label(&after.bundle_id)),
    ])
}
