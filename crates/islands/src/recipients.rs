//! The recipients of an invite, looked up while they are typed: what would come of each before anything is sent.

use crate::{
    Address, Glyph, Icon, plural,
    problem::Problem,
    typed::{retype, settled, typed_in},
};
use leptos::{either::Either, prelude::*};
use std::{collections::HashSet, time::Duration};
use vestibule_domain::recipients;
use vestibule_functions::{
    FunctionError,
    invitations::{RecipientKind, RecipientNote, RecipientsPreview, look_up},
};

/// The pause after which typing counts as finished. What is read aloud must not change with every key.
const SETTLED: Duration = Duration::from_millis(500);
const TEXT_BOX: &str = "recipients";

/// What is typed, and what the server says of it.
#[derive(Clone, Copy)]
struct Typed {
    slug: StoredValue<String>,
    text: RwSignal<String>,
    /// The text that was looked up, and the answer.
    answer: RwSignal<Option<(String, Result<RecipientsPreview, FunctionError>)>>,
}

impl Typed {
    /// Returns the answer if it is about what is typed now.
    fn current(&self) -> Option<Result<RecipientsPreview, FunctionError>> {
        let text = self.text.read();
        self.answer.read().as_ref().filter(|(about, _)| *about == *text).map(|(_, answer)| answer.clone())
    }
}

/// The form of an invite. Its parts know what is typed in the box with the id `recipients`.
#[island]
pub fn InviteForm(slug: String, children: Children) -> impl IntoView {
    let text = typed_in(TEXT_BOX);
    let typed = Typed { slug: StoredValue::new(slug), text, answer: RwSignal::new(None) };
    provide_context(typed);
    let settled = settled(text, SETTLED);
    let ask = Action::new_local(|(slug, text): &(String, String)| {
        let (slug, text) = (slug.clone(), text.clone());
        async move { (text.clone(), look_up(slug, text).await) }
    });
    Effect::new(move || {
        let text = settled.get();
        if !recipients::split(&text).is_empty() {
            ask.dispatch((typed.slug.get_value(), text));
        }
    });
    Effect::new(move || {
        if let Some(answer) = ask.value().get() {
            typed.answer.set(Some(answer));
        }
    });
    children()
}

/// The label of the button that invites, with the number of people who would be. Without scripts the number is unknown.
#[island]
pub fn InviteWords() -> impl IntoView {
    let typed = use_context::<Typed>();
    view! { <span>{move || typed.map_or_else(|| invite_words(0), |typed| invite_words(invited(&typed)))}</span> }
}

/// What would come of the addresses in the box.
#[island]
pub fn RecipientsFeedback() -> impl IntoView {
    let typed = use_context::<Typed>();
    view! {
        <p class="field__hint" role="status">{move || typed.map(|typed| summary(&typed))}</p>
        {move || typed.and_then(|typed| Some(view! { <Notes preview=typed.current()?.ok()? text=typed.text/> }))}
    }
}

/// Returns the number of people who would be invited, or who are typed as long as nobody knows more.
fn invited(typed: &Typed) -> usize {
    match typed.current() {
        Some(Ok(preview)) => preview.invited as usize,
        Some(Err(_)) | None => distinct(&typed.text.read()),
    }
}

fn invite_words(count: usize) -> String {
    match count {
        0 => "Invite".to_owned(),
        count => format!("Invite {}", plural(count as u64, "person", "people")),
    }
}

fn distinct(text: &str) -> usize {
    recipients::split(text).into_iter().map(|recipient| recipient.address.to_lowercase()).collect::<HashSet<_>>().len()
}

fn summary(typed: &Typed) -> impl IntoView + use<> {
    typed.current().map(|answer| match answer {
        Ok(preview) => Either::Left(preview.summary),
        Err(error) => Either::Right(view! { <Problem error/> }),
    })
}

/// The addresses that are not simply ready.
#[component]
fn Notes(preview: RecipientsPreview, text: RwSignal<String>) -> impl IntoView {
    let RecipientsPreview { notes, more, .. } = preview;
    let more = (more > 0).then(|| {
        let words = format!("And {}.", plural(more.into(), "other", "others"));
        view! { <li class="results__row results__more">{words}</li> }
    });
    let rows: Vec<_> = notes.into_iter().map(|note| view! { <Note note text/> }).collect();
    (!rows.is_empty()).then(|| view! { <ul class="results" aria-label="Addresses to look at">{rows}{more}</ul> })
}

#[component]
fn Note(note: RecipientNote, text: RwSignal<String>) -> impl IntoView {
    let (class, glyph) = match note.kind {
        RecipientKind::Wrong => ("results__row results__row--stop", Glyph::Cross),
        RecipientKind::Doubtful => ("results__row results__row--note", Glyph::Warn),
        RecipientKind::LeftOut => ("results__row", Glyph::Info),
    };
    let (address, written) = (note.address.clone(), note.address);
    let correction = note.likely.map(|likely| {
        let words = format!("Use {likely}");
        let correct = move |_| {
            let corrected = text.with_untracked(|text| text.replacen(&written, &likely, 1));
            retype(TEXT_BOX, &corrected);
        };
        view! { <button class="button button--link" type="button" on:click=correct>{words}</button> }
    });
    let page = note.href.map(|href| view! { <a href=href target="_blank">"Open"</a> });
    view! {
        <li class=class>
            <Icon glyph/>
            <Address address/>
            <span class="results__act">{correction}{page}</span>
            <span class="results__why">{note.sentence}</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_says_how_many_are_invited() {
        assert_eq!(invite_words(distinct("")), "Invite");
        assert_eq!(invite_words(distinct("ada@x.org")), "Invite 1 person");
        assert_eq!(invite_words(distinct("ada@x.org, bob@y.org\nADA@x.org")), "Invite 2 people");
    }
}
