//! Creates a second through each facade against the native API, over HTTP on SQLite, in turns and in one run:
//! `make bench`.
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on should stop there")]

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Client;
use serde_json::{Value, json};
use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::net::TcpListener;
use vestibule::server;
use vestibule_core::mail::{Mailer, Memory};
use vestibule_core::service::{NewApiKey, Scope, SetUp, Settings, Vestibule};
use vestibule_domain::{
    ApiKey, Clock, ManualClock, Permission, Role, RoleId, Surface, SystemClock, User, token::SigningKeys,
};
use vestibule_store::Store;
use vestibule_web::connections;

const CLIENTS: [usize; 2] = [1, 16];
const ROUNDS: usize = 12;
/// Creates of each way in a round.
const CREATES: usize = 160;

/// How the key is shown.
enum Proof {
    Bearer,
    /// An access token that stands for it, and its id beside.
    Exchanged(ApiKey),
    /// Its id and its secret.
    Basic(ApiKey),
    /// A token that is signed with it, anew for each round.
    Signed(ApiKey),
}

/// One way to invite somebody.
struct Way {
    name: &'static str,
    url: String,
    token: String,
    proof: Proof,
    body: fn(&str, &Named) -> Value,
    named: Named,
    client: Client,
}

/// Whom and what bodies name.
#[derive(Clone)]
struct Named {
    owner: String,
    /// The least role.
    role: RoleId,
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let (vestibule, url) = start(&clock, &format!("sqlite:{}", folder.path().join("bench.db").display())).await;
    let ways: Vec<Arc<Way>> = ways(&vestibule, &url).await.into_iter().map(Arc::new).collect();
    let mut number = 0;
    for clients in CLIENTS {
        let mut taken = vec![Duration::ZERO; ways.len()];
        for _ in 0..ROUNDS {
            for (way, taken) in ways.iter().zip(&mut taken) {
                *taken += round(&vestibule, way, clients, number).await;
                number += CREATES;
                // invitations of the last hour are counted for its limit, which keeps them few where there is one
                clock.advance(chrono::Duration::hours(2));
            }
        }
        let rate = |taken: Duration| (ROUNDS * CREATES) as f64 / taken.as_secs_f64();
        println!("{clients} {}", if clients == 1 { "client" } else { "clients" });
        for (way, time) in ways.iter().zip(&taken) {
            println!("  {:<28} {:>6.0}/s   {:.2}", way.name, rate(*time), rate(*time) / rate(taken[0]));
        }
    }
}

/// The installation, and where its HTTP is.
async fn start(clock: &Arc<ManualClock>, database: &str) -> (Arc<Vestibule>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings {
        public_url: url.clone(),
        invitations_per_hour: u32::MAX,
        api_requests_per_minute: NonZeroU32::MAX,
        ..Settings::default()
    };
    let store = Store::open(database).await.unwrap();
    let mailer = Some(Mailer::Memory(Memory::default()));
    let vestibule = Arc::new(Vestibule::new(store, clock.clone(), SigningKeys::new([7; 32], vec![]), settings, mailer));
    tokio::spawn(connections::serve(listener, server::router(&vestibule), std::future::pending()));
    (vestibule, url)
}

/// Acme's owner, and what they may do there.
async fn owner(vestibule: &Vestibule) -> (User, Scope) {
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
    let scope = vestibule.enter(&user, "acme").await.unwrap();
    (user, scope)
}

/// The native one first.
async fn ways(vestibule: &Vestibule, url: &str) -> Vec<Way> {
    let (user, scope) = owner(vestibule).await;
    let organization = scope.organization().id.uuid().simple().to_string();
    let key = async |surface| {
        let new = NewApiKey { surface, name: "bench".into(), permissions: Permission::ALL.to_vec(), expires_at: None };
        let (key, token) = vestibule.api_keys().create(&scope, &new).await.unwrap();
        (key, token.unwrap().as_str().to_owned())
    };
    let least = vestibule.roles().all(&scope).await.unwrap().into_iter().find(|role| role.key == Role::MEMBER).unwrap();
    let named = Named { owner: format!("user_{}", user.id.uuid().simple()), role: least.id };
    let way = |name, path: String, token: String, proof, body| Way {
        name,
        url: format!("{url}{path}"),
        token,
        proof,
        body,
        named: named.clone(),
        client: Client::builder().build().unwrap(),
    };
    let (_, native) = key(Surface::Native).await;
    let (_, clerk) = key(Surface::Clerk).await;
    let (adobe, _) = key(Surface::Adobe).await;
    let (store, private_key) = key(Surface::AppStoreConnect).await;
    let (cloud, secret) = key(Surface::ClickHouse).await;
    let (snyk, snyk_token) = key(Surface::Snyk).await;
    let snyk_path = format!("/snyk/rest/orgs/{}/invites?version=2024-06-21", snyk.organization_id);
    let cloud_path = format!("/clickhouse/v1/organizations/{}/invitations", cloud.organization_id);
    let clerk_path = format!("/clerk/v1/organizations/org_{organization}/invitations");
    let adobe_path = format!("/adobe/v2/usermanagement/action/{}@AdobeOrg", organization.to_uppercase());
    vec![
        way(
            "native",
            "/api/v1/organizations/acme/invitations".into(),
            native,
            Proof::Bearer,
            |email, _| json!({ "email": email }),
        ),
        way(
            "clerk",
            clerk_path.clone(),
            clerk.clone(),
            Proof::Bearer,
            |email, _| json!({ "email_address": email, "role": "org:member" }),
        ),
        way(
            "clerk, in a person's name",
            clerk_path,
            clerk,
            Proof::Bearer,
            |email, named| json!({ "email_address": email, "role": "org:member", "inviter_user_id": named.owner }),
        ),
        way(
            "adobe",
            adobe_path,
            String::new(),
            Proof::Exchanged(adobe),
            |email, _| json!([{ "user": email, "do": [{ "addAdobeID": { "email": email } }] }]),
        ),
        way(
            "app store connect",
            "/appstoreconnect/v1/userInvitations".into(),
            private_key,
            Proof::Signed(store),
            |email, _| json!({ "data": { "type": "userInvitations", "attributes": { "email": email, "firstName": "Ada", "lastName": "Lovelace", "roles": ["DEVELOPER"] } } }),
        ),
        way("clickhouse", cloud_path, secret, Proof::Basic(cloud), |email, _| json!({ "email": email })),
        way(
            "snyk",
            snyk_path,
            snyk_token,
            Proof::Bearer,
            |email, named| json!({ "data": { "type": "org_invitation", "attributes": { "email": email, "role": named.role } } }),
        ),
    ]
}

/// As clients of App Store Connect sign, for twenty minutes.
fn signed(key: &ApiKey, private: &str, now: i64) -> String {
    let header = Header { kid: key.kid.clone(), ..Header::new(Algorithm::ES256) };
    let claims = json!({ "iss": key.organization_id, "exp": now + 1_200, "aud": "appstoreconnect-v1" });
    encode(&header, &claims, &EncodingKey::from_ec_pem(private.as_bytes()).unwrap()).unwrap()
}

/// How long all creates of a round take, by so many clients at once.
async fn round(vestibule: &Vestibule, way: &Arc<Way>, clients: usize, first: usize) -> Duration {
    let token = match &way.proof {
        Proof::Exchanged(key) => vestibule.api_keys().access_token(key).0.as_str().to_owned(),
        Proof::Signed(key) => signed(key, &way.token, vestibule.now().timestamp()),
        Proof::Bearer | Proof::Basic(_) => way.token.clone(),
    };
    let begun = Instant::now();
    let clients: Vec<_> = (0..clients)
        .map(|client| {
            let (way, token, count) = (Arc::clone(way), token.clone(), CREATES / clients);
            tokio::spawn(async move {
                for n in 0..count {
                    way.create(&token, &format!("person{}@example.com", first + client * count + n)).await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    begun.elapsed()
}

impl Way {
    async fn create(&self, token: &str, email: &str) {
        let request = self.client.post(&self.url);
        let id = |key: &ApiKey| key.id.uuid().simple().to_string();
        let request = match &self.proof {
            Proof::Bearer | Proof::Signed(_) => request.bearer_auth(token),
            Proof::Exchanged(key) => request.bearer_auth(token).header("x-api-key", id(key)),
            Proof::Basic(key) => request.basic_auth(id(key), Some(token)),
        };
        let answer = request.json(&(self.body)(email, &self.named)).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success() && !text.contains("\"errors\""), "{}: {status} {text}", self.name);
    }
}
