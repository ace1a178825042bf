//! Live pages: listens to the organization's feed, refreshes the page when something has changed, and shows who has
//! accepted.

use super::{dom, refresh, toast};
use std::{cell::RefCell, rc::Rc};
use vestibule_islands::{CHANGED, SAID, announce};
use web_sys::{Element, Event, EventSource, MessageEvent};

/// Listens to the feed while the page is visible, because browsers allow only six connections to a host. A page that
/// becomes visible again is refreshed.
pub fn listen() {
    dom::listen(&dom::window(), CHANGED, |_: Event| refresh::soon());
    let feed = dom::find::<Element>("[data-feed]").and_then(|frame| frame.get_attribute("data-feed"));
    let Some(feed) = feed else { return };
    let source = Rc::new(RefCell::new(open(&feed)));
    dom::on("visibilitychange", move |_: Event| {
        if let Some(source) = source.take() {
            source.close();
        }
        if !dom::document().hidden() {
            *source.borrow_mut() = open(&feed);
            announce(CHANGED);
        }
    });
}

fn open(feed: &str) -> Option<EventSource> {
    let source = EventSource::new(feed).ok()?;
    dom::listen(&source, "message", |_: Event| announce(CHANGED));
    dom::listen(&source, SAID, |message: MessageEvent| {
        toast::say(&message.data().as_string().unwrap_or_default());
        announce(CHANGED);
    });
    Some(source)
}
