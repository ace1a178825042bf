//! Members.

use super::caller::OrganizationScope;
use super::fault::VendorResult;
use super::query::{Order, PAGING, Query};
use super::wire::{self, Data, Document, Links};
use crate::FacadeState;
use axum::extract::State;
use axum::response::IntoResponse;
use vestibule_domain::Permission;

/// Lists the members, most recently joined first.
pub async fn list(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    query: Query,
) -> VendorResult<impl IntoResponse + use<>> {
    query.only(PAGING)?;
    scope.require(Permission::OrganizationRead)?;
    let asked = query.page(scope.organization().id, Order::NewestFirst)?;
    let page = state.vestibule.members().page(&scope, asked.cursor.as_deref(), asked.limit).await?.page;
    let [first, prev, next] = query.around(&page, Order::NewestFirst);
    let data: Vec<_> = page.items.iter().map(|member| wire::membership(member, scope.organization())).collect();
    Ok(Document::new(Data { data, links: Links { here: query.here(), first, prev, next } }))
}
