//! News of what happened without leaving the page. With scripts only, one at a time, gone after six seconds.

use leptos::prelude::*;
use std::time::Duration;

/// What the toast says now, counted so that the same words twice are two toasts.
pub type Toast = RwSignal<Option<(u32, String)>>;

const STAYS: Duration = Duration::from_secs(6);

/// Where toasts appear; one for the whole portal.
#[component]
pub fn Toaster() -> impl IntoView {
    let toast = use_toaster();
    let held = RwSignal::new(false);
    view! {
        <div role="status">
            {move || toast.and_then(|toast| toast.get()).map(|(number, text)| {
                dismiss_later(toast, number, held);
                view! {
                    <p
                        class="toast"
                        on:mouseenter=move |_| held.set(true)
                        on:mouseleave=move |_| held.set(false)
                    >
                        {text}
                    </p>
                }
            })}
        </div>
    }
}

pub fn provide_toaster() {
    provide_context::<Toast>(RwSignal::new(None));
}

/// None in plain pages.
pub fn use_toaster() -> Option<Toast> {
    use_context()
}

pub fn say(toast: Option<Toast>, text: String) {
    if let Some(toast) = toast {
        toast.update(|toast| *toast = Some((toast.as_ref().map_or(0, |(number, _)| number + 1), text)));
    }
}

/// Stays as long as the pointer is on it.
fn dismiss_later(toast: Option<Toast>, number: u32, held: RwSignal<bool>) {
    let dismiss = move || {
        let Some(toast) = toast else { return };
        match held.get_untracked() {
            true => dismiss_later(Some(toast), number, held),
            false if toast.get_untracked().is_some_and(|(now, _)| now == number) => toast.set(None),
            false => {}
        }
    };
    if cfg!(feature = "hydrate") {
        set_timeout(dismiss, STAYS);
    }
}
