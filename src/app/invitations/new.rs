//! Invite people: one or many at once.

use super::{
    actions,
    index::NoMailServer,
    offer::{LifetimeField, MessageField, RolesField, chosen_roles},
    results::{Results, use_results},
};
use crate::app::read::read;
use crate::app::{
    component::{
        Field, Glyph, Icon, Key, Submit, Summary, Textarea,
        field::{described_by, invalid},
        plural,
    },
    failure::Forbidden,
    form::{Draft, use_draft},
    layout::{Page, use_whereabouts},
};
use crate::domain::{Permission, Role, recipients};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::{collections::HashSet, time::Duration};

/// After a POST of which some was refused: what came of each address, and the refused ones still in the box.
#[component]
pub fn New() -> impl IntoView {
    if use_whereabouts().with_untracked(|here| here.permissions.contains(&Permission::UserInvite)) {
        view! { <Inviting/> }.into_any()
    } else {
        view! { <Forbidden permission=Permission::UserInvite/> }.into_any()
    }
}

#[component]
fn Inviting() -> impl IntoView {
    let (draft, results) = (use_draft(), use_results());
    let slug = use_whereabouts().get_untracked().organization.slug.to_string();
    let mail = read(|| (), {
        let slug = slug.clone();
        move |()| actions::has_mail_server(slug.clone())
    });
    let violations = draft.as_ref().map(|draft| draft.violations.clone()).unwrap_or_default();
    view! {
        <Page title="Invite people" back=(format!("/o/{slug}/invitations"), "Invitations")>
            <Suspense>
                {Suspend::new(async move { matches!(mail.await, Ok(false)).then(|| view! { <NoMailServer/> }) })}
            </Suspense>
            <Summary violations/>
            {(!results.is_empty()).then(|| view! { <Results results=results/> })}
            <Form draft/>
        </Page>
    }
    .into_any()
}

#[component]
fn Form(draft: Option<Draft>) -> impl IntoView {
    let whereabouts = use_whereabouts().get_untracked();
    let slug = whereabouts.organization.slug.to_string();
    let asked = use_query_map().read_untracked().get("to").unwrap_or_default();
    let written = draft.as_ref().map_or(asked, |draft| draft.text("recipients"));
    let typed = RwSignal::new(written.clone());
    let roles = chosen_roles(draft.as_ref(), || {
        whereabouts.roles.iter().filter(|role| role.key == Role::MEMBER).map(|role| role.id).collect()
    });
    let draft = draft.unwrap_or_default();
    let notify = !draft.fields.has("recipients") || draft.fields.text("notify") == "true";
    let back = format!("/o/{slug}/invitations");
    view! {
        <form class="page__columns page__columns--even" method="post" action=format!("/o/{slug}/invitations/new") novalidate data-send>
            <section class="panel">
                <div class="panel__body"><Recipients written typed error=draft.error("recipients")/></div>
            </section>
            <section class="panel">
                <div class="panel__body">
                    <RolesField chosen=roles error=draft.error("role_ids")/>
                    <MessageField value=draft.text("message") error=draft.error("message")/>
                    <LifetimeField chosen=draft.text("lifetime_days") error=draft.error("lifetime_days")/>
                    <Notify notify/>
                </div>
                <div class="panel__foot">
                    <Submit busy="Inviting…">
                        <Icon glyph=Glyph::Sent/>
                        {move || send_words(&typed.read())}
                        " "
                        <Key of="Ctrl ↵"/>
                    </Submit>
                    <a class="button button--quiet" href=back>"Cancel"</a>
                </div>
            </section>
        </form>
    }
    .into_any()
}

/// The act and its size. Without scripts the size of what is typed is not known, and on the server nothing is typed.
fn send_words(text: &str) -> String {
    match distinct(text) {
        0 => "Invite".to_owned(),
        count => format!("Invite {}", plural(count as u64, "person", "people")),
    }
}

fn distinct(text: &str) -> usize {
    recipients::split(text).into_iter().map(|recipient| recipient.address.to_lowercase()).collect::<HashSet<_>>().len()
}

#[component]
fn Recipients(written: String, typed: RwSignal<String>, error: Option<String>) -> impl IntoView {
    let (described, wrong) = (described_by("recipients", true, error.is_some()), invalid(error.is_some()));
    let counted = settled(typed);
    view! {
        <div class="paste">
            <Field
                name="recipients"
                label="Addresses"
                hint="Paste them in any shape: one per line, with commas, or copied from a mail."
                error
            >
                <Textarea name="recipients" value=written rows=10 prose=false described_by=described invalid=wrong typed/>
                <p class="field__hint" role="status">{move || count_words(&counted.read())}</p>
            </Field>
        </div>
    }
    .into_any()
}

/// `text` once nothing has been typed for a moment: what is read aloud must not change with every key.
fn settled(text: RwSignal<String>) -> RwSignal<String> {
    let settled = RwSignal::new(String::new());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move || {
        let now = text.get();
        if let Some(earlier) = waiting.get_value() {
            earlier.clear();
        }
        waiting.set_value(set_timeout_with_handle(move || settled.set(now), Duration::from_millis(600)).ok());
    });
    settled
}

fn count_words(text: &str) -> String {
    let written = recipients::split(text);
    if written.is_empty() {
        return String::new();
    }
    let doubtful: Vec<&str> =
        written.iter().map(|recipient| recipient.address.as_str()).filter(|address| !looks_right(address)).collect();
    let read = plural(written.len() as u64, "address", "addresses");
    let twice = written.len() - distinct(text);
    let twice = if twice == 0 { String::new() } else { format!(", {twice} written twice") };
    match doubtful.as_slice() {
        [] => format!("{read} read{twice}."),
        [one] => format!("{read} read{twice}. Look at this one again: {one}"),
        [first, rest @ ..] => {
            format!("{read} read{twice}. Look at {first} and {} again.", plural(rest.len() as u64, "other", "others"))
        }
    }
}

/// Only a guess, to help early: the server decides.
fn looks_right(address: &str) -> bool {
    address.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.ends_with('.') && !domain.contains([',', ' ', '@'])
    })
}

#[component]
fn Notify(notify: bool) -> impl IntoView {
    view! {
        <fieldset class="field__group">
            <legend class="field__label">"Delivery"</legend>
            <label class="choice">
                <input type="radio" name="notify" value="true" checked=notify/>
                <span>"Mail the invitations"</span>
                <span class="choice__note">"The link in a mail proves the mailbox."</span>
            </label>
            <label class="choice">
                <input type="radio" name="notify" value="false" checked=!notify/>
                <span>"Only make links"</span>
                <span class="choice__note">"Hand them over yourself; whoever opens one is asked for a code that we mail."</span>
            </label>
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_says_how_many_are_invited() {
        assert_eq!(send_words(""), "Invite");
        assert_eq!(send_words("ada@x.org"), "Invite 1 person");
        assert_eq!(send_words("ada@x.org, bob@y.org\nADA@x.org"), "Invite 2 people");
    }

    #[test]
    fn what_is_typed_is_counted_and_slips_are_named() {
        assert_eq!(count_words(""), "");
        assert_eq!(count_words("ada@x.org;bob@y.org;ada@x.org"), "3 addresses read, 1 written twice.");
        assert_eq!(count_words("ada@x,org"), "1 address read. Look at this one again: ada@x,org");
    }
}
