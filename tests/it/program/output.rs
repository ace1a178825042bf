//! All that it says in a whole life, at its most talkative, and that none of it opens a door. One line is excepted: the
//! link that makes the first owner, which is printed for the operator, works once, and goes to standard output alone.

use super::set_up;
use crate::harness::smtp::{Script, SmtpServer};
use crate::harness::{Answer, Client, Collector, Database, Program, program::until};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::BTreeSet;

const OWNERS: &str = "Zinnia7Quartz9Lantern";
const GRACES: &str = "Juniper4Sextant8Oyster";
const WRONG: &str = "Bramble3Copper6Thimble";
const NEW: &str = "Saffron5Anchor2Velvet";
const SMTP: &str = "Pewter1Quarry0Ribbon";
const INVITATIONS: &str = "/o/saltmarsh/invitations";

/// A life of the program, and the secrets that were at large in it.
struct Life {
    program: Program,
    smtp: SmtpServer,
    collector: Collector,
    secrets: BTreeSet<String>,
}

impl Life {
    async fn begin(database: Database) -> Self {
        let smtp = SmtpServer::start(Script::in_clear().sign_in("vestibule", SMTP)).await;
        let (url, collector) = (smtp.url(), Collector::start().await);
        let endpoint = collector.url();
        let settings = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0"),
            ("RUST_LOG", "trace"),
            ("VESTIBULE_PUBLIC_URL", "http://localhost:3000"),
            ("VESTIBULE_SMTP_URL", url.as_str()),
        ];
        let program = Program::start_on(database, &settings).await;
        let passwords = [OWNERS, GRACES, WRONG, NEW, SMTP].map(str::to_owned);
        let sign_in = STANDARD.encode(format!("\0vestibule\0{SMTP}"));
        Self { program, smtp, collector, secrets: passwords.into_iter().chain([sign_in]).collect() }
    }

    /// What this browser's cookies hold now.
    fn note(&mut self, client: &Client) {
        for name in ["__Host-vst_sid", "__Host-vst_inv", "__Host-vst_pwd"] {
            self.secrets.extend(client.cookie(name));
        }
    }

    /// What follows the mark in the newest of so many mails to this address.
    async fn mailed(&mut self, email: &str, count: usize, mark: &str) -> String {
        let mut mails = Vec::new();
        until("the mail", async || {
            mails = self.smtp.received().into_iter().filter(|mail| mail.to == [email]).collect();
            mails.len() == count
        })
        .await;
        // quoted-printable
        let text = mails[count - 1].data.replace("=\r\n", "").replace("=3D", "=");
        let token = crate::harness::inbox::after(&text, mark);
        self.secrets.insert(token.clone());
        token
    }

    async fn key(&mut self) {
        let key = std::fs::read_to_string(self.program.folder().join("secret.key")).unwrap().trim().to_owned();
        let hex: String = STANDARD.decode(&key).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        self.secrets.extend([key, hex.to_uppercase(), hex]);
    }
}

/// What follows the mark, up to the end of the attribute or of this part of an address. Ids begin with 0.
fn after(answer: &Answer, mark: &str) -> String {
    let (_, rest) = answer.text.split_once(mark).unwrap_or_else(|| panic!("no {mark} in:\n{}", answer.text));
    rest.split(['"', '&', '/']).next().unwrap_or_default().to_owned()
}

async fn lived(database: Database) -> Life {
    let mut life = Life::begin(database).await;
    let ada = set_up(&life.program, OWNERS).await;
    life.note(&ada);
    signs_in_again(&mut life).await;
    forgets_her_password(&mut life).await;
    let ada = signed_in(&mut life, NEW).await;
    invites_grace(&mut life, &ada).await;
    invites_and_revokes(&mut life, &ada).await;
    assert_eq!(ada.get("/nope/vst_SECRETINAPATHTHATISNOTTHERE").await.status, 404);
    ada.post("/sign-out", &[]).await;
    life.key().await;
    life
}

async fn signed_in(life: &mut Life, password: &str) -> Client {
    let client = life.program.client().await;
    let answer = client.post("/sign-in", &[("email", "ada@saltmarsh.example"), ("password", password)]).await;
    assert_eq!(answer.status, 303);
    life.note(&client);
    client
}

async fn signs_in_again(life: &mut Life) {
    let client = life.program.client().await;
    for email in ["ada@saltmarsh.example", "nobody@saltmarsh.example"] {
        assert_eq!(client.post("/sign-in", &[("email", email), ("password", WRONG)]).await.status, 422);
    }
    signed_in(life, OWNERS).await;
}

async fn forgets_her_password(life: &mut Life) {
    let client = life.program.client().await;
    client.post("/forgot-password", &[("email", "ada@saltmarsh.example")]).await;
    let token = life.mailed("ada@saltmarsh.example", 1, "/choose-password?token=").await;
    assert_eq!(client.get(&format!("/choose-password?token={token}")).await.status, 303);
    life.note(&client);
    assert_eq!(client.post("/choose-password", &[("password", NEW)]).await.status, 303);
    life.note(&client);
}

/// Grace gets a link and then another, tries both, and joins.
async fn invites_grace(life: &mut Life, ada: &Client) {
    let role = after(&ada.get(&format!("{INVITATIONS}/new")).await, "name=\"role_ids\" value=\"");
    let fields = [("recipients", "grace@okafor.example"), ("role_ids", role.as_str())];
    assert_eq!(ada.post(&format!("{INVITATIONS}/new"), &fields).await.status, 303);
    let first = life.mailed("grace@okafor.example", 1, "/i/").await;
    let id = after(&ada.get(INVITATIONS).await, &format!("href=\"{INVITATIONS}/0"));
    assert_eq!(ada.get(&format!("{INVITATIONS}/0{id}")).await.status, 200);
    assert_eq!(ada.post(&format!("{INVITATIONS}/0{id}/resend"), &[]).await.status, 303);
    let second = life.mailed("grace@okafor.example", 2, "/i/").await;
    let grace = life.program.client().await;
    for token in [first, second] {
        assert_eq!(grace.get(&format!("/i/{token}")).await.status, 303);
        life.note(&grace);
        grace.get("/accept").await;
    }
    assert_eq!(grace.post("/accept", &[("name", "Grace Okafor"), ("password", "short")]).await.status, 422);
    assert_eq!(grace.post("/accept", &[("name", "Grace Okafor"), ("password", GRACES)]).await.status, 303);
    life.note(&grace);
}

async fn invites_and_revokes(life: &mut Life, ada: &Client) {
    let role = after(&ada.get(&format!("{INVITATIONS}/new")).await, "name=\"role_ids\" value=\"");
    let fields = [("recipients", "alan@pemberton.example"), ("role_ids", role.as_str())];
    ada.post(&format!("{INVITATIONS}/new"), &fields).await;
    let token = life.mailed("alan@pemberton.example", 1, "/i/").await;
    let list = ada.get(&format!("{INVITATIONS}?status=pending")).await;
    let id = after(&list, &format!("href=\"{INVITATIONS}/0"));
    assert_eq!(ada.post(&format!("{INVITATIONS}/0{id}/revoke"), &[]).await.status, 303);
    let alan = life.program.client().await;
    assert_eq!(alan.get(&format!("/i/{token}")).await.status, 303);
    assert_eq!(alan.get("/accept").await.status, 410);
    life.note(&alan);
}

/// Anything that looks like one of our tokens, known or not.
fn tokens(text: &str) -> Vec<&str> {
    let is_token = |part: &&str| part.len() > 20;
    let end =
        |rest: &str| rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
    text.match_indices("vst_").map(|(at, _)| &text[at..at + end(&text[at..])]).filter(is_token).collect()
}

async fn nothing_opens_a_door(database: Database) {
    let mut life = lived(database).await;
    let metrics = life.program.metrics_page().await;
    life.program.terminate().await;
    assert!(life.program.ended().await.success());
    let (out, err) = life.program.output();
    assert!(life.secrets.len() >= 15, "{:?}", life.secrets);
    for layer in ["DEBUG sqlx::query", "DEBUG request{", "INFO request{", "/i/{token}"] {
        assert!(err.contains(layer), "no {layer}: the log is not at its most talkative");
    }
    let traces = life.collector.text().await;
    assert!(traces.contains("POST /sign-in") && traces.contains("GET /i/{token}") && metrics.contains("/i/{token}"));
    for text in [&traces, &metrics] {
        for word in ["example", "Saltmarsh", "saltmarsh", "Grace", "127.0.0.1", "/i/vst", "/invitations/0"] {
            assert!(!text.contains(word), "{word} is for nobody who reads metrics or traces");
        }
    }
    for text in [&out, &err, &traces, &metrics] {
        for secret in &life.secrets {
            let line = text.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "{secret} in {line:?}");
        }
        assert_eq!(tokens(text), Vec::<&str>::new());
    }
    assert_eq!((out.matches("/setup?token=").count(), err.matches("/setup?token=").count()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_it_says_opens_a_door_on_sqlite() {
    nothing_opens_a_door(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_it_says_opens_a_door_on_postgres() {
    nothing_opens_a_door(Database::Postgres).await;
}
