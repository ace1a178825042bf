//! What stands in the frame: the pages, the organization, the person.

use super::{keys::KeysButton, use_whereabouts};
use crate::app::component::{Address, Avatar, Glyph, Icon, grouped};
use crate::domain::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The pages of the organization, with how much waits on each.
#[component]
pub fn Nav(label: &'static str) -> impl IntoView {
    let whereabouts = use_whereabouts();
    let pending = Signal::derive(move || whereabouts.read().pending);
    let members = Signal::derive(move || whereabouts.read().members);
    let failed = Signal::derive(move || whereabouts.read().failed_mails);
    // the outbox is for those who send
    let may_invite = whereabouts.with_untracked(|here| here.permissions.contains(&Permission::UserInvite));
    view! {
        <nav class="nav" aria-label=label>
            <div class="nav__group">
                <Entry page="invitations" name="Invitations" glyph=Glyph::Door count=pending/>
            </div>
            <div class="nav__group">
                <p class="nav__title">"People"</p>
                <Entry page="members" name="Members" glyph=Glyph::People count=members/>
            </div>
            {may_invite.then(|| view! {
                <div class="nav__group">
                    <p class="nav__title">"Records"</p>
                    <Entry page="outbox" name="Outbox" glyph=Glyph::Mail count=failed alert="failed"/>
                </div>
            })}
        </nav>
    }
    .into_any()
}

/// A count of zero is not shown. `alert` is the word for a count that asks for attention.
#[component]
fn Entry(
    page: &'static str,
    name: &'static str,
    glyph: Glyph,
    count: Signal<u64>,
    #[prop(optional)] alert: Option<&'static str>,
) -> impl IntoView {
    let whereabouts = use_whereabouts();
    let href = move || format!("/o/{}/{page}", whereabouts.read().organization.slug);
    let path = use_location().pathname;
    let current = move || {
        let (path, href) = (path.get(), href());
        let below = path.strip_prefix(&href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below.then_some(if path == href { "page" } else { "true" })
    };
    let class = if alert.is_some() { "nav__count nav__count--alert" } else { "nav__count" };
    view! {
        <a class="nav__link" href=href aria-current=current data-go=page.get(..1)>
            <Icon glyph/>
            {name}
            {move || {
                let count = count.get();
                (count > 0).then(|| view! {
                    <span class=class>
                        {grouped(count)}
                        {alert.map(|word| view! { <span class="sr">" "{word}</span> })}
                    </span>
                })
            }}
        </a>
    }
    .into_any()
}

/// The organization, and the way to others.
#[component]
pub fn Switcher() -> impl IntoView {
    let whereabouts = use_whereabouts();
    let name = move || whereabouts.read().organization.name.to_string();
    let letter = move || whereabouts.read().organization.name.initials().chars().take(1).collect::<String>();
    view! {
        <a class="switcher" href="/organizations" rel="external">
            <span class="mark" aria-hidden="true">{letter}</span>
            <span class="switcher__name"><bdi>{name}</bdi></span>
            <Icon glyph=Glyph::Updown/>
            <span class="sr">"Switch organization"</span>
        </a>
    }
    .into_any()
}

/// Who is signed in, and what is theirs alone. `brief` shows the circle only.
#[component]
pub fn PersonMenu(#[prop(optional)] brief: bool) -> impl IntoView {
    let user = use_whereabouts().get_untracked().user;
    let class = if brief { "menu" } else { "menu menu--up" };
    let (name, address) = (user.name.to_string(), user.email.to_string());
    let summary = if brief {
        view! {
            <summary class="switcher switcher--person">
                <Avatar name=user.name/>
                <span class="sr">"Your menu"</span>
            </summary>
        }
        .into_any()
    } else {
        let (name, address) = (name.clone(), address.clone());
        view! {
            <summary class="switcher switcher--person">
                <Avatar name=user.name/>
                <span class="switcher__name">
                    <bdi>{name}</bdi>
                    <span class="switcher__note"><Address address/></span>
                </span>
                <Icon glyph=Glyph::Updown/>
            </summary>
        }
        .into_any()
    };
    view! {
        <details class=class>
            {summary}
            <div class="menu__panel nav">
                <p class="nav__title">
                    <bdi>{name}</bdi>
                    <br/>
                    <Address address/>
                </p>
                <div class="nav__group">
                    <a class="nav__link" href="/profile" rel="external">
                        <Icon glyph=Glyph::Settings/>
                        "Your profile"
                    </a>
                    {(!brief).then(|| view! { <KeysButton/> })}
                    <form method="post" action="/sign-out">
                        <button class="nav__link nav__button">
                            <Icon glyph=Glyph::Out/>
                            "Sign out"
                        </button>
                    </form>
                </div>
            </div>
        </details>
    }
    .into_any()
}
