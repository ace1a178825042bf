//! The result for each email address of an invitation form.

use crate::app::{
    component::{Address, Glyph, Icon, plural},
    news::{take_focus, tell},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_domain::{Instant, InviteOutcome, InviteResult};
use vestibule_functions::server::recipients::{page, reason};

/// The results, for the page that answers the POST. Reloading that page and so sending the form again does no harm:
/// people who were invited are then reported as already invited.
pub struct InviteResults {
    pub results: Vec<InviteResult>,
    pub now: Instant,
}

#[component]
pub fn Results(answer: InviteResults) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.to_string();
    let InviteResults { results, now } = answer;
    let summary = summary(&results);
    tell(headline(&results));
    let has_focus = take_focus();
    let rows = results.into_iter().map(|result| view! { <ResultRow result now slug=slug.clone()/> }).collect_view();
    view! {
        <section
            class="panel"
            role="status"
            aria-describedby="results-summary"
            tabindex=has_focus.then_some("-1")
            autofocus=has_focus
        >
            <div class="panel__head">
                <h2>"Results"</h2>
                <p class="small quiet" id="results-summary">{summary}</p>
            </div>
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}

/// Returns the results in the words of the document's title.
fn headline(results: &[InviteResult]) -> String {
    let count = |is: fn(&InviteOutcome) -> bool| results.iter().filter(|result| is(&result.outcome)).count();
    let invited = count(|outcome| matches!(outcome, InviteOutcome::Invited { .. }));
    let fine = count(|outcome| matches!(outcome, InviteOutcome::Invited { .. } | InviteOutcome::WrittenTwice));
    format!("{invited} invited, {} to check", results.len() - fine)
}

fn summary(results: &[InviteResult]) -> String {
    let count = |is: fn(&InviteOutcome) -> bool| results.iter().filter(|result| is(&result.outcome)).count();
    let invited = count(|outcome| matches!(outcome, InviteOutcome::Invited { .. }));
    let refused = count(|outcome| matches!(outcome, InviteOutcome::Refused { .. }));
    let others = results.len() - invited - refused;
    let mut parts = vec![format!("{invited} invited")];
    if others > 0 {
        parts.push(format!("{others} left out"));
    }
    if refused > 0 {
        parts.push(format!("{} in the box for you to fix", plural(refused as u64, "is still", "are still")));
    }
    parts.join(", ")
}

#[component]
fn ResultRow(result: InviteResult, now: Instant, slug: String) -> impl IntoView {
    let (class, glyph, word) = match &result.outcome {
        InviteOutcome::Invited { .. } => ("results__row results__row--ready", Glyph::Check, "Invited: "),
        InviteOutcome::AlreadyInvited { .. } | InviteOutcome::WrittenTwice => {
            ("results__row results__row--note", Glyph::Info, "Already invited: ")
        }
        InviteOutcome::AlreadyMember { .. } | InviteOutcome::Refused { .. } => {
            ("results__row results__row--stop", Glyph::Cross, "Not invited: ")
        }
    };
    let words = if matches!(result.outcome, InviteOutcome::AlreadyMember { .. }) { "See members" } else { "Open it" };
    let open = page(&result.outcome, &slug).map(|href| (href, words));
    let is_invited = matches!(result.outcome, InviteOutcome::Invited { .. });
    let why = (!is_invited).then(|| {
        view! { <span class="results__why">{reason(&result.outcome, now)}</span> }
    });
    view! {
        <li class=class>
            <Icon glyph/>
            <span>
                <span class="sr">{word}</span>
                <Address address=result.address/>
            </span>
            {open.map(|(href, words)| view! { <span class="results__act"><a href=href>{words}</a></span> })}
            {why}
        </li>
    }
    .into_any()
}
