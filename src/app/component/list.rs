//! The parts of list pages that only the server has. See also [`super::Search`] and [`super::Empty`], and
//! `crates/components` for the table, its tabs and its pages.

use super::{Glyph, Icon};
use leptos::prelude::*;
use vestibule_components::grouped;
use vestibule_domain::{CursorPage, Total};

/// The number of rows on a page of a list.
pub const PAGE: u32 = 50;

/// Returns which rows of a list are on a page: `1–50 of 501 emails`. Only the first and the last page know where they
/// are, the others are `50 of 501 emails`.
pub fn place<T>(page: &CursorPage<T>, total: Total, one: &str, many: &str) -> String {
    let count = page.items.len() as u64;
    let last = match (&page.newer, &page.older) {
        (None, _) => Some(count),
        (Some(_), None) if total.is_exact => Some(total.number),
        (Some(_), _) => None,
    };
    let rows = match last {
        Some(last) => format!("{}–{}", grouped((last + 1).saturating_sub(count)), grouped(last)),
        None => grouped(count),
    };
    format!("{rows} of {}", total.plural(one, many))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_which_rows_it_has_if_it_knows() {
        let page = |newer: bool, count: usize, older: bool| CursorPage {
            items: vec![(); count],
            newer: newer.then(String::new),
            older: older.then(String::new),
        };
        let (exact, more) = (Total::exact(1_101), Total { number: 10_000, is_exact: false });
        for (page, total, words) in [
            (page(false, 50, true), exact, "1–50 of 1,101 emails"),
            (page(false, 1, false), Total::exact(1), "1–1 of 1 email"),
            (page(true, 50, true), exact, "50 of 1,101 emails"),
            (page(true, 1, false), exact, "1,101–1,101 of 1,101 emails"),
            (page(true, 7, false), more, "7 of 10,000+ emails"),
        ] {
            assert_eq!(place(&page, total, "email", "emails"), words);
        }
    }
}
