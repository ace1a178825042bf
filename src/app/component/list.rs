//! The parts of list pages: tabs, the table, the button that adds a row, and the notice that nothing matches. See also
//! [`super::Search`], [`super::Pager`] and [`super::Empty`].

use super::{Glyph, Icon, grouped};
use leptos::prelude::*;

/// The number of rows on a page of a list.
pub const PAGE: u32 = 50;

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

/// A part of a list, with its number of rows.
pub struct Tab {
    pub href: String,
    pub name: &'static str,
    pub count: u64,
    pub is_open: bool,
}

/// Links to the parts of a list; they work without scripts. `label` says how the parts differ.
#[component]
pub fn Tabs(label: &'static str, tabs: Vec<Tab>) -> impl IntoView {
    let links = tabs.into_iter().map(|tab| {
        view! {
            <a class="tabs__link" href=tab.href aria-current=tab.is_open.then_some("page")>
                {tab.name}
                " "
                <span class="tabs__count">{grouped(tab.count)}</span>
            </a>
        }
    });
    view! { <nav class="tabs" aria-label=label>{links.collect_view()}</nav> }.into_any()
}

/// A link to the form that adds a row.
#[component]
pub fn AddButton(href: String, words: &'static str) -> impl IntoView {
    view! {
        <a class="button button--main" href=href>
            <Icon glyph=Glyph::Plus/>
            {words}
        </a>
    }
    .into_any()
}

/// Shown when no row matches the filter. `all` is the URL of the list without a filter, if the list has one.
#[component]
pub fn NoMatch(title: &'static str, #[prop(into)] all: Option<String>, words: &'static str) -> impl IntoView {
    let all = all.map(|href| view! { <div class="row"><a class="button" href=href>{words}</a></div> });
    view! {
        <section class="panel">
            <div class="empty">
                <h2>{title}</h2>
                {all}
            </div>
        </section>
    }
    .into_any()
}
