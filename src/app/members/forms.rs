//! The handlers of the members' forms, and the file of all members.

use super::{LAST_OWNER, index::MemberListQuery, is_last_owner, roles_form::RolesForm, show};
use crate::app::{
    component::{FormatQuery, dependents::TakeOverForm},
    context::{OrganizationScope, PathId},
    flash::Flash,
    form::faults,
    respond::redirect,
};
use axum::response::Response;
use axum_extra::extract::{Form, Query};
use futures::FutureExt;
use vestibule_core::service::{Conflict, Error, NotFound};
use vestibule_domain::{MemberId, Violation};
use vestibule_web::member_file::file;

pub async fn change_roles(
    at: OrganizationScope,
    PathId(id): PathId<MemberId>,
    Form(form): Form<RolesForm>,
) -> Result<Response, Response> {
    let at = at.if_match(&form.version).taking_over(&form.dependents);
    let faults = match at.vestibule().members().change_roles(&at.scope, id, &form.role_ids.read()).boxed().await {
        Ok((member, settled)) => {
            let flash = Flash::MemberRolesChanged { name: member.name.to_string(), settled };
            return Ok(at.redirect("members", &flash));
        }
        Err(Error::Conflict(Conflict::LastOwner)) => {
            let sentence = format!("{}. {LAST_OWNER}", is_last_owner(&name_of(&at, id).await));
            Ok(vec![Violation::new(RolesForm::role_ids().name, "last_owner", sentence)])
        }
        Err(error) => faults(error),
    };
    let (context, draft) = at.again(&format!("members/{id}"), form, faults).await?;
    Ok(show::page(context, id, Some(draft)).await)
}

pub async fn remove(at: OrganizationScope, PathId(id): PathId<MemberId>, Form(form): Form<TakeOverForm>) -> Response {
    let at = at.taking_over(&form.dependents);
    let name = name_of(&at, id).await;
    match at.vestibule().members().remove(&at.scope, id).boxed().await {
        Ok(settled) => at.redirect("members", &Flash::MemberRemoved { name, settled }),
        Err(Error::Conflict(Conflict::LastOwner)) => at.redirect(&format!("members/{id}"), &Flash::LastOwner { name }),
        Err(error) => at.refuse(&format!("members/{id}/remove"), error),
    }
}

pub async fn leave(at: OrganizationScope) -> Response {
    let organization = at.scope.organization().name.to_string();
    match at.vestibule().members().leave(&at.scope).boxed().await {
        Ok(settled) => redirect(&at.state, "/", &Flash::Left { organization, settled }),
        Err(Error::Conflict(Conflict::LastOwner)) => {
            let name = at.scope.member().map_or_else(String::new, |member| member.name.to_string());
            at.redirect("members", &Flash::LastOwner { name })
        }
        Err(error) => at.refuse("members/leave", error),
    }
}

/// Sends everyone whom the list's filter finds as a file.
pub async fn export(
    at: OrganizationScope,
    Query(export): Query<FormatQuery>,
    Query(query): Query<MemberListQuery>,
) -> Response {
    let Some(format) = export.format.read() else { return at.refuse("members", NotFound::Route.into()) };
    match at.vestibule().member_exports().all(&at.scope, &query.members()).boxed().await {
        Ok(members) => file(format, &format!("{}-members", at.scope.organization().slug), members),
        Err(error) => at.refuse("members", error),
    }
}

/// Returns the name for use in a message. It is empty if there is no such member: then the use case itself fails.
async fn name_of(at: &OrganizationScope, id: MemberId) -> String {
    let member = at.vestibule().members().get(&at.scope, id).await;
    member.map(|member| member.name.to_string()).unwrap_or_default()
}
