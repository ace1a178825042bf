//! Inline notices about what just happened, or about the current state.

use super::{Glyph, Icon};
use crate::app::news::{take_focus, tell};
use leptos::prelude::*;

/// The kind of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Success,
    Warning,
    Danger,
}

/// Shows a notice. Screen readers announce it when it appears, and a danger immediately. `children` are at its end: a
/// link or a form. If it is about what the reader has just done, it is `news`: see `app/news.rs`.
#[component]
pub fn Notice(
    tone: NoticeKind,
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    #[prop(optional)] news: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let (class, role, glyph) = match tone {
        NoticeKind::Success => ("flash flash--success", "status", Glyph::Check),
        NoticeKind::Warning => ("flash flash--warning", "status", Glyph::Warn),
        NoticeKind::Danger => ("flash flash--danger", "alert", Glyph::Failed),
    };
    if news {
        tell(title.as_str());
    }
    let has_focus = news && take_focus();
    view! {
        <div class=class role=role tabindex=has_focus.then_some("-1") autofocus=has_focus>
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
