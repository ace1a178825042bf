//! The rows that are there before, made by the program itself, and the requests that are sent.

use super::better_auth::{self, BetterAuth};
use super::{Side, floor};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use vestibule_core::service::{NewApiKey, NewInvitation, Scope, SetUp, Settings, Vestibule};
use vestibule_core::worker::{self, RoundProgress};
use vestibule_domain::{InvitationId, Permission, RoleId, Surface, SystemClock, User, token::SigningKeys};
use vestibule_store::Store;

const PASSWORD: &str = "hedgerow lantern oyster";
const GRACE: &str = "grace@example.com";
/// Rows for one transaction.
const CHUNK: usize = 1_000;
/// The most invitations that can be accepted in a round, each in an organization of its own. Each request that changes
/// a row needs one that nobody has changed.
const ACCEPTANCES: usize = 3_000;
/// The most requests of other kinds, for each second.
const MOST: f64 = 60_000.0;

/// A request. It is a POST if it has a body.
#[derive(Clone)]
pub struct Request {
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<String>,
}

/// A folder with rows, and what the requests need to name them.
pub struct Prepared {
    folder: PathBuf,
    token: String,
    session: String,
    ids: Vec<InvitationId>,
    /// The signed-in invitee, and the links that they have opened.
    invitee: String,
    opened: Vec<String>,
    better_auth: Option<BetterAuth>,
    most: usize,
    /// So that no address is invited twice.
    created: AtomicUsize,
}

/// Makes an organization with `rows` invitations, and others with one each that waits for its answer.
pub async fn fill(folder: &Path, rows: usize, seconds: f64) -> Prepared {
    let data = folder.join("ours");
    std::fs::create_dir_all(&data).unwrap();
    let vestibule = Arc::new(installation(&data).await);
    let ada = person(&vestibule, "bench", "ada@example.com").await;
    let scope = vestibule.enter(&ada.user, "bench").await.unwrap();
    let (token, role) = (key(&vestibule, &scope).await, member_role(&vestibule, &scope).await);
    let mut ids = Vec::new();
    while ids.len() < rows {
        let some = ids.len()..rows.min(ids.len() + CHUNK);
        let some: Vec<_> = some.map(|n| (scope.clone(), invitation(&format!("person{n}@example.com"), role))).collect();
        let made = vestibule.invitations().invite_all(&scope, &some).await.unwrap();
        ids.extend(made.into_iter().map(|invitation| invitation.id));
    }
    let (mary, grace) = (person(&vestibule, "o0", "mary@example.com").await, person(&vestibule, "grace", GRACE).await);
    let mut opened = Vec::new();
    for n in 1..=ACCEPTANCES {
        let slug = format!("o{n}");
        organization(&vestibule, &slug, "mary@example.com", "").await;
        let scope = vestibule.enter(&mary.user, &slug).await.unwrap();
        let new = invitation(GRACE, member_role(&vestibule, &scope).await);
        let id = vestibule.invitations().invite_one(&scope, &new).await.unwrap().id;
        opened.push(vestibule.acceptance().open_as_mailed(id).await.unwrap().as_str().to_owned());
    }
    // what a program does in the background after so many rows is not part of a request
    while worker::tick(&vestibule).await.unwrap() == RoundProgress::Some {}
    vestibule.close().await;
    floor::fill(&folder.join("floor"), rows);
    let fill_theirs = || better_auth::fill(&folder.join("better-auth"), rows, ACCEPTANCES);
    Prepared {
        better_auth: better_auth::is_installed().then(fill_theirs),
        folder: folder.to_owned(),
        token,
        session: ada.session,
        ids,
        invitee: grace.session,
        opened,
        most: (MOST * seconds) as usize,
        created: AtomicUsize::new(0),
    }
}

async fn installation(data: &Path) -> Vestibule {
    let key = [7; 32];
    let mut file = vestibule_store::private::make_file(&data.join("secret.key")).unwrap();
    file.write_all(STANDARD.encode(key).as_bytes()).unwrap();
    let store = Store::open(&format!("sqlite:{}", data.join("vestibule.db").display())).await.unwrap();
    let settings = Settings { invitations_per_hour: u32::MAX, ..Settings::default() };
    Vestibule::new(store, Arc::new(SystemClock), SigningKeys::new(key, vec![]), settings, None)
}

struct Person {
    user: User,
    session: String,
}

/// A new person who owns a new organization and has signed in.
async fn person(vestibule: &Vestibule, slug: &str, email: &str) -> Person {
    organization(vestibule, slug, email, PASSWORD).await;
    let session = vestibule.sessions().sign_in(email, PASSWORD, [127, 0, 0, 1].into()).await.unwrap();
    let user = vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
    Person { user, session: session.as_str().to_owned() }
}

async fn organization(vestibule: &Vestibule, slug: &str, email: &str, password: &str) {
    let [organization, slug, name, email, password] = [slug, slug, "Ada Byrne", email, password].map(str::to_owned);
    vestibule.organizations().create(SetUp { organization, slug, name, email, password }).await.unwrap();
}

async fn key(vestibule: &Vestibule, scope: &Scope) -> String {
    let permissions = Permission::ALL.to_vec();
    let new = NewApiKey { surface: Surface::Native, name: "bench".to_owned(), permissions, expires_at: None };
    vestibule.api_keys().create(scope, &new).await.unwrap().1.unwrap().as_str().to_owned()
}

async fn member_role(vestibule: &Vestibule, scope: &Scope) -> RoleId {
    vestibule.roles().all(scope).await.unwrap().into_iter().find(|role| role.key == "member").unwrap().id
}

/// Whose link is handed over, as no mail server is set up.
fn invitation(email: &str, role: RoleId) -> NewInvitation {
    NewInvitation { email: email.to_owned(), role_ids: vec![role], ..NewInvitation::default() }
}

impl Prepared {
    /// Returns those who are measured.
    pub fn sides(&self) -> Vec<Side> {
        let peer = self.better_auth.as_ref().map(|_| Side::BetterAuth);
        [Side::Ours, Side::Floor].into_iter().chain(peer).collect()
    }

    /// Copies the database of this side into the folder.
    pub fn copy(&self, side: Side, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for file in std::fs::read_dir(self.folder.join(side.folder())).unwrap() {
            let file = file.unwrap();
            let copy = to.join(file.file_name());
            std::fs::copy(file.path(), &copy).unwrap();
            // a system that is still writing it has less time for what is measured
            std::fs::File::open(copy).unwrap().sync_all().unwrap();
        }
    }

    /// Returns the requests of this name: none if this side has nothing like it.
    pub fn requests(&self, side: Side, name: &str) -> Vec<Request> {
        let most = self.most / 10;
        match (side, &self.better_auth) {
            (Side::Ours, _) => self.ours(name),
            (Side::Floor, _) => self.floors(name),
            (Side::BetterAuth, Some(peer)) => peer.requests(name, most, || self.new_address()),
            (Side::BetterAuth, None) => Vec::new(),
        }
    }

    fn ours(&self, name: &str) -> Vec<Request> {
        let all = "/api/v1/organizations/bench/invitations";
        let bearer = ("authorization", format!("Bearer {}", self.token));
        let ask = |path: String| Request { path, headers: vec![bearer.clone()], body: None };
        let repeated = |request: Request| vec![request; self.most];
        let revoke = |id: &InvitationId| posted(format!("{all}/{id}/revocation"), vec![bearer.clone()], "");
        let half = self.ids.len() / 2;
        match name {
            "health" => repeated(ask("/healthz".to_owned())),
            "get" => (0..self.most).map(|n| ask(format!("{all}/{}", self.ids[n % half]))).collect(),
            "list 50" => repeated(ask(format!("{all}?limit=50"))),
            "list 100" => repeated(ask(format!("{all}?limit=100"))),
            "page of 50" => repeated(Request {
                path: "/o/bench/invitations".to_owned(),
                headers: vec![("cookie", format!("__Host-vst_sid={}", self.session))],
                body: None,
            }),
            "create" => (0..self.most / 10).map(|_| self.creates(all, &bearer)).collect(),
            "revoke" => self.ids[half..].iter().map(revoke).collect(),
            "accept" => self.opened.iter().map(|opened| self.accepts(opened)).collect(),
            _ => unreachable!("{name}"),
        }
    }

    fn creates(&self, path: &str, bearer: &(&'static str, String)) -> Request {
        posted(path.to_owned(), vec![bearer.clone()], &json!({ "email": self.new_address() }).to_string())
    }

    /// Returns an address that nobody has been invited at.
    fn new_address(&self) -> String {
        format!("new{}@example.com", self.created.fetch_add(1, Ordering::Relaxed))
    }

    fn accepts(&self, opened: &str) -> Request {
        let cookies = format!("__Host-vst_sid={}; __Host-vst_inv={opened}", self.invitee);
        let form = "application/x-www-form-urlencoded".to_owned();
        let headers = vec![("cookie", cookies), ("sec-fetch-site", "same-origin".to_owned()), ("content-type", form)];
        Request { path: "/accept".to_owned(), headers, body: Some("a=1".to_owned()) }
    }

    fn floors(&self, name: &str) -> Vec<Request> {
        let ask = |path: String| Request { path, headers: Vec::new(), body: None };
        let change = |path: String| Request { body: Some(String::new()), ..ask(path) };
        let (half, rows) = (self.ids.len() / 2, self.ids.len());
        match name {
            "health" => vec![ask("/healthz".to_owned()); self.most],
            "get" => (0..self.most).map(|n| ask(format!("/get/{}", n % half + 1))).collect(),
            "list 50" => vec![ask("/list/50".to_owned()); self.most],
            "list 100" => vec![ask("/list/100".to_owned()); self.most],
            "page of 50" => vec![ask("/page/50".to_owned()); self.most],
            "create" => (0..self.most).map(|n| change(format!("/create/new{n}@example.com"))).collect(),
            "accept" => (1..=half).map(|id| change(format!("/accept/{id}"))).collect(),
            "revoke" => (half + 1..=rows).map(|id| change(format!("/revoke/{id}"))).collect(),
            _ => unreachable!("{name}"),
        }
    }
}

/// Returns a POST with JSON.
pub fn posted(path: String, mut headers: Vec<(&'static str, String)>, body: &str) -> Request {
    headers.push(("content-type", "application/json".to_owned()));
    Request { path, headers, body: Some(body.to_owned()) }
}
