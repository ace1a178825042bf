//! What has just happened: the document's title begins with it, and the part of the page that says it has the focus. So
//! screen readers say it first, with and without scripts.

use leptos::prelude::*;
use std::sync::{Arc, OnceLock};

/// The news of the page that is being rendered.
#[derive(Clone, Default)]
pub struct News(Arc<State>);

#[derive(Default)]
struct State {
    words: OnceLock<String>,
    focus: OnceLock<()>,
}

impl News {
    /// Returns the page's title after the news, if there are any.
    pub fn before(&self, title: &str) -> String {
        match self.0.words.get() {
            Some(words) => format!("{words} – {title}"),
            None => title.to_owned(),
        }
    }
}

/// Makes the page's title begin with these words, unless others were first.
pub fn tell(words: impl Into<String>) {
    if let Some(News(state)) = use_context::<News>() {
        _ = state.words.set(words.into());
    }
}

/// Returns whether the part of the page that asks has the focus when the page opens: the first one that asks has it.
pub fn take_focus() -> bool {
    use_context::<News>().is_some_and(|News(state)| state.focus.set(()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_news_count() {
        let told = Owner::new().with(|| {
            let news = News::default();
            assert_eq!(news.before("Roles"), "Roles");
            provide_context(news.clone());
            tell("3 problems");
            tell("1 problem");
            assert_eq!((take_focus(), take_focus()), (true, false));
            news.before("Roles")
        });
        assert_eq!(told, "3 problems – Roles");
    }

    #[test]
    fn outside_of_a_page_nothing_is_told() {
        Owner::new().with(|| {
            tell("3 problems");
            assert!(!take_focus());
        });
    }
}
