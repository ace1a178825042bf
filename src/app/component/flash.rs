//! Inline notices about what just happened, or about the current state.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// The kind of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Success,
    Warning,
    Danger,
}

/// Shows a notice. Screen readers announce it when it appears, and a danger immediately. `children` are at its end: a
/// link or a form.
#[component]
pub fn Notice(
    tone: NoticeKind,
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let (class, role, glyph) = match tone {
        NoticeKind::Success => ("flash flash--success", "status", Glyph::Check),
        NoticeKind::Warning => ("flash flash--warning", "status", Glyph::Warn),
        NoticeKind::Danger => ("flash flash--danger", "alert", Glyph::Failed),
    };
    view! {
        <div class=class role=role>
            <Icon glyph/>
            <div>
                <p class="flash__title">{title}</p>
                {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            </div>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}
