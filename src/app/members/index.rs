//! The list of members.

use super::{
    actions::list_members,
    find::{MemberFilter, MemberList},
    role_names,
};
use crate::app::read::read;
use crate::app::{
    component::{Address, Avatar, Glyph, Icon, Search, When, WhenStyle, plural},
    failure::Failed,
    layout::{Page, use_whereabouts},
    query::escape,
};
use crate::domain::{Instant, Member, Permission};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};

#[component]
pub fn Index() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| filter_of(&query.read()));
    let slug = use_whereabouts().with_untracked(|here| here.organization.slug.to_string());
    let list = read(
        move || (slug.clone(), filter.get()),
        |(slug, filter)| list_members(slug, filter.text, filter.role_id, filter.after),
    );
    view! {
        <Page title="Members" under=Lede actions=Actions>
            <Filters filter/>
            <Transition>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok((list, now)) => view! { <List list now filter=filter.get_untracked()/> }.into_any(),
                        Err(failure) => view! { <Failed failure/> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
}

fn filter_of(query: &ParamsMap) -> MemberFilter {
    MemberFilter {
        text: query.get("q").unwrap_or_default(),
        role_id: query.get("role").and_then(|id| id.parse().ok()),
        after: query.get("after").and_then(|id| id.parse().ok()),
    }
}

#[component]
fn Lede() -> impl IntoView {
    let here = use_whereabouts().get_untracked();
    let verb = if here.members == 1 { "belongs" } else { "belong" };
    let count = plural(here.members, "person", "people");
    view! { <p class="page__lede">{count}" "{verb}" to "<bdi>{here.organization.name.to_string()}</bdi>"."</p> }
}

#[component]
fn Actions() -> impl IntoView {
    let here = use_whereabouts().get_untracked();
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
fn Filters(filter: Memo<MemberFilter>) -> impl IntoView {
    let (navigate, here) = (use_navigate(), list_address());
    let go = Callback::new(move |next: MemberFilter| {
        let next = MemberFilter { after: None, ..next };
        if next != (MemberFilter { after: None, ..filter.get_untracked() }) {
            navigate(&address(&here, &next), NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    });
    let search = Callback::new(move |text: String| go.run(MemberFilter { text, ..filter.get_untracked() }));
    let choose = move |event| {
        let role_id = event_target_value(&event).parse().ok();
        go.run(MemberFilter { role_id, ..filter.get_untracked() });
    };
    let roles = use_whereabouts().with_untracked(|here| here.roles.clone());
    let options = roles.into_iter().map(move |role| {
        let selected = move || filter.read().role_id == Some(role.id);
        view! { <option value=role.id.to_string() selected=selected>{role.name}</option> }
    });
    let text = Signal::derive(move || filter.read().text.clone());
    view! {
        <Search name="Members" label="Search by name or address" text search>
            <label class="sr" for="role">"Role"</label>
            <select class="field__input" id="role" name="role" on:change=choose>
                <option value="">"Any role"</option>
                {options.collect_view()}
            </select>
        </Search>
    }
}

#[component]
fn List(list: MemberList, now: Instant, filter: MemberFilter) -> impl IntoView {
    if list.members.is_empty() {
        return view! { <NothingFound/> }.into_any();
    }
    let (first, last) = (list.first, list.first + list.members.len() - 1);
    let note = format!("{first}–{last} of {}", plural(list.matching as u64, "member", "members"));
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
        <Pages note earlier later/>
    }
    .into_any()
}

#[component]
fn Row(member: Member, now: Instant) -> impl IntoView {
    let here = use_whereabouts();
    let href = here.with_untracked(|here| format!("/o/{}/members/{}", here.organization.slug, member.id));
    let is_me = here.with_untracked(|here| here.user.id == member.user_id);
    let may_edit = here.with_untracked(|here| super::hindrance(&here.permissions, &member).is_none());
    let (name, roles) = (member.name.to_string(), role_names(&member));
    view! {
        <tr role="row">
            <td role="cell" class="table__lead table__wide">
                <span class="person person--face">
                    <Avatar name=member.name/>
                    <a class="person__name" href=href.clone()><bdi>{name.clone()}</bdi></a>
                    <span class="person__address"><Address address=member.email.to_string()/></span>
                </span>
            </td>
            <td role="cell" data-label="Roles">
                <span>
                    {roles}
                    {is_me.then(|| view! { <span class="table__note">"This is you"</span> })}
                </span>
            </td>
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

/// Nothing when there is only one page.
#[component]
fn Pages(note: String, earlier: Option<String>, later: Option<String>) -> impl IntoView {
    (earlier.is_some() || later.is_some()).then(|| {
        let disabled = |href: &Option<String>| href.is_none().then_some("true");
        let (no_earlier, no_later) = (disabled(&earlier), disabled(&later));
        view! {
            <nav class="pager" aria-label="Pages">
                <span>{note}</span>
                <span class="row">
                    <a class="button button--small" href=earlier aria-disabled=no_earlier rel="prev">
                        <Icon glyph=Glyph::Prev flip=true/>
                        "Earlier"
                    </a>
                    <a class="button button--small" href=later aria-disabled=no_later rel="next">
                        "Later"
                        <Icon glyph=Glyph::Next flip=true/>
                    </a>
                </span>
            </nav>
        }
    })
}

/// The list's own address. Timers can't ask for it: they run outside of the page's context.
fn list_address() -> String {
    use_whereabouts().with_untracked(|here| format!("/o/{}/members", here.organization.slug))
}

/// The list's own address with this filter in it.
fn address(list: &str, filter: &MemberFilter) -> String {
    let mut parts = Vec::new();
    if !filter.text.is_empty() {
        parts.push(format!("q={}", escape(&filter.text)));
    }
    parts.extend(filter.role_id.map(|id| format!("role={id}")));
    parts.extend(filter.after.map(|id| format!("after={id}")));
    format!("{list}?{}", parts.join("&"))
}
