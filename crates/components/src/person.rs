//! A person in a list: the name above the email address, both in full. Without a name, only the email address.

use crate::Address;
use leptos::prelude::*;

#[component]
pub fn Person(#[prop(into)] name: Option<String>, #[prop(into)] address: String, href: String) -> impl IntoView {
    match name {
        Some(name) => view! {
            <span class="person">
                <a class="person__name" href=href><bdi>{name}</bdi></a>
                <span class="person__address"><Address address/></span>
            </span>
        }
        .into_any(),
        None => view! {
            <span class="person">
                <a class="person__name" href=href><Address address/></a>
            </span>
        }
        .into_any(),
    }
}
