//! Why the server did not do what an island asked.

use leptos::{either::Either, prelude::*};
use vestibule_functions::FunctionError;

/// Shows what happened and what to do next. A person who is signed out can sign in in another tab, so that nothing on
/// this page is lost.
#[component]
pub fn Problem(error: FunctionError) -> impl IntoView {
    match error.is_signed_out() {
        true => Either::Left(view! {
            <span>
                "You are signed out. "
                <a href="/sign-in" target="_blank">"Sign in in a new tab"</a>
                ", then go on here. Nothing on this page is lost."
            </span>
        }),
        false => Either::Right(view! { <span>{format!("{}. {}", error.title, error.sentence)}</span> }),
    }
}
