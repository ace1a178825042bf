//! The only illustration: a door, whose state reflects that of the invitation or page.

use leptos::prelude::*;

/// Ajar: the visitor is invited. Open: signed in, with one step left. Shut: this link does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorState {
    Ajar,
    Open,
    Shut,
}

/// Shows the door. Screen readers skip it: the heading next to it says the same.
#[component]
pub fn Door(state: DoorState) -> impl IntoView {
    let class = if state == DoorState::Shut { "door door--shut" } else { "door" };
    view! { <svg class=class viewBox="0 0 88 120" aria-hidden="true" inner_html=state.drawing()></svg> }
}

impl DoorState {
    fn drawing(self) -> &'static str {
        match self {
            Self::Ajar => {
                r#"<path class="door__spill" d="M47 109h21l16 11H46z"/><path class="door__frame" d="M13 108V44a31 31 0 0 1 62 0v64z"/><path class="door__light" d="M20 108V44a24 24 0 0 1 48 0v64z"/><path class="door__leaf" d="M20 108V44c0-12.6 9.7-22.9 22-23.9 2.9 1.7 6 6.6 8 12.4V98z"/><path class="door__panel" d="M26 63.5V46c0-8.2 4.8-14.8 11.4-17 3.4 1.9 5.4 6 6.6 10.5V61.5zM26 73l18-1.7v20.5L26 97z"/><circle class="door__knob" cx="46.6" cy="66.5" r="2"/><path class="door__sill" d="M2 108.5h84"/>"#
            }
            Self::Open => {
                r#"<path class="door__spill" d="M28 109h40l18 11H20z"/><path class="door__frame" d="M13 108V44a31 31 0 0 1 62 0v64z"/><path class="door__light" d="M20 108V44a24 24 0 0 1 48 0v64z"/><path class="door__leaf" d="M20 108V44c0-7.6 3.5-14.4 9-18.8L33.5 35v65.5z"/><circle class="door__knob" cx="30.4" cy="68" r="1.7"/><path class="door__sill" d="M2 108.5h84"/>"#
            }
            Self::Shut => {
                r#"<path class="door__frame" d="M13 108V44a31 31 0 0 1 62 0v64z"/><path class="door__leaf" d="M20 108V44a24 24 0 0 1 48 0v64z"/><path class="door__panel" d="M28 63V45a16 16 0 0 1 32 0v18zM28 72h32v27H28z"/><circle class="door__knob" cx="62.5" cy="67.5" r="2.25"/><path class="door__sill" d="M2 108.5h84"/>"#
            }
        }
    }
}
