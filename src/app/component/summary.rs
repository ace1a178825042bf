//! The list of errors at the top of a form, with a link to each field.

use super::{Glyph, Icon, plural};
use crate::app::news::{take_focus, tell};
use leptos::prelude::*;
use vestibule_domain::Violation;

/// Shows the errors, and takes the focus when the page opens. `fields` are the names of the fields that show their error
/// themselves. A single error is shown only at its field, if it has one, unless the form is `far` down the page, where
/// the field may be out of sight.
#[component]
pub fn Summary(
    violations: Vec<Violation>,
    fields: &'static [&'static str],
    #[prop(optional)] far: bool,
) -> impl IntoView {
    let count = violations.len();
    if count > 0 {
        tell(plural(count as u64, "problem", "problems"));
    }
    let places: Vec<_> = violations.iter().map(|violation| place(&violation.field, fields)).collect();
    let is_shown = count > 1 || far && count > 0 || places.contains(&None);
    is_shown.then(|| {
        let title = match (count, places.iter().any(Option::is_some)) {
            (_, false) => "This can’t be sent as it is",
            (1, true) => "One field needs another look",
            (_, true) => "Some fields need another look",
        };
        let items = violations.into_iter().zip(places).map(|(violation, place)| {
            let sentence = violation.sentence.into_owned();
            match place {
                Some(field) => view! { <li><a href=format!("#{field}")>{sentence}</a></li> }.into_any(),
                None => view! { <li>{sentence}</li> }.into_any(),
            }
        });
        let items = items.collect_view();
        let has_focus = take_focus();
        view! {
            <div class="flash flash--danger" role="alert" tabindex="-1" autofocus=has_focus>
                <Icon glyph=Glyph::Failed/>
                <div>
                    <p class="flash__title">{title}</p>
                    <ul>{items}</ul>
                </div>
            </div>
        }
    })
}

/// Returns the field that shows the error of `field`, which may be one of several values, like `actions[2]`.
fn place(field: &str, fields: &'static [&'static str]) -> Option<&'static str> {
    let is_of = |rest: &str| rest.is_empty() || rest.starts_with('[');
    fields.iter().copied().find(|name| field.strip_prefix(*name).is_some_and(is_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(fields: &[&'static str], far: bool) -> String {
        let wrong = |field: &&'static str| Violation::new(*field, "wrong", format!("Mend {field}."));
        let violations: Vec<Violation> = fields.iter().map(wrong).collect();
        Owner::new().with(|| view! { <Summary violations fields=&["name", "actions"] far/> }.to_html())
    }

    #[test]
    fn a_single_error_is_at_its_field_and_several_are_listed() {
        assert!(!html(&["name"], false).contains("Mend"));
        assert!(html(&["name"], true).contains("href=\"#name\""));
        let both = html(&["name", "actions[2]"], false);
        assert!(both.contains("href=\"#name\"") && both.contains("href=\"#actions\""), "{both}");
        assert!(both.contains("Some fields need another look"), "{both}");
    }

    #[test]
    fn a_single_error_without_a_field_is_shown() {
        let html = html(&["dependents"], false);
        assert!(html.contains("<li>Mend dependents.</li>") && html.contains("This can’t be sent as it is"), "{html}");
    }
}
