//! What the members' pages read.

use super::find::MemberList;
use crate::app::failure::Failure;
use crate::domain::{Instant, Member, MemberId, RoleId};
#[cfg(feature = "ssr")]
use crate::service::{Scope, Vestibule};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One member, with what is to be known before changing them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDetail {
    pub member: Member,
    pub is_last_owner: bool,
    pub now: Instant,
}

/// A page of the members; see [`super::find::MemberFilter`].
#[server]
pub async fn list_members(
    slug: String,
    text: String,
    role_id: Option<RoleId>,
    after: Option<MemberId>,
) -> Result<(MemberList, Instant), Failure> {
    use crate::app::context::{failed, scope, vestibule};
    let (vestibule, scope) = (vestibule(), scope(&slug).await?);
    let all = vestibule.members(&scope).await.map_err(failed)?;
    Ok((super::find::MemberFilter { text, role_id, after }.page(all), vestibule.now()))
}

/// The member of this id, which may be anything that stands in an address.
#[server]
pub async fn one_member(slug: String, id: String) -> Result<MemberDetail, Failure> {
    use crate::app::context::{failed, scope, vestibule};
    use crate::service::{Error, Missing};
    let (vestibule, scope) = (vestibule(), scope(&slug).await?);
    let id = id.parse().map_err(|_| failed(Error::from(Missing::Member)))?;
    let member = vestibule.member(&scope, id).await.map_err(failed)?;
    detail(&vestibule, &scope, member).await
}

/// Whoever asks, as a member.
#[server]
pub async fn myself(slug: String) -> Result<MemberDetail, Failure> {
    use crate::app::context::{scope, vestibule};
    let (vestibule, scope) = (vestibule(), scope(&slug).await?);
    let member = scope.member().clone();
    detail(&vestibule, &scope, member).await
}

#[cfg(feature = "ssr")]
async fn detail(vestibule: &Vestibule, scope: &Scope, member: Member) -> Result<MemberDetail, Failure> {
    let all = vestibule.members(scope).await.map_err(crate::app::context::failed)?;
    let owners = all.iter().filter(|member| member.is_owner()).count();
    Ok(MemberDetail { is_last_owner: member.is_owner() && owners == 1, member, now: vestibule.now() })
}
