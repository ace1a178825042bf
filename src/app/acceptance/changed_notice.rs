//! The notice that an offer is no longer the one that was read.

use crate::app::component::{Notice, NoticeKind};
use crate::app::public::layout::{Part, part};
use crate::app::public::parts::listed;
use leptos::prelude::*;
use vestibule_domain::{Difference, Terms};

/// Returns the notice that the offer has changed since the page with `seen` was opened. `outcome` says what was not
/// done.
pub fn notice(seen: &Terms, now: &Terms, outcome: &str) -> Part {
    let differences = seen.differences(now);
    let sentences = if differences.is_empty() { vec![sentence(&Difference::Unknown)] } else { said(&differences) };
    let text = format!("{} {outcome}", sentences.join(" "));
    part(move || view! { <Notice tone=NoticeKind::Warning title="This invitation was changed" text news=true/> })
}

fn said(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(sentence).collect()
}

fn sentence(difference: &Difference) -> String {
    match difference {
        Difference::Roles { from, to } => {
            format!("The roles were changed from {} to {} since you opened this page.", listed(from), listed(to))
        }
        Difference::Organization { from, to } => {
            format!("The organization’s name was changed from {from} to {to} since you opened this page.")
        }
        Difference::Address => "The invited email address was changed since you opened this page.".to_owned(),
        Difference::Limits => "The resources it is limited to were changed since you opened this page.".to_owned(),
        Difference::Unknown => "It was changed since you opened this page.".to_owned(),
    }
}
