//! How many instructions a request takes, counted by Valgrind: the same on a quick machine and on a busy one.

use crate::harness::{Acme, Client, Program, Setup, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Method, RequestBuilder, StatusCode};
use std::path::Path;
use tokio::process::Command;
use vestibule_core::service::{NewApiKey, NewInvitation, Settings};
use vestibule_domain::{InvitationId, Permission, Surface};

/// Thousands of instructions for each request, in the server and in the libraries that it is made of. Whoever changes
/// them on purpose writes the new number here.
const EXPECTED: [(&str, f64); 5] =
    [("get", 450.0), ("list of 100", 4_894.0), ("page of 50", 6_160.0), ("create", 1_589.0), ("accept", 1_940.0)];
/// How far from it a number may be, as a part of it.
const MARGIN: f64 = 0.03;
/// The requests of each kind before those that are counted, when all is loaded that is loaded once.
const BEFORE: usize = 10;
/// They are counted some at a time. The lowest number is of those during which the worker did least. One mailbox gets
/// no more than a hundred invitations in all.
const COUNTED: usize = 10;
const ROUNDS: usize = 8;
/// What the worker does meanwhile is a larger part of a quick request.
const ROUNDS_OF_QUICK: usize = 18;

const ALL: &str = "/api/v1/organizations/acme/invitations";

/// The rows that are there before, and what the requests need to name them.
struct Prepared {
    app: TestApp,
    ada: Acme,
    token: String,
    ids: Vec<InvitationId>,
    /// The signed-in invitee, and the links that they have opened, of an organization each.
    grace: Acme,
    opened: Vec<String>,
}

async fn prepare() -> Prepared {
    let settings = |settings: &mut Settings| settings.invitations_per_hour = u32::MAX;
    let setup = Setup { starts_now: true, mailer: Some(None), settings: Box::new(settings), ..Setup::default() };
    let app = TestApp::with(setup).await;
    let (ada, grace) = (app.organization("Acme").await, app.organization("Grace").await);
    let new =
        NewApiKey { surface: Surface::Native, name: "x".into(), permissions: Permission::ALL.into(), expires_at: None };
    let token = app.vestibule.api_keys().create(&ada.scope, &new).await.unwrap().1.unwrap().as_str().to_owned();
    let role = app.role(&ada, "member").await;
    let new = |email: String| NewInvitation { email, role_ids: vec![role], ..NewInvitation::default() };
    let rows: Vec<_> = (0..200).map(|n| (ada.scope.clone(), new(format!("person{n}@example.com")))).collect();
    let made = app.vestibule.invitations().invite_all(&ada.scope, &rows).await.unwrap();
    // not Ada, whose page names all organizations that she belongs to
    let (joan, mut opened) = (app.organization("Joan").await, Vec::new());
    for n in 0..BEFORE + ROUNDS * COUNTED {
        let organization = app.beside(&joan, &format!("Organization {n}")).await;
        let id = app.invites(&organization, &grace.owner).await;
        opened.push(app.vestibule.acceptance().open_as_mailed(id).await.unwrap().as_str().to_owned());
    }
    app.vestibule.close().await;
    Prepared { ids: made.into_iter().map(|invitation| invitation.id).collect(), app, ada, token, grace, opened }
}

impl Prepared {
    /// Starts the program under Valgrind, on one thread: how threads wait for each other is not what is counted.
    fn start(&self) -> Program {
        let folder = self.app.folder();
        std::fs::write(folder.join("secret.key"), STANDARD.encode([7; 32])).unwrap();
        let counts = folder.join("counts").display().to_string();
        let valgrind = format!("exec valgrind -q --tool=callgrind --callgrind-out-file={counts} \"$0\" serve");
        Program::start_after(
            &valgrind,
            &[
                ("TOKIO_WORKER_THREADS", "1"),
                ("VESTIBULE_PUBLIC_URL", &self.app.url),
                ("VESTIBULE_INVITATIONS_PER_HOUR", "1000000"),
                ("VESTIBULE_DATA_DIR", &folder.display().to_string()),
                ("VESTIBULE_DATABASE_URL", &self.app.database_url),
            ],
        )
    }

    /// Returns the n-th request of this name, with the status of its answer.
    fn request(&self, client: &Client, name: &str, n: usize) -> (RequestBuilder, StatusCode) {
        let ask = |path: &str| client.request(Method::GET, path).bearer_auth(&self.token);
        match name {
            "get" => (ask(&format!("{ALL}/{}", self.ids[n])), StatusCode::OK),
            "list of 100" => (ask(&format!("{ALL}?limit=100")), StatusCode::OK),
            "page of 50" => {
                client.set_cookie("__Host-vst_sid", self.ada.session.as_str());
                (client.request(Method::GET, "/o/acme/invitations"), StatusCode::OK)
            }
            "create" => {
                let body = serde_json::json!({ "email": format!("new{n}@example.com") });
                (client.request(Method::POST, ALL).bearer_auth(&self.token).json(&body), StatusCode::CREATED)
            }
            "accept" => {
                client.set_cookie("__Host-vst_sid", self.grace.session.as_str());
                client.set_cookie("__Host-vst_inv", &self.opened[n]);
                let form = client.request(Method::POST, "/accept").header("sec-fetch-site", "same-origin");
                (form.form(&[("a", "1")]), StatusCode::SEE_OTHER)
            }
            _ => unreachable!("{name}"),
        }
    }

    /// Sends some requests of this name, each when the one before is answered.
    async fn send(&self, client: &Client, name: &str, which: std::ops::Range<usize>) {
        for n in which {
            let (request, status) = self.request(client, name, n);
            let answer = client.send(request).await;
            assert_eq!(answer.status, status, "{name}: {}", answer.text);
        }
    }
}

/// Has Valgrind do this to the counts of the program.
async fn tell(program: &Program, what: &str) {
    let told = Command::new("vgdb").arg(format!("--pid={}", program.id())).arg(what).output().await.unwrap();
    assert!(told.status.success(), "{what}: {told:?}");
}

/// Returns the sum of the counts in this file.
fn total(file: &Path) -> f64 {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: "))).unwrap();
    line.trim().parse().unwrap()
}

/// Checks whether Valgrind can count here. What is counted depends on the processor's instructions.
async fn can_count() -> bool {
    let is_here = Command::new("valgrind").arg("--version").output().await.is_ok();
    if !is_here || !cfg!(target_arch = "x86_64") {
        eprintln!("ATTENTION: nothing is counted, because this needs Valgrind and an x86-64.");
    }
    is_here && cfg!(target_arch = "x86_64")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_takes_as_many_instructions_as_it_did() {
    if !can_count().await {
        return;
    }
    let prepared = prepare().await;
    let program = prepared.start();
    let client = program.client().await;
    let (mut found, mut dumps) = (Vec::new(), 0);
    for (name, expected) in EXPECTED {
        prepared.send(&client, name, 0..BEFORE).await;
        let mut least = f64::MAX;
        let rounds = if matches!(name, "get" | "create") { ROUNDS_OF_QUICK } else { ROUNDS };
        for round in 0..rounds {
            let first = BEFORE + round * COUNTED;
            tell(&program, "zero").await;
            prepared.send(&client, name, first..first + COUNTED).await;
            tell(&program, "dump").await;
            dumps += 1;
            let counted = total(&prepared.app.folder().join(format!("counts.{dumps}")));
            least = least.min(counted / COUNTED as f64 / 1_000.0);
        }
        found.push((name, least.round(), expected));
    }
    let differs = |(_, found, expected): &(&str, f64, f64)| (found / expected - 1.0).abs() > MARGIN;
    let alone = "If other tests ran beside this one, run it alone.";
    assert!(!found.iter().any(differs), "thousands of instructions, found and expected: {found:?}. {alone}");
}
