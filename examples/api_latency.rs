//! How long the API takes over HTTP, with 1,000 and with 100,000 invitations in the organization, and how soon a
//! webhook is there after an acceptance; on SQLite, one client, in one run: `make bench`.
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on should stop there")]

use axum::{Router, body::Bytes, routing::post};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, sync::mpsc, sync::watch};
use vestibule::server;
use vestibule_core::mail::{Mailer, Memory};
use vestibule_core::service::{NewApiKey, Scope, SetUp, Settings, Vestibule, WebhookEndpointEdit};
use vestibule_core::worker;
use vestibule_domain::{Clock, ManualClock, Permission, Surface, SystemClock, token::SigningKeys};
use vestibule_store::Store;
use vestibule_web::connections;

const SIZES: [usize; 2] = [1_000, 100_000];
/// Requests of each kind at each size.
const REQUESTS: usize = 1_000;
const ACCEPTANCES: usize = 101;

struct Program {
    client: Client,
    url: String,
    token: String,
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let (vestibule, memory, url) = start(&clock, &format!("sqlite:{}", folder.path().join("bench.db").display())).await;
    let scope = organization(&vestibule).await;
    let program = program(&vestibule, &scope, url).await;
    println!("{:>12} {:>8} {:>10} {:>10}", "invitations", "", "p50", "p99");
    let mut ids = Vec::new();
    for size in SIZES {
        fill(&program, size, &mut ids).await;
        // invitations of the last hour are counted for its limit, which keeps them few where there is one
        clock.advance(chrono::Duration::hours(2));
        latencies(&program, size, &ids).await;
    }
    webhook(&vestibule, &memory, &scope, &program).await;
}

/// The installation, its mail, and where its HTTP is.
async fn start(clock: &Arc<ManualClock>, database: &str) -> (Arc<Vestibule>, Memory, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings {
        public_url: url.clone(),
        invitations_per_hour: u32::MAX,
        api_requests_per_minute: NonZeroU32::MAX,
        webhook_allow_subnets: vec!["127.0.0.0/8".parse().unwrap()],
        ..Settings::default()
    };
    let (store, memory) = (Store::open(database).await.unwrap(), Memory::default());
    let mailer = Some(Mailer::Memory(memory.clone()));
    let signing_keys = SigningKeys::new([7; 32], vec![]);
    let vestibule = Arc::new(Vestibule::new(store, clock.clone(), signing_keys, settings, mailer));
    tokio::spawn(connections::serve(listener, server::router(&vestibule), std::future::pending()));
    (vestibule, memory, url)
}

async fn organization(vestibule: &Vestibule) -> Scope {
    let (email, password) = ("ada@acme.example", "hedgerow lantern oyster");
    let new = SetUp {
        organization: "Acme".into(),
        slug: "acme".into(),
        name: "Ada Byrne".into(),
        email: email.into(),
        password: password.into(),
    };
    vestibule.organizations().create(new).await.unwrap();
    let session = vestibule.sessions().sign_in(email, password, [127, 0, 0, 1].into()).await.unwrap();
    let user = vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
    vestibule.enter(&user, "acme").await.unwrap()
}

async fn program(vestibule: &Vestibule, scope: &Scope, url: String) -> Program {
    let new = NewApiKey {
        surface: Surface::Native,
        name: "bench".into(),
        permissions: Permission::ALL.to_vec(),
        expires_at: None,
    };
    let (_, token) = vestibule.api_keys().create(scope, &new).await.unwrap();
    Program { client: Client::builder().build().unwrap(), url, token: token.unwrap().as_str().to_owned() }
}

impl Program {
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let request = self.client.request(method, format!("{}/api/v1/organizations/acme{path}", self.url));
        let request = request.bearer_auth(&self.token);
        let request = body.into_iter().fold(request, |request, body| request.json(body));
        request.send().await.unwrap().error_for_status().unwrap()
    }

    /// How long it takes until the whole answer is there.
    async fn timed(&self, method: Method, path: &str, body: Option<&Value>) -> Duration {
        let begun = Instant::now();
        self.send(method, path, body).await.bytes().await.unwrap();
        begun.elapsed()
    }
}

/// Up to `size` invitations, without mail: a thousand in a call.
async fn fill(program: &Program, size: usize, ids: &mut Vec<String>) {
    while ids.len() < size {
        let count = (size - ids.len()).min(1_000);
        let rows =
            (0..count).map(|n| json!({ "email": format!("person{}@example.com", ids.len() + n), "notify": false }));
        let body = json!({ "invitations": rows.collect::<Vec<_>>() });
        let answer: Value = program.send(Method::POST, "/invitations/bulk", Some(&body)).await.json().await.unwrap();
        let made = answer["outcomes"].as_array().unwrap().iter();
        ids.extend(made.map(|row| row["invitation_id"].as_str().unwrap().to_owned()));
    }
}

/// The three in turns, so that whatever else the machine does falls on all.
async fn latencies(program: &Program, size: usize, ids: &[String]) {
    let mut taken = [const { Vec::new() }; 3];
    for n in 0..REQUESTS {
        let new = json!({ "email": format!("new{n}.{size}@example.com") });
        taken[0].push(program.timed(Method::POST, "/invitations", Some(&new)).await);
        taken[1].push(program.timed(Method::GET, "/invitations?limit=50", None).await);
        let id = &ids[n * 7_919 % ids.len()];
        taken[2].push(program.timed(Method::GET, &format!("/invitations/{id}"), None).await);
    }
    for (name, mut times) in ["create", "list 50", "get"].into_iter().zip(taken) {
        let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
        println!("{size:>12} {name:>8} {p50:>7.2} ms {p99:>7.2} ms");
    }
}

fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    times[(times.len() - 1) * percent / 100].as_secs_f64() * 1_000.0
}

/// From the moment that an acceptance is answered until its webhook has arrived.
async fn webhook(vestibule: &Arc<Vestibule>, memory: &Memory, scope: &Scope, program: &Program) {
    let mut arrivals = receiver(vestibule, scope).await;
    let (stop, stopped) = watch::channel(false);
    // the mails of the creates before go out first
    while worker::tick(vestibule).await.unwrap() == worker::RoundProgress::Some {}
    let working = tokio::spawn(worker::run(Arc::clone(vestibule), stopped));
    let mut times = Vec::new();
    for n in 0..ACCEPTANCES {
        let email = format!("guest{n}@example.com");
        program.send(Method::POST, "/invitations", Some(&json!({ "email": email }))).await;
        let acceptance_session = vestibule.acceptance().open(&mailed(memory, &email).await).await.unwrap();
        vestibule
            .acceptance()
            .accept_as_new(acceptance_session.as_str(), "Guest", "hedgerow lantern oyster")
            .await
            .unwrap();
        let answered = Instant::now();
        times.push(arrivals.recv().await.unwrap().saturating_duration_since(answered));
    }
    stop.send_replace(true);
    working.await.unwrap();
    let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
    println!("{:>21} {p50:>7.2} ms {p99:>7.2} ms   from acceptance to arrival, {ACCEPTANCES} times", "webhook");
}

/// When each webhook about an acceptance arrived.
async fn receiver(vestibule: &Vestibule, scope: &Scope) -> mpsc::UnboundedReceiver<Instant> {
    let (send, receive) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let arrive = post(async move |_: Bytes| {
        let _ = send.send(Instant::now());
    });
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", arrive)).await });
    let actions = Some(vec!["invitation.accepted".to_owned()]);
    vestibule
        .webhook_endpoints()
        .create(scope, &WebhookEndpointEdit { url: Some(url), actions, ..WebhookEndpointEdit::default() })
        .await
        .unwrap();
    receive
}

/// The token of the link that was mailed there, as soon as it is.
async fn mailed(memory: &Memory, email: &str) -> String {
    loop {
        if let Some(message) = memory.messages().into_iter().rev().find(|message| message.to == email) {
            let at = message.text.find("/i/").unwrap() + 3;
            return message.text[at..].split_whitespace().next().unwrap().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
