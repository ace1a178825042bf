//! One member as these pages need them.

use crate::app::visit::Visit;
use crate::domain::{Dependents, Instant, Member, MemberId, Permission, Resource};
use crate::service::{self, Missing};

/// With what is to be known before changing them.
pub struct MemberDetail {
    pub member: Member,
    /// What they are limited to.
    pub resources: Vec<Resource>,
    pub is_last_owner: bool,
    /// What they made and what ends with them; nothing for who may not know.
    pub dependents: Dependents,
    pub now: Instant,
}

pub async fn member(visit: &Visit, id: MemberId) -> service::Result<MemberDetail> {
    let member = visit.vestibule().member(&visit.scope, id).await?;
    let dependents = match visit.scope.has(Permission::UserEdit) {
        true => visit.vestibule().dependents_of_member(&visit.scope, id).await?,
        false => Dependents::default(),
    };
    detail(visit, member, dependents).await
}

/// Whoever asks, as a member.
pub async fn myself(visit: &Visit) -> service::Result<MemberDetail> {
    let member = visit.scope.member().cloned().ok_or(Missing::Member)?;
    let dependents = visit.vestibule().own_dependents(&visit.scope).await?;
    detail(visit, member, dependents).await
}

async fn detail(visit: &Visit, member: Member, dependents: Dependents) -> service::Result<MemberDetail> {
    let all = visit.vestibule().members(&visit.scope).await?;
    let owners = all.iter().filter(|member| member.is_owner()).count();
    let limits = member.resource_ids.iter().copied().collect();
    Ok(MemberDetail {
        resources: visit.vestibule().resources_of(&visit.scope, &limits).await?,
        is_last_owner: member.is_owner() && owners == 1,
        dependents,
        member,
        now: visit.vestibule().now(),
    })
}
