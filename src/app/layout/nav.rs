//! The contents of the frame: links to pages, the organization and the user.

use super::shortcuts::ShortcutsButton;
use crate::app::component::{Address, Avatar, Glyph, Icon, Key, grouped};
use crate::app::portal_context::{use_page_path, use_portal_frame};
use leptos::prelude::*;
use vestibule_functions::server::places::{PAGES, Place};

/// The links to the organization's pages, with the number of waiting items.
#[component]
pub fn Nav(label: &'static str) -> impl IntoView {
    let permissions = use_portal_frame().permissions.clone();
    let pages: Vec<Place> = PAGES.into_iter().filter(|page| page.is_for(&permissions)).collect();
    let groups = pages.chunk_by(|one, next| one.heading == next.heading).map(|group| {
        let heading = group.first().map(|page| page.heading).filter(|heading| !heading.is_empty());
        let entries = group.iter().map(|page| view! { <Entry page=*page/> }).collect_view();
        view! {
            <div class="nav__group">
                {heading.map(|heading| view! { <p class="nav__title">{heading}</p> })}
                {entries}
            </div>
        }
    });
    view! {
        <nav class="nav" aria-label=label data-live=format!("nav-{label}")>
            <div class="nav__group"><SearchEntry/></div>
            {groups.collect_view()}
        </nav>
    }
    .into_any()
}

/// The link to the search. Scripts open the palette instead.
#[component]
fn SearchEntry() -> impl IntoView {
    let href = format!("/o/{}/search", use_portal_frame().organization.slug);
    let current = current(&use_page_path(), &href);
    view! {
        <a class="nav__link" href=href aria-current=current data-palette>
            <Icon glyph=Glyph::Search/>
            "Search"
            <Key of="Ctrl K"/>
        </a>
    }
    .into_any()
}

/// One link. A count of zero is not shown. That of failed mails needs attention.
#[component]
fn Entry(page: Place) -> impl IntoView {
    let here = use_portal_frame();
    let href = page.href(here.organization.slug.as_str());
    let current = current(&use_page_path(), &href);
    let (count, alert) = match page.path {
        "invitations" => (here.pending, None),
        "members" => (here.members, None),
        "outbox" => (here.failed_mails, Some("failed")),
        _ => (0, None),
    };
    let class = if alert.is_some() { "nav__count nav__count--alert" } else { "nav__count" };
    let count = (count > 0).then(|| {
        view! {
            <span class=class>
                {grouped(count)}
                {alert.map(|word| view! { <span class="sr">" "{word}</span> })}
            </span>
        }
    });
    view! {
        <a class="nav__link" href=href aria-current=current data-go=page.path.get(..1)>
            <Icon glyph=Glyph::named(page.glyph)/>
            {page.name}
            {count}
        </a>
    }
    .into_any()
}

/// Returns the value of `aria-current`: the page itself, or one below it.
fn current(address: &str, href: &str) -> Option<&'static str> {
    let path = address.split_once('?').map_or(address, |(path, _)| path);
    let rest = path.strip_prefix(href)?;
    match rest {
        "" => Some("page"),
        below => below.starts_with('/').then_some("true"),
    }
}

/// The organization's name, as a link to the list of organizations.
#[component]
pub fn Switcher() -> impl IntoView {
    let name = use_portal_frame().organization.name.clone();
    let letter = name.initials().chars().take(1).collect::<String>();
    view! {
        <a class="switcher" href="/organizations">
            <span class="mark" aria-hidden="true">{letter}</span>
            <span class="switcher__name" title=name.to_string()><bdi>{name.to_string()}</bdi></span>
            <Icon glyph=Glyph::Updown/>
            <span class="sr">"Switch organization"</span>
        </a>
    }
    .into_any()
}

/// The menu of the signed-in user. `brief` shows only their initials.
#[component]
pub fn PersonMenu(#[prop(optional)] brief: bool) -> impl IntoView {
    let user = use_portal_frame().user.clone();
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
                    <bdi title=name>{name.clone()}</bdi>
                    <span class="switcher__note" title=address><bdi>{address.clone()}</bdi></span>
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
                    <a class="nav__link" href="/profile">
                        <Icon glyph=Glyph::Settings/>
                        "Your profile"
                    </a>
                    {(!brief).then(|| view! { <ShortcutsButton/> })}
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
