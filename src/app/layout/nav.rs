//! The contents of the frame: links to pages, the organization and the user.

use super::shortcuts::ShortcutsButton;
use crate::app::component::{Address, Avatar, Glyph, Icon, grouped};
use crate::app::portal_context::{use_page_path, use_portal_frame};
use leptos::prelude::*;
use vestibule_domain::Permission;

/// The links to the organization's pages, with the number of waiting items.
#[component]
pub fn Nav(label: &'static str) -> impl IntoView {
    let here = use_portal_frame();
    let may = |permission| here.permissions.contains(&permission);
    // the outbox is for users who can invite
    let (may_invite, may_make_keys) = (may(Permission::UserInvite), may(Permission::KeyEdit));
    let may_make_webhooks = may(Permission::WebhookEndpointEdit);
    let (may_edit_roles, may_edit) = (may(Permission::RoleEdit), may(Permission::OrganizationEdit));
    let may_audit = may(Permission::AuditRead);
    view! {
        <nav class="nav" aria-label=label data-live=format!("nav-{label}")>
            <div class="nav__group">
                <Entry page="invitations" name="Invitations" glyph=Glyph::Door count=here.pending/>
            </div>
            <div class="nav__group">
                <p class="nav__title">"People"</p>
                <Entry page="members" name="Members" glyph=Glyph::People count=here.members/>
                {may_edit_roles.then(|| view! { <Entry page="roles" name="Roles" glyph=Glyph::Roles count=0/> })}
                {may_edit.then(|| view! { <Entry page="resources" name="Resources" glyph=Glyph::Resource count=0/> })}
            </div>
            {(may_invite || may_audit).then(|| view! {
                <div class="nav__group">
                    <p class="nav__title">"Records"</p>
                    {may_invite.then(|| view! {
                        <Entry page="outbox" name="Outbox" glyph=Glyph::Mail count=here.failed_mails alert="failed"/>
                    })}
                    {may_audit.then(|| view! { <Entry page="audit" name="Audit log" glyph=Glyph::Audit count=0/> })}
                </div>
            })}
            {(may_make_keys || may_make_webhooks).then(|| view! {
                <div class="nav__group">
                    <p class="nav__title">"Connections"</p>
                    {may_make_keys.then(|| view! { <Entry page="keys" name="API keys" glyph=Glyph::Key count=0/> })}
                    {may_make_webhooks.then(|| view! { <Entry page="webhooks" name="Webhooks" glyph=Glyph::Webhook count=0/> })}
                    {may_make_keys.then(|| view! {
                        <Entry page="connect" name="Connect a client" glyph=Glyph::Plug count=0/>
                    })}
                </div>
            })}
            {may_edit.then(|| view! {
                <div class="nav__group">
                    <Entry page="settings" name="Settings" glyph=Glyph::Settings count=0/>
                </div>
            })}
        </nav>
    }
    .into_any()
}

/// One link. A count of zero is not shown. `alert` is the word for a count that needs attention.
#[component]
fn Entry(
    page: &'static str,
    name: &'static str,
    glyph: Glyph,
    count: u64,
    #[prop(optional)] alert: Option<&'static str>,
) -> impl IntoView {
    let href = format!("/o/{}/{page}", use_portal_frame().organization.slug);
    let current = current(&use_page_path(), &href);
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
        <a class="nav__link" href=href aria-current=current data-go=page.get(..1)>
            <Icon glyph/>
            {name}
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
    let name = use_portal_frame().organization.name;
    let letter = name.initials().chars().take(1).collect::<String>();
    view! {
        <a class="switcher" href="/organizations">
            <span class="mark" aria-hidden="true">{letter}</span>
            <span class="switcher__name"><bdi>{name.to_string()}</bdi></span>
            <Icon glyph=Glyph::Updown/>
            <span class="sr">"Switch organization"</span>
        </a>
    }
    .into_any()
}

/// The menu of the signed-in user. `brief` shows only their initials.
#[component]
pub fn PersonMenu(#[prop(optional)] brief: bool) -> impl IntoView {
    let user = use_portal_frame().user;
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
