//! The tests that need real parts: a database of either kind, HTTP, SMTP. One binary, so that it links once.
#![expect(clippy::allow_attributes, reason = "what is stamped on every test does not apply to each")]
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

#[macro_use]
mod harness;

mod acceptance;
mod api;
mod architecture;
mod at_rest;
mod audit;
mod backup;
mod erasure;
mod facade;
mod frozen;
mod functions;
mod http;
mod limits;
mod mail;
mod markup;
mod moment;
mod monitoring;
mod pages;
mod plans;
mod portal;
mod program;
mod races;
mod service;
mod store;
mod style;
mod webhooks;
mod worker;
