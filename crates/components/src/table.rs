//! The table of a list.

use leptos::prelude::*;

/// The header of a column.
#[derive(Clone, Copy)]
pub struct Column {
    words: &'static str,
    class: Option<&'static str>,
    is_seen: bool,
}

impl Column {
    pub const fn new(words: &'static str) -> Self {
        Self { words, class: None, is_seen: true }
    }

    /// Creates a column with a CSS class, for its width or because small screens leave it out.
    pub const fn of_class(words: &'static str, class: &'static str) -> Self {
        Self { words, class: Some(class), is_seen: true }
    }

    /// The column of links at the end of each row. Its header is only for screen readers.
    pub const ACTIONS: Self = Self { words: "Actions", class: None, is_seen: false };
}

/// The table of a list. On small screens its rows are cards. `caption` is only for screen readers. `first` is the
/// header of a column with check boxes.
#[component]
pub fn Table(
    caption: &'static str,
    columns: &'static [Column],
    #[prop(optional, into)] first: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    let heads = columns.iter().map(|column| view! { <Head column=*column/> }).collect_view();
    view! {
        <table class="table table--cards" role="table">
            <caption class="sr">{caption}</caption>
            <thead role="rowgroup">
                <tr role="row">{first.map(|first| first.run())}{heads}</tr>
            </thead>
            <tbody role="rowgroup">{children()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Head(column: Column) -> impl IntoView {
    let words = match column.is_seen {
        true => column.words.into_any(),
        false => view! { <span class="sr">{column.words}</span> }.into_any(),
    };
    view! { <th role="columnheader" scope="col" class=column.class>{words}</th> }.into_any()
}
