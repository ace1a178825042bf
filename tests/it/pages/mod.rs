//! What single areas of the portal do, beyond what `portal.rs` asks of every route.

mod connect;
mod dependents;
mod errors;
mod feed;
pub mod hostile;
mod invitations;
mod members;
mod news;
mod people;
mod preview;
mod resources;
mod roles;
mod settings;
mod signed_out;
mod two_editors;

use crate::harness::{Acme, Answer, TestApp};

/// The version that the form on a page carries.
fn version_in(page: &Answer) -> String {
    let (_, rest) =
        page.text.split_once(r#"name="version" value=""#).unwrap_or_else(|| panic!("no version in {}", page.text));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// All that has happened in the organization, by name, in its order.
async fn happened(app: &TestApp, at: &Acme) -> Vec<&'static str> {
    app.vestibule.feed().events(&at.scope, 0, 500).await.unwrap().iter().map(|event| event.fact.action()).collect()
}
