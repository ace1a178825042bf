//! The list of members.

use super::role_names;
use crate::app::{
    component::{Address, Avatar, Glyph, Icon, Pager, RoleChoice, Search, When, WhenStyle, plural},
    context::sent,
    form::Fields,
    layout::Page,
    query::escape,
    visit::{Visit, use_whereabouts},
};
use axum::{extract::Query, response::Response};
use leptos::prelude::*;
use vestibule_core::service::MemberList;
use vestibule_domain::{Instant, Member, MemberId, MemberQuery, Permission, RoleId};

/// The number of rows per page.
const PAGE: u32 = 50;

/// The query of the list's URL. The default is the first page without a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct MemberFilter {
    /// Part of a name or email address, in upper or lower case.
    text: String,
    role_id: Option<RoleId>,
    /// The last member of the previous page.
    after: Option<MemberId>,
}

impl MemberFilter {
    fn query(&self) -> MemberQuery {
        let of_role = self.role_id.map(|id| MemberQuery::of_roles(vec![id])).unwrap_or_default();
        MemberQuery { text: self.text.trim().to_owned(), ..of_role }
    }
}

pub async fn index(mut visit: Visit, Query(fields): Query<Fields>) -> Response {
    let filter = filter_of(&fields);
    let (query, now) = (filter.query(), visit.vestibule().now());
    let list = sent(visit.vestibule().member_list(&visit.scope, &query, filter.after, PAGE)).await;
    if let Ok(list) = &list {
        visit.whereabouts.members = list.total;
    }
    visit.show(list, move |list| {
        view! { <Index list now filter/> }
    })
}

#[component]
fn Index(list: MemberList, now: Instant, filter: MemberFilter) -> impl IntoView {
    view! {
        <Page title="Members" under=Lede actions=Actions live=true>
            <Filters filter=filter.clone()/>
            <List list now filter/>
        </Page>
    }
}

fn filter_of(fields: &Fields) -> MemberFilter {
    MemberFilter {
        text: fields.text("q").to_owned(),
        role_id: fields.text("role").parse().ok(),
        after: fields.text("after").parse().ok(),
    }
}

#[component]
fn Lede() -> impl IntoView {
    let here = use_whereabouts();
    let verb = if here.members == 1 { "belongs" } else { "belong" };
    let count = plural(here.members, "person", "people");
    view! { <p class="page__lede">{count}" "{verb}" to "<bdi>{here.organization.name.to_string()}</bdi>"."</p> }
}

#[component]
fn Actions() -> impl IntoView {
    let here = use_whereabouts();
    let base = format!("/o/{}", here.organization.slug);
    let may_invite = here.permissions.contains(&Permission::UserInvite);
    view! {
        <a class="button" href=format!("{base}/members/leave")>
            <Icon glyph=Glyph::Out/>
            <span class="button__fold">"Leave…"</span>
        </a>
        {may_invite.then(|| view! {
            <a class="button button--main" href=format!("{base}/invitations/new")>
                <Icon glyph=Glyph::Plus/>
                "Invite people"
            </a>
        })}
    }
}

#[component]
fn Filters(filter: MemberFilter) -> impl IntoView {
    let roles = use_whereabouts().roles.into_iter().map(|role| (role.id.to_string(), role.name)).collect();
    view! {
        <Search name="Members" label="Search by name or address" text=filter.text>
            <RoleChoice roles chosen=filter.role_id.map(|id| id.to_string())/>
        </Search>
    }
}

#[component]
fn List(list: MemberList, now: Instant, filter: MemberFilter) -> impl IntoView {
    if list.members.is_empty() {
        return view! { <NothingFound/> }.into_any();
    }
    let (first, last) = (list.first, list.first + list.members.len() as u64 - 1);
    let note = format!("{first}–{last} of {}", plural(list.matching, "member", "members"));
    let rows = list.members.into_iter().map(|member| view! { <Row member now/> }).collect_view();
    let here = list_address();
    let address =
        |after: Option<Option<_>>| after.map(|after| address(&here, &MemberFilter { after, ..filter.clone() }));
    let (earlier, later) = (address(list.earlier), address(list.later));
    view! {
        <div class="list">
            <table class="table table--cards" role="table">
                <caption class="sr">"Members"</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col" class="table__wide">"Member"</th>
                        <th role="columnheader" scope="col">"Roles"</th>
                        <th role="columnheader" scope="col">"Joined"</th>
                        <th role="columnheader" scope="col"><span class="sr">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
        <Pager note newer=earlier older=later words=("Earlier", "Later")/>
    }
    .into_any()
}

#[component]
fn Row(member: Member, now: Instant) -> impl IntoView {
    let here = use_whereabouts();
    let href = format!("/o/{}/members/{}", here.organization.slug, member.id);
    let is_me = here.user.id == member.user_id;
    let may_edit = super::hindrance(&here.permissions, &member).is_none();
    let (name, roles) = (member.name.to_string(), role_names(&member));
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
            <td role="cell" data-label="Roles">{roles}</td>
            <td role="cell" data-label="Joined">
                <span class="nowrap"><When at=member.joined_at now style=WhenStyle::Brief/></span>
            </td>
            <td role="cell" class="table__tools table__side">
                {may_edit.then(|| view! { <a class="small" href=href>"Edit"<span class="sr">" "{name}</span></a> })}
            </td>
        </tr>
    }
}

#[component]
fn NothingFound() -> impl IntoView {
    view! {
        <section class="panel">
            <div class="empty">
                <h2>"No member matches"</h2>
                <div class="row"><a class="button" href=list_address()>"Show everybody"</a></div>
            </div>
        </section>
    }
}

/// Returns the list's URL.
fn list_address() -> String {
    format!("/o/{}/members", use_whereabouts().organization.slug)
}

/// Returns the list's URL with this filter.
fn address(list: &str, filter: &MemberFilter) -> String {
    let mut parts = Vec::new();
    if !filter.text.is_empty() {
        parts.push(format!("q={}", escape(&filter.text)));
    }
    parts.extend(filter.role_id.map(|id| format!("role={id}")));
    parts.extend(filter.after.map(|id| format!("after={id}")));
    format!("{list}?{}", parts.join("&"))
}
