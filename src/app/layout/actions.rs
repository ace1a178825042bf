//! What the frame reads.

use crate::{app::failure::Failure, domain};
use leptos::prelude::*;

/// Who is signed in, where, and what they may do there.
#[server]
pub async fn whereabouts(slug: String) -> Result<domain::Whereabouts, Failure> {
    use crate::app::context::{failed, scope, sent, user, vestibule};
    let (user, scope) = (user().await?, scope(&slug).await?);
    sent(vestibule().whereabouts(&user, &scope)).await.map_err(failed)
}
