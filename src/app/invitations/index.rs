//! The list of invitations: the portal's home.

use super::{
    actions::{self, Listed},
    asked::Asked,
    filters::{Filters, Tabs},
    row::{Row, key},
};
use crate::app::read::read;
use crate::app::{
    component::{Empty, Glyph, Icon, Key, Notice, Pager, Tone, plural},
    failure::{Failed, Failure},
    layout::{Page, live, use_whereabouts},
};
use crate::domain::{Counts, InvitationId, Permission};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::{collections::HashSet, time::Duration};

#[component]
pub fn Index() -> impl IntoView {
    let whereabouts = use_whereabouts().get_untracked();
    let (slug, query) = (whereabouts.organization.slug.to_string(), use_query_map());
    let asked = Memo::new(move |_| Asked::read(&query.read()));
    // read once; after that the list is kept up to date in place, so that what is picked stays picked
    let first = asked.get_untracked();
    let resource = read(|| (), {
        let slug = slug.clone();
        move |()| actions::list(slug.clone(), first.filter.clone(), first.cursor.clone())
    });
    let may_invite = whereabouts.permissions.contains(&Permission::UserInvite);
    let actions = move || may_invite.then(|| view! { <InviteButton slug=slug.clone()/> });
    view! {
        <Page title="Invitations" actions>
            <Suspense>
                {Suspend::new(async move {
                    match resource.await {
                        Ok(listed) => view! { <Listing listed asked may_invite/> }.into_any(),
                        Err(failure) => view! { <Failed failure/> }.into_any(),
                    }
                })}
            </Suspense>
        </Page>
    }
    .into_any()
}

#[component]
fn InviteButton(slug: String) -> impl IntoView {
    view! {
        <a class="button button--main" href=format!("/o/{slug}/invitations/new") data-key="i">
            <Icon glyph=Glyph::Plus/>
            "Invite people "
            <Key of="I"/>
        </a>
    }
    .into_any()
}

/// The list as it was read, and as it changes from then on.
#[component]
fn Listing(listed: Listed, asked: Memo<Asked>, may_invite: bool) -> impl IntoView {
    let listed = RwSignal::new(listed);
    let (failure, slow) = follow(asked, listed);
    let counts = Signal::derive(move || listed.read().list.counts);
    let is_empty = Memo::new(move |_| asked.read().is_all() && counts.read() == Counts::default());
    move || {
        if is_empty.get() {
            view! { <Nobody listed may_invite/> }.into_any()
        } else {
            view! {
                <div class="stack">
                    <Tabs asked counts/>
                    <Filters asked/>
                </div>
                {move || failure.get().map(|failure| view! {
                    <Notice tone=Tone::Danger title=failure.title() text=failure.sentence()/>
                })}
                <div class="stack" class:loading=move || slow.get()>
                    <List listed asked may_invite/>
                </div>
            }
            .into_any()
        }
    }
}

/// Reads the list again when another is asked for, or when something happened. The last answer asked for wins. Says
/// what failed, and whether an answer has been awaited for long enough to show it.
fn follow(asked: Memo<Asked>, listed: RwSignal<Listed>) -> (RwSignal<Option<Failure>>, RwSignal<bool>) {
    let (failure, slow) = (RwSignal::new(None), RwSignal::new(false));
    let (changes, slug) = (live::use_changes(), use_whereabouts().get_untracked().organization.slug);
    let turn = StoredValue::new(0_u32);
    Effect::new(move |first: Option<()>| {
        changes.track();
        let asked = asked.get();
        if first.is_none() {
            return;
        }
        turn.update_value(|turn| *turn += 1);
        let (mine, slug) = (turn.get_value(), slug.to_string());
        let is_mine = move || turn.try_get_value() == Some(mine);
        set_timeout(
            move || {
                if is_mine() && failure.try_get_untracked().is_some() {
                    slow.set(true)
                }
            },
            PATIENCE,
        );
        leptos::task::spawn_local(async move {
            let answer = actions::list(slug, asked.filter, asked.cursor).await;
            if is_mine() {
                turn.update_value(|turn| *turn += 1);
                slow.set(false);
                match answer {
                    Ok(answer) => {
                        failure.set(None);
                        listed.set(answer);
                    }
                    Err(error) => failure.set(Some(error)),
                }
            }
        });
    });
    (failure, slow)
}

/// Answers that come sooner change the page without a sign of waiting.
const PATIENCE: Duration = Duration::from_millis(400);

#[component]
fn List(listed: RwSignal<Listed>, asked: Memo<Asked>, may_invite: bool) -> impl IntoView {
    let slug = StoredValue::new(use_whereabouts().get_untracked().organization.slug.to_string());
    let nothing = Memo::new(move |_| listed.read().list.page.items.is_empty());
    let link = move |cursor: Option<String>| cursor.map(|cursor| asked.read().at(Some(cursor)).href(&slug.get_value()));
    let pager = move || {
        let listed = listed.read();
        let (page, total) = (&listed.list.page, matching(&listed.list.counts, &asked.read()));
        let note = plural(total, "invitation", "invitations");
        view! { <Pager note newer=link(page.newer.clone()) older=link(page.older.clone())/> }
    };
    view! {
        {move || if nothing.get() {
            view! { <NoMatch asked/> }.into_any()
        } else {
            view! { <Table listed asked may_invite/> }.into_any()
        }}
        {pager}
    }
    .into_any()
}

fn matching(counts: &Counts, asked: &Asked) -> u64 {
    asked.filter.status.map_or_else(|| counts.total(), |status| counts.of(status))
}

#[component]
fn Table(listed: RwSignal<Listed>, asked: Memo<Asked>, may_invite: bool) -> impl IntoView {
    let slug = use_whereabouts().get_untracked().organization.slug;
    let picked = RwSignal::new(HashSet::<InvitationId>::new());
    let ids = Memo::new(move |_| -> HashSet<InvitationId> {
        listed.read().list.page.items.iter().map(|row| row.invitation.id).collect()
    });
    // what is not on the page any more cannot be meant
    Effect::new(move || {
        let ids = ids.read();
        picked.update(|picked| picked.retain(|id| ids.contains(id)));
    });
    let now = listed.get_untracked().list.now;
    view! {
        <form class="list" method="post" action=format!("/o/{slug}/invitations/resend") on:reset=move |_| picked.set(HashSet::new())>
            <table class="table table--cards" role="table">
                <caption class="sr">"Invitations, newest first"</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        {may_invite.then(|| view! { <PickAll ids picked/> })}
                        <th role="columnheader" scope="col" class="table__wide">"Invitee"</th>
                        <th role="columnheader" scope="col">"Status"</th>
                        <th role="columnheader" scope="col">"Roles"</th>
                        <th role="columnheader" scope="col">"Mail"</th>
                        <th role="columnheader" scope="col" class="table__mid">"Sent"</th>
                        <th role="columnheader" scope="col" class="table__low">"Invited by"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For
                        each=move || listed.read().list.page.items.clone()
                        key=key
                        children=move |row| view! { <Row row now picked=may_invite.then_some(picked)/> }
                    />
                </tbody>
            </table>
            {may_invite.then(|| view! { <BulkBar asked picked/> })}
        </form>
    }
    .into_any()
}

/// Picks every row of the page; with scripts only.
#[component]
fn PickAll(ids: Memo<HashSet<InvitationId>>, picked: RwSignal<HashSet<InvitationId>>) -> impl IntoView {
    let all = move || !picked.read().is_empty() && picked.read().len() == ids.read().len();
    let toggle = move |event| picked.set(if event_target_checked(&event) { ids.get() } else { HashSet::new() });
    view! {
        <th role="columnheader" scope="col" class="table__check">
            <label class="scripted">
                <input
                    type="checkbox"
                    prop:checked=all
                    prop:indeterminate=move || !picked.read().is_empty() && !all()
                    on:change=toggle
                />
                <span class="sr">"Select all on this page"</span>
            </label>
        </th>
    }
    .into_any()
}

/// Shown by the style sheet as soon as a row is picked, which also counts them: it works without scripts.
#[component]
fn BulkBar(asked: Memo<Asked>, picked: RwSignal<HashSet<InvitationId>>) -> impl IntoView {
    let slug = use_whereabouts().get_untracked().organization.slug;
    let here = {
        let slug = slug.clone();
        move || asked.read().href(slug.as_str())
    };
    let spoken = move || match picked.read().len() {
        0 => String::new(),
        count => format!("{count} selected"),
    };
    view! {
        <div class="bulk-bar" role="group" aria-label="Selected invitations">
            <input type="hidden" name="from" value=here/>
            <p class="bulk-bar__count">
                <span class="bulk-bar__number"></span>
                " selected"
                <span class="bulk-bar__note">"Those that are closed already stay as they are."</span>
            </p>
            <p class="sr" role="status">{spoken}</p>
            <button class="button button--quiet button--small" type="reset">"Clear"</button>
            <button
                class="button button--small button--danger"
                formmethod="get"
                formaction=format!("/o/{slug}/invitations/revoke")
            >
                <Icon glyph=Glyph::Revoked/>
                "Revoke…"
            </button>
            <button class="button button--small button--main">
                <Icon glyph=Glyph::Sent/>
                "Resend"
                <span class="bulk-bar__number"></span>
            </button>
        </div>
    }
    .into_any()
}

/// Nothing found: no door, a way back.
#[component]
fn NoMatch(asked: Memo<Asked>) -> impl IntoView {
    let slug = use_whereabouts().get_untracked().organization.slug;
    let href = move || Asked::default().href(slug.as_str());
    view! {
        <section class="panel">
            <div class="empty">
                <p>"No invitation matches."</p>
                {move || (!asked.read().is_all()).then(|| view! { <a class="button" href=href.clone()>"Clear the filters"</a> })}
            </div>
        </section>
    }
    .into_any()
}

/// Before the first invitation.
#[component]
fn Nobody(listed: RwSignal<Listed>, may_invite: bool) -> impl IntoView {
    let organization = use_whereabouts().get_untracked().organization;
    let text = format!(
        "An invitation goes to one address, gives the roles you choose, and ends after {} unless it is accepted.",
        plural(organization.invitation_lifetime_days.into(), "day", "days"),
    );
    let without_mail = (!listed.get_untracked().has_mail_server).then(|| view! { <NoMailServer/> });
    view! {
        {without_mail}
        <Empty title="Nobody has been invited yet" text>
            {may_invite.then(|| view! { <InviteButton slug=organization.slug.to_string()/> })}
        </Empty>
    }
    .into_any()
}

/// Nothing pretends to be sent.
#[component]
pub fn NoMailServer() -> impl IntoView {
    let slug = use_whereabouts().get_untracked().organization.slug;
    view! {
        <Notice
            tone=Tone::Warning
            title="No mail server is set up, so nothing will be sent"
            text="Invitations still work: copy each link from its page and hand it over yourself."
        >
            <a href=format!("/o/{slug}/outbox")>"Open the outbox"</a>
        </Notice>
    }
    .into_any()
}
