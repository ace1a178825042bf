//! The form above a list that searches it. It asks by its address; with scripts the list follows as one types.

use super::{Glyph, Icon, Key};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use std::time::Duration;

/// Long enough to finish a word, short enough not to be noticed.
const SETTLED: Duration = Duration::from_millis(220);

/// `name` is the list's, `label` says what is found, `text` is what the address asks for now, `search` is called with
/// what was typed. `children` are further fields. Without scripts a button stands at the end.
#[component]
pub fn Search(
    name: &'static str,
    label: &'static str,
    text: Signal<String>,
    search: Callback<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let first = text.get_untracked();
    let typed = StoredValue::new(first.clone());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let now = move || search.run(typed.get_value());
    let later = move |text: String| {
        typed.set_value(text);
        if let Some(earlier) = waiting.get_value() {
            earlier.clear();
        }
        waiting.set_value(set_timeout_with_handle(now, SETTLED).ok());
    };
    view! {
        <form
            class="filters"
            role="search"
            aria-label=name
            method="get"
            on:submit=move |event| {
                event.prevent_default();
                now();
            }
        >
            <div class="filters__search">
                <Icon glyph=Glyph::Search/>
                <label class="sr" for="q">{label}</label>
                <input
                    class="field__input"
                    type="search"
                    id="q"
                    name="q"
                    placeholder=label
                    value=first
                    prop:value=move || text.get()
                    on:input=move |event| later(event_target_value(&event))
                />
                <Key of="/"/>
            </div>
            {children.map(|children| children())}
            <noscript inner_html=r#"<button class="button">Search</button>"#></noscript>
        </form>
    }
    .into_any()
}
