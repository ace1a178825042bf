//! The links that download a list as a file.

use super::{Glyph, Icon};
use crate::app::{
    form::{Fields, fields},
    query::{Param, address_of, pairs},
};
use leptos::prelude::*;
use vestibule_web::export::Format;

fields! {
    /// The format of a file, next to the filter of its list.
    pub struct FormatQuery {
        format: Param<Format>,
    }
}

/// A link for each format to the file with everything that the filter finds, not only with this page of the list.
/// `path` is that of the files.
#[component]
pub fn ExportLinks<Q: Fields>(path: String, filter: Q) -> impl IntoView {
    let files = [("csv", "CSV"), ("ndjson", "NDJSON")].map(|(format, name)| {
        view! {
            <a class="button" href=file_address(&path, format, &filter) download>
                <Icon glyph=Glyph::Download/>
                <span class="sr">"Export "</span>
                {name}
            </a>
        }
    });
    files.into_iter().collect_view()
}

fn file_address<Q: Fields>(path: &str, format: &'static str, filter: &Q) -> String {
    let format = FormatQuery { format: Some(format).into() };
    address_of(path, pairs(&format).chain(pairs(filter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fields! {
        struct Guests {
            q: Param,
        }
    }

    #[test]
    fn a_file_has_what_its_list_has() {
        let guests = Guests { q: Some("ada & co").into() };
        assert_eq!(file_address("/guests/export", "csv", &guests), "/guests/export?format=csv&q=ada%20%26%20co");
        assert_eq!(file_address("/guests/export", "ndjson", &Guests::default()), "/guests/export?format=ndjson");
    }
}
