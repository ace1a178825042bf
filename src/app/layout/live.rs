//! What happens elsewhere appears here: with scripts the portal listens to the organization's feed, counts the
//! changes for the pages to follow, and says who has accepted.

use crate::app::component::toast::Toast;
use crate::domain::Whereabouts;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One event, as much of it as a page needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Like `invitation.accepted`.
    pub action: String,
    /// Who accepted or declined.
    pub name: Option<String>,
}

/// Counts the changes that were heard of.
#[derive(Clone, Copy)]
struct Changes(RwSignal<u32>);

/// A page that reads it in an effect runs that again after every change in the organization.
pub fn use_changes() -> Signal<u32> {
    use_context::<Changes>().map_or_else(|| Signal::stored(0), |changes| changes.0.into())
}

/// Call in the frame, once.
pub fn provide_changes(whereabouts: RwSignal<Whereabouts>, toast: Option<Toast>) {
    let changes = RwSignal::new(0);
    provide_context(Changes(changes));
    let slug = whereabouts.get_untracked().organization.slug.to_string();
    Effect::new(move || listen(&slug, changes, whereabouts, toast));
}

/// The toast for it; most events have none, as the page itself shows them.
#[cfg(any(feature = "hydrate", test))]
fn sentence(news: &News) -> Option<String> {
    let name = news.name.as_ref()?;
    match news.action.as_str() {
        "invitation.accepted" => Some(format!("{name} has accepted")),
        "invitation.declined" => Some(format!("{name} has declined")),
        _ => None,
    }
}

#[cfg(not(feature = "hydrate"))]
fn listen(_: &str, _: RwSignal<u32>, _: RwSignal<Whereabouts>, _: Option<Toast>) {}

#[cfg(feature = "hydrate")]
use browser::listen;

#[cfg(feature = "hydrate")]
mod browser {
    use super::{News, sentence};
    use crate::app::{component::toast, layout::actions};
    use crate::domain::Whereabouts;
    use leptos::{
        prelude::*,
        wasm_bindgen::{JsCast, prelude::Closure},
    };
    use web_sys::{EventSource, MessageEvent};

    /// A page that is not looked at does not listen: browsers keep only six connections to a host. When it is looked
    /// at again it counts as changed.
    pub fn listen(slug: &str, changes: RwSignal<u32>, whereabouts: RwSignal<Whereabouts>, toast: Option<toast::Toast>) {
        let (address, slug) = (format!("/o/{slug}/feed"), slug.to_owned());
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            let data = message.data().as_string().unwrap_or_default();
            let news: Vec<News> = serde_json::from_str(&data).unwrap_or_default();
            if let Some(text) = news.iter().rev().find_map(sentence) {
                toast::say(toast, text);
            }
            changes.update(|changes| *changes += 1);
            count_again(slug.clone(), whereabouts);
        });
        let heard = StoredValue::new_local(heard);
        let source = StoredValue::new_local(None::<EventSource>);
        let open = move || {
            let opened = EventSource::new(&address).ok();
            if let Some(source) = &opened {
                heard.with_value(|heard| source.set_onmessage(Some(heard.as_ref().unchecked_ref())));
            }
            source.set_value(opened);
        };
        let close = move || {
            source.update_value(|source| {
                if let Some(source) = source.take() {
                    source.close();
                }
            });
        };
        open();
        let watcher = window_event_listener_untyped("visibilitychange", move |_| {
            close();
            if !document().hidden() {
                open();
                changes.update(|changes| *changes += 1);
            }
        });
        on_cleanup(move || {
            close();
            watcher.remove();
        });
    }

    /// The numbers beside the pages' names.
    fn count_again(slug: String, whereabouts: RwSignal<Whereabouts>) {
        leptos::task::spawn_local(async move {
            if let Ok(now) = actions::whereabouts(slug).await {
                whereabouts.set(now);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_of_invitees_are_said_aloud() {
        let news = |action: &str, name: Option<&str>| News { action: action.to_owned(), name: name.map(str::to_owned) };
        assert_eq!(
            sentence(&news("invitation.accepted", Some("Mei-Ling Zhou"))).as_deref(),
            Some("Mei-Ling Zhou has accepted")
        );
        assert_eq!(sentence(&news("invitation.sent", None)), None);
    }
}
