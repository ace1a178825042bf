//! The list of members.

use super::role_names;
use crate::app::{
    component::{
        AddButton, Address, Avatar, Column, ExportLinks, FilterChoice, Glyph, Icon, NoMatch, Pager, RoleChoice, Search,
        Table, When, WhenStyle, plural,
    },
    form::fields,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::{Param, address},
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{self, MemberList, MemberNames};
use vestibule_domain::{Instant, Member, MemberId, MemberQuery, Permission, Resource, ResourceId, RoleId};

/// The number of rows per page.
const PAGE: u32 = 50;

fields! {
    /// The query of the list's URL.
    pub struct MemberListQuery {
        q: Param,
        role: Param<RoleId>,
        resource: Param<ResourceId>,
        /// The last member of the previous page.
        after: Param<MemberId>,
    }
}

impl MemberListQuery {
    /// Returns the query for the service.
    pub fn members(&self) -> MemberQuery {
        let of_role = self.role.read().map(|id| MemberQuery::of_roles(vec![id])).unwrap_or_default();
        let resource_ids = self.resource.read().map(|id| vec![id]);
        MemberQuery { text: self.q.text().trim().to_owned(), resource_ids, ..of_role }
    }
}

pub async fn index(mut context: PortalContext, Query(query): Query<MemberListQuery>) -> Response {
    let now = context.vestibule().now();
    let read = read(&context, &query).boxed().await;
    if let Ok((list, _)) = &read {
        context.portal_frame.members = list.total;
    }
    context.show(read, move |(list, resources)| view! { <Index list resources now query/> }).await
}

/// Returns the page of the list, and all resources to filter by.
async fn read(context: &PortalContext, query: &MemberListQuery) -> service::Result<(MemberList, Vec<Resource>)> {
    let vestibule = context.vestibule();
    let list = vestibule.members().list(&context.scope, &query.members(), query.after.read(), PAGE).await?;
    Ok((list, vestibule.resources().all(&context.scope).await?))
}

#[component]
fn Index(list: MemberList, resources: Vec<Resource>, now: Instant, query: MemberListQuery) -> impl IntoView {
    let actions = {
        let filter = MemberListQuery { after: Param::default(), ..query.clone() };
        move || view! { <Actions filter/> }
    };
    view! {
        <Page title="Members" under=Lede actions live=true>
            <Filters query=query.clone() resources/>
            <List list now query/>
        </Page>
    }
}

#[component]
fn Lede() -> impl IntoView {
    let here = use_portal_frame();
    let verb = if here.members == 1 { "belongs" } else { "belong" };
    let count = plural(here.members, "person", "people");
    view! { <p class="page__lede">{count}" "{verb}" to "<bdi>{here.organization.name.to_string()}</bdi>"."</p> }
}

#[component]
fn Actions(filter: MemberListQuery) -> impl IntoView {
    let here = use_portal_frame();
    let base = format!("/o/{}", here.organization.slug);
    let may_invite = here.permissions.contains(&Permission::UserInvite);
    view! {
        <ExportLinks path=format!("{base}/members/export") filter/>
        <a class="button" href=format!("{base}/members/leave")>
            <Icon glyph=Glyph::Out/>
            "Leave…"
        </a>
        {may_invite.then(|| view! { <AddButton href=format!("{base}/invitations/new") words="Invite people"/> })}
    }
}

#[component]
fn Filters(query: MemberListQuery, resources: Vec<Resource>) -> impl IntoView {
    let roles = use_portal_frame().roles.iter().map(|role| (role.id.to_string(), role.name.clone())).collect();
    let chosen = query.resource.some().map(str::to_owned);
    let by_resource = (!resources.is_empty()).then(|| {
        let name = MemberListQuery::resource().name;
        let options = resources.iter().map(|resource| (resource.id.to_string(), resource.name.to_string())).collect();
        view! { <FilterChoice name label="Limited to" any="Any resource" options chosen/> }
    });
    view! {
        <Search name="Members" label="Search by name or email address" input=MemberListQuery::q().filled(query.q.text())>
            <RoleChoice name=MemberListQuery::role().name roles chosen=query.role.some().map(str::to_owned)/>
            {by_resource}
        </Search>
    }
}

const COLUMNS: &[Column] = &[
    Column::of_class("Member", "table__wide"),
    Column::new("Roles"),
    Column::of_class("Limited to", "table__mid"),
    Column::new("Joined"),
    Column::of_class("Invited by", "table__low"),
    Column::ACTIONS,
];

#[component]
fn List(list: MemberList, now: Instant, query: MemberListQuery) -> impl IntoView {
    let here = format!("/o/{}/members", use_portal_frame().organization.slug);
    if list.members.is_empty() {
        return view! { <NoMatch title="No member matches" all=here words="Clear the filters"/> }.into_any();
    }
    let (first, last) = (list.first, list.first + list.members.len() as u64 - 1);
    let note = format!("{first}–{last} of {}", plural(list.matching, "member", "members"));
    let MemberList { members, names, .. } = list;
    let rows = members.into_iter().map(|member| view! { <Row names=&names member now/> }).collect_view();
    let turn = |after: Option<Option<MemberId>>| {
        after.map(|after| {
            let after = after.map(|id| id.to_string()).into();
            address(&here, &MemberListQuery { after, ..query.clone() })
        })
    };
    let (earlier, later) = (turn(list.earlier), turn(list.later));
    view! {
        <div class="list"><Table caption="Members" columns=COLUMNS>{rows}</Table></div>
        <Pager note newer=earlier older=later words=("Earlier", "Later")/>
    }
    .into_any()
}

#[component]
fn Row<'a>(names: &'a MemberNames, member: Member, now: Instant) -> impl IntoView + use<> {
    let here = use_portal_frame();
    let href = format!("/o/{}/members/{}", here.organization.slug, member.id);
    let is_me = here.user.id == member.user_id;
    let may_edit = super::hindrance(&here.permissions, &member).is_none();
    let (name, roles) = (member.name.to_string(), role_names(&member));
    let limited_to = Some(names.resources(&member).join(", ")).filter(|names| !names.is_empty());
    let inviter = names.inviter(&member).map(ToString::to_string);
    view! {
        <tr role="row" id=format!("row-{}", member.id)>
            <td role="cell" class="table__lead table__wide">
                <span class="person person--face">
                    <Avatar name=member.name/>
                    <a class="person__name" href=href.clone()><bdi>{name.clone()}</bdi></a>
                    <span class="person__address">
                        <Address address=member.email.to_string()/>
                        {is_me.then_some(" · This is you")}
                    </span>
                </span>
            </td>
            <td role="cell" class="table__names" data-label="Roles">{roles}</td>
            <td role="cell" class="table__names table__mid"><Names names=limited_to none="No limit"/></td>
            <td role="cell" data-label="Joined">
                <span class="nowrap"><When at=member.joined_at now style=WhenStyle::Brief/></span>
            </td>
            <td role="cell" class="table__names table__low"><Names names=inviter none="Nobody"/></td>
            <td role="cell" class="table__tools table__side">
                {may_edit.then(|| view! { <a class="small" href=href>"Edit"<span class="sr">" "{name}</span></a> })}
            </td>
        </tr>
    }
}

/// Shows names, or a dash, which screen readers read as `none`.
#[component]
fn Names(names: Option<String>, none: &'static str) -> impl IntoView {
    match names {
        Some(names) => view! { <bdi>{names}</bdi> }.into_any(),
        None => view! { <span aria-hidden="true">"—"</span><span class="sr">{none}</span> }.into_any(),
    }
}
