//! Lists of members: by filter, in any order, and a part at a time.

use super::{Result, Scope, members::limits_of, resources::limits, subject};
use std::collections::{BTreeMap, HashMap};
use vestibule_domain::{
    InvitationId, Member, MemberId, MemberQuery, Name, OrganizationId, Permission, Resource, ResourceId, Role, UserId,
};
use vestibule_store::{MemberStart, Snapshot};

/// One page of a list, with what leads to the pages beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberList {
    pub members: Vec<Member>,
    pub names: MemberNames,
    /// The position of the page's first member among those that match, starting at 1.
    pub first: u64,
    pub matching: u64,
    /// The number of all members of the organization.
    pub total: u64,
    /// The last member before the previous page, and before the next one. The outer `Option` is `None` if there is no
    /// such page.
    pub earlier: Option<Option<MemberId>>,
    pub later: Option<Option<MemberId>>,
}

/// The names that stand beside members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberNames {
    inviters: HashMap<InvitationId, Name>,
    resources: BTreeMap<ResourceId, Resource>,
}

impl MemberNames {
    pub(super) async fn of(tx: &mut Snapshot, id: OrganizationId, members: &[Member]) -> Result<Self> {
        let invitations: Vec<InvitationId> = members.iter().filter_map(|member| member.invitation_id).collect();
        let resources: Vec<ResourceId> = members.iter().flat_map(|member| member.resource_ids.clone()).collect();
        let inviters = tx.invitations().inviter_names(id, &invitations).await?;
        Ok(Self { inviters, resources: limits(tx, id, resources).await? })
    }

    /// Returns the name of who invited the member: the person's, or that of the program's key. Returns `None` if nobody
    /// did, or if the inviter's account is gone.
    pub fn inviter(&self, member: &Member) -> Option<&Name> {
        self.inviters.get(&member.invitation_id?)
    }

    /// Returns the names of the resources that the member is limited to.
    pub fn resources(&self, member: &Member) -> Vec<String> {
        let resources = member.resource_ids.iter().filter_map(|id| self.resources.get(id));
        resources.map(|resource| resource.name.to_string()).collect()
    }
}

/// A page of a list, by its number.
#[derive(Clone, Debug)]
pub struct NumberedMembers {
    pub members: Vec<Member>,
    /// The number of the page, starting at 0.
    pub page: u32,
    /// The number of members on all pages.
    pub matching: u64,
}

/// The part of a list that follows one of its members.
#[derive(Clone, Debug)]
pub struct MembersAfter {
    pub members: Vec<Member>,
    /// All resources that these members are limited to.
    pub resources: Vec<Resource>,
    /// The number of members on all parts.
    pub matching: u64,
    /// Whether there are more.
    pub is_more: bool,
}

impl subject::Members<'_> {
    /// Returns the page that follows this member. Returns the first page if the query doesn't find that member.
    pub async fn list(
        self,
        scope: &Scope,
        query: &MemberQuery,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<MemberList> {
        scope.require(Permission::UserRead)?;
        let id = scope.organization().id;
        self.read(async |tx| {
            let query = &own_query(tx, id, query).await?;
            let total = tx.members().count(id).await?;
            let matching =
                if *query == MemberQuery::default() { total } else { tx.members().count_found(id, query).await? };
            let after = match after {
                Some(after) => tx.members().found(id, query, after).await?,
                None => None,
            };
            let start = after.as_ref().map_or(MemberStart::Offset(0), MemberStart::After);
            let members = tx.members().find(id, query, start, (limit, matching)).await?;
            let (before, earlier) = match &after {
                Some(after) => pages_before(tx, id, query, after, (limit, matching)).await?,
                None => (0, None),
            };
            let is_last = before + members.len() as u64 >= matching;
            let later = members.last().filter(|_| !is_last).map(|member| Some(member.id));
            let names = MemberNames::of(tx, id, &members).await?;
            Ok(MemberList { first: before + 1, matching, total, earlier, later, names, members })
        })
        .await
    }

    /// Returns the page with this number, or the last one if there are fewer pages.
    pub async fn numbered_page(
        self,
        scope: &Scope,
        query: &MemberQuery,
        page: u32,
        size: u32,
    ) -> Result<NumberedMembers> {
        scope.require(Permission::UserRead)?;
        let id = scope.organization().id;
        self.read(async |tx| {
            let query = &own_query(tx, id, query).await?;
            let matching = tx.members().count_found(id, query).await?;
            let last = u32::try_from(matching.saturating_sub(1) / u64::from(size)).unwrap_or(u32::MAX);
            let page = page.min(last);
            let start = MemberStart::Offset(u64::from(page) * u64::from(size));
            let members = tx.members().find(id, query, start, (size, matching)).await?;
            Ok(NumberedMembers { members, page, matching })
        })
        .await
    }

    /// Returns the members that follow the one who is this user. Returns `None` if the query doesn't find that member.
    pub async fn after(
        self,
        scope: &Scope,
        query: &MemberQuery,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<MembersAfter>> {
        scope.require(Permission::UserRead)?;
        let id = scope.organization().id;
        self.read(async |tx| {
            let query = &own_query(tx, id, query).await?;
            let after = match after {
                Some(after) => match tx.members().found_user(id, query, after).await? {
                    Some(member) => Some(member),
                    None => return Ok(None),
                },
                None => None,
            };
            let matching = tx.members().count_found(id, query).await?;
            let start = after.as_ref().map_or(MemberStart::Offset(0), MemberStart::After);
            let mut members = tx.members().find(id, query, start, (limit.saturating_add(1), matching)).await?;
            let is_more = members.len() > limit as usize;
            members.truncate(limit as usize);
            let resources = limits_of(tx, id, &members).await?;
            Ok(Some(MembersAfter { members, resources, matching, is_more }))
        })
        .await
    }

    /// Returns the owner who joined first.
    pub async fn first_owner(self, scope: &Scope) -> Result<Option<Member>> {
        scope.require(Permission::UserRead)?;
        let id = scope.organization().id;
        self.read(async |tx| {
            let roles = tx.roles().all(id).await?;
            let owners = roles.iter().filter(|role| role.key == Role::OWNER).map(|role| role.id).collect();
            let query = MemberQuery::of_roles(owners);
            Ok(tx.members().find(id, &query, MemberStart::Offset(0), (1, 1)).await?.pop())
        })
        .await
    }
}

/// Returns the query without the roles and resources of other organizations: by the index of one of these, a list would
/// begin with their members.
pub(super) async fn own_query(tx: &mut Snapshot, id: OrganizationId, query: &MemberQuery) -> Result<MemberQuery> {
    let mut own = query.clone();
    if let Some(held) = &mut own.roles {
        let roles = tx.roles().all(id).await?;
        for ids in held.iter_mut().flat_map(|held| &mut held.one_of_each) {
            ids.retain(|id| roles.iter().any(|role| role.id == *id));
        }
    }
    if let Some(ids) = &mut own.resource_ids {
        let known = limits(tx, id, ids.clone()).await?;
        ids.retain(|id| known.contains_key(id));
    }
    Ok(own)
}

/// Returns how many members there are up to this one, and the last member before the page that ends with this one.
async fn pages_before(
    tx: &mut Snapshot,
    id: OrganizationId,
    query: &MemberQuery,
    after: &Member,
    (limit, matching): (u32, u64),
) -> Result<(u64, Option<Option<MemberId>>)> {
    let before = tx.members().count_before(id, query, after, matching).await? + 1;
    Ok((before, Some(tx.members().before(id, query, after, (limit, matching)).await?)))
}
