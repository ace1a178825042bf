//! A multi-line input. Leptos writes the children of a `<textarea>` into the page without escaping them (its issue
//! 4786), so only this component, which escapes, creates one.

use leptos::prelude::*;

/// The input. Its `id` is its name.
#[component]
pub fn Textarea(
    name: &'static str,
    #[prop(into)] value: String,
    #[prop(default = 4)] rows: u8,
    #[prop(optional_no_strip)] maxlength: Option<u16>,
    /// Whether the text is prose. If not, browsers don't check its spelling or capitalize it.
    #[prop(default = true)]
    prose: bool,
    #[prop(optional_no_strip)] described_by: Option<String>,
    #[prop(optional_no_strip)] invalid: Option<&'static str>,
    #[prop(optional)] has_focus: bool,
) -> impl IntoView {
    view! {
        <textarea
            class="field__input"
            id=name
            name=name
            rows=rows
            maxlength=maxlength
            spellcheck=if prose { None } else { Some("false") }
            autocapitalize=if prose { None } else { Some("none") }
            aria-describedby=described_by
            aria-invalid=invalid
            autofocus=has_focus
            inner_html=escape(&value)
        ></textarea>
    }
    .into_any()
}

/// Escapes text for HTML. A parser drops one line break at the start of a textarea, so a text that starts with one gets
/// another.
fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if escaped.starts_with('\n') { format!("\n{escaped}") } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_cannot_leave_the_box() {
        let html = Owner::new().with(|| {
            view! { <Textarea name="message" value="</textarea><img src=x onerror=alert(1)> & co"/> }.to_html()
        });
        assert!(html.contains("&lt;/textarea&gt;&lt;img src=x onerror=alert(1)&gt; &amp; co</textarea>"), "{html}");
        assert!(!html.contains("<img"), "{html}");
    }
}
