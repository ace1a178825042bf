//! What every surface needs from HTTP, and nothing that names a route of theirs.

pub mod body;
pub mod client_ip;
pub mod csrf;
pub mod headers;
pub mod host;
pub mod log;
pub mod public_url;
pub mod rate_limit;
pub mod refusal;
pub mod session;
pub mod site;

pub use client_ip::ClientIp;
pub use public_url::PublicUrl;
pub use rate_limit::Limits;
pub use refusal::{Face, Refusal};

/// Where Leptos puts server functions.
pub const SERVER_FUNCTIONS: &str = "/api/";
