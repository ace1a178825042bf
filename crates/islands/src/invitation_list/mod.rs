//! The list of invitations. The server shows it as a page; in the browser it turns pages, follows the filters and what
//! happens elsewhere, and keeps what is selected from page to page.
//!
//! The rows are HTML of the server's, of which the browser changes what differs ([`crate::morph`]). Rows that the browser
//! renders itself cost more code than all other islands together.

mod reading;
mod selection;

use crate::links::clicked;
use leptos::{
    ev::{Custom, MouseEvent},
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Event, HtmlElement},
};
use reading::Reading;
use selection::Selection;

/// The ids of the elements with the parts of a [`ListPage`](vestibule_functions::list::ListPage).
pub const TABS: &str = "list-tabs";
pub const CONTENT: &str = "list-content";

/// The list of the organization with this slug. `children` are what is shown, and the form with the filters.
#[island]
pub fn InvitationList(slug: String, children: Children) -> impl IntoView {
    Effect::new(move || follow(Reading::new(slug.clone(), Selection::default())));
    children()
}

/// Reads the list again when its URL changes and when something has changed, and follows what is clicked and ticked.
fn follow(reading: Reading) {
    let selection = reading.selection;
    window_event_listener(Custom::<Event>::new(crate::CHANGED), move |_| reading.refresh());
    window_event_listener(Custom::<Event>::new(crate::NAVIGATED), move |event| {
        event.prevent_default();
        selection.clear();
        reading.follow_url();
    });
    window_event_listener(leptos::ev::click, move |event| {
        selection.follow_button(&event);
        turn(&event, reading);
    });
    window_event_listener(leptos::ev::change, move |event| selection.follow(&event));
    window_event_listener(leptos::ev::reset, move |_| selection.clear());
    selection.adopt();
    Effect::new(move || selection.show());
}

/// Follows a link to another part of the list without leaving the page. What is selected is kept from page to page, but
/// not when the filter changes.
fn turn(event: &MouseEvent, reading: Reading) {
    // a link outside of the list, as in the navigation, loads the page
    let Some(link) = clicked(event, "#list-tabs a, #list-content a") else { return };
    let Some(href) = link.get_attribute("href").filter(|href| reading.is_part(href)) else { return };
    event.prevent_default();
    let turns = link.has_attribute("rel");
    if !turns {
        reading.selection.clear();
    }
    reading.go(&href);
    if turns {
        to_the_top();
    }
}

/// Begins at the top, as with another page.
fn to_the_top() {
    let main = document().get_element_by_id("main").and_then(|main| main.dyn_into::<HtmlElement>().ok());
    if let Some(main) = main {
        main.scroll_into_view();
        _ = main.focus();
    }
}
