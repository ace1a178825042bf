//! The real program: its connections, how it stops, and all that it says.

mod connections;
mod crowds;
mod health;
mod instructions;
mod metrics;
mod output;
mod private;
mod starting;
mod traces;
mod user;
mod warnings;

use crate::harness::{Client, Program};

/// Makes the first owner, Ada of Saltmarsh Press, by the link that it prints. A browser where she is signed in.
async fn set_up(program: &Program, password: &str) -> Client {
    let token = program.says_between("/setup?token=", "\n").await;
    let client = program.client().await;
    let owner = [("name", "Ada Byrne"), ("email", "ada@saltmarsh.example"), ("password", password)];
    let fields = [&[("token", token.as_str()), ("organization", "Saltmarsh Press"), ("slug", "saltmarsh")], &owner[..]];
    let answer = client.post("/setup", &fields.concat()).await;
    assert_eq!(answer.location(), "/o/saltmarsh/invitations", "{}", answer.text);
    client
}
