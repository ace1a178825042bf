//! Better Auth, with which people make invitations today, as a peer: where it is installed, it is measured beside us.

use super::prepare::{Request, posted};
use serde::Deserialize;
use serde_json::json;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "examples/bench/better-auth";
/// The address that it takes itself for. It refuses changes from another origin.
const ORIGIN: &str = "http://better-auth.example";

/// What its requests need to name what is in its database.
#[derive(Deserialize)]
pub struct BetterAuth {
    organization: String,
    /// The session of the organization's owner.
    cookie: String,
    pending: Vec<String>,
    waiting: Vec<Waiting>,
}

/// An invitation whose invitee has signed in.
#[derive(Deserialize)]
struct Waiting {
    id: String,
    cookie: String,
}

/// Checks whether its packages are installed, and says how to install them if they aren't.
pub fn is_installed() -> bool {
    let is_here = Path::new(FOLDER).join("node_modules").is_dir();
    if !is_here {
        println!("Better Auth is not measured. To install it: npm ci --prefix {FOLDER}");
    }
    is_here
}

/// Returns the script that serves it from a folder. Node runs it.
pub fn script() -> String {
    format!("{FOLDER}/serve.mjs")
}

/// Makes its database in this folder.
pub fn fill(folder: &Path, rows: usize, acceptances: usize) -> BetterAuth {
    std::fs::create_dir_all(folder).unwrap();
    let script = format!("{FOLDER}/fill.mjs");
    let filled = Command::new("node").arg(script).arg(folder).args([rows, acceptances].map(|n| n.to_string())).output();
    let filled = filled.unwrap();
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    serde_json::from_slice(&filled.stdout).unwrap()
}

impl BetterAuth {
    /// Returns at most so many requests of this name: none if it has nothing like it. `created` are addresses that nobody
    /// was invited at. Its lists have the first hundred rows, always.
    pub fn requests(&self, name: &str, most: usize, created: impl FnMut() -> String) -> Vec<Request> {
        let ask = |path: String, cookie: &str| Request {
            path: format!("/api/auth/{path}"),
            headers: vec![("cookie", cookie.to_owned()), ("origin", ORIGIN.to_owned())],
            body: None,
        };
        let change = |what: &str, cookie: &str, body: serde_json::Value| {
            let Request { path, headers, .. } = ask(format!("organization/{what}"), cookie);
            posted(path, headers, &body.to_string())
        };
        let (organization, owner) = (&self.organization, self.cookie.as_str());
        match name {
            "health" => vec![ask("ok".to_owned(), owner); most],
            "get" => {
                let of =
                    |waiting: &Waiting| ask(format!("organization/get-invitation?id={}", waiting.id), &waiting.cookie);
                self.waiting.iter().cycle().take(most).map(of).collect()
            }
            "list 100" => {
                vec![ask(format!("organization/list-invitations?organizationId={organization}"), owner); most]
            }
            "create" => {
                let body = |email| json!({ "email": email, "role": "member", "organizationId": organization });
                std::iter::repeat_with(created)
                    .take(most)
                    .map(|email| change("invite-member", owner, body(email)))
                    .collect()
            }
            "accept" => {
                let of = |waiting: &Waiting| {
                    change("accept-invitation", &waiting.cookie, json!({ "invitationId": waiting.id }))
                };
                self.waiting.iter().map(of).collect()
            }
            "revoke" => {
                let of = |id: &String| change("cancel-invitation", owner, json!({ "invitationId": id }));
                self.pending.iter().map(of).collect()
            }
            _ => Vec::new(),
        }
    }
}
