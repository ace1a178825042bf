//! Permissions: a field to choose them, a list of them, and the number that something has.

use super::field::{FieldError, described_by};
use leptos::prelude::*;
use vestibule_domain::Permission;

/// The field. `held` are the permissions of the user, who can't grant any others; `chosen` are ticked.
#[component]
pub fn Permissions(
    name: &'static str,
    held: Vec<Permission>,
    chosen: Vec<Permission>,
    hint: &'static str,
    error: Option<String>,
) -> impl IntoView {
    let choices = held
        .into_iter()
        .map(|permission| {
            view! {
                <label class="choice">
                    <input type="checkbox" name=name value=permission.as_str() checked=chosen.contains(&permission)/>
                    <span>{sentence(permission)}</span>
                    <span class="choice__note">{permission.as_str()}</span>
                </label>
            }
        })
        .collect_view();
    let described = described_by(name, true, error.is_some());
    view! {
        <fieldset class="field__group" id=name tabindex="-1" aria-describedby=described>
            <legend class="field__label">"Permissions"</legend>
            <p class="field__hint" id=format!("{name}-hint")>{hint}</p>
            <div class="choices">{choices}</div>
            <FieldError name error/>
        </fieldset>
    }
    .into_any()
}

/// Lists all permissions by whether something with `permissions` has them.
#[component]
pub fn PermissionList(permissions: Vec<Permission>) -> impl IntoView {
    let is_held = |permission: &Permission| permissions.contains(permission);
    let (held, others): (Vec<_>, Vec<_>) = Permission::ALL.iter().copied().partition(is_held);
    let part = |name: &'static str, permissions: Vec<Permission>| {
        let has_any = !permissions.is_empty();
        let items = permissions.into_iter().map(|permission| {
            view! { <li>{sentence(permission)} " " <code class="small muted">{permission.as_str()}</code></li> }
        });
        has_any.then(|| view! { <div><dt>{name}</dt><dd><ul>{items.collect_view()}</ul></dd></div> })
    };
    view! {
        <dl class="facts">
            {part("Allowed", held)}
            {part("Not allowed", others)}
        </dl>
    }
    .into_any()
}

/// Shows how many of the permissions there are; the title lists them.
#[component]
pub fn PermissionCount(permissions: Vec<Permission>) -> impl IntoView {
    let names = permissions.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ");
    let words = match permissions.len() {
        0 => "None".to_owned(),
        all if all == Permission::ALL.len() => "All".to_owned(),
        some => format!("{some} of {} permissions", Permission::ALL.len()),
    };
    view! { <span class="nowrap" title=names>{words}</span> }.into_any()
}

/// Returns the permission as a sentence, like `Invite people`.
fn sentence(permission: Permission) -> String {
    let mut letters = permission.action_phrase().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
